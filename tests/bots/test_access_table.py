"""Every role against every command, from one table: who may is answered, and for who may not it does not exist."""

import csv
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from bots.runtime.access import Access, Role
from bots.runtime.commands import Command
from bots.testing.province import SERVER, SmallDirectory, SmallPreferences, person, post, small_province
from huep.catalogue import Locale
from huep.directory.model import Standing
from tests.bots.desk import Desk

TABLE = Path(__file__).with_name("access.tsv")
WHO = {
    Role.PROVINCE_LEADER: "chu-tich",
    Role.UNIT_HEAD: "giam-doc",
    Role.ACTING_HEAD: "pho-phong",
    Role.DEPUTY: "pho-giam-doc",
    Role.HR_OFFICER: "to-chuc",
    Role.OPERATOR: "quan-tri",
    Role.COMMUNICATOR: "truyen-thong-vien",
    Role.STAFF: "an",
}
SAID = {"command": "tôi là ai", "locale": "tiếng Việt", "start": "22h", "end": "6h", "unit": "Phòng Tổ chức biên chế"}
"""What stands in the place of each value."""


def everybody() -> SmallDirectory:
    """One person a role at least."""
    return SmallDirectory(
        *small_province().people,
        person("pho-giam-doc", "Mai Văn Lộc", post("SNV", "Phó Giám đốc Sở", Standing.DEPUTY)),
        person("to-chuc", "Võ Thị Sâm", post("SNV-VP", "Chuyên viên"), roles=frozenset({"hr_officer"})),
        person("truyen-thong-vien", "Lê Thị Thu", post("SNV-VP", "Chuyên viên"), roles=frozenset({"communicator"})),
        person("quan-tri", "Bùi Quang", post("SNV-VP", "Kỹ sư"), roles=frozenset({"operator", "unheard-of"})),
    )


def table(bot: str = "assistant") -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return {row.pop("command"): row for row in rows if row.pop("bot") == bot}


def cells() -> Iterator[tuple[Role, str, bool]]:
    for command, row in table().items():
        for role in Role:
            yield role, command, row[role.value] == "yes"


def phrases(command: Command) -> list[str]:
    return [phrase.written.format(**SAID) for many in command.phrases.values() for phrase in many]


def command_named(desk: Desk, name: str) -> Command:
    return next(command for command in desk.router.commands if command.name == name)


def test_the_table_has_every_command_and_every_role() -> None:
    assert list(table()) == [command.name for command in Desk().router.commands]
    assert all(set(row) == {role.value for role in Role} for row in table().values())


@pytest.mark.parametrize("role", Role)
def test_the_people_of_the_table_are_what_they_stand_for(role: Role) -> None:
    caller = Access(everybody(), SmallPreferences()).caller(f"@{WHO[role]}:{SERVER}")
    assert caller is not None
    assert caller.roles == {role, Role.STAFF}


@pytest.mark.parametrize(("role", "name", "allowed"), list(cells()))
async def test_every_role_against_every_command(role: Role, name: str, allowed: bool) -> None:
    """Refused is absent: the same answer and the same suggestions as from a bot that has no such command."""
    for phrase in phrases(command_named(Desk(), name)):
        desk, without = Desk(directory=everybody()), Desk(directory=everybody())
        without.router = SimpleNamespace(  # type: ignore[assignment]
            commands=tuple(command for command in without.router.commands if command.name != name)
        )
        without.restart()
        said, absent = await desk.says(WHO[role], phrase), await without.says(WHO[role], phrase)
        assert (said != absent) == allowed, phrase
        assert (desk.sent[-1].content["body"] == absent) != allowed
        assert allowed or (desk.writes, desk.dialogs.kept) == (0, {})


@pytest.mark.parametrize("role", Role)
async def test_help_and_suggestions_name_nothing_else(role: Role) -> None:
    desk = Desk(directory=everybody())
    names = {name: row[role.value] == "yes" for name, row in table().items()}
    for asked in ("trợ giúp", "help"):
        said = await desk.says(WHO[role], asked)
        locale = Locale.EN if asked == "help" else Locale.VI
        assert {name for name in names if f"• {command_named(desk, name).title(locale)}:" in said} == {
            name for name, allowed in names.items() if allowed
        }
    for name, allowed in names.items():
        for phrase in phrases(command_named(desk, name)):
            for asked in (f"{phrase} xyz xyz", f"xyz {phrase}", f"trợ giúp {phrase}"):
                said = await desk.says(WHO[role], asked)
                if not allowed:
                    assert command_named(desk, name).title(Locale.VI) not in said
                    assert command_named(desk, name).title(Locale.EN) not in said
                await desk.says(WHO[role], "thôi")


async def test_what_is_refused_costs_as_many_questions_as_what_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one time class: nothing is looked up for the one that is not looked up for the other."""
    asked: list[str] = []
    for name in ("person_of", "unit", "units", "units_under", "path_to", "leadership_of", "headcount"):
        original = getattr(SmallDirectory, name)

        def counted(self: SmallDirectory, *words: str, name: str = name, original: object = original) -> object:
            asked.append(name)
            return original(self, *words)  # type: ignore[operator]

        monkeypatch.setattr(SmallDirectory, name, counted)
    desk = Desk(directory=everybody())
    counts = []
    for said in ("Phòng Tổ chức biên chế có bao nhiêu người", "Phòng Tổ chức biên chế có bao nhiêu quạt máy"):
        asked.clear()
        await desk.says("an", said)
        counts.append(tuple(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("outside", ["VYDA", "Phường Vỹ Dạ", "vy da", "HUE", "UBND thành phố Huế"])
async def test_a_unit_outside_ones_scope_is_as_unknown_as_one_that_does_not_exist(outside: str) -> None:
    for nowhere in ("Sở Phép thuật", "xx"):
        answers = []
        for unit in (outside, nowhere):
            desk = Desk(directory=everybody())
            answers.append((await desk.says("giam-doc", f"{unit} có bao nhiêu người")).replace(unit, "…"))
            answers.append((await desk.says("giam-doc", unit)).replace(unit, "…"))
        assert answers[:2] == answers[2:]
        assert "người có tài khoản" not in "".join(answers)


async def test_who_keeps_the_register_sees_every_unit() -> None:
    desk = Desk(directory=everybody())
    assert "Phường Vỹ Dạ có" in await desk.says("to-chuc", "vy da co bao nhieu nguoi")
