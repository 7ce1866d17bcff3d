"""A province of three people in a real database, a source of tables, and a homeserver that takes notes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from hr_provisioner.directory import store as directory_store
from hr_provisioner.directory.reader import read_current
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.records import PersonRecord, PostRecord, Register, UnitRecord
from hr_provisioner.sources.source import Origin, SourceError, Statement, Table
from hr_provisioner.workplace import Workplace
from huep.database import Role
from huep.directory.model import PostKind, Standing, UnitKind
from huep.synapse_admin import AccountRequest, ActionResult, HomeserverUser, PublishedPerson
from tests.conftest import Databases

NOW = datetime(2026, 3, 10, 5, tzinfo=UTC)
TODAY = date(2026, 3, 10)
UNIT = UnitRecord("TTH", "Huế", "Huế", UnitKind.PROVINCE, 0, None, date(2020, 1, 1), None)


def record(code: str, *, leaves_on: date | None = None) -> PersonRecord:
    """Somebody with one post since 2024."""
    post = PostRecord("TTH", "CV", "Chuyên viên", Standing.STAFF, "01.003", PostKind.MAIN, date(2024, 1, 1), None)
    return PersonRecord(code, f"Lê Thị {code}", None, None, (post,), None, None, leaves_on)


@dataclass
class Homeserver:
    """Does what it is told; `away` is raised instead."""

    admins: frozenset[str] = frozenset()
    away: Exception | None = None
    refusing: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Verb and localpart."""
    told: list[PublishedPerson] = field(default_factory=list)

    async def roll(self, localparts: frozenset[str]) -> list[HomeserverUser]:
        return [HomeserverUser(f"@{one}:x", one, one in self.admins, False, False) for one in sorted(localparts)]

    async def publish_people(self, people: list[PublishedPerson]) -> int:
        self.told += people
        return len(people)

    async def act_on_accounts(self, actions: list[AccountRequest]) -> list[ActionResult]:
        if self.away is not None:
            raise self.away
        self.asked += [(action.verb.value, action.localpart) for action in actions]
        return [
            ActionResult(action.id, not self.refusing, False, error="no" if self.refusing else None)
            for action in actions
        ]


@dataclass
class Tables:
    """A source that says of each person what it is told to say, or fails."""

    says: dict[str, dict[str, str] | SourceError] = field(default_factory=dict)
    opened: int = 0

    @property
    def origin(self) -> Origin:
        return Origin((), uuid4().hex, "files", Statement())

    def person(self, officer_code: str) -> Table:
        self.opened += 1
        said = self.says.get(officer_code, {})
        if isinstance(said, SourceError):
            raise said
        row = {"Mã cán bộ": officer_code, "Họ và tên": f"Lê Thị {officer_code}", "Mã đơn vị": "TTH"}
        row |= {"Mã chức vụ": "CV", "Chức vụ": "Chuyên viên", "Mã ngạch": "01.003", "Cấp": "Nhân viên"}
        row |= {"Loại vị trí": "Chính", "Từ ngày": "01/01/2024", "Tình trạng": "", "Ngày làm việc cuối": "", **said}
        return Table("can-bo", tuple(row), iter([(2, tuple(row.values()))]))


LEFT_YESTERDAY = {"Tình trạng": "Đã nghỉ việc", "Ngày làm việc cuối": f"{TODAY - timedelta(days=1):%d/%m/%Y}"}
DISMISSED = {"Tình trạng": "Buộc thôi việc"}


@pytest.fixture
def place(databases: Databases) -> Iterator[Workplace]:
    owner = databases.engine(Role.OWNER)
    with owner.begin() as connection:
        connection.execute(
            text(
                "truncate hr.hints, hr.readings, hr.snapshots, hr.runs, hr.plans, hr.missing, hr.approvals, "
                "register.people, register.units cascade"
            )
        )
    hr, audit = databases.engine(Role.HR), databases.engine(Role.AUDIT)
    yield Workplace(databases.state, databases.settings, hr, audit, lambda: NOW)
    for engine in (owner, hr, audit):
        engine.dispose()


def found(place: Workplace, *people: PersonRecord) -> None:
    """Give these people accounts; leaves_on stands in the directory, and nobody is locked yet."""
    hired = tuple(replace(person, leaves_on=None) for person in people)
    with place.hr.begin() as connection:
        plan = make_plan(Register((UNIT,), hired, (), len(hired), uuid4().hex), read_current(connection, TODAY), TODAY)
        founding = [action for action in plan.actions if not isinstance(action, LockAccount)]
        directory_store.write(connection, founding, place.settings.server_name)
        for person in people:
            connection.execute(
                text("update register.people set leaves_on = :on where officer_code = :code"),
                {"on": person.leaves_on, "code": person.officer_code},
            )


def locked(place: Workplace) -> dict[str, str]:
    """Why, by officer code, of those who are locked."""
    query = (
        "select officer_code, lock_reason from register.accounts join register.people using (person_key) where locked"
    )
    with place.hr.connect() as connection:
        return dict(connection.execute(text(query)).all())
