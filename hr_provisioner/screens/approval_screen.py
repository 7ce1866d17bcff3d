"""What an officer sees before signing, and who has signed: tables, in the officer's language."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hr_provisioner.approvals.officers import Card, Officer, Removal
from hr_provisioner.approvals.request_file import Request, SnapshotFacts
from hr_provisioner.approvals.waiting import Waiting
from hr_provisioner.dates import moment
from hr_provisioner.planning import guard
from hr_provisioner.planning.plan import Plan
from hr_provisioner.screens import show
from huep import clock
from huep.catalogue import Voice

SHOWN_HASH = 12
"""So many characters of a hash are shown where it only has to be recognised."""


def show_waiting(console: Console, say: Voice, waiting: Sequence[Waiting]) -> None:
    """Everything that waits, with who has signed."""
    if not waiting:
        show.show_well(console, say("waiting-nothing"))
        return
    headings = ("hash", "what", "why", "signed", "until")
    table = Table(
        *(say(f"waiting-{heading}") for heading in headings), title=say("waiting-title"), title_justify="left"
    )
    for one in waiting:
        table.add_row(
            one.sha256[:SHOWN_HASH],
            Text(say.render(one.what)),
            Text("\n".join(say.render(reason) for reason in one.reasons)),
            Text("\n".join(_officer(officer) for officer in one.signers) or "–"),
            moment(one.expires_at),
        )
    console.print(table)


def show_officers(console: Console, say: Voice, officers: Sequence[Officer], now: datetime) -> None:
    """Everybody ever enrolled, and whose signature counts."""
    headings = ("code", "name", "key", "since", "by", "standing")
    table = Table(*(say(f"officers-{heading}") for heading in headings), title=say("officers-title"))
    for officer in officers:
        table.add_row(
            Text(officer.code),
            Text(officer.full_name),
            officer.public_key[:SHOWN_HASH],
            moment(officer.enrolled_at),
            Text(" ".join(officer.enrolled_by) or say("officers-founder")),
            say(_standing(officer, now)),
        )
    console.print(table)


def _standing(officer: Officer, now: datetime) -> str:
    if officer.removed_at is not None:
        return "officers-removed"
    if officer.locked:
        return "officers-locked"
    return "officers-counts" if officer.stands(clock.today(lambda: now)) else "officers-left"


def show_request(console: Console, say: Voice, request: Request) -> None:
    """The content that is about to be signed."""
    console.print(Text(say("request-server", server=request.server_name)))
    match request.content:
        case Plan():
            show.show_plan(console, say, request.content, guard.remarks(request.content))
        case SnapshotFacts():
            _show_facts(console, say, request.content)
        case Card():
            card = request.content
            console.print(Text(say("request-card", officer=card.officer, name=card.full_name, key=card.public_key)))
        case Removal():
            gone = request.content
            console.print(Text(say("request-removal", officer=gone.officer, name=gone.full_name, key=gone.public_key)))
    for reason in request.reasons:
        show.show_warning(console, reason)
    console.print(Text(say("request-hash", hash=request.sha256)), soft_wrap=True)
    if request.expires_at is not None:
        console.print(Text(say("request-until", until=moment(request.expires_at))))


def _show_facts(console: Console, say: Voice, facts: SnapshotFacts) -> None:
    console.print(
        Text(
            say(
                "request-snapshot",
                source=facts.source,
                at=moment(facts.exported_at),
                rows=facts.rows,
                people=facts.people,
                units=facts.units,
                quarantined=facts.quarantined_rows,
            )
        )
    )
    console.print(Text(say("request-sha256", sha256=facts.sha256)), soft_wrap=True)


def _officer(officer: Officer) -> str:
    return f"{officer.full_name} ({officer.code})"
