"""Reads and writes the numbered scenarios of `golden/`: (register, state, today) -> plan, each a small JSON file."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hr_provisioner import identity
from hr_provisioner.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    RenameAccount,
    UpdatePerson,
    plain,
)
from hr_provisioner.current import Account, Current, Drift, KnownPerson, PersonFacts
from hr_provisioner.plan import post_identity
from hr_provisioner.records import AbsenceRecord, PersonRecord, PostRecord, Quarantined, Register, UnitRecord
from huep.catalogue import Message
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Scenario:
    name: str
    says: str
    today: date
    register: Register
    current: Current
    plan: list[str]
    left_alone: dict[str, list[str]]


def scenarios() -> list[Scenario]:
    return [_scenario(path) for path in sorted(GOLDEN.glob("*.json"))]


def _scenario(path: Path) -> Scenario:
    content = json.loads(path.read_text("utf-8"))
    register, state = content["register"], content["state"]
    return Scenario(
        path.stem,
        content["says"],
        date.fromisoformat(content["today"]),
        Register(
            tuple(map(_unit, register["units"])),
            tuple(map(_person, register["people"])),
            tuple(map(_quarantined, register["quarantined"])),
            len(register["people"]) + len(register["quarantined"]),
            path.stem,
        ),
        Current(tuple(map(_unit, state["units"])), tuple(map(_known, state["people"])), _drift(state)),
        content["plan"],
        content["left_alone"],
    )


def _quarantined(content: dict[str, Any]) -> Quarantined:
    return Quarantined(**content | {"reason": Message(content["reason"])})


def _drift(state: dict[str, Any]) -> Drift:
    return Drift(*(frozenset(state.get(name, ())) for name in ("reopened", "missing", "misnamed")))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _unit(content: dict[str, Any]) -> UnitRecord:
    return UnitRecord(
        **content
        | {
            "kind": UnitKind(content["kind"]),
            "valid_from": date.fromisoformat(content["valid_from"]),
            "valid_to": _day(content["valid_to"]),
        }
    )


def _post(content: dict[str, Any]) -> PostRecord:
    return PostRecord(
        **content
        | {
            "standing": Standing(content["standing"]),
            "kind": PostKind(content["kind"]),
            "valid_from": date.fromisoformat(content["valid_from"]),
            "valid_to": _day(content["valid_to"]),
        }
    )


def _absence(content: dict[str, Any] | None) -> AbsenceRecord | None:
    if content is None:
        return None
    return AbsenceRecord(
        AbsenceKind(content["kind"]), date.fromisoformat(content["valid_from"]), _day(content["valid_to"])
    )


def _person(content: dict[str, Any]) -> PersonRecord:
    days = {name: _day(content[name]) for name in ("birth_date", "retires_on", "leaves_on")}
    return PersonRecord(
        **content | days | {"posts": tuple(map(_post, content["posts"])), "absence": _absence(content["absence"])}
    )


def _known(content: dict[str, Any]) -> KnownPerson:
    record = _person({name: value for name, value in content.items() if name != "account"})
    facts = PersonFacts(
        record.full_name, record.birth_date, record.email, record.retires_on, record.leaves_on, record.absence
    )
    account = Account(**content["account"]) if content["account"] else None
    key = identity.person_key(record.officer_code)
    return KnownPerson(key, record.officer_code, facts, record.posts, account)


def line(action: Action) -> str:
    """One action as the scenarios write it; a new localpart's short code is a star."""
    if isinstance(action, OpenUnit):
        return f"{action.name} {action.unit.code}"
    if isinstance(action, ChangeUnit):
        return f"{action.name} {action.after.code} from {action.after.valid_from}"
    if isinstance(action, CloseUnit):
        return f"{action.name} {action.before.code} on {action.valid_to}"
    head = f"{action.name} {action.who.officer_code}"
    if isinstance(action, CreateAccount):
        name = action.localpart.rpartition("-")[0]
        return f"{head} {action.localpart if action.again else f'{name}-*'} '{action.display_name}'"
    if isinstance(action, RenameAccount):
        return f"{head} '{action.before}' -> '{action.after}'"
    if isinstance(action, MovePerson):
        return " ".join([head, *_differences(action)])
    if isinstance(action, UpdatePerson):
        before, after = plain(action.before), plain(action.after)
        assert isinstance(before, dict)
        assert isinstance(after, dict)
        return " ".join([head, *(name for name in after if after[name] != before[name])])
    again = " again" if isinstance(action, LockAccount) and action.again else ""
    return f"{head} {action.localpart}{again}"


def _differences(action: MovePerson) -> list[str]:
    before = {post_identity(post): post for post in action.before}
    after = {post_identity(post): post for post in action.after}
    ended = [f"-{unit}/{code}" for unit, code, *_ in before if (unit, code, *_) not in after]
    begun = [f"+{unit}/{code}" for unit, code, *_ in after if (unit, code, *_) not in before]
    mended = [f"~{i[0]}/{i[1]}" for i in after if i in before and after[i] != before[i]]
    return [*ended, *begun, *mended]
