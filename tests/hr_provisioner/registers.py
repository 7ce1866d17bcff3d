"""Any registers, and any directory that they can lead to: the strategies under the laws of planning."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

from hypothesis import strategies as st

from hr_provisioner.current import Current, Missing
from hr_provisioner.planning import identity
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.planning.policy import PlanPolicy
from hr_provisioner.records import AbsenceRecord, PersonRecord, PostRecord, Quarantined, Register, UnitRecord
from huep.catalogue import Message
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 5, tzinfo=UTC)
EMPTY = Current((), ())
CODES = tuple(f"CB{n}" for n in range(6))
UNIT_CODES = ("TTH", "A", "B", "A1")

days = st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=60))
names = st.sampled_from(["Nguyễn Văn Anh", "Lê Thị Hoa", "Trần Đình Phước", "Đặng Huế"])
birth_dates = st.sampled_from([None, date(1985, 3, 2), date(1990, 1, 1), date(1991, 2, 2)])
policies = st.builds(
    PlanPolicy,
    now=st.sampled_from([None, NOW]),
    long_leave_locks=st.frozensets(st.sampled_from([AbsenceKind.STUDY, AbsenceKind.SUSPENSION])),
)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[date, date | None]:
    start = draw(days)
    end = draw(st.none() | st.integers(1, 60).map(lambda length: start + timedelta(days=length)))
    return start, end


@st.composite
def posts(draw: st.DrawFn) -> PostRecord:
    valid_from, valid_to = draw(intervals())
    unit = draw(st.sampled_from([*UNIT_CODES, "KHONG-CO"] if draw(st.integers(0, 19)) == 0 else UNIT_CODES))
    return PostRecord(
        unit,
        draw(st.sampled_from(["CV", "TP"])),
        "Chuyên viên",
        draw(st.sampled_from(Standing)),
        draw(st.sampled_from(["01.002", "01.003"])),
        draw(st.sampled_from(PostKind)),
        valid_from,
        valid_to,
    )


@st.composite
def people(draw: st.DrawFn, code: str) -> PersonRecord:
    held = {(p.unit_code, p.position_code, p.kind, p.valid_from): p for p in draw(st.lists(posts(), max_size=3))}
    kinds = st.sampled_from([AbsenceKind.STUDY, AbsenceKind.SICK])
    absence = draw(st.none() | st.builds(lambda kind, days: AbsenceRecord(kind, *days), kinds, intervals()))
    return PersonRecord(
        code,
        unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), draw(names)),
        draw(birth_dates),
        draw(st.none() | st.just("a@hue.gov.vn")),
        tuple(held.values()),
        absence,
        draw(st.none() | days),
        draw(st.none() | days),
        draw(st.integers(0, 9)) == 0,
    )


@st.composite
def registers(draw: st.DrawFn) -> Register:
    units = [UnitRecord("TTH", "Huế", "Huế", UnitKind.PROVINCE, 0, None, date(2020, 1, 1), None)]
    for code, level, parent in (("A", 1, "TTH"), ("B", 1, "TTH"), ("A1", 2, "A")):
        end = draw(st.sampled_from([None, None, None, TODAY - timedelta(days=1), TODAY + timedelta(days=9)]))
        short = draw(st.sampled_from([code, f"{code} mới"]))
        start = draw(st.sampled_from([date(2020, 1, 1), TODAY - timedelta(days=20)]))
        successors = draw(st.sampled_from([(), ("TTH",)])) if end else ()
        if draw(st.integers(0, 9)):
            units.append(
                UnitRecord(code, f"Sở {code}", short, UnitKind.DEPARTMENT, level, parent, start, end, successors)
            )
    codes = draw(st.lists(st.sampled_from(CODES), unique=True))
    members = tuple(draw(people(code)) for code in codes)
    bad = draw(st.lists(st.sampled_from(CODES), max_size=2))
    quarantined = tuple(Quarantined("so.csv", 2, "tên", "?", Message("name-missing"), code) for code in bad)
    return Register(tuple(units), members, quarantined, len(members) + len(bad), "0" * 64)


@dataclass(frozen=True)
class Situation:
    """A directory, and what a plan is made of beside it."""

    current: Current
    register: Register
    policy: PlanPolicy

    def plan(self) -> Plan:
        return make_plan(self.register, self.current, TODAY, self.policy)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """A directory that some register led to, with absences counted, accounts protected and twins told apart."""
    policy = draw(policies)
    before = draw(registers())
    current = after(EMPTY, make_plan(before, EMPTY, TODAY, policy).actions, TODAY)
    again = draw(registers())
    current = after(current, make_plan(again, current, TODAY, policy).actions, TODAY)
    counts = st.builds(
        Missing, st.sampled_from([NOW - timedelta(hours=71), NOW - timedelta(hours=72)]), st.integers(1, 4)
    )
    pairs = st.sampled_from(list(combinations(CODES, 2)))
    missing = draw(st.dictionaries(st.sampled_from(CODES), counts))
    return Situation(
        replace(
            current,
            protected=frozenset(draw(st.sets(st.sampled_from(sorted(current.localparts)))))
            if current.people
            else frozenset(),
            missing={identity.person_key(code): missed for code, missed in missing.items()},
            twins_decided=draw(st.dictionaries(pairs, st.just(value=False))),
        ),
        draw(registers()),
        policy,
    )


def reached(*editions: Register) -> Current:
    """The directory after these editions, one after the other on one day, starting from nothing."""
    current = EMPTY
    for edition in editions:
        current = after(current, make_plan(edition, current, TODAY).actions, TODAY)
    return current
