"""No module registers a callback for which Synapse reads the state of a room at every event."""

import ast
from pathlib import Path

import synapse_modules

READING_ALL_STATE = {"check_event_allowed", "on_new_event"}
"""With one of these registered, Synapse loads all members of a room for a message in it."""
MODULES = sorted(Path(synapse_modules.__file__).parent.rglob("*.py"))


def registered(source: str) -> set[str]:
    """The callbacks that this source registers with Synapse."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    registrations = (
        call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr.endswith("_callbacks")
    )
    return {keyword.arg or "**" for call in registrations for keyword in call.keywords}


def test_the_reading_of_sources_sees_what_is_registered() -> None:
    assert registered("api.register_third_party_rules_callbacks(on_new_event=f, **more)") == {"on_new_event", "**"}
    assert {"check_login_for_spam", "check_event_for_spam", "is_user_expired"} <= set().union(
        *(registered(path.read_text()) for path in MODULES)
    )


def test_no_module_registers_a_callback_that_reads_whole_rooms() -> None:
    assert [path.name for path in MODULES if registered(path.read_text()) & {*READING_ALL_STATE, "**"}] == []
