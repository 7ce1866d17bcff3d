"""What an officer takes to their own machine to approve: the content itself, from which the hash is computed again.

An officer never signs what they cannot see, so a request whose content does not give its hash is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from hr_provisioner.approvals.officers import Card, Officer, Removal, parse_card
from hr_provisioner.approvals.signing import Altered, Matter
from hr_provisioner.language import MESSAGES, OfficerError
from hr_provisioner.planning.actions import canonical
from hr_provisioner.planning.plan import Plan
from hr_provisioner.planning.plan_json import NotAPlan, plan_from_json
from hr_provisioner.snapshots.shape import hash_of
from huep.catalogue import Locale, Message

REQUEST_VERSION = 1
LONGEST_REQUEST_BYTES = 256 * 1024 * 1024


class RequestUnreadable(OfficerError):
    """There is no such file."""

    def __init__(self, path: Path) -> None:
        super().__init__(Message.of("request-unreadable", path=str(path)))


@dataclass(frozen=True)
class SnapshotFacts:
    """A parked snapshot, as an officer judges it."""

    source: str
    sha256: str
    """Of the source's bytes: what `sha256sum` says of the file."""
    exported_at: datetime
    rows: int
    people: int
    units: int
    quarantined_rows: int

    @property
    def hash(self) -> str:
        """What is signed."""
        return hash_of(self.source, self.sha256, self.exported_at)

    def plain(self) -> dict[str, str | int]:
        """As plain JSON values."""
        return {
            "source": self.source,
            "sha256": self.sha256,
            "exported_at": self.exported_at.astimezone(UTC).isoformat(),
            "rows": self.rows,
            "people": self.people,
            "units": self.units,
            "quarantined_rows": self.quarantined_rows,
        }


_FACTS = TypeAdapter(SnapshotFacts)

Content = Plan | SnapshotFacts | Card | Removal


@dataclass(frozen=True)
class Request:
    """Something to be signed, with what the officer sees of it."""

    server_name: str
    content: Content
    expires_at: datetime | None
    """None of a card, which waits nowhere: who signs says how long."""
    reasons: tuple[str, ...] = ()
    """Why it waits, in the language of who asked; not signed."""

    @property
    def matter(self) -> Matter:
        """What is signed for."""
        match self.content:
            case Plan():
                return Matter.PLAN
            case SnapshotFacts():
                return Matter.SNAPSHOT
            case Card():
                return Matter.OFFICER
            case Removal():
                return Matter.REMOVE_OFFICER

    @property
    def sha256(self) -> str:
        """The hash that is signed, computed from the content."""
        match self.content:
            case SnapshotFacts():
                return self.content.hash
            case content:
                return content.sha256


def plan_request(
    server_name: str, plan: Plan, expires_at: datetime, reasons: tuple[Message, ...], locale: Locale
) -> Request:
    """A parked plan to be signed."""
    return Request(server_name, plan, expires_at, _said(reasons, locale))


def snapshot_request(
    server_name: str, facts: SnapshotFacts, expires_at: datetime, reasons: tuple[Message, ...], locale: Locale
) -> Request:
    """A parked snapshot to be signed."""
    return Request(server_name, facts, expires_at, _said(reasons, locale))


def removal_request(server_name: str, officer: Officer, expires_at: datetime) -> Request:
    """The removal of an officer to be signed."""
    return Request(server_name, officer.removal, expires_at)


def to_json(request: Request) -> str:
    """The file's content. A card is handed out by its holder and never exported."""
    match request.content:
        case Plan():
            content: object = json.loads(request.content.canonical)
        case SnapshotFacts():
            content = request.content.plain()
        case Removal() | Card():
            content = vars(request.content)
    return canonical(
        {
            "v": REQUEST_VERSION,
            "matter": request.matter.value,
            "server_name": request.server_name,
            "hash": request.sha256,
            "expires_at": request.expires_at.astimezone(UTC).isoformat(timespec="seconds")
            if request.expires_at
            else None,
            "reasons": request.reasons,
            "content": content,
        }
    )


def read_request(path: Path) -> Request:
    """The request in a file: an export of the server's, or an officer's public card.

    Raises:
        RequestUnreadable: there is no such file.
        Altered: it is no request, or its content is not what its hash names.
        CardDamaged: it is a card that was changed.
    """
    try:
        if path.stat().st_size > LONGEST_REQUEST_BYTES:
            raise Altered(str(path))
        text = path.read_text("utf-8")
    except OSError as error:
        raise RequestUnreadable(path) from error
    except UnicodeDecodeError as error:
        raise Altered(str(path)) from error
    return parse_request(text, str(path))


def parse_request(text: str, name: str) -> Request:
    """See `read_request`; `name` says which file in a refusal."""
    try:
        fields = json.loads(text)
        if not isinstance(fields, Mapping):
            raise Altered(name)
        if "card" in fields:
            card = parse_card(text, name)
            return Request(card.server_name, card, None)
        request = Request(
            str(fields["server_name"]),
            _content(Matter(fields["matter"]), fields["content"], name),
            datetime.fromisoformat(fields["expires_at"]),
            tuple(str(reason) for reason in fields["reasons"]),
        )
        if request.expires_at is None or request.expires_at.tzinfo is None or request.sha256 != fields["hash"]:
            raise Altered(name)
    except (ValueError, KeyError, TypeError, NotAPlan) as error:
        raise Altered(name) from error
    return request


def _content(matter: Matter, content: Mapping[str, object], name: str) -> Content:
    match matter:
        case Matter.PLAN:
            return plan_from_json(canonical(content))
        case Matter.SNAPSHOT:
            return _FACTS.validate_python(content)
        case Matter.REMOVE_OFFICER:
            return Removal(**{field: str(value) for field, value in content.items()})
        case Matter.OFFICER:
            # A card comes with the signature of its own key, as a file of its own.
            raise Altered(name)


def _said(reasons: tuple[Message, ...], locale: Locale) -> tuple[str, ...]:
    return tuple(MESSAGES.render(locale, reason) for reason in reasons)
