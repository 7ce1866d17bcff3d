"""A plan from its canonical JSON, for a plan that was stored until officers approved it.

Nothing but the canonical text of a plan is accepted: what is read must write the very same text again, so the hash that
officers signed is the hash of what runs.
"""

import json
from dataclasses import fields
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from hr_provisioner.planning.actions import ACTION_KINDS, Action, as_json, canonical
from hr_provisioner.planning.plan import Plan
from huep.errors import HuepError

_ACTION_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in ACTION_KINDS.items()}
_PART_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(get_type_hints(Plan)[name]) for name in (part.name for part in fields(Plan)) if name != "actions"
}


class NotAPlan(HuepError):
    """A text is not the canonical JSON of a plan, or of an action."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(
            f"This is not the canonical JSON of {what}: {reason}; it was changed, or cut, since it was made."
        )


def plan_from_json(text: str) -> Plan:
    """The plan whose `canonical` is `text`. Raises NotAPlan."""
    content = _parsed(text, "a plan")
    if set(content) != {"actions", *_PART_ADAPTERS} or not isinstance(content["actions"], list):
        raise NotAPlan("a plan", f"it must hold actions, {', '.join(sorted(_PART_ADAPTERS))}")
    try:
        parts = {name: adapter.validate_python(content[name]) for name, adapter in _PART_ADAPTERS.items()}
        plan = Plan(**parts, actions=tuple(_action(deed) for deed in content["actions"]))
    except ValidationError as error:
        raise NotAPlan("a plan", _first(error)) from error
    if plan.canonical != text:
        raise NotAPlan("a plan", "it is written in another way than plans are")
    return plan


def action_from_json(text: str) -> Action:
    """The action of which `text` is the canonical JSON, as the journal keeps it. Raises NotAPlan."""
    try:
        action = _action(_parsed(text, "an action"))
    except ValidationError as error:
        raise NotAPlan("an action", _first(error)) from error
    if canonical(as_json(action)) != text:
        raise NotAPlan("an action", "it is written in another way than actions are")
    return action


def _parsed(text: str, what: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAPlan(what, str(error)) from error
    if not isinstance(content, dict):
        raise NotAPlan(what, "it is no object")
    return content


def _action(content: object) -> Action:
    if not isinstance(content, dict):
        raise NotAPlan("an action", "it is no object")
    kind = ACTION_KINDS.get(str(content.get("do")))
    if kind is None:
        raise NotAPlan("an action", f"{content.get('do')!r} is nothing that a plan does")
    values = {name: value for name, value in content.items() if name != "do"}
    action: Action = _ACTION_ADAPTERS[kind.name].validate_python(values)
    return action


def _first(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'a value'}: {fault['msg']}"
