"""Whether the bots serve: one line, from the health door of each of their processes."""

from collections.abc import Iterator

import httpx

from huep.bots_settings import BotsSettings
from huep.doctor.finding import Finding, note

ASK_TIMEOUT_S = 10.0


def read_bots(settings: BotsSettings) -> Iterator[Finding]:
    """One finding a process of bots; nothing leaves by it, so it is never worse than a note."""
    with httpx.Client(timeout=ASK_TIMEOUT_S, trust_env=False) as http:
        for place in range(len(settings.ports)):
            yield note("bots", _said(http, f"{settings.url(place)}/ready"))


def _said(http: httpx.Client, url: str) -> str:
    try:
        answer = http.get(url).json()
        names, faults = list(answer["bots"]), [f"{fault['bot']}: {fault['said']}" for fault in answer["reasons"]]
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        return f"nobody answers at {url}: see `huep status`."
    if faults:
        return f"{'; '.join(faults)}; see `huep bots doctor`."
    return f"ready: {', '.join(names)}."
