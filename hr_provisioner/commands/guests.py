"""`huep hr guests`: people outside the register, whom a leader sponsors until a day."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.options import ByOption
from hr_provisioner.dates import day_first
from hr_provisioner.guests import rules
from hr_provisioner.guests.settling import settle
from hr_provisioner.guests.store import Guests, Sponsored
from hr_provisioner.screens import show
from hr_provisioner.workplace import Workplace
from huep.catalogue import Locale, Voice
from huep.options import LanguageOption, StateOption

HEADINGS = ("code", "name", "organisation", "sponsor", "from", "until", "state")
STILL_THERE = frozenset({rules.GuestState.OPEN, rules.GuestState.DUE, rules.GuestState.COMING, rules.GuestState.LOCKED})
"""Who is listed without being asked for, beside those whose sponsor was lost."""

GuestCode = Annotated[str, typer.Argument(help="The guest's code, K-….")]
LastDay = Annotated[str, typer.Option("--until", help="The last day, as 31/12/2026.")]

guests = typer.Typer(help="Guests whom a leader sponsors.", no_args_is_help=True)


@guests.command()
def add(
    name: Annotated[str, typer.Option("--name", help="The guest's full name.")],
    organisation: Annotated[str, typer.Option("--organisation", help="Where the guest comes from.")],
    sponsor: Annotated[str, typer.Option("--sponsor", help="Officer code of the head or deputy who answers for them.")],
    reason: Annotated[str, typer.Option("--reason", help="Why the guest is here.")],
    until: LastDay,
    by: ByOption,
    since: Annotated[str | None, typer.Option("--from", help="The first day; default: today.")] = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Take a guest in, with an account from the first day to the last."""
    with open_desk(language, state) as (console, say, place):
        starts_on = place.today if since is None else max(rules.read_day(since), place.today)
        entry = rules.invited(
            name,
            organisation,
            reason,
            starts_on,
            rules.read_day(until),
            by,
            today=place.today,
            longest=place.settings.hr.guests.longest_days,
        )
        code = Guests(place).add(entry, sponsor)
        show.show_well(console, say("guests-added", name=entry.full_name, code=code, day=day_first(entry.ends_on)))
        _settle(place, console, say, by)
        _show_account(console, say, Guests(place).named(code), place)


@guests.command("list")
def list_guests(
    all_of_them: Annotated[bool, typer.Option("--all", help="Also those whose time is over.")] = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Show who is a guest, of whom, and until when."""
    with open_desk(language, state) as (console, say, place):
        known = [(one, rules.standing(one.person, one.guest, place.today)) for one in Guests(place).everybody()]
    shown = [
        (one, stands)
        for one, stands in known
        if all_of_them or stands in STILL_THERE or stands is rules.GuestState.SPONSORLESS
    ]
    if not shown:
        show.show_well(console, say("guests-none"))
        return
    table = Table(*(say(f"guests-{heading}") for heading in HEADINGS), title=say("guests-title"), title_justify="left")
    for one, stands in shown:
        table.add_row(*map(Text, _cells(one)), say(f"guests-state-{stands.value}"))
    console.print(table)


@guests.command()
def extend(
    code: GuestCode,
    until: LastDay,
    by: ByOption,
    sponsor: Annotated[
        str | None, typer.Option("--sponsor", help="Officer code of another leader who answers from now on.")
    ] = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Let a guest stay longer, or come back."""
    with open_desk(language, state) as (console, say, place):
        extended = Guests(place).extend(code, rules.read_day(until), by=by, sponsor_code=sponsor)
        guest = extended.guest
        _settle(place, console, say, by)
        said = {"name": extended.person.facts.full_name, "code": extended.code, "day": day_first(guest.ends_on)}
        show.show_well(console, say("guests-extended", **said, sponsor=guest.sponsor.facts.full_name))


@guests.command()
def end(
    code: GuestCode,
    by: ByOption,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """End a sponsorship, and lock the guest's account at once."""
    with open_desk(language, state) as (console, say, place):
        ended = Guests(place).end(code, by=by)
        _settle(place, console, say, by)
        show.show_well(console, say("guests-ended", name=ended.person.facts.full_name, code=ended.code))


def _settle(place: Workplace, console: Console, say: Voice, by: str) -> None:
    if not asyncio.run(settle(place, by, published_anew=True)):
        show.show_warning(console, say("guests-account-waits"))


def _show_account(console: Console, say: Voice, taken_in: Sponsored, place: Workplace) -> None:
    account = taken_in.person.account
    if account is not None:
        show.show_well(console, say("guests-account-made", localpart=account.localpart, code=taken_in.code))
    elif taken_in.guest.starts_on > place.today:
        show.show_well(console, say("guests-account-later", day=day_first(taken_in.guest.starts_on)))


def _cells(one: Sponsored) -> tuple[str, ...]:
    guest = one.guest
    return (
        one.code,
        one.person.facts.full_name,
        guest.organisation,
        f"{guest.sponsor.facts.full_name} ({guest.sponsor.officer_code})",
        day_first(guest.starts_on),
        day_first(guest.last_day),
    )
