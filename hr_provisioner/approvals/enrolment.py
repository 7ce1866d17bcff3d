"""How somebody becomes an approving officer, changes the key, and ceases to be one.

The first two or more are founded together, once. From then on a card needs the signatures of two officers who stand; a
new key for the same code is the same thing, and there the old key's own signature counts as one of the two.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.postgresql import insert

from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.officers import Card, Officer, in_one_form, read_officers
from hr_provisioner.approvals.signatures import NEEDED, lock_officers
from hr_provisioner.approvals.signing import ForAnotherServer, Matter
from hr_provisioner.language import OfficerError
from hr_provisioner.tables import officers
from huep import audit, clock
from huep.audit import Act
from huep.catalogue import Message
from huep.directory.tables import guests, people
from huep.names import fold


class TooFewFounders(OfficerError):
    """Two officers at least, with codes and keys of their own, begin together."""

    def __init__(self) -> None:
        super().__init__(Message.of("officer-too-few-founders"))


class AlreadyFounded(OfficerError):
    """Two officers stand: a further one is signed in by them."""

    def __init__(self, standing: int) -> None:
        super().__init__(Message.of("officer-already-founded", count=standing))


class KeyTaken(OfficerError):
    """The key is, or was, another enrolment's."""

    def __init__(self, officer: str) -> None:
        super().__init__(Message.of("officer-key-taken", officer=officer))


class CardTooOld(OfficerError):
    """The card was made before the code's last enrolment or removal."""

    def __init__(self, officer: str) -> None:
        super().__init__(Message.of("officer-card-old", officer=officer))


class NameDiffers(OfficerError):
    """The register knows the code under another name."""

    def __init__(self, card: Card, registered: str) -> None:
        super().__init__(
            Message.of("officer-name-differs", officer=card.officer, name=card.full_name, registered=registered)
        )


class NotInRegister(OfficerError):
    """The register knows people, and nobody under this code."""

    def __init__(self, officer: str) -> None:
        super().__init__(Message.of("officer-not-in-register", officer=officer))


class OfficersLocked(OfficerError):
    """Too few officers stand, because accounts are locked by hand: these are opened, and nobody is founded anew."""

    def __init__(self, locked: Sequence[str]) -> None:
        super().__init__(Message.of("officer-locked-by-hand", who=", ".join(locked)))


class NotSignedIn(OfficerError):
    """Fewer than two officers who stand have signed."""

    def __init__(self, officer: str, signed: Sequence[str]) -> None:
        super().__init__(
            Message.of("officer-not-signed", officer=officer, count=len(signed), who=", ".join(signed) or "–")
        )


class NotEnrolled(OfficerError):
    """Nobody is enrolled under this code."""

    def __init__(self, code: str) -> None:
        super().__init__(Message.of("officer-unknown", officer=code))


def found(
    connection: Connection, audit_engine: Engine, cards: Sequence[Card], *, server_name: str, actor: str, now: datetime
) -> None:
    """Enrol the first officers together.

    It is open again only when the register leaves fewer than two of the enrolled in service, for then nobody could
    ever be signed in; those who are left out of the new beginning are removed, and the audit chain names them. Whom
    somebody locked by hand counts as enrolled: else one who may lock could found officers of their own.

    Raises:
        TooFewFounders, AlreadyFounded, OfficersLocked, KeyTaken, CardTooOld, NotInRegister, NameDiffers,
        ForAnotherServer: nothing was enrolled.
    """
    lock_officers(connection)
    if len({card.officer for card in cards}) < max(NEEDED, len(cards)):
        raise TooFewFounders
    if len({card.public_key for card in cards}) < len(cards):
        raise TooFewFounders
    today = clock.today(lambda: now)
    serving = [officer for officer in read_officers(connection) if officer.serves(today)]
    if len(serving) >= NEEDED:
        locked = [officer.code for officer in serving if not officer.stands(today)]
        if len(serving) - len(locked) >= NEEDED:
            raise AlreadyFounded(len(serving) - len(locked))
        raise OfficersLocked(locked)
    before = [officer for officer in read_officers(connection) if officer.removed_at is None]
    for card in cards:
        _check(connection, card, server_name, keeps_key=True)
    connection.execute(update(officers).where(officers.c.removed_at.is_(None)).values(removed_at=now))
    for card in cards:
        _write(connection, card, (), now)
    codes = [card.officer for card in cards]
    acts = [
        Act(
            actor,
            "officer.found",
            card.officer,
            {"card": card.text, "together": codes, "before": [officer.code for officer in before]},
        )
        for card in cards
    ]
    audit.record(audit_engine, acts)


