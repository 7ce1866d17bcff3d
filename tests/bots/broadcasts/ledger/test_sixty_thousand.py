"""The whole province: 60,000 people in 700 units are frozen, acknowledge and are counted in seconds."""

from collections.abc import Iterator
from datetime import date
from time import perf_counter

import pytest
from sqlalchemy import Engine, text

from bots.broadcasts.model import Means, State
from bots.testing.province import SmallDirectory, person
from huep.directory.audience import Audience
from huep.directory.model import Post, PostKind, Standing, Unit, UnitKind
from tests.bots.broadcasts.ledger.conftest import Book

PEOPLE = 60_000
DEPARTMENTS, OFFICES = 70, 9
SECONDS = 60.0
"""A few on a machine of its own; tests share one."""


def units() -> Iterator[Unit]:
    yield Unit("HUE", "UBND thành phố Huế", "UBND TP", UnitKind.PROVINCE, 0, None)
    for department in range(DEPARTMENTS):
        yield Unit(f"S{department}", f"Sở {department}", "S", UnitKind.DEPARTMENT, 1, "HUE")
        for office in range(OFFICES):
            code = f"S{department}-{office}"
            yield Unit(code, f"Phòng {office}", "P", UnitKind.OFFICE, 2, f"S{department}")


@pytest.fixture
def province(engine: Engine, bot: str) -> Book:
    everything = list(units())
    offices = [unit for unit in everything if unit.level == 2]

    def post(unit: Unit, standing: Standing = Standing.STAFF) -> Post:
        return Post(unit.code, unit.name, "cv", "Chuyên viên", standing, "", PostKind.MAIN, date(2020, 1, 1), None)

    directory = SmallDirectory(
        person("chu-tich", "Nguyễn Văn Phương", post(everything[0], Standing.HEAD)),
        *(person(f"cv{place}", f"Người {place}", post(offices[place % len(offices)])) for place in range(PEOPLE)),
        units=everything,
    )
    directory.rooms = {unit.code: f"!{unit.code}" for unit in everything if unit.level == 1}
    return Book(engine, bot, directory, deepest_level=1)


def test_sixty_thousand_people_are_frozen_acknowledge_and_are_counted(province: Book) -> None:
    ledger, draft = province.ledger, province.draft()
    reach = ledger.reach(Audience(), draft.author.key)
    began = perf_counter()
    with province.engine.begin() as connection:
        number = ledger.put(connection, draft, State.SENT)
        ledger.freeze(connection, number, reach)
    assert perf_counter() - began < SECONDS
    assert len(ledger.rooms(number)) == DEPARTMENTS
    assert province.acknowledges(number, "cv0")
    assert not province.acknowledges(number, "chu-tich")
    (whole, *departments) = ledger.tallies(number, "HUE")
    assert (whole.owed, whole.acknowledged, len(departments)) == (PEOPLE, 1, DEPARTMENTS)
    assert sum(one.owed for one in departments) == PEOPLE
    assert len(ledger.missing(number, "S0")) == ledger.tallies(number, "S0")[0].missing
    assert province.writes_down(number) == 1
    assert ledger.verify(number).unwritten == 0


def test_one_persons_row_is_found_without_the_others_right_after_they_were_written(province: Book) -> None:
    number = province.sends()
    key = province.directory.named("cv7").key
    with province.engine.begin() as connection:
        read = "select rows_read from (select seq_tup_read + idx_tup_fetch as rows_read from pg_stat_xact_user_tables "
        read += "where schemaname = 'bots' and relname = 'broadcast_people') as here"
        before = connection.execute(text(read)).scalar_one()
        assert province.ledger.acknowledge(connection, number, key, province.at, Means.WORD, "$ack")
        assert connection.execute(text(read)).scalar_one() - before <= 1
