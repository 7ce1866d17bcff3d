"""The demo register is what it says: real proportions, whole trees, and editions that differ as told."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hr_provisioner.demo_data.catalogue import wards
from hr_provisioner.demo_data.changes import Changes, edition_two
from hr_provisioner.demo_data.cli import demo_data
from hr_provisioner.demo_data.edition import Edition, first_level_code
from hr_provisioner.demo_data.mess import DEFECTS_OF_EACH_KIND, UNKNOWN_UNIT
from hr_provisioner.demo_data.names import SURNAMES
from hr_provisioner.demo_data.staffing import edition_one
from hr_provisioner.demo_data.tree import build_tree
from hr_provisioner.demo_data.writing import DemoFiles, EditionName, Format, write_demo
from hr_provisioner.records import PersonRecord, PostRecord
from hr_provisioner.register.register import read_register
from hr_provisioner.register.vocabulary import Status
from huep.clock import today
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind

TODAY = date(2026, 11, 22)
PEOPLE = 2_000
SEED = 7


@pytest.fixture(scope="module")
def first() -> Edition:
    return edition_one(PEOPLE, SEED, TODAY)


@pytest.fixture(scope="module")
def second_and_changes(first: Edition) -> tuple[Edition, Changes]:
    return edition_two(first, SEED)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo(tmp_path_factory.mktemp("demo"), PEOPLE, SEED, TODAY, (Format.CSV, Format.XLSX))


@pytest.fixture(scope="module")
def large() -> tuple[Edition, Edition, Changes]:
    edition = edition_one(20_000, SEED, TODAY)
    return edition, *edition_two(edition, SEED)


def records(edition: Edition) -> dict[str, PersonRecord]:
    return {member.record.officer_code: member.record for member in edition.staff}


def posts(edition: Edition) -> Iterator[PostRecord]:
    return (post for member in edition.staff for post in member.record.posts)


def heads(edition: Edition) -> Counter[str]:
    return Counter(post.unit_code for post in posts(edition) if post.standing is Standing.HEAD)


# The files and their reading


@pytest.mark.parametrize("name", [EditionName.ONE, EditionName.TWO])
@pytest.mark.parametrize("form", list(Format))
def test_clean_editions_read_back_as_they_were_made(
    files: DemoFiles,
    first: Edition,
    second_and_changes: tuple[Edition, Changes],
    name: EditionName,
    form: Format,
) -> None:
    edition = first if name is EditionName.ONE else second_and_changes[0]
    register = read_register((files.csv if form is Format.CSV else files.xlsx)[name])
    assert register.quarantined == ()
    assert register.units == edition.units
    assert register.people == tuple(member.record for member in edition.staff)


def test_csv_and_xlsx_say_the_same(files: DemoFiles) -> None:
    for name in EditionName:
        from_csv, from_xlsx = read_register(files.csv[name]), read_register(files.xlsx[name])
        assert (from_csv.units, from_csv.people, from_csv.rows) == (from_xlsx.units, from_xlsx.people, from_xlsx.rows)
        assert [(held.row, held.reason) for held in from_csv.quarantined] == [
            (held.row, held.reason) for held in from_xlsx.quarantined
        ]


def test_each_mistake_of_the_messy_edition_is_held_back_and_nothing_else(files: DemoFiles, first: Edition) -> None:
    register = read_register(files.csv[EditionName.MESSY])
    assert [(held.row, held.column, held.value) for held in register.quarantined] == [
        (defect.row, defect.column.value, defect.value) for defect in files.defects
    ]
    kinds = Counter(
        "missing" if not held.value else "unknown" if held.value == UNKNOWN_UNIT else "twice"
        for held in register.quarantined
    )
    assert kinds == dict.fromkeys(("missing", "unknown", "twice"), DEFECTS_OF_EACH_KIND)
    left_out = {code for defect in files.defects for code in defect.left_out}
    assert register.units == first.units
    assert register.people == tuple(
        member.record for member in first.staff if member.record.officer_code not in left_out
    )
    assert not left_out & files.cast.codes


def test_the_messy_edition_has_every_kind_of_mess(files: DemoFiles) -> None:
    text = (files.csv[EditionName.MESSY] / "can-bo.csv").read_text(encoding="utf-8-sig")
    assert "\u00a0" in text
    assert "  " in text
    assert not unicodedata.is_normalized("NFC", text)
    assert any(unicodedata.is_normalized("NFC", line) and not line.isascii() for line in text.splitlines())
    assert ";2025-" in text
    assert "/2025;" in text


def test_seed_and_day_decide_every_byte(tmp_path: Path) -> None:
    def content(folder: str, people: int = 200, seed: int = 3, day: date = TODAY) -> dict[str, bytes]:
        out = tmp_path / folder
        write_demo(out, people, seed, day, (Format.CSV, Format.XLSX))
        return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    once = content("once")
    assert len(once) == 3 * 2 + 3 + 1
    assert content("again") == once
    assert content("other seed", seed=4)["edition-1/can-bo.csv"] != once["edition-1/can-bo.csv"]
    assert content("other day", day=date(2026, 11, 23))["edition-1/can-bo.csv"] != once["edition-1/can-bo.csv"]


# The tree


@pytest.mark.parametrize(
    ("people", "least", "most"), [(200, 80, 100), (2_000, 150, 200), (20_000, 700, 700), (60_000, 700, 700)]
)
def test_the_tree_grows_with_the_people_and_is_always_four_levels_deep(people: int, least: int, most: int) -> None:
    units = [place.unit for place in build_tree(people, TODAY)]
    assert least <= len(units) <= most
    by_code = {unit.code: unit for unit in units}
    assert len(by_code) == len(units)
    assert {unit.level for unit in units} == {0, 1, 2, 3}
    assert sum(unit.level == 1 for unit in units) == 60
    for unit in units:
        if unit.level:
            assert unit.parent_code is not None
            assert by_code[unit.parent_code].level == unit.level - 1
        else:
            assert (unit.parent_code, unit.name) == (None, "UBND thành phố Huế")


def test_all_wards_and_communes_are_there_by_name_and_kind(first: Edition) -> None:
    assert len(wards()) == 40
    assert {unit.name.lower() for unit in first.units if unit.kind is UnitKind.WARD} == {
        f"ubnd {ward.full_name}".lower() for ward in wards() if ward.full_name.startswith("Phường")
    }
    assert {unit.name.lower() for unit in first.units if unit.kind is UnitKind.COMMUNE} == {
        f"ubnd {ward.full_name}".lower() for ward in wards() if ward.full_name.startswith("Xã")
    }
    assert Counter(unit.kind for unit in first.units)[UnitKind.WARD] == 21


def test_siblings_have_different_names() -> None:
    units = [place.unit for place in build_tree(60_000, TODAY)]
    assert max(Counter((unit.parent_code, unit.name) for unit in units).values()) == 1


# The people


@pytest.mark.parametrize("people", [200, 2_000])
def test_every_unit_has_exactly_one_head_in_both_editions(people: int) -> None:
    one = edition_one(people, SEED, TODAY)
    two, _ = edition_two(one, SEED)
    assert len(one.staff) == people
    for edition in (one, two):
        assert heads(edition) == {unit.code: 1 for unit in edition.units}


def test_every_unit_of_the_full_tree_has_exactly_one_head(large: tuple[Edition, Edition, Changes]) -> None:
    for edition in large[:2]:
        assert len(edition.units) == 700
        assert heads(edition) == {unit.code: 1 for unit in edition.units}


def test_everybody_has_one_main_post_in_a_unit_that_exists(first: Edition) -> None:
    codes = {unit.code for unit in first.units}
    for member in first.staff:
        assert [post.kind for post in member.record.posts].count(PostKind.MAIN) == 1
    assert {post.unit_code for post in posts(first)} <= codes
    assert len(records(first)) == PEOPLE


def test_larger_units_have_one_to_three_deputies(first: Edition) -> None:
    main = [member.record.posts[0] for member in first.staff]
    sizes = Counter(post.unit_code for post in main)
    deputies = Counter(post.unit_code for post in main if post.standing is Standing.DEPUTY)
    for unit in first.units:
        if unit.level and sizes[unit.code] >= 5:
            assert 1 <= deputies[unit.code] <= 3
    assert deputies["H57"] >= 2


def test_surnames_have_their_real_shares(large: tuple[Edition, Edition, Changes]) -> None:
    staff = large[0].staff
    names = [member.record.full_name for member in staff]
    surnames = Counter(name.split()[0] for name in names)
    total = sum(SURNAMES.values())
    for surname, expected in (("Nguyễn", 38.0), ("Trần", 11.0), ("Lê", 9.5), ("Phạm", 7.0), ("Phan", 4.5)):
        assert abs(surnames[surname] / len(names) - expected / total) < 0.012
    assert 0.36 < surnames["Nguyễn"] / len(names) < 0.40
    royal = [member for member in staff if member.record.full_name.startswith(("Tôn ", "Công Tằng "))]
    assert 0.004 < len(royal) / len(staff) < 0.015
    for member in royal:
        assert ("Tôn Thất" in member.record.full_name) == (member.gender == "Nam")
    namesakes = sum(count for count in Counter(names).values() if count > 1)
    assert namesakes > len(names) / 3
    women = [member for member in staff if " Thị " in member.record.full_name]
    assert women
    assert all(member.gender == "Nữ" for member in women)


def test_ages_codes_and_emails_are_as_in_a_real_register(first: Edition) -> None:
    ages = [(TODAY - record.birth_date).days / 365.2425 for record in records(first).values() if record.birth_date]
    assert len(ages) == PEOPLE
    assert min(ages) >= 22
    assert max(ages) <= 60
    emails = Counter(record.email for record in records(first).values())
    missing = emails.pop(None)
    assert 0.03 < missing / PEOPLE < 0.10
    shared = [email for email, count in emails.items() if count > 1]
    assert 1 <= len(shared) <= 15


def test_second_posts_leave_suspension_and_retirement_all_occur(first: Edition) -> None:
    kinds = Counter(post.kind for post in posts(first))
    assert kinds[PostKind.CONCURRENT] > 50
    assert kinds[PostKind.SECONDMENT] > 10
    assert {record.absence.kind for record in records(first).values() if record.absence} == set(AbsenceKind)
    retiring = [record.retires_on for record in records(first).values() if record.retires_on]
    assert len(retiring) >= 10
    assert all(TODAY < day < date(2029, 1, 1) for day in retiring)
    mothers = [member for member in first.staff if member.status is AbsenceKind.MATERNITY]
    assert all(member.gender == "Nữ" for member in mothers)


def test_everything_of_the_first_edition_holds_on_its_day(first: Edition) -> None:
    for post in posts(first):
        assert post.valid_from <= TODAY
        assert post.valid_to is None or post.valid_to > TODAY
    for record in records(first).values():
        if record.absence is not None:
            assert record.absence.valid_from <= TODAY
            assert record.absence.valid_to is None or record.absence.valid_to > TODAY
        assert record.leaves_on is None


# The second edition


def test_the_second_edition_differs_as_told_and_in_nothing_else(
    first: Edition, second_and_changes: tuple[Edition, Changes]
) -> None:
    second, changes = second_and_changes
    before, after = records(first), records(second)
    assert set(after) - set(before) == set(changes.started)
    assert set(before) <= set(after)
    told = [*changes.moved, *changes.renamed, *changes.left, *changes.retired, *changes.returned]
    assert len(told) == len(set(told))
    assert {code for code in before if before[code] != after[code]} == set(told)
    assert {unit.code for unit, new in zip(first.units, second.units, strict=True) if unit != new} == set(
        changes.renamed_units
    )
    assert all((changes.started, changes.moved, changes.renamed, changes.left, changes.retired, changes.returned))
    assert len(changes.renamed_units) == 1


def test_leavers_are_few_and_had_their_last_day(second_and_changes: tuple[Edition, Changes]) -> None:
    second, changes = second_and_changes
    after = records(second)
    leavers = [*changes.left, *changes.retired]
    assert 5 <= len(leavers) < 25
    for code in leavers:
        assert after[code].leaves_on is not None
        assert after[code].leaves_on < TODAY  # type: ignore[operator]
        assert all(post.valid_to is not None and post.valid_to <= TODAY for post in after[code].posts)
    assert [code for code, record in after.items() if record.leaves_on] == [
        code for code in after if code in set(leavers)
    ]


def test_leavers_stay_below_half_a_percent_at_full_size(large: tuple[Edition, Edition, Changes]) -> None:
    changes = large[2]
    assert len(changes.left) + len(changes.retired) < 0.005 * 20_000


def test_movers_work_in_another_department_or_ward_by_today(
    first: Edition, second_and_changes: tuple[Edition, Changes]
) -> None:
    second, changes = second_and_changes
    before, after = records(first), records(second)
    assert 10 <= len(changes.moved) <= 40
    for code in changes.moved:
        (post,) = after[code].posts
        assert first_level_code(post.unit_code) != first_level_code(before[code].posts[0].unit_code)
        assert post.valid_from <= TODAY


def test_who_returns_is_back_and_who_is_renamed_keeps_the_surname(
    first: Edition, second_and_changes: tuple[Edition, Changes]
) -> None:
    second, changes = second_and_changes
    before, after = records(first), records(second)
    for code in changes.returned:
        assert before[code].absence is not None
        assert after[code].absence is None
    for code in changes.renamed:
        assert before[code].full_name != after[code].full_name
        assert before[code].full_name.split()[0] == after[code].full_name.split()[0]
    statuses = {member.record.officer_code: member.status for member in second.staff}
    assert {statuses[code] for code in changes.left} == {Status.LEFT}
    assert {statuses[code] for code in changes.retired} == {Status.RETIRED}


# The cast


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("people", [200, 700])
def test_the_cast_can_play_its_parts(tmp_path: Path, seed: int, people: int) -> None:
    files = write_demo(tmp_path, people, seed, TODAY)
    one = {person.officer_code: person for person in read_register(files.edition(EditionName.ONE)).people}
    two = {person.officer_code: person for person in read_register(files.edition(EditionName.TWO)).people}
    cast = files.cast
    assert len(cast.codes) == 6
    assert all(one[code].absence is None for code in cast.codes)
    assert one[cast.chair.officer_code].posts[0].position == "Chủ tịch UBND thành phố"
    assert one[cast.head.officer_code].posts[0].position == "Chủ tịch UBND phường"
    assert one[cast.officer.officer_code].posts[0].standing is Standing.STAFF
    assert cast.hr_officer.unit_code.startswith("H57.02")
    assert two[cast.leaver.officer_code].leaves_on is not None
    assert first_level_code(two[cast.mover.officer_code].posts[0].unit_code) != first_level_code(cast.mover.unit_code)
    for member in (cast.chair, cast.head, cast.officer, cast.hr_officer):
        assert one[member.officer_code] == two[member.officer_code]
    told = json.loads(files.cast_path.read_text(encoding="utf-8"))
    assert told["leaver"]["officer_code"] == cast.leaver.officer_code
    assert set(told) == {"chair", "head", "officer", "leaver", "mover", "hr_officer"}


# The command


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(demo_data)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_command_writes_the_edition_asked_for(tmp_path: Path) -> None:
    code, output = run("--people", "300", "--out", str(tmp_path / "x"), "--format", "both", "--edition", "2")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["cast.json", "edition-2", "edition-2.xlsx"]
    assert f"300 người, {len(build_tree(300, TODAY))} đơn vị" in output


def test_the_command_takes_both_date_styles_and_today_by_default(tmp_path: Path) -> None:
    def leavers(folder: str, *arguments: str) -> list[date]:
        assert run("--people", "200", "--out", str(tmp_path / folder), *arguments)[0] == 0
        return [
            person.leaves_on for person in read_register(tmp_path / folder / "edition-2").people if person.leaves_on
        ]

    assert leavers("iso", "--as-of", "2026-08-31") == leavers("day first", "--as-of", "31/08/2026")
    assert all((today() - day).days in range(1, 10) for day in leavers("now"))
    assert run("--as-of", "31/02/2026", "--out", str(tmp_path / "no"))[0] == 2


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    assert run("--people", "199", "--out", str(tmp_path / "x"))[0] == 2
    assert not (tmp_path / "x").exists()
