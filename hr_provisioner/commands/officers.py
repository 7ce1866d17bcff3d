"""`huep hr officers`: keys of the HR officers who approve, made on their own machines and signed in by two."""

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hr_provisioner.approvals import enrolment, request_file
from hr_provisioner.approvals.officers import make_card, read_card, read_officers
from hr_provisioner.approvals.signatures import AlreadySigned
from hr_provisioner.approvals.signing import Approval, new_key
from hr_provisioner.commands.approval_files import read_approvals, write_new
from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.handing_in import hand_in
from hr_provisioner.commands.options import ActorOption, whoever
from hr_provisioner.commands.passphrase import PassphraseFile, ask_passphrase
from hr_provisioner.language import MESSAGES, speaking
from hr_provisioner.screens import approval_screen, show
from hr_provisioner.workplace import Workplace
from huep import clock
from huep.catalogue import Locale, Voice
from huep.options import LanguageOption, StateOption

CardFile = Annotated[Path, typer.Argument(help="The officer's public card, a .pub file.")]
ApprovalFiles = Annotated[
    list[Path] | None, typer.Argument(help="Signatures of officers, as `huep hr approve` wrote them.")
]

officers = typer.Typer(help="The HR officers who approve, and their keys.", no_args_is_help=True)


@officers.command()
def key(
    code: Annotated[str, typer.Option("--code", help="The officer's code in the register.")],
    name: Annotated[str, typer.Option("--name", help="The officer's full name, as in the register.")],
    server: Annotated[str, typer.Option("--server", help="server_name of the HueP for which this officer approves.")],
    out: Annotated[Path, typer.Option("--out", help="Where the private key goes; the public card beside it, .pub.")],
    passphrase_file: PassphraseFile = None,
    language: LanguageOption = Locale.VI,
) -> None:
    """Make a key pair, on the officer's own machine: the private key never leaves it, the card is handed out."""
    say = Voice(MESSAGES, language)
    with speaking(language):
        private = new_key(out, ask_passphrase(passphrase_file, say, new=True))
        card = make_card(private, server, code, name, clock.now())
        write_new(out.with_suffix(".pub"), card.to_json(private))
    show.show_well(Console(highlight=False), say("officers-key-made", key=str(out), card=str(out.with_suffix(".pub"))))


@officers.command(name="list")
def list_officers(language: LanguageOption = Locale.VI, state: StateOption = None) -> None:
    """Everybody ever enrolled, and whose signature counts today."""
    with open_desk(language, state) as (console, say, place), place.hr.connect() as connection:
        enrolled = read_officers(connection)
    approval_screen.show_officers(console, say, enrolled, clock.now())


@officers.command()
def found(
    cards: Annotated[list[Path], typer.Argument(help="Public cards of the first officers, two or more.")],
    actor: ActorOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Enrol the first officers together, once; every later one is signed in by two of them."""
    with open_desk(language, state) as (console, say, place), place.hr.begin() as connection:
        enrolment.found(
            connection,
            place.audit,
            [read_card(path) for path in cards],
            server_name=place.settings.server_name,
            actor=whoever(actor),
            now=clock.now(),
        )
    show.show_well(console, say("officers-founded", count=len(cards)))


@officers.command()
def enrol(
    card_file: CardFile,
    approvals: ApprovalFiles = None,
    actor: ActorOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Enrol an officer, or another key of one, whom two officers have signed in."""
    with open_desk(language, state) as (console, say, place):
        signatures = read_approvals(approvals or ())
        card = read_card(card_file)
        _hand_in(place, signatures, actor)
        with place.hr.begin() as connection:
            signed = enrolment.enrol(
                connection,
                place.audit,
                card,
                server_name=place.settings.server_name,
                actor=whoever(actor),
                now=clock.now(),
            )
    by = ", ".join(officer.full_name for officer in signed)
    show.show_well(console, say("officers-enrolled", name=card.full_name, officer=card.officer, by=by))


@officers.command()
def remove(
    code: Annotated[str, typer.Argument(help="Officer code.")],
    approvals: ApprovalFiles = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the request that two other officers sign, and stop.")
    ] = None,
    actor: ActorOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Remove an officer whom two others have signed out; first write the request for them with --out."""
    with open_desk(language, state) as (console, say, place):
        server_name = place.settings.server_name
        if out is not None:
            expires_at = clock.now() + timedelta(hours=place.settings.hr.approval_hours)
            with place.hr.connect() as connection:
                officer = enrolment.find(connection, code)
            write_new(out, request_file.to_json(request_file.removal_request(server_name, officer, expires_at)))
            show.show_well(console, say("request-written", path=str(out)))
            return
        signatures = read_approvals(approvals or ())
        _hand_in(place, signatures, actor)
        with place.hr.begin() as connection:
            signed = enrolment.remove(
                connection, place.audit, code, server_name=server_name, actor=whoever(actor), now=clock.now()
            )
    by = ", ".join(officer.full_name for officer in signed)
    show.show_well(console, say("officers-gone", officer=code, by=by))


def _hand_in(place: Workplace, signatures: list[Approval], actor: str | None) -> None:
    """Keep each signature by itself, so that it stands in the table whenever it stands in the audit chain."""
    for signature in signatures:
        with contextlib.suppress(AlreadySigned), place.hr.begin() as connection:
            hand_in(place, connection, signature, whoever(actor))
