"""Reads the numbered scenarios of `golden/`: (register, state, today) -> plan, and perhaps its undoing; small JSON files."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, assert_never

from hr_provisioner.current import Account, Current, Drift, KnownPerson, Missing, PersonFacts
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    LockReason,
    MovePerson,
    OpenUnit,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
    subject_of,
)
from hr_provisioner.planning.left_alone import Absent
from hr_provisioner.planning.plan import Plan
from hr_provisioner.planning.policy import PlanPolicy
from hr_provisioner.planning.twins import Twins, code_pair
from hr_provisioner.posts import post_identity
from hr_provisioner.records import AbsenceRecord, PersonRecord, PostRecord, Quarantined, Register, UnitRecord
from huep import clock
from huep.catalogue import Message
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind
from huep.hr_settings import HrSettings

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Undo:
    """What takes the plan back, once it has run and `meanwhile` has been applied too."""

    meanwhile: Register | None
    plan: list[str]
    left_alone: dict[str, list[str]]


@dataclass(frozen=True)
class Scenario:
    name: str
    says: str
    today: date
    register: Register
    current: Current
    policy: PlanPolicy
    plan: list[str]
    left_alone: dict[str, list[str]]
    """Only the reasons that apply."""
    undo: Undo | None


def scenarios() -> list[Scenario]:
    return [_scenario(path) for path in sorted(GOLDEN.glob("*.json"))]


def _scenario(path: Path) -> Scenario:
    content = json.loads(path.read_text("utf-8"))
    state = content["state"]
    return Scenario(
        path.stem,
        content["says"],
        date.fromisoformat(content["today"]),
        _register(content["register"], path.stem),
        Current(
            tuple(map(_unit, state["units"])),
            tuple(map(_known, state["people"])),
            _drift(state),
            frozenset(state.get("protected", ())),
            {
                identity.person_key(code): Missing(datetime.fromisoformat(since), snapshots)
                for code, (since, snapshots) in state.get("missing_people", {}).items()
            },
            {code_pair(one, other): same for one, other, same in state.get("twins", ())},
        ),
        _policy(content.get("policy", {})),
        content["plan"],
        content["left_alone"],
        _undo(content["undo"], path.stem) if "undo" in content else None,
    )


def _undo(content: dict[str, Any], name: str) -> Undo:
    meanwhile = _register(content["meanwhile"], f"{name} meanwhile") if "meanwhile" in content else None
    return Undo(meanwhile, content["plan"], content["left_alone"])


def _register(content: dict[str, Any], name: str) -> Register:
    return Register(
        tuple(map(_unit, content["units"])),
        tuple(map(_person, content["people"])),
        tuple(map(_quarantined, content["quarantined"])),
        len(content["people"]) + len(content["quarantined"]),
        name,
    )


def _policy(content: dict[str, Any]) -> PlanPolicy:
    """The sections `[hr]` of huep.toml, and `now`."""
    now = datetime.fromisoformat(content["now"]) if "now" in content else None
    policy = PlanPolicy.of(HrSettings(**{name: value for name, value in content.items() if name != "now"}), clock.now())
    return replace(policy, now=now)


def left_alone(plan: Plan) -> dict[str, list[str]]:
    """Whom a plan leaves alone, as the scenarios write it."""
    everyone = {name: [_left(one) for one in people] for name, people in vars(plan.left_alone).items()}
    return {name: people for name, people in everyone.items() if people}


def _left(one: str | Absent | Twins) -> str:
    match one:
        case str():
            return one
        case Absent(code, None):
            return code
        case Absent(code, _, snapshots):
            return f"{code} {snapshots} times"
        case Twins(held, other):
            return f"{held.officer_code} like {other.officer_code}"
        case _:
            assert_never(one)


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
            "successors": tuple(content.get("successors", ())),
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
    head = f"{action.name} {subject_of(action)}"
    match action:
        case OpenUnit():
            return head
        case ChangeUnit(_, after):
            return f"{head} from {after.valid_from}"
        case CloseUnit(_, valid_to, successors):
            return " -> ".join([f"{head} on {valid_to}", *([" ".join(successors)] if successors else [])])
        case WithdrawUnit(_, restores):
            return f"{head} to {restores.valid_from}" if restores else head
        case CreateAccount():
            name = action.localpart.rpartition("-")[0]
            return f"{head} {action.localpart if action.again else f'{name}-*'} '{action.display_name}'"
        case RenameAccount():
            return f"{head} '{action.before}' -> '{action.after}'"
        case MovePerson():
            return " ".join([head, *_differences(action)])
        case UpdatePerson():
            return " ".join([head, *action.after.differing(action.before)])
        case UnlockAccount():
            return f"{head} {action.localpart}"
        case LockAccount():
            localpart = action.localpart if action.reason is not LockReason.UNDONE else "*"
            why = [] if action.reason is LockReason.LEFT else [action.reason.value]
            return " ".join([head, localpart, *why, *(["again"] if action.again else [])])
        case _:
            assert_never(action)


def _differences(action: MovePerson) -> list[str]:
    before = {post_identity(post): post for post in action.before}
    after = {post_identity(post): post for post in action.after}
    ended = [f"-{unit}/{code}" for unit, code, *_ in before if (unit, code, *_) not in after]
    begun = [f"+{unit}/{code}" for unit, code, *_ in after if (unit, code, *_) not in before]
    mended = [f"~{i[0]}/{i[1]}" for i in after if i in before and after[i] != before[i]]
    return [*ended, *begun, *mended]
