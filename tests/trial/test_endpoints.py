"""Who may ask the endpoints, and what a request that cannot be served is told."""

import json
import logging
from http import HTTPStatus
from io import BytesIO
from ipaddress import ip_network

from synapse.api.errors import SynapseError
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase
from twisted.web.test.requesthelper import DummyRequest

from synapse_modules.account_lifecycle.bodies import MalformedRequest
from synapse_modules.account_lifecycle.endpoints import LARGEST_BODY, SERVED, Endpoint, Gate
from synapse_modules.account_lifecycle.results import Answer

TOKEN = "s" * 43


def request(
    body: bytes = b"{}", *, token: str | None = TOKEN, address: str = "127.0.0.1", **headers: str
) -> DummyRequest:
    made = DummyRequest([b""])
    made.client = (IPv6Address if ":" in address else IPv4Address)("TCP", address, 40000)
    made.method = b"POST"
    made.get_method = made.method.decode
    made.path = b"/_synapse/client/huep/v1/accounts"
    made.uri = made.path
    made.content = BytesIO(body)
    if token is not None:
        made.requestHeaders.addRawHeader("Authorization", f"Bearer {token}")
    for name, value in headers.items():
        made.requestHeaders.addRawHeader(name.replace("_", "-"), value)
    return made


class EndpointTests(TestCase):
    def setUp(self) -> None:
        self.seen: list[object] = []
        self.endpoint = Endpoint("accounts", Gate(TOKEN, (ip_network("10.1.0.0/16"),)), self._handle)
        for name in ("synapse_modules", "synapse.http.servlet"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
            self.addCleanup(logging.getLogger(name).setLevel, logging.NOTSET)

    async def _handle(self, body: dict[str, object]) -> Answer:
        if "bad" in body:
            raise MalformedRequest("actions[3].localpart: no")
        if "broken" in body:
            raise RuntimeError("secret-token-123")
        self.seen.append(body)
        return Answer({"results": []}, "lock 2: changed 2")

    async def _answer(self, asked: DummyRequest) -> tuple[int, object]:
        return await self.endpoint._async_render_POST(asked)  # type: ignore[arg-type]

    def _refused(self, asked: DummyRequest, status: HTTPStatus, words: str = ""):
        async def check() -> None:
            with self.assertRaises(SynapseError) as refusal:
                await self._answer(asked)
            self.assertEqual(refusal.exception.code, status)
            self.assertIn(words, refusal.exception.msg)
            self.assertEqual(self.seen, [])

        return ensureDeferred(check())

    def test_the_token_from_loopback_is_served(self):
        async def check() -> None:
            body = json.dumps({"actions": []}).encode()
            self.assertEqual(await self._answer(request(body)), (200, {"results": []}))
            for address in ("::1", "127.8.8.8", "10.1.2.3", "::ffff:127.0.0.1"):
                await self._answer(request(body, address=address))
            self.assertEqual(len(self.seen), 5)

        return ensureDeferred(check())

    def test_another_address_is_refused_even_with_the_token(self):
        return self._refused(request(address="10.2.0.1"), HTTPStatus.FORBIDDEN)

    def test_a_forwarded_request_is_refused_whatever_it_claims(self):
        return self._refused(request(X_Forwarded_For="127.0.0.1"), HTTPStatus.FORBIDDEN, "proxy")

    def test_a_missing_token_is_refused(self):
        return self._refused(request(token=None), HTTPStatus.UNAUTHORIZED, "missing")

    def test_a_wrong_token_is_refused(self):
        return self._refused(request(token="t" * 43), HTTPStatus.UNAUTHORIZED, "wrong")

    def test_a_token_that_only_begins_right_is_refused(self):
        return self._refused(request(token=TOKEN[:-1]), HTTPStatus.UNAUTHORIZED, "wrong")

    def test_what_is_not_json_is_refused(self):
        return self._refused(request(b'{"actions": ['), HTTPStatus.BAD_REQUEST)

    def test_json_that_is_no_object_is_refused(self):
        return self._refused(request(b"[]"), HTTPStatus.BAD_REQUEST)

    def test_a_bad_key_is_named(self):
        return self._refused(request(b'{"bad": 1}'), HTTPStatus.BAD_REQUEST, "actions[3].localpart: no")

    def test_a_body_past_the_limit_is_refused_before_it_is_read(self):
        return self._refused(request(b" " * (LARGEST_BODY + 1)), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def test_where_there_is_nothing_to_read_get_is_refused(self):
        async def check() -> None:
            with self.assertRaises(SynapseError) as refusal:
                await self.endpoint._async_render_GET(request())  # type: ignore[arg-type]
            self.assertEqual(refusal.exception.code, HTTPStatus.METHOD_NOT_ALLOWED)
            with self.assertRaises(SynapseError) as refusal:
                await self.endpoint._async_render_GET(request(token=None))  # type: ignore[arg-type]
            self.assertEqual(refusal.exception.code, HTTPStatus.UNAUTHORIZED)

        return ensureDeferred(check())

    def test_each_request_leaves_a_line_that_says_who_asked_for_what_and_what_came_of_it(self):
        logging.getLogger("synapse_modules").setLevel(logging.INFO)

        async def check() -> None:
            with self.assertLogs(SERVED, logging.INFO) as logs:
                await self._answer(request(b'{"actions": []}', address="10.1.2.3"))
                for asked in (request(address="10.2.0.1"), request(token="t" * 43), request(b'{"bad": 1}')):
                    with self.assertRaises(SynapseError):
                        await self._answer(asked)
                with self.assertRaises(RuntimeError):
                    await self._answer(request(b'{"broken": 1}'))
            served, *refused, failed = [record.getMessage() for record in logs.records]
            self.assertTrue(served.startswith("POST accounts from 10.1.2.3: lock 2: changed 2; "), served)
            self.assertEqual(
                [line.split(": ")[1][:16] for line in refused], [f"refused with {n}" for n in (403, 401, 400)]
            )
            self.assertIn("failed: RuntimeError", failed)
            self.assertFalse(
                [line for line in (served, *refused, failed) if "t" * 43 in line or "secret-token" in line]
            )

        return ensureDeferred(check())
