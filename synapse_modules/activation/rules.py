"""Pure: what was typed into the form, what is wrong with it, and what the person reads."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from huep.activation_code import StoredCode, Verdict
from huep.names import normalise
from synapse_modules.projection import RegisterStatus

LONGEST_BODY = 8192
"""Bytes; the longest form that anybody fills in has a tenth of it."""
LONGEST_FIELD = 200
"""Characters of the officer code and the code as they are typed."""
LONGEST_PASSWORD = 72
"""Bytes in UTF-8 (NFKC): bcrypt ignores what is behind."""
WHOLE_MINUTE = timedelta(minutes=1)


class Field(StrEnum):
    """The fields of the form, by their names in it."""

    OFFICER = "officer"
    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - a name
    AGAIN = "again"


class Refusal(StrEnum):
    """Why no password was set."""

    WRONG = "wrong"
    EXPIRED = "expired"
    USED = "used"
    TOO_MANY = "too_many"
    TOO_WEAK = "too_weak"
    """The code is right, and too many weak passwords were proposed."""
    BUSY = "busy"
    SHUT = "shut"
    """The account is locked, or the person has left."""
    CROSS_SITE = "cross_site"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"


SENTENCES: Mapping[Refusal, str] = {
    Refusal.WRONG: (
        "Mã cán bộ hoặc mã kích hoạt không đúng. Xin xem lại phiếu; phiếu đã dùng, hoặc đã có phiếu mới thay thế, "
        "thì không còn giá trị."
    ),
    Refusal.EXPIRED: "Mã kích hoạt đã quá hạn. Xin gặp cán bộ phụ trách của đơn vị để nhận phiếu mới.",
    Refusal.USED: (
        "Mã kích hoạt này đã được dùng. Nếu chính anh/chị đã đặt mật khẩu thì chỉ cần đăng nhập Element; "
        "nếu không phải, xin báo ngay cán bộ phụ trách của đơn vị."
    ),
    Refusal.TOO_MANY: "Đã nhập sai quá nhiều lần. Xin chờ {minutes} phút rồi thử lại.",
    Refusal.TOO_WEAK: (
        "Đã thử quá nhiều mật khẩu dễ đoán. Mã kích hoạt vẫn còn nguyên: xin chờ {minutes} phút rồi thử lại."
    ),
    Refusal.BUSY: "Đang có nhiều người cùng đặt mật khẩu. Mã kích hoạt vẫn còn nguyên: xin thử lại sau ít phút.",
    Refusal.SHUT: (
        "Tài khoản này đang bị khóa hoặc không còn trong danh sách cán bộ, công chức. "
        "Xin liên hệ phòng tổ chức cán bộ của đơn vị."
    ),
    Refusal.CROSS_SITE: "Biểu mẫu này được gửi từ một trang khác nên không được nhận. Xin điền lại tại đây.",
    Refusal.UNREADABLE: "Không đọc được biểu mẫu vừa gửi. Xin điền lại.",
    Refusal.UNAVAILABLE: (
        "Hệ thống đang tạm ngừng nhận kích hoạt, mã của anh/chị vẫn còn nguyên. Xin thử lại sau ít phút; "
        "nếu vẫn không được, xin báo cán bộ phụ trách của đơn vị."
    ),
}
CHOSEN_WEAK = "Mật khẩu này dễ đoán, xin chọn mật khẩu khác."
CHOOSING_BUSY = "Chưa đổi được mật khẩu vì đang có nhiều người cùng đổi. Xin thử lại sau ít phút."
TOO_LONG = "Mật khẩu dài quá: tối đa 72 ký tự không dấu."
WEAK = "Mật khẩu này dễ đoán. Mã kích hoạt vẫn dùng được: xin chọn mật khẩu khác."
STATUSES: Mapping[Refusal, HTTPStatus] = {
    Refusal.WRONG: HTTPStatus.FORBIDDEN,
    Refusal.EXPIRED: HTTPStatus.FORBIDDEN,
    Refusal.USED: HTTPStatus.FORBIDDEN,
    Refusal.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal.TOO_WEAK: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.SHUT: HTTPStatus.FORBIDDEN,
    Refusal.CROSS_SITE: HTTPStatus.FORBIDDEN,
    Refusal.UNREADABLE: HTTPStatus.BAD_REQUEST,
    Refusal.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}

_REFUSED = {
    Verdict.WRONG: Refusal.WRONG,
    Verdict.EXPIRED: Refusal.EXPIRED,
    Verdict.USED: Refusal.USED,
    Verdict.TOO_MANY: Refusal.TOO_MANY,
}


@dataclass(frozen=True)
class Form:
    """What somebody typed; the passwords in NFKC, as Synapse takes them at the login."""

    officer: str = ""
    """Officer code or account, without outer spaces."""
    code: str = ""
    password: str = ""
    again: str = ""

    def __repr__(self) -> str:
        return f"Form(officer={self.officer!r})"


@dataclass(frozen=True)
class KnownPerson:
    """What Synapse knows of somebody who may have a code."""

    localpart: str
    officer_code: str | None
    full_name: str | None
    status: RegisterStatus
    code: StoredCode | None

    @property
    def words_about(self) -> tuple[str, ...]:
        """What somebody who knows the person tries first as a password."""
        return tuple(text for text in (self.localpart, self.officer_code, self.full_name) if text)


@dataclass(frozen=True)
class Account:
    """What Synapse has under the person's name."""

    admin: bool
    locked: bool
    deactivated: bool


