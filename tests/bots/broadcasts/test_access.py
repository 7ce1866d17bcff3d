"""Every role against every command of Truyền thông, from the table of all bots: for who may not, it does not exist."""

import pytest
from sqlalchemy import text

from bots.broadcasts.package import BROADCASTS
from bots.process.listing import listed
from bots.runtime.access import Access, Role
from bots.runtime.commands import Command
from bots.runtime.vocabulary import Vocabulary
from bots.testing.kit import kit
from bots.testing.province import SERVER, SmallPreferences
from huep.catalogue import Locale
from huep.database import Role as DatabaseRole
from tests.bots.broadcasts.town import Town
from tests.bots.test_access_table import WHO, everybody, table
from tests.clients.running import Databases

SAID = {
    "command": "tin của tôi",
    "level": "khẩn",
    "deadline": "17h thứ sáu",
    "wanted": "Sở Nội vụ",
    "content": "Họp lúc 14h",
    "broadcast": "1",
    "reason": "thiếu giờ",
    "unit": "Sở Nội vụ",
    "words": "họp",
    "switch": "bật",
    "name": "họp",
    "people": "Nguyễn Thị An",
}
"""What stands in the place of each value."""


def commands() -> tuple[Command, ...]:
    return next(bot.router.commands for bot in listed() if bot.package == BROADCASTS.name)


def allowed(role: Role) -> set[str]:
    return {name for name, row in table("broadcasts").items() if row[role.value] == "yes"}


def test_the_table_has_every_command_and_every_role() -> None:
    assert list(table("broadcasts")) == [command.name for command in commands()]
    assert all(set(row) == {role.value for role in Role} for row in table("broadcasts").values())


@pytest.mark.parametrize("role", Role)
def test_every_role_has_the_commands_of_the_table_and_no_other(role: Role) -> None:
    caller = Access(everybody(), SmallPreferences()).caller(f"@{WHO[role]}:{SERVER}")
    assert caller is not None
    assert {command.name for command in commands() if command.allowed & caller.roles} == allowed(role)


@pytest.mark.parametrize("role", [Role.STAFF, Role.HR_OFFICER, Role.OPERATOR])
async def test_what_somebody_may_not_use_is_answered_as_words_without_a_meaning_are(
    databases: Databases, role: Role
) -> None:
    mine = Vocabulary([command for command in commands() if command.name in allowed(role)])
    async with kit(BROADCASTS, databases, directory=everybody()) as stage:
        speaker = await stage.person(WHO[role])
        for command in commands():
            phrase = command.phrases[Locale.VI][-1].written.format(**SAID)
            if command.name in allowed(role) or mine.match(phrase):
                continue
            await speaker.says(phrase)
            heard = await speaker.hears(means="not-understood")
            assert command.title(Locale.VI) not in heard.body


@pytest.mark.parametrize(
    ("role", "to", "approver"),
    [
        (Role.PROVINCE_LEADER, "tất cả các sở", None),
        (Role.UNIT_HEAD, "Sở Nội vụ", None),
        (Role.UNIT_HEAD, "Phường Vỹ Dạ", "Nguyễn Văn Phương"),
        (Role.ACTING_HEAD, "Phòng Tổ chức biên chế", "Trần Thị Hoà"),
        (Role.ACTING_HEAD, "Văn phòng Sở", "Trần Thị Hoà"),
        (Role.DEPUTY, "Văn phòng Sở", "Trần Thị Hoà"),
        (Role.COMMUNICATOR, "Văn phòng Sở", "Trần Thị Hoà"),
        (Role.COMMUNICATOR, "Phường Vỹ Dạ", "Nguyễn Văn Phương"),
    ],
)
async def test_the_right_to_speak_ends_where_the_units_and_rooms_end_that_somebody_directs(
    databases: Databases, role: Role, to: str, approver: str | None
) -> None:
    async with kit(BROADCASTS, databases, directory=everybody()) as stage:
        Town(stage).opens_rooms("SNV", "VYDA")
        speaker = await stage.person(WHO[role])
        await speaker.says(f"thông báo để biết tới {to}: Căng tin mở lại")
        await speaker.hears("Căng tin mở lại")
        heard = await speaker.hears(means="would-reach")
        assert heard.means("would-ask", name=approver) if approver else "duyệt" not in heard.body


async def test_every_act_of_power_is_on_the_record_and_none_of_what_was_said(databases: Databases) -> None:
    async with kit(BROADCASTS, databases, directory=everybody()) as stage:
        Town(stage).opens_rooms("SNV")
        director = await stage.person("giam-doc")
        for words in (
            "thông báo quan trọng tới Sở Nội vụ hạn thứ sáu: Bí mật nội bộ",
            "nhắc tin 1",
            "xuất tin 1",
            "thu hồi tin 1",
        ):
            await director.says(words)
            while not (await director.hears()).means("confirm-in-words"):
                pass
            await director.says("đồng ý")
            await stage.rest()
        owner = databases.engine(DatabaseRole.OWNER)
        try:
            with owner.connect() as connection:
                asked = text("select act, subject, details from audit.entries where actor = :actor order by seq")
                entries = connection.execute(asked, {"actor": director.user_id}).all()
        finally:
            owner.dispose()
        acts = ["send", "remind", "export", "withdraw"]
        assert [(entry.act, entry.subject) for entry in entries] == [
            (f"broadcast.{act}", "broadcast 1") for act in acts
        ]
        assert "Bí mật" not in str(entries)
