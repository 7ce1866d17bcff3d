"""`huep bots`: running them, looking after them, bringing them back."""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from bots.broadcasts.inspection.cli import app as announcements
from bots.broadcasts.news.cli import app as news
from bots.mailroom.inbox import app as inbox
from bots.mailroom.outbox import app as outbox
from bots.matrix.store.cli import import_store
from huep.bots_settings import ALL
from huep.catalogue import Locale
from huep.options import LanguageOption, StateOption
from huep.state import locate_state

app = typer.Typer(help="The bots.", no_args_is_help=True)
app.add_typer(outbox, name="outbox")
app.add_typer(inbox, name="inbox")
app.add_typer(news, name="news")
app.add_typer(announcements, name="announcements")

BotOption = Annotated[str | None, typer.Option("--bot", help="One bot alone, by its name; all by default.")]


@app.callback()
def bots() -> None:
    """The bots of HueP; `huep up` starts and supervises them."""


@app.command()
def run(state: StateOption = None, bot: BotOption = None) -> None:
    """Run the bots until SIGTERM or Ctrl-C."""
    # Of the commands of this file the bots themselves are needed by this one alone.
    from bots.health.logs import log_to
    from bots.process.registry import chosen
    from bots.process.running import run_bots

    log_to(sys.stderr)
    work = partial(run_bots, locate_state(state), packages=chosen(bot), process=bot or ALL)
    asyncio.run(_until_signalled(work))


app.command("import-store")(import_store)


@app.command()
def commands(language: LanguageOption = Locale.VI) -> None:
    """Print every command, who may use it and the test that holds it, as docs/commands.md has it."""
    from bots.process.listing import listed
    from bots.runtime.commands_page import commands_page

    typer.echo(commands_page(listed(), language), nl=False)


async def _until_signalled(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await work(stop)


@app.command()
def doctor(
    state: StateOption = None,
    bot: BotOption = None,
    mend: Annotated[bool, typer.Option("--mend", help="Put right what can be without a risk to trust.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say how each bot stands, one line a thing; exit code 1 where something is wrong."""
    from bots.doctor.examination import examine
    from bots.doctor.screen import show
    from bots.process.place import opened
    from bots.process.registry import chosen

    with opened(locate_state(state)) as place, Console(stderr=True).status("Looking at the bots …"):
        verdicts = asyncio.run(examine(place, chosen(bot), mending=mend))
    if as_json:
        typer.echo(json.dumps([verdict.as_json() for verdict in verdicts], ensure_ascii=False, indent=1))
    else:
        show(verdicts)
    if not all(verdict.sound for verdict in verdicts):
        raise typer.Exit(1)


@app.command()
def recover(
    bot: Annotated[str, typer.Argument(help="The bot's name.")],
    state: StateOption = None,
) -> None:
    """Bring a bot back whose device is lost: the same identity from secret storage, on a new device."""
    from bots.matrix.device import opened as open_device
    from bots.matrix.recovery import recover as recover_identity
    from bots.process.place import opened
    from bots.process.registry import chosen
    from bots.runtime.dead_letters import bury_tried

    (package,) = chosen(bot)
    with opened(locate_state(state)) as place:
        localpart = package.localpart(place.settings)
        account, key = place.account(package), place.recovery_key(localpart)
        buried = 0

        async def bring_back() -> str:
            nonlocal buried
            async with open_device(place.shelf(), account.user_id) as device:
                if device.read_seeds() is None:  # before there is a device that would send them
                    with place.engine.begin() as connection:
                        buried = bury_tried(connection, localpart, place.clock())
                return await recover_identity(account, device, key)

        with Console(stderr=True).status("Opening the secret storage, signing a new device …"):
            device_id = asyncio.run(bring_back())
    typer.echo(
        f"{package.user_id(place.settings)} has its identity again, on the device {device_id}: the bot comes back"
    )
    typer.echo("by itself within five minutes, or with the next `huep up`.")
    if buried:
        typer.echo(f"{buried} messages may have been sent by the lost device: see `huep bots outbox`, and decide.")
