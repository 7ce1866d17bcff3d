"""HR officers who approve: their public cards, and whose signature counts today.

An officer is a code and a name with one public key. Who was removed, is locked out of the account, or has left the
service (where the register knows the code) does not count any more.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from hr_provisioner.approvals.signing import Matter, fits, public_text, unpadded
from hr_provisioner.current import HR
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import canonical
from hr_provisioner.sources.cells import read_code
from hr_provisioner.tables import officers
from huep import clock
from huep.catalogue import Message
from huep.directory.tables import accounts, people
from huep.names import normalise

CARD_VERSION = 1


class CardDamaged(OfficerError):
    """A file is no officer's public card, or was changed after it was made."""

    def __init__(self, name: str) -> None:
        super().__init__(Message.of("officer-card-damaged", name=name))


@dataclass(frozen=True)
class Card:
    """What an officer hands out: the public key with code, name and server, signed by the key itself."""

    server_name: str
    officer: str
    full_name: str
    public_key: str
    """Ed25519, unpadded base64."""
    made_at: datetime
    """A card older than its code's last enrolment or removal is never enrolled, so no old key comes back."""

    @property
    def text(self) -> str:
        """Canonical JSON."""
        return canonical({"v": CARD_VERSION, "matter": Matter.OFFICER.value, **self._fields()})

    @property
    def sha256(self) -> str:
        """What the officers who sign it in put their signatures under."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def to_json(self, key: Ed25519PrivateKey) -> str:
        """As the .pub file holds it; the signature proves that the maker has the private half."""
        content = {"card": json.loads(self.text), "signature": unpadded(key.sign(self.text.encode()))}
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    def _fields(self) -> dict[str, str]:
        return {
            "server_name": self.server_name,
            "officer": self.officer,
            "full_name": self.full_name,
            "public_key": self.public_key,
            "made_at": self.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        }


def make_card(key: Ed25519PrivateKey, server_name: str, officer: str, full_name: str, made_at: datetime) -> Card:
    """The card of whoever holds `key`."""
    return Card(server_name, in_one_form(officer), normalise(full_name), public_text(key), made_at)


def in_one_form(officer: str) -> str:
    """An officer code as the register has it: `hr1` and `HR1` are one officer. What is no code stays as it is."""
    code = read_code(officer)
    return code if isinstance(code, str) else officer


def parse_card(content: str, name: str) -> Card:
    """The card in a .pub file; `name` says which in a refusal.

    Raises:
        CardDamaged: there is none, or code, name or key were changed.
    """
    try:
        fields = json.loads(content)
        card, signature = fields["card"], str(fields["signature"])
        texts = {name: str(card[name]) for name in ("server_name", "officer", "full_name", "public_key")}
        found = Card(**texts, made_at=datetime.fromisoformat(card["made_at"]))
        whole = canonical(card) == found.text and fits(found.public_key, found.text, signature)
    except (ValueError, KeyError, TypeError) as error:
        raise CardDamaged(name) from error
    if not whole or not found.full_name or found.officer != read_code(found.officer):
        raise CardDamaged(name)
    return found


def read_card(path: Path) -> Card:
    """The card in `path`. Raises CardDamaged, also where there is no such file."""
    try:
        return parse_card(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise CardDamaged(str(path)) from error


@dataclass(frozen=True)
class Removal:
    """An officer who is to be removed."""

    officer: str
    full_name: str
    public_key: str
    enrolled_at: str

    @property
    def sha256(self) -> str:
        """What is signed."""
        what = {"v": CARD_VERSION, "matter": Matter.REMOVE_OFFICER.value, **vars(self)}
        return hashlib.sha256(canonical(what).encode()).hexdigest()


@dataclass(frozen=True)
class Officer:
    """An enrolled officer, with what the register says of the person under the same code."""

    code: str
    full_name: str
    public_key: str
    enrolled_at: datetime
    enrolled_by: tuple[str, ...]
    """Codes of the officers who signed; empty for founders."""
    removed_at: datetime | None
    locked: bool
    leaves_on: date | None
    locked_by: str | None = None
    """`hr_provisioner.current.HR` where the register says so, below a lock laid by hand too; else who laid it."""

    def stands(self, today: date) -> bool:
        """Whether this officer's signature counts on `today`."""
        return self.removed_at is None and not self.locked and (self.leaves_on is None or self.leaves_on >= today)

    def serves(self, today: date) -> bool:
        """Whether this officer is one still, though perhaps not heard: a lock laid by hand ends no enrolment."""
        ended = self.locked and self.locked_by == HR
        return self.removed_at is None and not ended and (self.leaves_on is None or self.leaves_on >= today)

    @property
    def removal(self) -> Removal:
        """What the officers who remove this one put their signatures under; another enrolment has another."""
        return Removal(self.code, self.full_name, self.public_key, self.enrolled_at.astimezone(UTC).isoformat())


def read_officers(connection: Connection) -> tuple[Officer, ...]:
    """Everybody ever enrolled, by code."""
    query = (
        select(
            officers.c.officer,
            officers.c.full_name,
            officers.c.public_key,
            officers.c.enrolled_at,
            officers.c.enrolled_by,
            officers.c.removed_at,
            accounts.c.locked,
            accounts.c.lock_owner,
            accounts.c.hr_lock_reason,
            people.c.leaves_on,
        )
        .outerjoin(people, people.c.officer_code == officers.c.officer)
        .outerjoin(accounts, accounts.c.person_key == people.c.person_key)
        .order_by(officers.c.officer)
    )
    return tuple(
        Officer(code, name, key, at, tuple(by.split()), removed, bool(locked), leaves_on, HR if below else locked_by)
        for code, name, key, at, by, removed, locked, locked_by, below, leaves_on in connection.execute(query)
    )


def standing_officers(connection: Connection, now: datetime) -> dict[str, Officer]:
    """Those whose signature counts, by code."""
    today = clock.today(lambda: now)
    return {officer.code: officer for officer in read_officers(connection) if officer.stands(today)}
