"""The pages over HTTP, on Synapse's own port."""

import logging
import re
from http import HTTPStatus
from urllib.parse import parse_qs

from synapse.module_api import DirectServeHtmlResource, SynapseRequest

from synapse_modules.activation.desk import Desk
from synapse_modules.activation.page import LOGIN_PATH, PAGE_PATH, RECOVERY_PATH, Notice, Pages, headers
from synapse_modules.activation.rules import (
    LONGEST_BODY,
    LONGEST_FIELD,
    STATUSES,
    Form,
    Refusal,
    is_from_elsewhere,
    read_form,
    sentence,
)

logger = logging.getLogger(__name__)

_FORM_TYPE = "application/x-www-form-urlencoded"
_ACCOUNT = re.compile(r"[A-Za-z0-9._=/+-]{1,200}")


class ActivationPages(DirectServeHtmlResource):
    """The form at `PAGE_PATH`, and the pages below it."""

    isLeaf = True  # noqa: N815  (the name is Twisted's)

    def __init__(self, pages: Pages, desk: Desk) -> None:
        super().__init__()
        self._pages = pages
        self._desk = desk

    async def _async_render(self, request: SynapseRequest) -> None:
        try:
            status, page = await self._answer(request)
        except Exception:
            logger.exception("An activation page could not be served")
            status, page = self._refuse(Form(), Refusal.UNAVAILABLE)
        _send(request, status, page)

    async def _answer(self, request: SynapseRequest) -> tuple[int, bytes]:
        path = request.path.decode("ascii", "replace").rstrip("/")
        method = request.method
        if path == PAGE_PATH and method == b"POST":
            return await self._take(request)
        if method not in (b"GET", b"HEAD"):
            allowed = "GET, HEAD, POST" if path == PAGE_PATH else "GET, HEAD"
            request.responseHeaders.setRawHeaders("Allow", [allowed])
            return HTTPStatus.METHOD_NOT_ALLOWED, self._pages.lost()
        account = _account_in(request)
        if path == PAGE_PATH:
            return HTTPStatus.OK, self._pages.form(Form(officer=account or ""))
        if path == LOGIN_PATH:
            return HTTPStatus.OK, self._pages.login(account)
        if path == RECOVERY_PATH:
            return HTTPStatus.OK, self._pages.recovery()
        return HTTPStatus.NOT_FOUND, self._pages.lost()

    async def _take(self, request: SynapseRequest) -> tuple[int, bytes]:
        if is_from_elsewhere(
            request.getHeader("Sec-Fetch-Site"),
            request.getHeader("Origin"),
            request.getHeader("Host"),
            self._pages.public_url,
        ):
            return self._refuse(Form(), Refusal.CROSS_SITE)
        form = _form_in(request)
        if form is None:
            return self._refuse(Form(), Refusal.UNREADABLE)
        served = await self._desk.serve(form, _address_of(request))
        if served.localpart is not None:
            return HTTPStatus.OK, self._pages.done(served.localpart)
        if served.retry_after_s is not None:
            request.responseHeaders.setRawHeaders("Retry-After", [str(served.retry_after_s)])
        status = STATUSES[served.refusal] if served.refusal else HTTPStatus.BAD_REQUEST
        return status, self._pages.form(
            form, Notice(served.refusal, served.sentence, served.faults or {}, served.hints)
        )

    def _refuse(self, form: Form, refusal: Refusal) -> tuple[int, bytes]:
        return STATUSES[refusal], self._pages.form(form, Notice(refusal, sentence(refusal)))


def _form_in(request: SynapseRequest) -> Form | None:
    kind = (request.getHeader("Content-Type") or "").partition(";")[0].strip().lower()
    content = request.content
    if kind != _FORM_TYPE or content is None:
        return None
    content.seek(0)
    return read_form(content.read(LONGEST_BODY + 1))


def _account_in(request: SynapseRequest) -> str | None:
    """The account in the address, where the QR code of a slip leads; nothing but a name is taken from there."""
    query = request.uri.partition(b"?")[2][: 4 * LONGEST_FIELD].decode("ascii", "replace")
    try:
        (account,) = parse_qs(query, max_num_fields=10).get("account", [""])
    except ValueError:
        return None
    return account if _ACCOUNT.fullmatch(account) else None


def _address_of(request: SynapseRequest) -> str:
    return str(getattr(request.getClientAddress(), "host", ""))  # type: ignore[no-untyped-call]


def _send(request: SynapseRequest, status: int, page: bytes) -> None:
    request.setResponseCode(status)
    for name, value in {**headers(), "Content-Length": str(len(page))}.items():
        request.responseHeaders.setRawHeaders(name, [value])
    request.write(page)  # type: ignore[no-untyped-call]
    try:
        request.finish()
    except RuntimeError:
        logger.info("The person went away before the page was sent")
