"""Poisoned registers (`hostile/`): each ends in a typed refusal, or waits for two officers; nothing is done.

Each goes the way that a register goes: files, reading, validation, judgement beside the last accepted snapshot.
"""

from datetime import datetime
from pathlib import Path

import pytest

from hr_provisioner.current import Current
from hr_provisioner.language import MESSAGES, OfficerError
from hr_provisioner.planning import guard
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.records import Register
from hr_provisioner.register.register import register_of
from hr_provisioner.snapshots.judgement import Accepted, Parked, Verdict, judge
from hr_provisioner.snapshots.shape import Shape, shape_of
from hr_provisioner.sources import open_source
from huep.catalogue import Locale
from huep.hr_settings import LimitSettings, SnapshotSettings

from .hostile import cells, files, people, whole  # noqa: F401 - each adds its poisons
from .hostile.poisons import POISONS, Poison
from .hostile.province import LAST_EXPORT, NOW, PEOPLE, TODAY, Export, last_accepted, sound


def read(export: Export, folder: Path) -> tuple[Register, Shape]:
    source = open_source(export.write(folder))
    register = register_of(source)
    return register, shape_of(source, register, NOW)


@pytest.fixture(scope="module")
def last(tmp_path_factory: pytest.TempPathFactory) -> tuple[Register, Shape]:
    return read(last_accepted(), tmp_path_factory.mktemp("last"))


def judged(shape: Shape, last: Shape, now: datetime = NOW) -> Verdict:
    return judge(shape, last, SnapshotSettings(), now)


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.name)
def test_poison_ends_in_a_refusal_or_waits_for_two_officers(
    poison: Poison, tmp_path: Path, last: tuple[Register, Shape]
) -> None:
    export = poison.spoil(sound())
    if poison.refusal is None:
        verdict = judged(read(export, tmp_path)[1], last[1])
        assert isinstance(verdict, Parked)
        assert poison.reasons <= {reason.name for reason in verdict.reasons}
        for locale in Locale:
            assert all(MESSAGES.render(locale, reason) for reason in verdict.reasons)
        return
    with pytest.raises(OfficerError) as refusal:
        judged(read(export, tmp_path)[1], last[1])
    assert type(refusal.value) is poison.refusal, str(refusal.value)
    assert MESSAGES.render(Locale.VI, refusal.value.message)
    assert str(refusal.value)


def test_there_are_poisons_and_their_numbers_follow_each_other() -> None:
    numbers = [int(poison.name[:2]) for poison in sorted(POISONS, key=lambda poison: poison.name)]
    assert len(numbers) >= 25
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_sound_register_is_accepted_and_changes_nothing(tmp_path: Path, last: tuple[Register, Shape]) -> None:
    register, shape = read(sound(), tmp_path)
    assert judged(shape, last[1]) == Accepted()
    assert (len(register.people), register.quarantined) == (PEOPLE, ())
    assert not planned(register, founded(last[0])).actions
    assert shape.exported_at > LAST_EXPORT


def founded(register: Register) -> Current:
    empty = Current((), ())
    return after(empty, make_plan(register, empty, TODAY).actions, TODAY)


def planned(register: Register, current: Current) -> Plan:
    return make_plan(register, current, TODAY)


def runs_by_itself(plan: Plan) -> bool:
    return not guard.judge(plan, guard.Recent(), LimitSettings(), {}, founding=False).parked


def test_what_is_believable_row_by_row_stops_at_the_guard(tmp_path: Path, last: tuple[Register, Shape]) -> None:
    """As many leavers as no day has, spread over enough days of the register not to show in its shape."""
    export = sound()
    for row in export.posts[-29:]:
        row |= {"Tình trạng": "Đã nghỉ việc", "Ngày làm việc cuối": "01/03/2026"}
    register, _ = read(export, tmp_path)
    plan = planned(register, founded(last[0]))
    assert sum(isinstance(action, LockAccount) for action in plan.actions) == 29
    assert not runs_by_itself(plan)


def test_people_quietly_left_out_of_the_file_are_not_locked(tmp_path: Path, last: tuple[Register, Shape]) -> None:
    export = sound()
    del export.posts[200:205]
    register, shape = read(export, tmp_path)
    assert judged(shape, last[1]) == Accepted()
    plan = planned(register, founded(last[0]))
    assert plan.actions == ()
    assert len(plan.left_alone.absent) == 5
