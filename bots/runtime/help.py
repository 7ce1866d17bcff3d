"""Help, made from the commands that the asker may use."""

from dataclasses import dataclass
from html import escape
from itertools import groupby

from bots.runtime.commands import Answer, Command, Request, scene
from bots.runtime.parsers import AnyText
from bots.runtime.replies import MESSAGES, not_understood, paragraphs
from bots.runtime.router import Router
from bots.runtime.vocabulary import Vocabulary
from huep.catalogue import Catalogue, Locale

HELP = "help"


@dataclass(frozen=True)
class Topic:
    """What help is wanted with."""

    command: str


def help_router(bot: Catalogue) -> Router:
    """`trợ giúp` and `trợ giúp LỆNH`, for every bot; `bot` has its `greeting`."""
    router = Router("help", MESSAGES)

    @router.question(
        HELP,
        {
            Locale.VI: ("trợ giúp", "giúp", "hướng dẫn", "menu", "xin chào", "chào", "?"),
            Locale.EN: ("help", "commands", "hello", "hi", "start"),
        },
    )
    async def show_help(request: Request) -> Answer:
        return overview(bot.text(request.locale, "greeting"), request.commands, request.locale)

    @router.question(
        "help-with",
        {Locale.VI: ("trợ giúp {command}", "hướng dẫn {command}"), Locale.EN: ("help {command}",)},
        scene=scene(Topic, command=AnyText()),
    )
    async def explain(request: Request, topic: Topic) -> Answer:
        vocabulary = Vocabulary(request.commands)
        match = vocabulary.match(topic.command) or vocabulary.titled(topic.command)
        if match is None:
            return not_understood(request.locale, vocabulary.likeliest(topic.command))
        return detail(match.command, request.locale)

    return router


def overview(greeting: str, commands: tuple[Command, ...], locale: Locale) -> Answer:
    """All commands, one a line, under the headings of their routers."""
    closing = MESSAGES.text(locale, "help-closing")
    body, html = [greeting], [escape(greeting)]
    for heading, group in groupby(commands, key=lambda command: heading_of(command, locale)):
        lines = [(command.title(locale), does(command, locale)) for command in group]
        body += ["", heading, *(f"• {title}: {purpose}" for title, purpose in lines)]
        items = "".join(f"<li><b>{escape(title)}</b>: {escape(purpose)}</li>" for title, purpose in lines)
        html.append(f"<p>{escape(heading)}</p><ul>{items}</ul>")
    return Answer("\n".join([*body, "", closing]), "".join([*html, escape(closing)]))


def detail(command: Command, locale: Locale) -> Answer:
    """One command: what it does, how it can be asked for, an example, and whether it asks before it acts."""
    phrases = [phrase.shown(lambda slot: command.step_name(slot, locale)) for phrase in command.phrases[locale]]
    lines = [
        f"{command.title(locale)}: {does(command, locale)}",
        MESSAGES.text(locale, "help-phrases", {"phrases": "; ".join(phrases)}),
    ]
    example = example_of(command, locale)
    if example:
        lines.append(MESSAGES.text(locale, "help-example", {"example": example}))
    if command.writes:
        lines.append(MESSAGES.text(locale, "help-confirms"))
    return paragraphs(*lines)


def heading_of(command: Command, locale: Locale) -> str:
    """The heading under which a command stands."""
    return command.catalogue.text(locale, f"section-{command.section}")


def does(command: Command, locale: Locale) -> str:
    """What a command is for, in a few words."""
    return command.catalogue.text(locale, f"help-{command.name}")


def example_of(command: Command, locale: Locale) -> str | None:
    """How a command with values is typed, for instance; None for one that is typed as it stands."""
    if not any(phrase.slots for phrase in command.phrases[locale]):
        return None
    return command.catalogue.text(locale, f"example-{command.name}")
