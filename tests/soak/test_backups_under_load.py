"""Backups of a province in full work, restored elsewhere: whole, consistent, and with a bot that answers."""

import asyncio
import random
import time
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from hr_provisioner.workplace import Workplace, open_workplace
from huep.database import Role, connect_as
from huep.settings import load_settings
from huep.stack.accounts import open_admin
from huep.state import StateFolder
from tests.clients.lent_people import lend_person
from tests.clients.running import free_port, run_huep, start_huep, stop_huep
from tests.conftest import Province
from tests.real.test_provision import apply, person, register, unit
from tests.real.test_stack import bot_identity
from tests.soak.asking import QUESTIONS, Asker, asking
from tests.soak.conftest import Tell

BACKUPS = 3
NEW_PEOPLE_A_REGISTER = 25
REST_BEFORE_BACKUP_S = 3.0
ANSWERED_WITHIN_S = 60.0

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


async def test_a_backup_of_a_province_at_work_restores_whole(
    stack: Province, tmp_path: Path, dice: random.Random, tell: Tell
) -> None:
    for number in range(BACKUPS):
        folder = tmp_path / str(number)
        folder.mkdir()
        saved = folder / "huep.tar.gz"
        made, devices, took = await back_up_at_work(stack, saved, folder, dice)
        assert made > 0
        tell(f"backup {number + 1}: {took:.1f} s, {made} accounts made meanwhile, {devices} new devices talked")
        await check_restored(stack, saved, folder, tell)


async def back_up_at_work(stack: Province, saved: Path, folder: Path, dice: random.Random) -> tuple[int, int, float]:
    """Take a backup while accounts are made and people talk; returns accounts, devices, seconds."""
    people = [await lend_person(stack) for _ in range(2)]
    enough = asyncio.Event()
    async with (
        asking(stack, people[0], folder / "first") as first,
        asking(stack, people[1], folder / "second") as second,
    ):
        with open_workplace(stack.state) as place:
            hiring = asyncio.create_task(hire(place, enough))
            coming = asyncio.create_task(come(stack, folder, enough))
            talking = [asyncio.create_task(talk(asker, enough, dice)) for asker in (first, second)]
            await asyncio.sleep(dice.uniform(1, REST_BEFORE_BACKUP_S))
            before = accounts(stack)
            began = time.monotonic()
            await asyncio.to_thread(stack.huep, "backup", str(saved))
            took = time.monotonic() - began
            made = len(accounts(stack)) - len(before)
            enough.set()
            await hiring
            devices = await coming
            await asyncio.gather(*talking)
    return made, devices, took


async def hire(place: Workplace, enough: asyncio.Event) -> None:
    """Apply one small register after the other."""
    while not enough.is_set():
        region = f"NEW{uuid4().hex[:6].upper()}"
        newcomers = [person(f"{region}-{n}", region, "Người Mới Đến") for n in range(NEW_PEOPLE_A_REGISTER)]
        await apply(place, register([unit(region, place)], newcomers))


async def come(stack: Province, folder: Path, enough: asyncio.Event) -> int:
    """New devices that ask the bot for the first time, and so use up its one-time keys."""
    devices = 0
    while not enough.is_set():
        async with asking(stack, await lend_person(stack), folder / f"new-{devices}", f"NEW{devices}") as asker:
            await asker.answered(await asker.ask(QUESTIONS[0]), ANSWERED_WITHIN_S)
            asker.check_answers()
        devices += 1
    return devices


async def talk(asker: Asker, enough: asyncio.Event, dice: random.Random) -> None:
    while not enough.is_set():
        await asker.answered(await asker.ask(dice.choice(QUESTIONS)), ANSWERED_WITHIN_S)
    asker.check_answers()


def accounts(province: Province) -> dict[str, bool]:
    """Locked or not, by user ID, as the directory has it."""
    engine = connect_as(province.settings, province.state, Role.HR)
    try:
        with engine.connect() as connection:
            rows = connection.execute(text("select user_id, locked from register.accounts")).all()
            return {row.user_id: bool(row.locked) for row in rows}
    finally:
        engine.dispose()


async def check_restored(stack: Province, saved: Path, folder: Path, tell: Tell) -> None:
    elsewhere = StateFolder(folder / "elsewhere")
    ports = [part for name in ("synapse", "postgres", "hr", "push") for part in (f"--{name}-port", str(free_port()))]
    run_huep(elsewhere.root, "restore", str(saved), *ports)
    process = start_huep(elsewhere.root, log=folder / "restored.log")
    try:
        restored = Province(elsewhere, load_settings(elsewhere), process)
        known = accounts(restored)
        async with open_admin(restored.settings, elsewhere) as admin:
            shown = {user.user_id: user.locked for user in await admin.users()}
        assert known.keys() - shown.keys() == set(), "the directory knows accounts that Synapse has not"
        assert known == {user_id: shown[user_id] for user_id in known}
        run_huep(elsewhere.root, "audit", "verify")
        assert bot_identity(restored.url, restored) == bot_identity(stack.url, stack)
        for number in range(3):
            async with asking(restored, await lend_person(restored), folder / f"there-{number}", "THERE") as asker:
                await asker.answered(await asker.ask(QUESTIONS[0]), ANSWERED_WITHIN_S)
                asker.check_answers()
        tell(f"restored: {len(known)} accounts in the directory, {len(shown)} on the homeserver, the bot answers")
    finally:
        assert stop_huep(process) == 0
