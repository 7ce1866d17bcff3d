"""`huep up --demo --once`: the story tells itself, and can be told again on what the first telling left."""

from pathlib import Path

from tests.clients.running import first_settings, run_huep

PEOPLE = "300"


def test_the_story_happens_and_can_be_told_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    first_settings(state)
    for _ in range(2):
        told = run_huep(state, "up", "--demo", "--once", "--people", PEOPLE).stdout
        for sentence in (
            "logged in",
            "asks the bot, end-to-end encrypted",
            "the open sync ended by itself",
            "the next request is refused: 401 M_USER_LOCKED",
            "moved and finds:",
            "That was the story: all of it happened.",
        ):
            assert sentence in told
    assert run_huep(state, "status", check=False).returncode == 3
