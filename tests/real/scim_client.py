"""A SCIM client over httpx for the compliance checks: scim2-client brings engines for other HTTP libraries only."""

from typing import Any
from urllib.parse import urlsplit

import httpx
from scim2_client.client import BaseSyncSCIMClient, RawResponse


class HttpxScimClient(BaseSyncSCIMClient):
    """Sends every request over the network with the client that it is given."""

    def __init__(self, client: httpx.Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return (
            urlsplit(str(self.client.build_request("GET", endpoint).url)).netloc == self.client.base_url.netloc.decode()
        )

    def _parse_json(self, response: RawResponse) -> Any:
        return response.json()  # type: ignore[attr-defined]

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        return self.client.request(method, url, **kwargs)
