"""What is refused of a request before anything else is asked, and what the person reads."""

from collections.abc import Callable, Mapping, Sequence

LONGEST_REASON = 100
"""Characters; memberships are not encrypted, so a reason must not become a letter."""
LONGEST_NAME = 256
SESSION = b"access_token"

SESSION_IN_ADDRESS = "Ứng dụng để phiên đăng nhập trong địa chỉ, nơi người khác đọc được. Hãy cập nhật ứng dụng."
NO_IDENTITY_SERVER = (
    "Máy chủ này không dùng máy chủ định danh bên ngoài. Thư điện tử và số điện thoại theo hồ sơ cán bộ."
)
WORDS_IN_MEMBERSHIP = (
    "Lời mời, việc vào và rời phòng không mã hóa được, nên chỉ nhận lý do ngắn. Hãy viết thành tin nhắn trong phòng."
)


def _is_name(value: object) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= LONGEST_NAME)


def _is_reason(value: object) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= LONGEST_REASON)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


_IN_MEMBERSHIP: Mapping[str, Callable[[object], bool]] = {
    "membership": _is_name,
    # Synapse puts the register's in place of both.
    "displayname": _is_name,
    "avatar_url": _is_name,
    "join_authorised_via_users_server": _is_name,
    "is_direct": _is_bool,
    "org.matrix.msc4293.redact_events": _is_bool,
    "reason": _is_reason,
}
"""What clients put into a membership; whatever is not here is refused."""


def is_plain_membership(content: Mapping[str, object] | None) -> bool:
    """Whether what a client says of a membership holds no letter and nothing that no client needs."""
    return all(key in _IN_MEMBERSHIP and _IN_MEMBERSHIP[key](value) for key, value in (content or {}).items())


def has_session_in_address(arguments: Mapping[bytes, Sequence[bytes]] | None) -> bool:
    """Whether the query of an address holds a session: proxies, histories and logs keep addresses."""
    return SESSION in (arguments or {})
