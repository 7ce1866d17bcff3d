"""What the audit log says of each action: enough to explain it; never a birth date or e-mail, for it cannot forget."""

from typing import assert_never

from hr_provisioner.planning.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
    plain,
    subject_of,
)
from hr_provisioner.records import PostRecord
from huep.audit import Act

NOUN_AND_VERB: dict[type[Action], str] = {
    LockAccount: "account.lock",
    UnlockAccount: "account.unlock",
    CreateAccount: "account.create",
    RenameAccount: "account.rename",
    MovePerson: "person.move",
    UpdatePerson: "person.update",
    OpenUnit: "unit.open",
    ChangeUnit: "unit.change",
    CloseUnit: "unit.close",
    WithdrawUnit: "unit.withdraw",
}


def act_of(action: Action, actor: str, plan_sha256: str) -> Act:
    """The audit entry for `action`, done by `actor` under the plan of that hash."""
    return Act(actor, NOUN_AND_VERB[type(action)], subject_of(action), {"plan": plan_sha256, **_details(action)})


def _details(action: Action) -> dict[str, object]:
    match action:
        case LockAccount():
            why = {"localpart": action.localpart, "reason": action.reason.value, "leaves_on": plain(action.leaves_on)}
            return why | _again(action)
        case UnlockAccount():
            return {"localpart": action.localpart, "was": plain(action.was)}
        case CreateAccount():
            made = {"localpart": action.localpart, "after": action.display_name, "posts": _posts(action.posts)}
            return made | _again(action)
        case RenameAccount():
            return {"localpart": action.localpart, "before": action.before, "after": action.after}
        case MovePerson():
            return {"before": _posts(action.before), "after": _posts(action.after)}
        case UpdatePerson():
            return {"changed": sorted(action.before.differing(action.after))}
        case OpenUnit():
            return {"after": plain(action.unit)}
        case ChangeUnit():
            return {"before": plain(action.before), "after": plain(action.after)}
        case CloseUnit():
            return {"closes_on": action.valid_to.isoformat(), "successors": list(action.successors)}
        case WithdrawUnit():
            return {"before": plain(action.unit), "after": plain(action.restores)}
        case _:
            assert_never(action)


def _again(action: LockAccount | CreateAccount) -> dict[str, object]:
    return {"again": True} if action.again else {}


def _posts(posts: tuple[PostRecord, ...]) -> list[str]:
    return [f"{post.unit_code} {post.position_code} {post.kind}" for post in posts]
