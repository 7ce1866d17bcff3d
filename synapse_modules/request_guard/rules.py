"""What is refused of a request before anything else is asked, and what the person reads."""

from collections.abc import Mapping, Sequence

SESSION = b"access_token"

SESSION_IN_ADDRESS = "Ứng dụng để phiên đăng nhập trong địa chỉ, nơi người khác đọc được. Hãy cập nhật ứng dụng."
NO_IDENTITY_SERVER = (
    "Máy chủ này không dùng máy chủ định danh bên ngoài. Thư điện tử và số điện thoại theo hồ sơ cán bộ."
)


def has_session_in_address(arguments: Mapping[bytes, Sequence[bytes]] | None) -> bool:
    """Whether the query of an address holds a session: proxies, histories and logs keep addresses."""
    return SESSION in (arguments or {})
