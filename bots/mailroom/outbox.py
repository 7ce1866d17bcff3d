"""`huep bots outbox`: how much waits and is dead; list, show, resend, drop."""

import json
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from bots.mailroom import screen
from bots.mailroom.changing import Details, NoSuchMessage, Order, change
from bots.mailroom.reading import read
from bots.runtime.dead_letters import (
    LetterRecord,
    Selection,
    count_letters,
    drop_letters,
    find_letters,
    resend_letters,
)
from bots.runtime.letters import LetterState
from huep.catalogue import Locale, Voice
from huep.options import LanguageOption, StateOption

app = typer.Typer(help="What the bots have to say.", invoke_without_command=True)

Numbers = Annotated[
    list[int] | None, typer.Argument(help="Numbers of messages, as `list` shows them.", metavar="NUMBER")
]
BotOption = Annotated[str | None, typer.Option("--bot", help="Messages of this bot (localpart of its account).")]
RoomOption = Annotated[str | None, typer.Option("--room", help="Messages to this room (ID).")]
BatchOption = Annotated[str | None, typer.Option("--batch", help="Messages of this batch, such as one announcement.")]
ByOption = Annotated[str, typer.Option("--by", help="Your name, for the audit log.")]
AllOption = Annotated[bool, typer.Option("--all-dead", help="All that are dead, within the other options.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.callback()
def counts(
    context: typer.Context,
    as_json: JsonOption = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Count messages by bot and state; exit code 1 where some are dead."""
    if context.invoked_subcommand is not None:
        return
    found = read(state, count_letters)
    if as_json:
        typer.echo(json.dumps([screen.as_json(count) for count in found], ensure_ascii=False, indent=1))
    else:
        screen.show_counts(Console(highlight=False), Voice(screen.MESSAGES, language), found)
    if any(count.state is LetterState.DEAD for count in found):
        raise typer.Exit(1)


@app.command("list")
def list_(
    states: Annotated[
        list[LetterState] | None, typer.Option("--state-of", help="Only messages in this state; again for another.")
    ] = None,
    bot: BotOption = None,
    room: RoomOption = None,
    batch: BatchOption = None,
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="The newest so many.")] = 50,
    as_json: JsonOption = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """List messages, the newest first; what they say is not shown. Without --state-of: waiting, taken and dead."""
    meant = tuple(states or (LetterState.WAITING, LetterState.TAKEN, LetterState.DEAD))
    selection = Selection(states=meant, bot=bot, room_id=room, batch=batch)
    records = read(state, lambda connection: find_letters(connection, selection, most))
    if as_json:
        typer.echo(json.dumps([screen.as_json(record) for record in records], ensure_ascii=False, indent=1))
    else:
        screen.show_list(Console(highlight=False), Voice(screen.MESSAGES, language), records)


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="Number of a message, as `list` shows it.")],
    as_json: JsonOption = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Show all that is known of one message but what it says."""
    records = read(state, lambda connection: find_letters(connection, Selection((number,)), 1))
    if not records:
        raise NoSuchMessage(Voice(screen.MESSAGES, language)("outbox-no-such", numbers=str(number)))
    if as_json:
        typer.echo(json.dumps(screen.as_json(records[0]), ensure_ascii=False, indent=1))
    else:
        screen.show_one(Console(highlight=False), Voice(screen.MESSAGES, language), records[0])


@app.command()
def resend(
    by: ByOption,
    numbers: Numbers = None,
    all_dead: AllOption = False,
    bot: BotOption = None,
    room: RoomOption = None,
    batch: BatchOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Have dead messages sent after all; one that did arrive is not sent twice."""
    order = Order(tuple(numbers or ()), all_dead, by, language, state)
    selection = _meant(order, Selection(bot=bot, room_id=room, batch=batch))
    change(order, selection, resend_letters, "outbox.resend", _details, "outbox-resent")


@app.command()
def drop(
    by: ByOption,
    numbers: Numbers = None,
    all_dead: AllOption = False,
    bot: BotOption = None,
    room: RoomOption = None,
    batch: BatchOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Give up messages that are dead, or by their numbers such that wait; what they say is deleted."""
    order = Order(tuple(numbers or ()), all_dead, by, language, state)
    selection = _meant(order, Selection(bot=bot, room_id=room, batch=batch))
    change(order, selection, drop_letters, "outbox.drop", _details, "outbox-dropped")


def _meant(order: Order, selection: Selection) -> Selection:
    states = (LetterState.DEAD,) if order.all_dead else ()
    return replace(selection, numbers=tuple(order.numbers), states=states)


def _details(record: LetterRecord) -> Details:
    return {"room_id": record.room_id, "transaction_id": record.transaction_id, "error": record.error}
