"""The fast lane of the service: what fails is tried again, and what is not believed does not act."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from hr_provisioner.service import belief, hints
from hr_provisioner.service.doors import LATER, Doors, SomeFailed
from hr_provisioner.service.hints import HintState
from hr_provisioner.sources.source import SourceAway, SourceUnreadable
from hr_provisioner.workplace import Workplace
from huep.catalogue import Message
from huep.hr_settings import SourceKind
from huep.synapse_admin import SynapseUnreachable
from tests.hr_provisioner.service.conftest import (
    DISMISSED,
    LEFT_YESTERDAY,
    NOW,
    Homeserver,
    Tables,
    found,
    locked,
    record,
)

AWAY = SourceAway("rest", Message.of("unreadable-http", attempts=5, error="503"))
NO = SourceUnreadable("rest", Message.of("unreadable-http-status", status="400"))


def with_kind(place: Workplace, kind: SourceKind) -> Workplace:
    source = place.settings.hr.source.model_copy(update={"kind": kind})
    hr = place.settings.hr.model_copy(update={"source": source})
    return replace(place, settings=place.settings.model_copy(update={"hr": hr}))


@pytest.fixture
def rest(place: Workplace) -> Workplace:
    """A province whose register lies behind an interface."""
    found(place, record("CB1"), record("CB2"), record("CB3"))
    return with_kind(place, SourceKind.REST)


def tell(place: Workplace, *codes: str) -> None:
    with place.hr.begin() as connection:
        for code in codes:
            hints.take_in(connection, f"webhook:{code}", code, NOW)


def states(place: Workplace) -> dict[str, str]:
    with place.hr.connect() as connection:
        return dict(connection.execute(text("select about, state from hr.hints")).all())


def doors(place: Workplace, homeserver: Homeserver, source: Tables, asked: list[None]) -> Doors:
    return Doors(place, homeserver, lambda: source, lambda: asked.append(None))


async def work_off(place: Workplace, source: Tables, homeserver: Homeserver | None = None) -> Sequence[None]:
    asked: list[None] = []
    await doors(place, homeserver or Homeserver(), source, asked).work_off()
    return asked


async def test_a_lock_waits_while_synapse_is_away(rest: Workplace) -> None:
    tell(rest, "CB1")
    source = Tables({"CB1": LEFT_YESTERDAY})
    for _ in range(30):
        with pytest.raises(SynapseUnreachable):
            await work_off(rest, source, Homeserver(away=SynapseUnreachable("away")))
    assert states(rest) == {"CB1": "open"}
    assert await work_off(rest, source)  # its last day is written down by the slow lane
    assert (states(rest), locked(rest)) == ({"CB1": "done"}, {"CB1": "left"})


async def test_a_refused_lock_is_tried_again_for_some_minutes(rest: Workplace) -> None:
    tell(rest, "CB1")
    source = Tables({"CB1": LEFT_YESTERDAY})
    with pytest.raises(SomeFailed):
        await work_off(rest, source, Homeserver(refusing=True))
    assert states(rest) == {"CB1": "open"}
    later = replace(rest, now=lambda: NOW + timedelta(minutes=6))
    await work_off(later, source, Homeserver(refusing=True))
    assert states(rest) == {"CB1": "failed"}


async def test_one_bad_code_stops_nobody_else(rest: Workplace) -> None:
    tell(rest, "CB1", "CB2")
    source = Tables({"CB1": NO, "CB2": LEFT_YESTERDAY})
    with pytest.raises(SomeFailed):
        await work_off(rest, source)
    assert (states(rest), locked(rest)) == ({"CB1": "open", "CB2": "done"}, {"CB2": "left"})
    later = replace(rest, now=lambda: NOW + timedelta(minutes=6))
    await work_off(later, source)
    assert states(rest) == {"CB1": "failed", "CB2": "done"}


async def test_a_register_that_answers_for_nobody_is_asked_again_and_not_for_everybody(rest: Workplace) -> None:
    tell(rest, "CB1", "CB2", "CB3")
    source = Tables(dict.fromkeys(("CB1", "CB2", "CB3"), AWAY))
    with pytest.raises(SourceAway):
        await work_off(rest, source)
    assert set(states(rest).values()) == {"open"}
    assert source.opened == 2


async def test_while_the_last_full_reading_is_held_only_dismissals_act(rest: Workplace) -> None:
    with rest.hr.begin() as connection:
        belief.note(connection, SourceKind.REST, held=True, now=NOW)
    tell(rest, "CB1", "CB2")
    assert await work_off(rest, Tables({"CB1": LEFT_YESTERDAY, "CB2": DISMISSED}))
    assert locked(rest) == {"CB2": "dismissed"}
    with rest.hr.connect() as connection:
        assert hints.state_of(connection, "webhook:CB1") == (HintState.DONE, LATER)


async def test_a_register_accepted_since_is_believed_again(rest: Workplace) -> None:
    with rest.hr.begin() as connection:
        belief.note(connection, SourceKind.REST, held=True, now=NOW)
        connection.execute(
            text(
                "insert into hr.snapshots (snapshot_id, source, sha256, exported_at, received_at, rows, people, units, "
                "quarantined_rows, state, reasons, decided_at) values (gen_random_uuid(), 'rest', '', :later, :later, "
                "1, 1, 1, 0, 'accepted', '[]', :later)"
            ),
            {"later": NOW + timedelta(hours=1)},
        )
        assert not belief.is_held(connection, SourceKind.REST)


async def test_files_that_would_be_refused_do_not_act_person_by_person(place: Workplace) -> None:
    found(place, record("CB1"), record("CB2"))
    files = with_kind(place, SourceKind.FILES)
    tell(files, "CB1", "CB2")
    refused = Tables({"CB1": LEFT_YESTERDAY, "CB2": DISMISSED})
    refused.posts = refused.units = lambda: refused.person("")  # type: ignore[attr-defined]
    assert await work_off(files, refused)
    assert locked(files) == {"CB2": "dismissed"}


async def test_who_became_an_administrator_meanwhile_is_left_alone(rest: Workplace) -> None:
    homeserver, source = Homeserver(), Tables({"CB1": LEFT_YESTERDAY})
    working = doors(rest, homeserver, source, [])
    tell(rest, "CB2")
    await working.work_off()
    with rest.hr.connect() as connection:
        user_id = connection.execute(
            text(
                "select user_id from register.accounts join register.people using (person_key) where officer_code='CB1'"
            )
        ).scalar_one()
    homeserver.admins = frozenset({user_id[1:].partition(":")[0]})
    tell(rest, "CB1")
    await working.work_off()
    assert locked(rest) == {}
