"""Who may find whom, and who may begin a conversation with whom: values in, values out.

Asked in the order of `decide`: the first thing that is true is the reason, and the reason says what is permitted.
"""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from synapse_modules.colleagues import NO_POSTS, Colleague, Posts
from synapse_modules.projection import RegisterStatus


class Reason(StrEnum):
    """Why two people may, or may not, reach each other."""

    SELF = "self"
    SERVICE = "service"
    """One of them is a service account or a bot."""
    ASKER_NOT_IN_REGISTER = "asker_not_in_register"
    ASKER_LEFT = "asker_left"
    NOT_IN_REGISTER = "not_in_register"
    LEFT = "left"
    LEADS = "leads"
    """The asker is head or deputy of a unit in which the other works, however far above."""
    ASKER_INTERNAL = "asker_internal"
    """The asker's unit talks to nobody outside."""
    CLOSED_UNIT = "closed_unit"
    """The other's unit is hidden or internal."""
    SAME_UNIT = "same_unit"
    GUEST_OF_UNIT = "guest_of_unit"
    """One of them is a guest, and the other is of the unit whose leader sponsors the guest."""
    GUEST_LED = "guest_led"
    """The other is a guest of a unit below the asker's."""
    GUEST_ASKS = "guest_asks"
    """The asker is a guest, and the other is not of the sponsor's unit."""
    GUEST = "guest"
    """The other is a guest, and the asker is not of the sponsor's unit."""
    RED_LIST_REACHED = "red_list_reached"
    RED_LIST = "red_list"
    OPEN = "open"


ALLOWING = frozenset(
    {
        Reason.SELF,
        Reason.SERVICE,
        Reason.LEADS,
        Reason.SAME_UNIT,
        Reason.GUEST_OF_UNIT,
        Reason.RED_LIST_REACHED,
        Reason.OPEN,
    }
)

# Who is hidden, unlisted, gone or never was reads the same sentence: a refusal must not say that somebody is there.
NOT_REACHABLE = (
    "Không mời được: danh bạ mà anh/chị được xem không có người này. "
    "Nếu cần trao đổi công việc, xin qua lãnh đạo đơn vị."
)
SENTENCES = {
    Reason.ASKER_NOT_IN_REGISTER: "Tài khoản này không có trong danh sách cán bộ, công chức nên không mời được ai.",
    Reason.ASKER_LEFT: "Tài khoản này không còn trong danh sách cán bộ, công chức nên không mời được ai.",
    Reason.ASKER_INTERNAL: "Đơn vị của anh/chị chỉ trao đổi trong nội bộ nên không mời được người ngoài đơn vị.",
    Reason.NOT_IN_REGISTER: NOT_REACHABLE,
    Reason.LEFT: NOT_REACHABLE,
    Reason.CLOSED_UNIT: NOT_REACHABLE,
    Reason.GUEST_LED: "Khách này do đơn vị cấp dưới bảo lãnh: chỉ người của đơn vị đó mời và nhắn tin được.",
    Reason.GUEST_ASKS: "Tài khoản khách chỉ liên hệ được với người của đơn vị bảo lãnh.",
    Reason.GUEST: NOT_REACHABLE,
    Reason.RED_LIST: NOT_REACHABLE,
}
DIRECTORY_SILENT = "Chưa mời được vì danh bạ tạm thời không đọc được. Xin thử lại sau ít phút."


@dataclass(frozen=True)
class Policy:
    """What a province lays down."""

    services: Set[str] = frozenset()
    """Localparts of service accounts and bots, open to everybody."""
    open_depth: int = 1
    """Whoever shares the unit so many steps below the province is open to each other; 1 is the department or ward."""
    hidden_units: Set[str] = frozenset()
    """Nobody outside them, and what lies below them, finds or invites their people."""
    internal_units: Set[str] = frozenset()
    """As hidden, and their people find and invite nobody outside."""
    red_list: Posts = NO_POSTS
    """Leaders with whom not everybody begins a conversation."""
    red_list_found: bool = False
    """Whether everybody finds them all the same."""
    red_list_reached_by: Posts = NO_POSTS


def decide(asker: Colleague, other: Colleague, policy: Policy) -> Reason:
    """Why `asker` may or may not reach `other`."""
    if asker.localpart == other.localpart:
        return Reason.SELF
    if asker.localpart in policy.services or other.localpart in policy.services:
        return Reason.SERVICE
    if asker.status is not RegisterStatus.ACTIVE:
        return Reason.ASKER_NOT_IN_REGISTER if asker.status is None else Reason.ASKER_LEFT
    if other.status is not RegisterStatus.ACTIVE:
        return Reason.NOT_IN_REGISTER if other.status is None else Reason.LEFT
    if asker.is_guest or other.is_guest:
        return _decide_guest(asker, other, policy)
    if asker.leads and asker.unit in other.units:
        return Reason.LEADS
    if _closed_to(other, asker, policy.internal_units):
        return Reason.ASKER_INTERNAL
    if _closed_to(asker, other, policy.hidden_units | policy.internal_units | other.hidden_units):
        return Reason.CLOSED_UNIT
    if _work_together(asker, other, policy.open_depth):
        return Reason.SAME_UNIT
    if policy.red_list.has(other):
        reached = policy.red_list.has(asker) or policy.red_list_reached_by.has(asker)
        return Reason.RED_LIST_REACHED if reached else Reason.RED_LIST
    return Reason.OPEN


def may_find(reason: Reason, policy: Policy) -> bool:
    """Whether the search shows the other."""
    return reason in ALLOWING or reason is Reason.GUEST_LED or (reason is Reason.RED_LIST and policy.red_list_found)


def may_invite(reason: Reason) -> bool:
    """Whether the other may be invited, to a direct message as to any room.

    Whoever is from outside has an account only as a guest, whom a leader sponsors and the register's projection knows.
    """
    return reason in ALLOWING


def may_message(reason: Reason, *, share_a_room: bool) -> bool:
    """Whether there is a room, or can be one, in which the other reads what is written."""
    return share_a_room or reason in ALLOWING


def _decide_guest(asker: Colleague, other: Colleague, policy: Policy) -> Reason:
    """Guests deal with the unit whose leader sponsors them, and not with one another.

    A hidden or internal unit below the sponsor's has none, whoever asks.
    """
    guest, host = (asker, other) if asker.is_guest else (other, asker)
    closed = policy.hidden_units | policy.internal_units | host.hidden_units
    if host.hosts(guest) and not _closed_to(guest, host, closed):
        return Reason.GUEST_OF_UNIT
    if asker.is_guest:
        return Reason.GUEST_ASKS
    return Reason.GUEST_LED if asker.leads and asker.unit in guest.units else Reason.GUEST


def _work_together(one: Colleague, other: Colleague, depth: int) -> bool:
    if one.unit is not None and one.unit == other.unit:
        return True
    return len(one.units) > depth and one.units[: depth + 1] == other.units[: depth + 1]


def _closed_to(outsider: Colleague, insider: Colleague, closed: Set[str]) -> bool:
    """Whether a closed unit holds `insider` and not `outsider`."""
    return any(unit in closed and unit not in outsider.units for unit in insider.units)
