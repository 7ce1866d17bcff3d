"""What the audit log says of each action: enough to explain it; never a birth date or e-mail, for it cannot forget."""

from hr_provisioner.actions import (
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
    plain,
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
}


def act_of(action: Action, actor: str, plan_sha256: str) -> Act:
    """The audit entry for `action`, done by `actor` under the plan of that hash."""
    return Act(actor, NOUN_AND_VERB[type(action)], _subject(action), {"plan": plan_sha256, **_details(action)})


def _subject(action: Action) -> str:
    if isinstance(action, OpenUnit):
        return action.unit.code
    if isinstance(action, ChangeUnit | CloseUnit):
        return action.before.code
    return action.who.officer_code


def _details(action: Action) -> dict[str, object]:
    if isinstance(action, LockAccount):
        return {"localpart": action.localpart, "leaves_on": plain(action.leaves_on), **_again(action)}
    if isinstance(action, UnlockAccount):
        return {"localpart": action.localpart}
    if isinstance(action, CreateAccount):
        made = {"localpart": action.localpart, "after": action.display_name, "posts": _posts(action.posts)}
        return made | _again(action)
    if isinstance(action, RenameAccount):
        return {"localpart": action.localpart, "before": action.before, "after": action.after}
    if isinstance(action, MovePerson):
        return {"before": _posts(action.before), "after": _posts(action.after)}
    if isinstance(action, UpdatePerson):
        return {
            "changed": sorted(name for name, value in vars(action.after).items() if vars(action.before)[name] != value)
        }
    if isinstance(action, OpenUnit):
        return {"after": plain(action.unit)}
    if isinstance(action, ChangeUnit):
        return {"before": plain(action.before), "after": plain(action.after)}
    return {"closes_on": action.valid_to.isoformat()}


def _again(action: LockAccount | CreateAccount) -> dict[str, object]:
    return {"again": True} if action.again else {}


def _posts(posts: tuple[PostRecord, ...]) -> list[str]:
    return [f"{post.unit_code} {post.position_code} {post.kind}" for post in posts]
