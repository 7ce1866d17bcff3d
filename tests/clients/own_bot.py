"""A bot of HueP once more, as a process that a test kills: the command of production, under an account of its own."""

import asyncio
import contextlib
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import tomlkit

from huep import secret_names
from huep.bots_settings import BOT_TITLES
from huep.settings import load_settings
from huep.stack.accounts import open_admin
from huep.stack.parent import end_with_parent
from huep.state import StateFolder
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson
from tests.clients.running import free_port
from tests.conftest import Province

SHARE_AT_START = 0.3
LONGEST_START_S = 4.0
LONGEST_WORK_S = 2.5
POLL_S = 0.05
READY_WITHIN_S = 240.0


@dataclass
class OwnBot:
    """`huep bots run --bot NAME` on a state folder beside the province's."""

    province: Province
    """As its users see it: the bot of that name is this one."""
    log: Path
    name: str = "assistant"
    kills: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, where it does not run."""
        if self._process is None or self._process.poll() is not None:
            with self.log.open("ab") as out:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "huep.cli", "bots", "run", "--bot", self.name],
                    env={**os.environ, "HUEP_STATE": str(self.province.state.root)},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    preexec_fn=end_with_parent,
                )

    def kill(self) -> None:
        """End it as a crash does."""
        assert self._process is not None
        assert self._process.poll() is None, f"it ended by itself:\n{self.log.read_text()}"
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def stop(self) -> int:
        """End it as the supervisor does; its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(60)

    async def be_killed(self, times: int, dice: random.Random, progress: Callable[[], int]) -> None:
        """Killed so often at random moments and started again at once: most times at work, the others at its start.

        Args:
            times: how often.
            dice: which moments.
            progress: grows with the bot's work; when it has grown, the bot is at it.
        """
        for _ in range(times):
            if dice.random() < SHARE_AT_START:
                await asyncio.sleep(dice.uniform(0, LONGEST_START_S))
            else:
                before = progress()
                while progress() == before:
                    await asyncio.sleep(POLL_S)
                await asyncio.sleep(dice.uniform(0, LONGEST_WORK_S))
            await asyncio.to_thread(self.kill)
            self.start()


@asynccontextmanager
async def own_bot(
    province: Province, folder: Path, name: str = "assistant", **sections: Mapping[str, object]
) -> AsyncIterator[OwnBot]:
    """The bot of that name on a device that people can write to; ended at the end. huep.toml has `sections` too."""
    localpart = f"{name}-{uuid4().hex[:8]}"
    user_id = province.settings.user_id(localpart)
    async with open_admin(province.settings, province.state) as admin:
        await admin.publish_people([PublishedPerson(localpart, "active")])
        [made] = await admin.act_on_accounts([AccountRequest("1", AccountVerb.CREATE, localpart, BOT_TITLES[name])])
        assert made.ok, made
        await admin.set_password(user_id, province.state.secret(secret_names.bot_password(localpart)))
        await admin.lift_rate_limits(user_id)
    beside = state_beside(province.state, folder, {name: localpart}, **sections)
    bot = OwnBot(replace(province, state=beside), folder / "bot.log", name)
    bot.province = replace(bot.province, settings=load_settings(bot.province.state))
    bot.start()
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while "ready" not in bot.log.read_text():
                await asyncio.sleep(POLL_S)
        yield bot
    finally:
        with contextlib.suppress(AssertionError):
            await asyncio.to_thread(bot.stop)


def state_beside(
    state: StateFolder, folder: Path, accounts: Mapping[str, str], **sections: Mapping[str, object]
) -> StateFolder:
    """A state folder with the same secrets and settings, but other bots: `[accounts]`, name to localpart."""
    beside = StateFolder(folder / "state")
    beside.root.mkdir(mode=0o700, parents=True)
    beside.secrets.symlink_to(state.secrets)
    content = tomlkit.parse(state.config_file.read_text("utf-8"))
    content["accounts"] = dict(accounts)
    content["bots"] = {"port": free_port()}
    for section, values in sections.items():
        content[section] = dict(values)
    beside.config_file.write_text(tomlkit.dumps(content), "utf-8")
    beside.create(str(content["server_name"]))
    return beside
