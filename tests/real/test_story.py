"""`huep up --demo --once`: the story can be told again on what the first telling left.

That it tells itself the first time, `test_closed.py` finds where there is nothing but loopback.
"""

from pathlib import Path

import pytest

from tests.clients.running import first_settings, run_huep

PEOPLE = "200"
SENTENCES = (
    "logged in",
    "asks the bot, end-to-end encrypted",
    "and knows who has read it",
    "the open sync ended by itself",
    "the next request is refused: 401 M_USER_LOCKED",
    "moved and finds:",
    "That was the story: all of it happened.",
)


def tell(state: Path) -> None:
    told = run_huep(state, "up", "--demo", "--once", "--people", PEOPLE).stdout
    for sentence in SENTENCES:
        assert sentence in told


@pytest.mark.soak
def test_the_story_can_be_told_again_on_what_the_first_telling_left(tmp_path: Path) -> None:
    state = tmp_path / "state"
    first_settings(state)
    for _ in range(2):
        tell(state)
