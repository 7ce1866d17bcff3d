"""What the doctor says of a bot, from what is known of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bots.doctor.facts import AccountState, BotFacts, RoomCount, RunningBot, ServerKeys, StoredIdentity
from bots.doctor.judging import judge, summary
from bots.health.vitals import Backlog
from bots.matrix.trust import DeviceKeys, Identity
from bots.process.registry import REGISTERED, NoSuchBot, chosen
from bots.process.runs import LastCrash
from huep.bots_settings import BOT_NAMES

NOW = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)
DEVICE = "HUEPBOT-TRO-LY"
SIGNED = Identity("@tro-ly:hue.localhost", "master", {DEVICE: DeviceKeys("c", "e", cross_signed=True)})
SOUND = BotFacts(
    name="assistant",
    user_id="@tro-ly:hue.localhost",
    device_id=DEVICE,
    running=RunningBot("ready", "", DEVICE, NOW - timedelta(seconds=10), 0),
    account=AccountState.OPEN,
    identity=SIGNED,
    keys={DEVICE: ServerKeys(50, fallback=True)},
    stored=StoredIdentity.SOUND,
    rooms=RoomCount(3, 3, 0),
    backlog=Backlog(),
)


def faults(facts: BotFacts) -> dict[str, bool]:
    """What is wrong, and whether it can be mended."""
    return {verdict.about: verdict.mendable for verdict in judge(facts, NOW) if not verdict.sound}


def test_a_sound_bot_has_no_fault_and_one_line_says_so() -> None:
    assert faults(SOUND) == {}
    assert summary(judge(SOUND, NOW)) == "1 bots are well"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"account": AccountState.LOCKED}, {"account": False}),
        ({"account": AccountState.MISSING}, {"account": False}),
        ({"account": None}, {"account": False, "signature": False}),
        ({"running": None}, {"process": False}),
        ({"running": RunningBot("down", "it is locked", None, None, 0)}, {"process": False}),
        ({"running": RunningBot("ready", "", DEVICE, NOW - timedelta(minutes=5), 0)}, {"process": False}),
        ({"running": RunningBot("ready", "", DEVICE, None, 0)}, {"process": False}),
        ({"identity": Identity("@tro-ly:hue.localhost")}, {"signature": True}),
        ({"identity": Identity("@tro-ly:hue.localhost", "master", {})}, {"signature": True}),
        (
            {
                "identity": Identity(
                    "@tro-ly:hue.localhost", "master", {DEVICE: DeviceKeys("c", "e", cross_signed=False)}
                )
            },
            {"signature": True},
        ),
        ({"keys": None}, {"keys": False}),
        ({"keys": {}}, {"keys": True}),
        ({"keys": {DEVICE: ServerKeys(0, fallback=True)}}, {"keys": True}),
        ({"keys": {DEVICE: ServerKeys(50, fallback=False)}}, {"keys": True}),
        ({"stored": StoredIdentity.NO_KEY}, {"secret storage": True}),
        ({"stored": StoredIdentity.DAMAGED_KEY}, {"secret storage": False}),
        ({"stored": StoredIdentity.CLOSED}, {"secret storage": False}),
        ({"stored": StoredIdentity.OTHER}, {"secret storage": False}),
        ({"stored": None}, {"secret storage": False}),
        ({"rooms": RoomCount(3, 3, 2)}, {"rooms": True}),
        ({"rooms": None}, {"rooms": False}),
        ({"backlog": None}, {"backlog": False, "crashes": False}),
        ({"backlog": Backlog(outbox=4, outbox_lag_s=90.0)}, {"backlog": False}),
        ({"backlog": Backlog(dead_events=1)}, {"inbox": False}),
        ({"backlog": Backlog(dead=1)}, {"outbox": False}),
        ({"backlog": Backlog(dead_jobs=1)}, {"jobs": False}),
    ],
)
def test_each_fault_is_named_once_and_only_what_is_safe_is_mended(
    changes: dict[str, object], wrong: dict[str, bool]
) -> None:
    assert faults(replace(SOUND, **changes)) == wrong  # type: ignore[arg-type]


def test_a_crash_of_today_is_told_and_no_fault_of_a_bot_that_runs() -> None:
    verdicts = judge(replace(SOUND, last_crash=LastCrash(NOW - timedelta(hours=1), "KeyError")), NOW)
    (crash,) = [verdict for verdict in verdicts if verdict.about == "crashes"]
    assert crash.sound
    assert "KeyError" in crash.said


def test_one_line_names_every_fault() -> None:
    broken = replace(SOUND, account=AccountState.LOCKED, stored=StoredIdentity.NO_KEY)
    said = summary(judge(broken, NOW))
    assert "is locked" in said
    assert "no recovery key" in said


def test_huep_up_starts_the_bots_that_are_registered() -> None:
    assert tuple(package.name for package in REGISTERED) == BOT_NAMES
    assert chosen(None) == REGISTERED
    assert chosen("assistant") == REGISTERED[:1]
    with pytest.raises(NoSuchBot, match="There are: assistant"):
        chosen("nobody")
    assert sum(package.gives_notices for package in REGISTERED) == 1
