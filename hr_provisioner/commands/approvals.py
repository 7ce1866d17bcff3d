"""`huep hr parked`, `approve`, `approvals add` and `withdraw`: two officers let through what the guard held back."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection, select

from hr_provisioner.approvals import plan_store, request_file, waiting
from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.officers import CardDamaged, read_card
from hr_provisioner.approvals.request_file import Request
from hr_provisioner.approvals.signatures import NEEDED
from hr_provisioner.approvals.signing import (
    Approval,
    Expired,
    ForAnotherServer,
    Statement,
    public_text,
    read_key,
    sign,
)
from hr_provisioner.approvals.waiting import Waiting
from hr_provisioner.commands.approval_files import read_approvals, write_new
from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.handing_in import hand_in
from hr_provisioner.commands.options import ActorOption, YesOption, whoever
from hr_provisioner.commands.passphrase import PassphraseFile, ask_passphrase
from hr_provisioner.language import MESSAGES, OfficerError, speaking
from hr_provisioner.planning.plan import Plan
from hr_provisioner.screens import approval_screen, show
from hr_provisioner.screens.plan_sheet import plan_workbook
from hr_provisioner.workplace import Workplace, open_workplace
from huep import clock
from huep.catalogue import Locale, Message, Voice
from huep.directory.tables import unit_periods
from huep.options import LanguageOption, StateOption
from huep.state import StateFolder, locate_state, write_private

HashArgument = Annotated[str, typer.Argument(help="Hash, or its first six characters or more.")]
CARD_HOURS = 72
"""How long a signature under an officer's card holds: a card waits nowhere."""

parked = typer.Typer(help="What waits for two officers.", invoke_without_command=True)
signatures = typer.Typer(help="Signatures of officers, at the server.", no_args_is_help=True)


class NotSigned(OfficerError):
    """The officer looked at it and did not sign."""

    def __init__(self) -> None:
        super().__init__(Message("approve-not-signed"))


class SheetOfPlanOnly(OfficerError):
    """Only a plan can be shown as a workbook."""

    def __init__(self) -> None:
        super().__init__(Message("parked-plan-only"))


@parked.callback()
def list_parked(context: typer.Context, language: LanguageOption = Locale.VI, state: StateOption = None) -> None:
    """What waits, why, who has signed, and until when."""
    if context.invoked_subcommand is not None:
        return
    with open_desk(language, state) as (console, say, place), place.hr.connect() as connection:
        found = waiting.waiting(connection, place.settings.server_name, place.settings.hr.approval_hours, place.now())
    approval_screen.show_waiting(console, say, found)


