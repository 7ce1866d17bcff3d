"""When a register is believed, when it waits for two officers, and when it is refused, exactly at the borders."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hr_provisioner.current import Current
from hr_provisioner.language import speaking
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.records import PersonRecord, PostRecord, Quarantined, Register, TableRead, UnitRecord
from hr_provisioner.snapshots.judgement import FUTURE_TOLERANCE, Accepted, Parked, judge
from hr_provisioner.snapshots.presence import Presence, presence_of
from hr_provisioner.snapshots.refusals import (
    ColumnGone,
    ColumnShifted,
    Cut,
    Doubled,
    EverybodyLeft,
    FromTheFuture,
    MonthFirst,
    NothingIn,
    OlderThanLast,
    OtherPeople,
    SnapshotRefused,
    UnitsVanished,
)
from hr_provisioner.snapshots.shape import SAMPLE_SIZE, SHAPE_JSON, Shape, shape_of, snapshot_hash
from hr_provisioner.snapshots.stored_messages import from_json, to_json
from hr_provisioner.sources.source import Origin, Statement, Table
from huep.catalogue import Locale, Message
from huep.directory.model import PostKind, Standing, UnitKind
from huep.hr_settings import SnapshotSettings

NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
ONE_DAY = timedelta(days=1)
PEOPLE = 1_000
UNIT = UnitRecord("H57", "Huế", "Huế", UnitKind.PROVINCE, 0, None, date(2020, 1, 1), None)
POST = PostRecord("H57", "CV", "Chuyên viên", Standing.STAFF, "", PostKind.MAIN, date(2024, 1, 1), None)


class Given:
    """A source that only states things."""

    def __init__(self, statement: Statement) -> None:
        self.origin = Origin((), "", "files", statement)

    def posts(self) -> Table:
        raise AssertionError

    units = posts

    def person(self, officer_code: str) -> Table:
        raise AssertionError


def people(numbers: range) -> tuple[PersonRecord, ...]:
    return tuple(
        PersonRecord(f"CB{number:05}", f"Người {number}", date(1980, 1, 1), None, (POST,), None, None, None)
        for number in numbers
    )


def shape(
    who: tuple[PersonRecord, ...] = people(range(PEOPLE)),
    at: datetime = NOW,
    stated: int | None = None,
    whole: bool = True,
    quarantined: tuple[Quarantined, ...] = (),
    rows: int | None = None,
    posts: TableRead | None = None,
) -> Shape:
    table = posts or TableRead(len(who), {"Họ và tên": len(who)})
    register = Register(
        (UNIT,), who, quarantined, len(who) if rows is None else rows, f"{hash((who, at)):x}", (), table
    )
    return shape_of(Given(Statement(at, stated, whole)), register, NOW)


LAST = shape(at=NOW - ONE_DAY)


def reasons(now: Shape, last: Shape | None = LAST) -> set[str]:
    verdict = judge(now, last, SnapshotSettings(), NOW)
    return {reason.name for reason in verdict.reasons} if isinstance(verdict, Parked) else set()


def test_the_first_register_always_waits() -> None:
    assert reasons(shape(), None) == {"parked-first"}


def test_the_same_snapshot_again_is_the_same_and_believed() -> None:
    assert judge(LAST, LAST, SnapshotSettings(), NOW) == Accepted()


def test_what_was_believed_is_believed_when_it_is_exported_again() -> None:
    doubtful = replace(LAST, quarantined_rows=500)
    again = replace(doubtful, exported_at=NOW)
    assert judge(again, doubtful, SnapshotSettings(), NOW) == Accepted()
    with pytest.raises(OlderThanLast):
        judge(replace(again, exported_at=LAST.exported_at - ONE_DAY), doubtful, SnapshotSettings(), NOW)


@pytest.mark.parametrize(("count", "waits"), [(1_000, False), (1_020, False), (1_021, True), (980, False), (979, True)])
def test_rows_may_differ_by_two_percent_up_and_down(count: int, waits: bool) -> None:
    assert ("parked-rows" in reasons(shape(people(range(count))))) == waits


def test_a_handful_of_rows_is_no_sign_of_a_cut_however_small_the_register() -> None:
    last = shape(people(range(20)), NOW - ONE_DAY)
    assert reasons(shape(people(range(15))), last) == set()
    assert "parked-rows" in reasons(shape(people(range(14))), last)


def held(count: int) -> tuple[Quarantined, ...]:
    return tuple(Quarantined("f", row, "Cấp", "x", Message("word-unknown"), None) for row in range(count))


@pytest.mark.parametrize(("rows", "waits"), [(10, False), (11, True)])
def test_more_than_one_percent_of_rows_held_back_waits(rows: int, waits: bool) -> None:
    assert reasons(shape(quarantined=held(rows))) == ({"parked-quarantine"} if waits else set())


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        (shape(rows=0), NothingIn),
        (shape(who=(), rows=7), NothingIn),
        (shape(stated=1_001), Cut),
        (shape(stated=999), Cut),
        (shape(whole=False), Cut),
        (shape(people(range(999)), at=LAST.exported_at), OlderThanLast),
        (shape(at=NOW + FUTURE_TOLERANCE + timedelta(seconds=1)), FromTheFuture),
        (shape(posts=TableRead(1_000, {}, {"Họ và tên": 500})), ColumnShifted),
        (shape(posts=TableRead(1_000, {"Ngày sinh": 100}, {"Ngày sinh": 50})), ColumnShifted),
        (shape(posts=TableRead(1_000, {}, {}, {"Từ ngày": 5})), MonthFirst),
        (shape(posts=TableRead(1_000, {"Họ và tên": 1_000}, repeated=100)), Doubled),
        (shape(posts=TableRead(1_000, {})), ColumnGone),
        (shape(posts=TableRead(1_000, {"Họ và tên": 0})), ColumnGone),
        (shape(people(range(900, 1_900))), OtherPeople),
        (shape(tuple(replace(one, leaves_on=date(2026, 1, 1)) for one in people(range(PEOPLE)))), EverybodyLeft),
        (shape(tuple(replace(one, dismissed=True) for one in people(range(PEOPLE)))), EverybodyLeft),
        (replace(shape(), unit_codes=frozenset({"H58"})), UnitsVanished),
    ],
)
def test_what_nobody_could_rightly_approve_is_refused_in_both_languages(
    now: Shape, refusal: type[SnapshotRefused]
) -> None:
    sentences = set()
    for locale in Locale:
        with pytest.raises(refusal) as refused, speaking(locale):
            judge(now, LAST, SnapshotSettings(), NOW)
        assert refused.value.exit_code == 3
        sentences.add(str(refused.value))
    assert len(sentences) == len(Locale)


@pytest.mark.parametrize(
    "now",
    [
        shape(stated=1_000),
        shape(at=NOW + FUTURE_TOLERANCE),
        shape(posts=TableRead(1_000, {"Họ và tên": 1_000}, {"Họ và tên": 499})),
        shape(posts=TableRead(1_000, {"Họ và tên": 1_000}, {}, {"Từ ngày": 4})),
        shape(posts=TableRead(1_000, {"Họ và tên": 1_000}, repeated=99)),
        shape(tuple(replace(one, leaves_on=date(2026, 3, 10)) for one in people(range(40)))
              + people(range(40, PEOPLE))),
    ],
)  # fmt: skip
def test_just_short_of_a_refusal_is_none(now: Shape) -> None:
    assert reasons(now) == set()


@pytest.mark.parametrize(("gone", "waits"), [(18, False), (200, True)])
def test_other_people_in_the_place_of_some_wait(gone: int, waits: bool) -> None:
    assert ("parked-turnover" in reasons(shape(people(range(gone, PEOPLE + gone))))) == waits


CHANGES: Mapping[str, dict[str, object]] = {
    "name": {"full_name": "Ai Đó"},
    "birth": {"birth_date": date(1981, 1, 1)},
    "service": {"leaves_on": date(2026, 12, 31)},
    "posts": {"posts": ()},
}


@pytest.mark.parametrize(
    ("what", "few", "many"), [("name", 20, 100), ("birth", 20, 100), ("service", 20, 100), ("posts", 180, 350)]
)
def test_too_many_people_changed_at_once_wait(what: str, few: int, many: int) -> None:
    for count, waits in ((few, False), (many, True)):
        everybody = people(range(PEOPLE))
        changed = tuple(replace(one, **CHANGES[what]) for one in everybody[:count])  # type: ignore[arg-type]
        verdict = judge(shape(changed + everybody[count:]), LAST, SnapshotSettings(), NOW)
        whats = {dict(reason.arguments)["what"] for reason in verdict.reasons} if isinstance(verdict, Parked) else set()
        assert whats == ({Message(f"changed-{what}")} if waits else set())


def test_a_column_that_lost_most_of_its_values_waits() -> None:
    last = shape(at=NOW - ONE_DAY, posts=TableRead(1_000, {"Ngày làm việc cuối": 20}))
    for count, waits in ((10, False), (9, True)):
        now = shape(posts=TableRead(1_000, {"Ngày làm việc cuối": count}))
        assert (reasons(now, last) == {"parked-thin"}) == waits


def test_the_quarantined_are_neither_gone_nor_changed() -> None:
    everybody = people(range(PEOPLE))
    rows = tuple(
        Quarantined("f", row, "Cấp", "x", Message("word-unknown"), one.officer_code)
        for row, one in enumerate(everybody[:300])
    )
    assert reasons(shape(everybody[300:], quarantined=rows, rows=PEOPLE)) == {"parked-quarantine"}


def test_a_small_register_is_compared_as_a_whole_and_a_large_one_by_sample() -> None:
    assert len(LAST.sample) == SAMPLE_SIZE
    assert len(shape(people(range(SAMPLE_SIZE))).sample) == SAMPLE_SIZE
    assert reasons(shape(people(range(100))), shape(people(range(95)), NOW - ONE_DAY)) == set()


def test_a_shape_comes_back_from_its_json() -> None:
    assert SHAPE_JSON.validate_json(SHAPE_JSON.dump_json(LAST)) == LAST


def test_the_hash_names_source_content_and_time_whatever_the_time_zone() -> None:
    other_zone = replace(LAST, exported_at=LAST.exported_at.astimezone())
    assert snapshot_hash(other_zone) == snapshot_hash(LAST)
    others = {
        snapshot_hash(replace(LAST, source="rest")),
        snapshot_hash(replace(LAST, sha256="0")),
        snapshot_hash(replace(LAST, exported_at=NOW)),
        snapshot_hash(LAST),
    }
    assert len(others) == 4


def test_reasons_come_back_from_the_database_as_they_were() -> None:
    messages = (Message("parked-first"), Message.of("parked-thin", table=Message("table-posts"), before=7, now=0.5))
    assert from_json(to_json(messages)) == messages


def known(register: Register) -> Current:
    empty = Current((), ())
    return after(empty, make_plan(register, empty, TODAY).actions, TODAY)


def test_missed_is_who_is_neither_listed_nor_quarantined_and_in_doubt_who_may_stand_behind_an_unreadable_code() -> None:
    everybody = people(range(4))
    current = known(Register((UNIT,), everybody, (), 4, "0"))
    keys = [current.by_code[one.officer_code].key for one in everybody]
    bad = Quarantined("f", 3, "Cấp", "x", Message("word-unknown"), "CB00001")
    register = Register((UNIT,), everybody[:1], (bad,), 3, "0", nameless=("nguoi 2",))
    assert presence_of(register, current) == Presence(frozenset(keys[3:]), frozenset(keys[2:3]))
    nobody_knows = replace(register, nameless=("",))
    assert presence_of(nobody_knows, current) == Presence(frozenset(), frozenset(keys[2:]))


def test_a_register_that_grew_to_the_double_lost_nobody() -> None:
    verdict = judge(shape(people(range(2_000))), LAST, SnapshotSettings(), NOW)
    assert isinstance(verdict, Parked)
    turnover = next(dict(reason.arguments) for reason in verdict.reasons if reason.name == "parked-turnover")
    assert turnover["gone"] == 0
    assert 45 < float(str(turnover["new"])) < 55


def with_units(ended: int, at: datetime = NOW, count: int = 300) -> Shape:
    codes = [f"H57.{number:03}" for number in range(count)]
    return replace(shape(at=at), unit_codes=frozenset(codes), ended_units=frozenset(codes[:ended]))


@pytest.mark.parametrize(("ended", "waits"), [(9, False), (10, True), (300, True)])
def test_more_units_that_end_at_once_than_the_band_allows_wait(ended: int, waits: bool) -> None:
    last = with_units(3, NOW - ONE_DAY)
    assert reasons(with_units(ended), last) == ({"parked-units-ended"} if waits else set())


def test_a_unit_has_ended_when_its_last_period_has_a_last_day() -> None:
    over = replace(UNIT, valid_to=date(2026, 1, 1))
    again = replace(UNIT, valid_from=date(2026, 2, 1))

    def ended(*units: UnitRecord) -> frozenset[str]:
        register = Register(units, people(range(3)), (), 3, "0", (), TableRead(3))
        return shape_of(Given(Statement(NOW)), register, NOW).ended_units

    assert (ended(over), ended(over, again), ended(UNIT)) == ({"H57"}, set(), set())


@pytest.mark.parametrize(("back", "waits"), [(5, False), (6, True)])
def test_many_who_lose_their_last_day_and_are_still_listed_wait(back: int, waits: bool) -> None:
    leaving = tuple(replace(one, leaves_on=date(2026, 3, 1)) for one in people(range(15)))
    staying = people(range(15, PEOPLE))
    last = shape(leaving + staying, NOW - ONE_DAY)
    returned = tuple(replace(one, leaves_on=None) for one in leaving[:back])
    assert reasons(shape(returned + leaving[back:] + staying), last) == ({"parked-leavers-back"} if waits else set())
    assert reasons(shape(leaving[back:] + staying), last) == set()


def test_content_of_a_register_before_the_last_waits() -> None:
    now = shape(people(range(PEOPLE - 1)))
    verdict = judge(now, LAST, SnapshotSettings(), NOW, NOW - 7 * ONE_DAY)
    assert isinstance(verdict, Parked)
    assert [reason.name for reason in verdict.reasons] == ["parked-old-content"]
    same = replace(LAST, exported_at=NOW)
    assert judge(same, LAST, SnapshotSettings(), NOW, LAST.exported_at) == Accepted()
