"""Ready is a bot that syncs on a signed device, has keys to give out and keeps up; everybody else hears why not."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bots.health.metrics import exposition
from bots.health.readiness import reasons
from bots.health.vitals import Backlog, BotState, Vitals
from bots.matrix.vitals import DeviceVitals

NOW = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)
SOUND = DeviceVitals("HUEPBOT", signed=True, one_time_keys=50, fallback_key=True, synced_at=NOW - timedelta(seconds=30))

NOTHING = Backlog()


def bot(device: DeviceVitals | None = SOUND, state: BotState = BotState.READY, note: str = "") -> dict[str, Vitals]:
    vitals = Vitals("assistant", "@tro-ly:hue.localhost")
    vitals.probe = None if device is None else lambda: device
    vitals.enter(state, NOW, note)
    return {"assistant": vitals}


def named(bots: dict[str, Vitals], backlog: Backlog = NOTHING) -> list[str]:
    return [reason.name for reason in reasons(bots, {"assistant": backlog}, NOW)]


def test_a_sound_bot_is_ready() -> None:
    assert named(bot()) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"synced_at": NOW - timedelta(minutes=3)}, "sync"),
        ({"synced_at": None}, "sync"),
        ({"signed": False}, "signature"),
        ({"one_time_keys": 0, "fallback_key": False}, "keys"),
    ],
)
def test_an_unsound_device_is_a_reason(changes: dict[str, object], name: str) -> None:
    assert named(bot(replace(SOUND, **changes))) == [name]  # type: ignore[arg-type]


def test_a_fallback_key_is_enough_while_one_time_keys_are_replenished() -> None:
    assert named(bot(replace(SOUND, one_time_keys=0))) == []


@pytest.mark.parametrize("state", [state for state in BotState if state is not BotState.READY])
def test_every_other_state_is_a_reason_with_its_note(state: BotState) -> None:
    (reason,) = reasons(bot(None, state, "the account is locked"), {}, NOW)
    assert reason.name == "state"
    assert reason.said == f"{state}: the account is locked"


@pytest.mark.parametrize("place", ["inbox", "outbox", "jobs"])
def test_what_waits_for_too_long_is_a_reason(place: str) -> None:
    assert named(bot(), Backlog(**{f"{place}_lag_s": 61.0})) == [place]
    assert named(bot(), Backlog(**{f"{place}_lag_s": 59.0})) == []


def test_a_silent_database_is_a_reason() -> None:
    assert [reason.name for reason in reasons(bot(), None, NOW)] == ["database"]


def test_the_figures_are_what_prometheus_reads() -> None:
    page = exposition(bot(), {"assistant": Backlog(inbox=3, inbox_lag_s=1.5, dead_events=4, dead_jobs=2)}, NOW).decode()
    read = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    assert read["huep_bots_up", "assistant"] == 1
    assert read["huep_bots_sync_age_seconds", "assistant"] == 30
    assert read["huep_bots_one_time_keys", "assistant"] == 50
    assert read["huep_bots_waiting", "assistant", "inbox"] == 3
    assert read["huep_bots_lag_seconds", "assistant", "inbox"] == 1.5
    assert read["huep_bots_dead", "assistant", "inbox"] == 4
    assert read["huep_bots_dead", "assistant", "jobs"] == 2


def test_without_a_database_the_other_figures_are_still_told() -> None:
    page = exposition(bot(), None, NOW).decode()
    assert "huep_bots_up" in page
    assert "huep_bots_waiting" not in page


def test_vitals_are_written_as_json() -> None:
    said = json.loads(json.dumps(bot()["assistant"].as_json()))
    assert said["state"] == "ready"
    assert said["device"]["signed"] is True
