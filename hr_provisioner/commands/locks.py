"""`huep hr lock` and `unlock`: security locks, which HR never lifts; whom a locked leader sponsors is locked too."""

import asyncio
from typing import Annotated
from uuid import uuid4

import typer

from hr_provisioner.applying.security_locks import Lifted, SecurityLocks
from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.options import ByOption
from hr_provisioner.guests.settling import settle
from hr_provisioner.screens import show
from hr_provisioner.service import hints
from hr_provisioner.workplace import Workplace
from huep.catalogue import Locale
from huep.names import normalise
from huep.options import LanguageOption, StateOption
from huep.stack.accounts import open_admin

OfficerCode = Annotated[str, typer.Argument(help="Officer code (mã cán bộ).")]


def lock(
    code: OfficerCode,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the directory and in the audit log.")],
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Lock an account for security, at once; only its owner (--by) lifts it, or somebody who names the owner."""
    with open_desk(language, state) as (console, say, place):
        asyncio.run(_lock(place, code, by, reason))
        show.show_well(console, say("security-locked", code=code, owner=by))
        asyncio.run(settle(place, by))


def unlock(
    code: OfficerCode,
    by: ByOption,
    owner: Annotated[str | None, typer.Option("--owner", help="Whose lock it is, where it is not your own.")] = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Lift a security lock; HR's own locks are lifted by the register alone."""
    with open_desk(language, state) as (console, say, place):
        match asyncio.run(_unlock(place, code, by, owner)):
            case Lifted.OPEN:
                _have_read_again(place, code)
                show.show_well(console, say("security-lifted", code=code))
                asyncio.run(settle(place, by))
            case Lifted.STILL_LOCKED:
                show.show_warning(console, say("security-lifted-left", code=code))


async def _lock(place: Workplace, code: str, by: str, reason: str) -> None:
    async with open_admin(place.settings, place.state) as homeserver:
        await SecurityLocks(place.reach(homeserver)).lock(code, owner=by, reason=reason)


async def _unlock(place: Workplace, code: str, by: str, owner: str | None) -> Lifted:
    async with open_admin(place.settings, place.state) as homeserver:
        return await SecurityLocks(place.reach(homeserver)).unlock(code, by=by, owner=owner)


def _have_read_again(place: Workplace, code: str) -> None:
    """The service asks the register: below the security lock nobody locked whoever was dismissed meanwhile."""
    with place.hr.begin() as connection:
        hints.take_in(connection, f"unlock-{uuid4()}", normalise(code), place.now())
