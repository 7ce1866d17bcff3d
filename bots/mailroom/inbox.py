"""`huep bots inbox`: events that were set aside; list, retry, drop."""

import json
from typing import Annotated

import typer
from rich.console import Console

from bots.mailroom import screen
from bots.mailroom.changing import Details, Order, change
from bots.mailroom.reading import read
from bots.runtime.dead_events import DeadEvent, EventSelection, drop_events, find_events, retry_events
from huep.catalogue import Locale, Voice
from huep.options import LanguageOption, StateOption

app = typer.Typer(help="What the bots could not deal with.", invoke_without_command=True)

Numbers = Annotated[
    list[int] | None, typer.Argument(help="Numbers of events, as the list shows them.", metavar="NUMBER")
]
BotOption = Annotated[str | None, typer.Option("--bot", help="Events of this bot (localpart of its account).")]
RoomOption = Annotated[str | None, typer.Option("--room", help="Events of this room (ID).")]
ByOption = Annotated[str, typer.Option("--by", help="Your name, for the audit log.")]
AllOption = Annotated[bool, typer.Option("--all-dead", help="All that were set aside, within the other options.")]


@app.callback()
def list_(
    context: typer.Context,
    bot: BotOption = None,
    room: RoomOption = None,
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="The newest so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """List events with which a bot failed again and again; what was written in them is not shown."""
    if context.invoked_subcommand is not None:
        return
    selection = EventSelection(bot=bot, room_id=room)
    events = read(state, lambda connection: find_events(connection, selection, most))
    if as_json:
        typer.echo(json.dumps([screen.as_json(event) for event in events], ensure_ascii=False, indent=1))
    else:
        screen.show_dead_events(Console(highlight=False), Voice(screen.MESSAGES, language), events)


@app.command()
def retry(
    by: ByOption,
    numbers: Numbers = None,
    all_dead: AllOption = False,
    bot: BotOption = None,
    room: RoomOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Have events dealt with after all, and answered; a bot that runs begins at once."""
    order = Order(tuple(numbers or ()), all_dead, by, language, state)
    selection = EventSelection(tuple(order.numbers), bot, room)
    change(order, selection, retry_events, "inbox.retry", _details, "inbox-retried")


@app.command()
def drop(
    by: ByOption,
    numbers: Numbers = None,
    all_dead: AllOption = False,
    bot: BotOption = None,
    room: RoomOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Give up events; what was written in them is deleted."""
    order = Order(tuple(numbers or ()), all_dead, by, language, state)
    selection = EventSelection(tuple(order.numbers), bot, room)
    change(order, selection, drop_events, "inbox.drop", _details, "inbox-dropped")


def _details(event: DeadEvent) -> Details:
    return {"room_id": event.room_id, "event_id": event.event_id, "error": event.error}
