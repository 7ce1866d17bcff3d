"""`huep hr codes`: activation codes on paper, who has one, and taking them back."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection, select

from hr_provisioner.activation import store as activation_store
from hr_provisioner.activation.store import Recipient
from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.options import ActorOption, whoever
from hr_provisioner.dates import day_of
from hr_provisioner.directory.publishing import publish
from hr_provisioner.directory.reader import read_current
from hr_provisioner.language import OfficerError
from hr_provisioner.screens import show
from hr_provisioner.workplace import Workplace
from huep import audit
from huep.catalogue import Locale, Message, Voice
from huep.directory.reader import Directory
from huep.directory.tables import people
from huep.options import LanguageOption, StateOption
from huep.stack.accounts import open_admin
from huep.state import new_secret
from huep.synapse_http import SynapseUnreachable

ROWS_SHOWN = 200

UnitOption = Annotated[str | None, typer.Option("--unit", help="Code of a unit; those below it belong to it.")]
CodesOption = Annotated[list[str] | None, typer.Option("--code", help="Officer code; may be given several times.")]

codes = typer.Typer(help="One-time activation codes, on paper.", no_args_is_help=True)


class ChooseOne(OfficerError):
    """It was not said, or said twice, for whom."""

    def __init__(self) -> None:
        super().__init__(Message("codes-choose"))


class StolenNeedsNames(OfficerError):
    """Devices are logged out for people who are named, never for a whole unit."""

    def __init__(self) -> None:
        super().__init__(Message("codes-stolen-alone"))


class NoSuchUnit(OfficerError):
    """No unit has this code today."""

    def __init__(self, unit: str) -> None:
        super().__init__(Message.of("codes-unit-unknown", unit=unit))


@codes.command("issue")
def issue_codes(
    out: Annotated[Path, typer.Option("--out", help="Folder for the sheets, one PDF a unit.")],
    unit: UnitOption = None,
    code: CodesOption = None,
    all_new: Annotated[bool, typer.Option("--all-new", help="Everybody who never had a code.")] = False,
    stolen: Annotated[
        bool,
        typer.Option("--stolen/--keep-devices", help="Log every device out and make the old password void at once."),
    ] = False,
    actor: ActorOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Give people a code, printed on slips by unit; a code given by name replaces the one before.

    With --unit only those get one who have none that works and have not activated yet.
    """
    who = whoever(actor)
    with open_desk(language, state) as (console, say, place):
        if [unit is not None, bool(code), all_new].count(True) != 1:
            raise ChooseOne
        if stolen and not code:
            raise StolenNeedsNames
        now = place.now()
        if unit is not None:
            # Who has activated since gets no second code.
            asyncio.run(_publish(place))
        chosen = _chosen(place, unit, code or [], who, now)
        if not chosen:
            show.show_well(console, say("codes-nobody"))
            return
        if stolen:
            asyncio.run(_log_out(place, chosen, who))
            for one in chosen:
                show.show_well(console, say("codes-logged-out", name=one.full_name))
        from hr_provisioner.activation.issue import issue  # drawing takes half a second to import

        issued = issue(place.hr, place.audit, chosen, out, place.settings, who, now)
        asyncio.run(_publish(place))
        until = day_of(issued.expires_at)
        show.show_well(console, say("codes-issued", count=issued.count, day=until, folder=str(out)))


@codes.command("list")
def list_codes(unit: UnitOption = None, language: LanguageOption = Locale.VI, state: StateOption = None) -> None:
    """Show who has a code, who used it and whose is over; never a code."""
    with open_desk(language, state) as (console, say, place):
        now = place.now()
        with suppress(SynapseUnreachable):
            asyncio.run(_publish(place))  # who has used a code is known to Synapse first
        with place.hr.connect() as connection:
            everybody = activation_store.recipients(connection, place.today)
        units = None if unit is None else _units(place, unit)
        shown = [one for one in everybody if not one.locked and (units is None or one.unit_code in units)]
        console.print(_table(say, shown[:ROWS_SHOWN], now))
        totals = Counter(_state(one, now) for one in shown)
        counts = {state: totals[state] for state in ("none", "open", "used", "expired")}
        console.print(say("codes-totals", **counts))


@codes.command()
def revoke(
    unit: UnitOption = None,
    code: CodesOption = None,
    actor: ActorOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Make codes void that were not used yet: a slip was lost, or handed to the wrong person."""
    with open_desk(language, state) as (console, say, place):
        if (unit is None) == (not code):
            raise ChooseOne
        units = frozenset[str]() if unit is None else _units(place, unit)
        with place.hr.connect() as connection:
            everybody = activation_store.recipients(connection, place.today)
            known = _known(connection)
        from hr_provisioner.activation.issue import those_named

        named = those_named([one for one in everybody if not one.locked], code or [], known, ())
        found = (*named, *(one for one in everybody if one.unit_code in units))
        affected = [one for one in found if one.code is not None and one.code.used_at is None]
        with place.hr.begin() as connection:
            count = activation_store.revoke(connection, [one.key for one in affected])
            acts = [audit.Act(whoever(actor), "code.revoke", one.officer_code, {}) for one in affected]
            audit.record(place.audit, acts)
        asyncio.run(_publish(place))
        show.show_well(console, say("codes-revoked", count=count))


def _chosen(place: Workplace, unit: str | None, named: list[str], actor: str, now: datetime) -> tuple[Recipient, ...]:
    from hr_provisioner.activation.issue import those_named, those_without

    protected = asyncio.run(place.current(actor)).protected
    with place.hr.connect() as connection:
        everybody = activation_store.recipients(connection, place.today)
        if named:
            return those_named(everybody, named, _known(connection), protected)
    return those_without(everybody, now, protected, None if unit is None else _units(place, unit))


def _units(place: Workplace, unit: str) -> frozenset[str]:
    found = Directory(place.hr, place.now).units_under(unit.strip().upper())
    if not found:
        raise NoSuchUnit(unit)
    return frozenset(one.code for one in found)


def _known(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(people.c.officer_code)).scalars())


async def _publish(place: Workplace) -> None:
    """Tell Synapse at once: a code that was handed out must work, and one that was revoked must not."""
    with place.hr.connect() as connection:
        current = read_current(connection, place.today)
    async with open_admin(place.settings, place.state) as homeserver:
        await publish(place.hr, place.audit, homeserver, current, place.now(), place.today)


async def _log_out(place: Workplace, chosen: tuple[Recipient, ...], actor: str) -> None:
    """A password that nobody knows takes the place of the old one, which Synapse joins with ending every session."""
    async with open_admin(place.settings, place.state) as homeserver:
        for one in chosen:
            user_id = place.settings.user_id(one.localpart)
            await homeserver.set_password(user_id, new_secret(), logout_devices=True)
            audit.record(place.audit, [audit.Act(actor, "account.log_out", one.officer_code, {"why": "stolen"})])


def _state(one: Recipient, now: datetime) -> str:
    if one.code is None:
        return "none"
    if one.code.used_at is not None:
        return "used"
    return "open" if now < one.code.expires_at else "expired"


def _table(say: Voice, shown: list[Recipient], now: datetime) -> Table:
    headings = ("name", "officer", "unit", "state", "until")
    table = Table(
        *(say(f"codes-list-{name}") for name in headings), title=say("codes-list-title"), title_justify="left"
    )
    for one in shown:
        until = "" if one.code is None else day_of(one.code.expires_at)
        cells = (one.full_name, one.officer_code, one.unit_name, say(f"codes-state-{_state(one, now)}"), until)
        table.add_row(*map(Text, cells))
    return table