def read_form(body: bytes) -> Form | None:
    """The form in an urlencoded body; None where it is none of ours."""
    if len(body) > LONGEST_BODY:
        return None
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=len(Field))
    except ValueError:
        return None
    if any(name not in set(Field) or len(values) != 1 or "\x00" in values[0] for name, values in fields.items()):
        return None
    typed = {name: values[0] for name, values in fields.items()}
    return Form(
        officer=normalise(typed.get(Field.OFFICER, ""))[:LONGEST_FIELD],
        code=normalise(typed.get(Field.CODE, ""))[:LONGEST_FIELD],
        password=unicodedata.normalize("NFKC", typed.get(Field.PASSWORD, "")),
        again=unicodedata.normalize("NFKC", typed.get(Field.AGAIN, "")),
    )


def faults_of(form: Form, minimum_length: int) -> dict[Field, str]:
    """What is missing or does not fit, by field, in the order of the form; no code is looked at for this."""
    faults: dict[Field, str] = {}
    if not form.officer:
        faults[Field.OFFICER] = "Xin nhập mã cán bộ ghi trên phiếu."
    if not form.code:
        faults[Field.CODE] = "Xin nhập mã kích hoạt ghi trên phiếu."
    if len(form.password) < minimum_length:
        faults[Field.PASSWORD] = f"Mật khẩu cần ít nhất {minimum_length} ký tự."
    elif len(form.password.encode()) > LONGEST_PASSWORD:
        faults[Field.PASSWORD] = TOO_LONG
    elif form.password != form.again:
        faults[Field.AGAIN] = "Hai lần nhập mật khẩu không giống nhau. Xin nhập lại cả hai."
    return faults


def refusal_of(
    verdict: Verdict, person: KnownPerson | None, account: Account | None, protected: Collection[str]
) -> Refusal | None:
    """Why the bearer of a code that was judged so may set no password; None where they may.

    What is known of the account is said only to who knows the code.
    """
    if verdict is not Verdict.ACCEPTED:
        return _REFUSED[verdict]
    if person is None or account is None or account.admin or person.localpart in protected:
        return Refusal.WRONG
    if person.status is not RegisterStatus.ACTIVE or account.locked or account.deactivated:
        return Refusal.SHUT
    return None


def sentence(refusal: Refusal, until: datetime | None = None, now: datetime | None = None) -> str:
    """What the person reads; of TOO_MANY and TOO_WEAK with the minutes to wait."""
    minutes = 1 if until is None or now is None else max(1, -((now - until) // WHOLE_MINUTE))
    return SENTENCES[refusal].format(minutes=minutes)


def is_from_elsewhere(fetch_site: str | None, origin: str | None, host: str | None, public_url: str) -> bool:
    """Whether another site's page had a browser send the form.

    There is no session to ride on; still nobody shall fill our form in for somebody else. Browsers say so by
    `Sec-Fetch-Site` (over https), older ones by `Origin`; who says neither is no browser.
    """
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    if origin is None:
        return False
    return origin.lower() != _origin(public_url) and (host is None or urlsplit(origin).netloc.lower() != host.lower())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
