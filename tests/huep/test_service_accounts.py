"""The accounts that are not people: which there are, and what a start does where one of their secrets is gone."""

from pathlib import Path

import pytest

from huep import secret_names as names
from huep.bots_settings import BOT_NAMES
from huep.database import Role
from huep.settings import Settings
from huep.stack.accounts import check_nothing_is_lost
from huep.stack.synapse_config import SECRETS_OF_SYNAPSE
from huep.state import SecretMissing, StateFolder

SETTINGS = Settings(server_name="hue.localhost")
BOTS = SETTINGS.accounts.bots


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    """Of a province that was up before there was more than its first bot."""
    state = StateFolder(tmp_path)
    state.create("hue.localhost")
    passwords = (names.service_password(SETTINGS.accounts.service), names.bot_password(BOTS["assistant"]))
    for name in (names.ADMIN_TOKEN, *(role.secret for role in Role), *SECRETS_OF_SYNAPSE, *passwords):
        state.secret(name)
    (state.synapse / "signing.key").touch()
    made(state, "assistant")
    return state


def made(state: StateFolder, bot: str) -> None:
    """The account of that bot has been made."""
    (state.secrets / f"{names.bot_password(BOTS[bot])}.set").touch()


def test_every_bot_has_an_account_that_hr_never_touches() -> None:
    assert tuple(BOTS) == BOT_NAMES
    assert {SETTINGS.accounts.service, *BOTS.values()} == set(SETTINGS.accounts.not_people) <= SETTINGS.own_localparts
    assert len(set(SETTINGS.accounts.not_people)) == 1 + len(BOT_NAMES)


def test_a_bot_that_came_later_is_no_loss(state: StateFolder) -> None:
    check_nothing_is_lost(SETTINGS, state)


@pytest.mark.parametrize("bot", BOT_NAMES)
def test_a_bot_whose_password_is_lost_stops_the_start(state: StateFolder, bot: str) -> None:
    made(state, bot)
    password = state.secrets / names.bot_password(BOTS[bot])
    state.secret(password.name)
    check_nothing_is_lost(SETTINGS, state)
    password.unlink()
    with pytest.raises(SecretMissing, match=password.name):
        check_nothing_is_lost(SETTINGS, state)
