"""The two HR officers of the demo: their keys lie in the demo's own state folder, where real ones never do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hr_provisioner.approvals import enrolment, waiting
from hr_provisioner.approvals.officers import Card, make_card, read_officers
from hr_provisioner.approvals.signing import Matter, Statement, new_key, read_key, sign
from hr_provisioner.language import OfficerError
from hr_provisioner.workplace import Workplace
from huep.catalogue import Message
from huep.state import StateFolder

PARTS = ("hr_officer", "head")
"""Who of the cast signs."""
PASSPHRASE = "demo-officers-passphrase"  # noqa: S105 - a name


class NotADemo(OfficerError):
    """There is no cast: a real register is approved by real officers."""

    def __init__(self) -> None:
        super().__init__(Message("demo-officers-only"))


@dataclass(frozen=True)
class DemoOfficer:
    """A key with its card."""

    card: Card
    key: Ed25519PrivateKey


def demo_officers(place: Workplace) -> tuple[DemoOfficer, ...]:
    """The demo's officers, made and enrolled at the first call. Raises NotADemo."""
    state = place.state
    if not state.cast.exists():
        raise NotADemo
    cast = json.loads(state.cast.read_text("utf-8"))
    passphrase = state.secret(PASSPHRASE)
    found = tuple(_officer(place, cast[part], passphrase) for part in PARTS)
    with place.hr.begin() as connection:
        if not read_officers(connection):
            enrolment.found(
                connection,
                place.audit,
                [officer.card for officer in found],
                server_name=place.settings.server_name,
                actor="huep demo",
                now=place.now(),
            )
    return found


def approve(place: Workplace, officers: Sequence[DemoOfficer], matter: Matter, sha256: str) -> None:
    """Each of `officers` signs what waits, and hands the signature in."""
    server_name, hours = place.settings.server_name, place.settings.hr.approval_hours
    with place.hr.begin() as connection:
        now = place.now()
        until = waiting.find(connection, sha256, server_name, hours, now).expires_at
        for officer in officers:
            statement = Statement(server_name, matter, sha256, officer.card.officer, now, until)
            approval = sign(statement, officer.key)
            waiting.hand_in(
                connection, place.audit, approval, server_name=server_name, hours=hours, actor="huep demo", now=now
            )


def _officer(place: Workplace, member: dict[str, str], passphrase: str) -> DemoOfficer:
    path = key_file(place.state, member["officer_code"])
    key = read_key(path, passphrase) if path.exists() else new_key(path, passphrase)
    card = make_card(key, place.settings.server_name, member["officer_code"], member["full_name"], place.now())
    return DemoOfficer(card, key)


def key_file(state: StateFolder, officer_code: str) -> Path:
    """Where the demo keeps an officer's private key."""
    return state.secrets / f"demo-officer-{officer_code}.key"
