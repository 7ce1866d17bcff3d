"""The baseline of the bots, running: a bare nio bot that echoes, on an account and a signed device of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path

from benchmarks.crowd import sign_device
from benchmarks.echo_bot import make_device
from benchmarks.province import RunningProvince
from bots.matrix.connection import MatrixConnection, connect_from_folder
from huep.stack.accounts import open_admin
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson

BASELINE = "bare_nio_echo"
ECHO, PASSWORD = "benchmark-echo-1a", "benchmark-password-1a"


def device(running: RunningProvince, localpart: str, folder: Path) -> AbstractAsyncContextManager[MatrixConnection]:
    """A cross-signed device of an account whose password is `PASSWORD`."""
    return connect_from_folder(
        running.settings.synapse.local_url,
        folder,
        running.settings.user_id(localpart),
        lambda: PASSWORD,
        device_id=f"BENCHMARK-{localpart.upper()}",
        display_name="benchmark",
    )


async def make_accounts(running: RunningProvince, *askers: str) -> None:
    """The echo bot's account; it and the askers (localparts) get `PASSWORD`, and no limit of messages."""
    async with open_admin(running.settings, running.state) as admin:
        await admin.publish_people([PublishedPerson(ECHO, "active")])
        await admin.act_on_accounts([AccountRequest("1", AccountVerb.CREATE, ECHO, "Echo")])
        for localpart in (ECHO, *askers):
            await admin.set_password(running.settings.user_id(localpart), PASSWORD)
            await admin.lift_rate_limits(running.settings.user_id(localpart))


async def make_echo_device(running: RunningProvince, folder: Path) -> None:
    """Its device, made by nio and cross-signed, so that people's clients share keys with it."""
    url = running.settings.synapse.local_url
    await sign_device(url, await make_device(folder, url, running.settings.user_id(ECHO), PASSWORD))


@contextmanager
def echo_bot(url: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The bot, ready, until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.echo_bot", url, str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise RuntimeError("the echo bot did not start")
        yield process
    finally:
        process.terminate()
        process.wait()
