"""The kit on Trợ lý HueP: what people say and hear, and what happens around them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bots.assistant.package import ASSISTANT
from bots.testing.faults import FOUL, Fault
from bots.testing.kit import Stage, kit
from tests.clients.running import Databases


@pytest.fixture
async def stage(databases: Databases) -> AsyncIterator[Stage]:
    async with kit(ASSISTANT, databases) as stage:
        yield stage


async def test_a_person_is_answered_once_with_what_the_directory_knows(stage: Stage) -> None:
    an = await stage.person("an")
    await an.says("toi la ai")
    answer = await an.hears("Nguyễn Thị An", means="card-leader")
    assert answer.encrypted
    await an.hears_nothing()


async def test_what_was_heard_instead_is_told(stage: Stage) -> None:
    an = await stage.person("an")
    await an.says("tôi là a")
    with pytest.raises(AssertionError, match="means not-understood"):
        await an.hears("Nguyễn Thị An")


async def test_two_people_do_not_hear_each_other(stage: Stage) -> None:
    an, binh = await stage.person("an"), await stage.person("binh")
    await an.says("tôi là ai")
    await binh.says("tôi là ai")
    await binh.hears("Hồ Văn Bình")
    await an.hears("Nguyễn Thị An")
    await an.hears_nothing()
    await binh.hears_nothing()


async def test_a_crash_repeats_no_answer_and_loses_none(stage: Stage) -> None:
    an = await stage.person("an")
    await an.says("tôi là ai")
    await stage.restarts()
    await an.hears("Nguyễn Thị An")
    await an.says("đơn vị tôi")
    await an.hears("Phòng Tổ chức biên chế")
    await an.hears_nothing()


@pytest.mark.parametrize("fault", [Fault.LIMITED, Fault.FAILED, Fault.CUT, Fault.LOST, Fault.SPOILT])
async def test_an_answer_that_a_network_broke_is_heard_once(stage: Stage, fault: Fault) -> None:
    an = await stage.person("an")
    stage.network.breaks(fault, "/send/", times=2)
    await an.says("tôi là ai")
    await an.hears("Nguyễn Thị An")
    await an.hears_nothing()
    arrived = fault in (Fault.LOST, Fault.SPOILT)
    assert stage.network.met[fault] in ((1, 2) if arrived else (2,)), (
        "the next sync shows what had arrived all the same"
    )


async def test_every_fifth_request_refused_costs_no_answer(stage: Stage) -> None:
    an = await stage.person("an")
    stage.network.shares = FOUL
    for _ in range(10):
        await an.says("tôi là ai")
    for _ in range(10):
        await an.hears("Nguyễn Thị An")
    await an.hears_nothing()


async def test_somebody_unknown_to_the_directory_is_a_mistake_of_the_test(stage: Stage) -> None:
    with pytest.raises(KeyError, match="an-"):
        await stage.person("nobody")


async def test_time_that_passes_ends_a_dialog(stage: Stage) -> None:
    an = await stage.person("an")
    await an.says("đặt giờ yên lặng")
    await an.hears(means="ask-quiet-hours-start")
    await stage.moves(timedelta(minutes=11))
    await an.hears(means="dialog-timed-out")
    await an.hears_nothing()
