"""Who may have an account, and who may open a session: values in, values out."""

from collections.abc import Set

from synapse_modules.projection import RegisterStatus

LEFT_THE_REGISTER = (
    "Tài khoản này không còn trong danh sách cán bộ, công chức nên không đăng nhập được. "
    "Xin liên hệ phòng tổ chức cán bộ của đơn vị."
)
LOCKED = "Tài khoản này đang bị khóa. Xin liên hệ phòng tổ chức cán bộ của đơn vị."
OTHER_IS_LOCKED = "Tài khoản của người này đang bị khóa nên không vào phòng được."


SPONSORSHIP_OVER = (
    "Thời hạn bảo lãnh của tài khoản khách này đã hết nên không đăng nhập được. "
    "Xin liên hệ lãnh đạo đơn vị đã mời anh/chị."
)


def may_register(localpart: str | None, status: RegisterStatus | None, allowed: Set[str]) -> bool:
    """Only people whom the register knows as active, and the accounts that the operator listed.

    A registration that leaves the name to the server (None) is nobody's.
    """
    if localpart is None:
        return False
    return localpart in allowed or status is RegisterStatus.ACTIVE


def may_log_in(localpart: str, status: RegisterStatus | None, allowed: Set[str]) -> bool:
    """Refused only to those who are known to have left: absence from a projection never shuts anyone out."""
    return localpart in allowed or status is not RegisterStatus.LEFT


def shut_door(*, guest: bool) -> str:
    """What somebody reads who may not log in: an officer who left, or a guest whose sponsorship is over."""
    return SPONSORSHIP_OVER if guest else LEFT_THE_REGISTER
