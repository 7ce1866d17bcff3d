"""No module registers a callback for which Synapse reads the state of a room at every event."""

import re
from pathlib import Path

import synapse_modules

READING_ALL_STATE = {"check_event_allowed", "on_new_event"}
"""With one of these registered, Synapse loads all members of a room for a message in it."""
SOURCES = [path.read_text("utf-8") for path in sorted(Path(synapse_modules.__file__).parent.rglob("*.py"))]


def registered(source: str) -> set[str]:
    """The callbacks that this source registers with Synapse; `**` where it does not say which."""
    registrations = re.findall(r"\.register_\w+_callbacks\(([^()]*)\)", source)
    return {name for inside in registrations for name in re.findall(r"\w+(?=\s*=)|\*\*", inside)}


def test_the_reading_of_sources_sees_what_is_registered() -> None:
    assert registered("api.register_third_party_rules_callbacks(on_new_event=f, **more)") == {"on_new_event", "**"}
    assert set().union(*map(registered, SOURCES)) >= {"check_login_for_spam", "check_event_for_spam", "is_user_expired"}


def test_no_module_registers_a_callback_that_reads_whole_rooms() -> None:
    assert not set().union(*map(registered, SOURCES)) & {*READING_ALL_STATE, "**"}
