"""`huep hr lock` and `unlock`: security locks, which HR never lifts."""

import asyncio
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console

from hr_provisioner.applying.security_locks import Lifted, SecurityLocks
from hr_provisioner.language import MESSAGES, speaking
from hr_provisioner.screens import show
from hr_provisioner.service import hints
from hr_provisioner.workplace import Workplace, open_workplace
from huep.catalogue import Locale, Voice
from huep.names import normalise
from huep.options import LanguageOption, StateOption
from huep.stack.accounts import open_admin
from huep.state import locate_state

OfficerCode = Annotated[str, typer.Argument(help="Officer code (mã cán bộ).")]
ByOption = Annotated[str, typer.Option("--by", help="Your name: you answer for it, and own the lock.")]


def lock(
    code: OfficerCode,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the directory and in the audit log.")],
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Lock an account for security, at once; only its owner lifts it, or somebody who names the owner."""
    with speaking(language), open_workplace(locate_state(state)) as place:
        asyncio.run(_lock(place, code, by, reason))
        show.show_well(Console(highlight=False), Voice(MESSAGES, language)("security-locked", code=code, owner=by))


def unlock(
    code: OfficerCode,
    by: ByOption,
    owner: Annotated[str | None, typer.Option("--owner", help="Whose lock it is, where it is not your own.")] = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Lift a security lock; HR's own locks are lifted by the register alone."""
    say = Voice(MESSAGES, language)
    with speaking(language), open_workplace(locate_state(state)) as place:
        match asyncio.run(_unlock(place, code, by, owner)):
            case Lifted.OPEN:
                _have_read_again(place, code)
                show.show_well(Console(highlight=False), say("security-lifted", code=code))
            case Lifted.STILL_LOCKED:
                show.show_warning(Console(highlight=False), say("security-lifted-left", code=code))


async def _lock(place: Workplace, code: str, by: str, reason: str) -> None:
    async with open_admin(place.settings, place.state) as homeserver:
        locks = SecurityLocks(place.settings, place.hr, place.audit, homeserver, place.now)
        await locks.lock(code, owner=by, reason=reason)


async def _unlock(place: Workplace, code: str, by: str, owner: str | None) -> Lifted:
    async with open_admin(place.settings, place.state) as homeserver:
        locks = SecurityLocks(place.settings, place.hr, place.audit, homeserver, place.now)
        return await locks.unlock(code, by=by, owner=owner)


def _have_read_again(place: Workplace, code: str) -> None:
    """The service asks the register: below the security lock nobody locked whoever was dismissed meanwhile."""
    with place.hr.begin() as connection:
        hints.take_in(connection, f"unlock-{uuid4()}", normalise(code), place.now())