def enrol(
    connection: Connection, audit_engine: Engine, card: Card, *, server_name: str, actor: str, now: datetime
) -> tuple[Officer, ...]:
    """Enrol the holder of `card`, whom two officers have signed in; returns these.

    Raises:
        NotSignedIn, KeyTaken, CardTooOld, NotInRegister, NameDiffers, ForAnotherServer: nothing was enrolled.
    """
    lock_officers(connection)
    _check(connection, card, server_name)
    signed = approvals.signers(connection, server_name, Matter.OFFICER, card.sha256, now)
    codes = tuple(officer.code for officer in signed)
    if len(signed) < NEEDED:
        raise NotSignedIn(card.officer, codes)
    _write(connection, card, codes, now)
    audit.record(audit_engine, [Act(actor, "officer.enrol", card.officer, {"card": card.text, "signed_by": codes})])
    return signed


def remove(
    connection: Connection, audit_engine: Engine, code: str, *, server_name: str, actor: str, now: datetime
) -> tuple[Officer, ...]:
    """Remove an officer whom two others have signed out; returns these. The key never comes back.

    Those two stand, so two at least remain.

    Raises:
        NotEnrolled, NotSignedIn: nobody was removed.
    """
    lock_officers(connection)
    officer = find(connection, code)
    code = officer.code
    signed = approvals.signers(connection, server_name, Matter.REMOVE_OFFICER, officer.removal.sha256, now)
    others = tuple(signer for signer in signed if signer.code != code)
    codes = tuple(signer.code for signer in others)
    if len(others) < NEEDED:
        raise NotSignedIn(code, codes)
    connection.execute(update(officers).where(officers.c.officer == code).values(removed_at=now))
    details = {"public_key": officer.public_key, "signed_by": codes}
    audit.record(audit_engine, [Act(actor, "officer.remove", code, details)])
    return others


def find(connection: Connection, code: str) -> Officer:
    """The officer enrolled under `code`. Raises NotEnrolled, also for one who was removed."""
    wanted = in_one_form(code)
    for officer in read_officers(connection):
        if officer.code == wanted and officer.removed_at is None:
            return officer
    raise NotEnrolled(code)


def _check(connection: Connection, card: Card, server_name: str, *, keeps_key: bool = False) -> None:
    """`keeps_key`: who was not removed may go on with the key that is enrolled."""
    if card.server_name != server_name:
        raise ForAnotherServer(card.server_name, server_name)
    for officer in read_officers(connection):
        same_code, same_key = officer.code == card.officer, officer.public_key == card.public_key
        if keeps_key and same_code and same_key and officer.removed_at is None:
            continue
        if same_key:
            raise KeyTaken(officer.code)
        if same_code and card.made_at <= (officer.removed_at or officer.enrolled_at):
            raise CardTooOld(card.officer)
    registered = connection.execute(
        select(people.c.full_name).where(
            people.c.officer_code == card.officer, people.c.person_key.not_in(select(guests.c.person_key))
        )
    ).scalar_one_or_none()
    if registered is None and connection.execute(select(select(people).exists())).scalar_one():
        raise NotInRegister(card.officer)
    if registered is not None and fold(registered) != fold(card.full_name):
        raise NameDiffers(card, registered)


def _write(connection: Connection, card: Card, signed_by: Sequence[str], now: datetime) -> None:
    row = {
        "officer": card.officer,
        "full_name": card.full_name,
        "public_key": card.public_key,
        "enrolled_at": now,
        "enrolled_by": " ".join(signed_by),
        "removed_at": None,
    }
    connection.execute(insert(officers).values(row).on_conflict_do_update(constraint=officers.primary_key, set_=row))
