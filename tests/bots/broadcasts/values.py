"""Announcements to test with."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bots.broadcasts.model import Author, Broadcast, Content, Draft, Level, State, Wanted
from huep.clock import PROVINCE_TIMEZONE
from huep.directory.audience import Audience

MONDAY = datetime(2026, 6, 15, 8, 30, tzinfo=PROVINCE_TIMEZONE)
FRIDAY = datetime(2026, 6, 19, 17, 0, tzinfo=PROVINCE_TIMEZONE)
DIRECTOR = Author(UUID(int=1), "@giam-doc:hue.localhost", "Trần Thị Hoà", "Giám đốc Sở", "SNV", "Sở Nội vụ")
DRAFT = Draft(
    level=Level.IMPORTANT,
    content=Content("Họp giao ban\nlúc 14h"),
    wanted=Wanted(Audience(frozenset({"SNV"})), "Sở Nội vụ"),
    author=DIRECTOR,
    room_id="!desk:hue.localhost",
    deadline=FRIDAY,
)


def draft(**changes: object) -> Draft:
    return replace(DRAFT, **changes)  # type: ignore[arg-type]


def broadcast(number: int = 17, state: State = State.SENT, **changes: object) -> Broadcast:
    return Broadcast(number, draft(**changes), state, MONDAY, MONDAY)