@parked.command(name="show")
def show_one(
    prefix: HashArgument,
    as_json: Annotated[bool, typer.Option("--json", help="The content in canonical JSON, whole.")] = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write a plan as a workbook.")] = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Show what waits: totals, the people concerned, who is left alone."""
    with open_desk(language, state) as (console, say, place):
        one, request = _look_up(place, prefix, language)
        if as_json:
            sys.stdout.write(request_file.to_json(request) + "\n")
        elif xlsx is not None:
            _write_sheet(place, one, request, xlsx, say)
            show.show_well(console, say("request-written", path=str(xlsx)))
        else:
            approval_screen.show_request(console, say, request)
            approval_screen.show_waiting(console, say, [one])


@parked.command()
def export(
    prefix: HashArgument,
    out: Annotated[Path, typer.Option("--out", help="The file for the officer's machine; it holds personal data.")],
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Write what waits into a file that officers take to their own machines to sign."""
    with open_desk(language, state) as (console, say, place):
        _, request = _look_up(place, prefix, language)
        write_new(out, request_file.to_json(request))
    show.show_well(console, say("request-written", path=str(out)))


def approve(
    what: Annotated[str, typer.Argument(help="A file from `parked export`, an officer's .pub, or a hash here.")],
    key: Annotated[Path, typer.Option("--key", help="Your private key; your public card .pub lies beside it.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where the signature goes; default: beside FILE.")] = None,
    yes: YesOption = False,
    passphrase_file: PassphraseFile = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Look at what waits and sign it with your own key; at the server, with a hash, it is handed in at once."""
    console, say = Console(highlight=False), Voice(MESSAGES, language)
    file = Path(what)
    with speaking(language):
        if file.exists():
            signed = _sign(console, say, request_file.read_request(file), key, passphrase_file, yes=yes)
            target = out or file.with_name(f"{file.stem}.{Statement.parse(signed.text).officer}.approval.json")
            write_new(target, signed.to_json())
            show.show_well(console, say("approve-written", path=str(target)))
            if state is not None:
                _hand_in(console, say, locate_state(state), [signed], whoever())
            return
        folder = locate_state(state)
        if not folder.config_file.exists():
            raise request_file.RequestUnreadable(file)
        with open_workplace(folder) as place:
            _, request = _look_up(place, what, language)
        signed = _sign(console, say, request, key, passphrase_file, yes=yes)
        if out is not None:
            write_new(out, signed.to_json())
        _hand_in(console, say, folder, [signed], whoever())


@signatures.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Signatures, as `huep hr approve` wrote them.")],
    actor: ActorOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Hand signatures in; each is verified now, and again whenever it counts."""
    with speaking(language):
        handed = read_approvals(files)
        console, say = Console(highlight=False), Voice(MESSAGES, language)
        _hand_in(console, say, locate_state(state), handed, whoever(actor))


def withdraw(
    prefix: HashArgument, actor: ActorOption = None, language: LanguageOption = Locale.VI, state: StateOption = None
) -> None:
    """Take a parked plan or register back; its signatures go with it."""
    with open_desk(language, state) as (console, say, place), place.hr.begin() as connection:
        one = _find(place, connection, prefix)
        waiting.withdraw(connection, place.audit, one, actor=whoever(actor))
    show.show_well(console, say("approval-withdrawn", hash=one.sha256[:12]))


def _look_up(place: Workplace, prefix: str, language: Locale) -> tuple[Waiting, Request]:
    with place.hr.connect() as connection:
        one = _find(place, connection, prefix)
        return one, waiting.request_of(connection, one, place.settings.server_name, language)


def _find(place: Workplace, connection: Connection, prefix: str) -> Waiting:
    return waiting.find(connection, prefix, place.settings.server_name, place.settings.hr.approval_hours, place.now())


def _write_sheet(place: Workplace, one: Waiting, request: Request, path: Path, say: Voice) -> None:
    if not isinstance(request.content, Plan):
        raise SheetOfPlanOnly
    with place.hr.connect() as connection:
        trips = plan_store.find(connection, one.sha256, place.now()).trips
        query = select(unit_periods.c.unit_code, unit_periods.c.short_name).order_by(unit_periods.c.valid_from)
        names = {str(code): str(name) for code, name in connection.execute(query)}
    # Made private first: it holds personal data.
    write_private(path, "")
    path.write_bytes(plan_workbook(request.content, trips, say, names))


def _sign(
    console: Console, say: Voice, request: Request, key: Path, passphrase_file: Path | None, *, yes: bool
) -> Approval:
    """Show the request, ask, and sign it as the officer of the card beside the key."""
    card = read_card(key.with_suffix(".pub"))
    if card.server_name != request.server_name:
        raise ForAnotherServer(request.server_name, card.server_name)
    now = clock.now()
    expires_at = request.expires_at or now + timedelta(hours=CARD_HOURS)
    if expires_at <= now:
        raise Expired(card.officer)
    approval_screen.show_request(console, say, request)
    if not yes and not typer.confirm(say("approve-confirm", name=card.full_name, officer=card.officer)):
        raise NotSigned
    private = read_key(key, ask_passphrase(passphrase_file, say))
    if public_text(private) != card.public_key:
        raise CardDamaged(str(key.with_suffix(".pub")))
    statement = Statement(request.server_name, request.matter, request.sha256, card.officer, now, expires_at)
    return sign(statement, private)


def _hand_in(console: Console, say: Voice, folder: StateFolder, handed: list[Approval], actor: str) -> None:
    with open_workplace(folder) as place:
        server_name = place.settings.server_name
        for approval in handed:
            with place.hr.begin() as connection:
                said = hand_in(place, connection, approval, actor)
                count = len(approvals.signers(connection, server_name, said.matter, said.sha256, place.now()))
            show.show_well(
                console,
                say("approval-kept", officer=said.officer, hash=said.sha256[:12], count=count, needed=NEEDED),
            )
            if count >= NEEDED:
                show.show_well(console, say(f"approval-enough-{said.matter.value}"))
