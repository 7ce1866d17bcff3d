"""`mẫu tin`, `lưu mẫu …`, `danh sách`, `lưu danh sách …`: what is kept for announcements to come.

A template is used by naming it where the content is asked for: `mẫu họp giao ban`; a list by `danh sách` and its name.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from bots.broadcasts.audience import NamedList
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Content, Wanted
from bots.broadcasts.rendering import MESSAGES, shortened
from bots.broadcasts.rights import SPEAKERS
from bots.broadcasts.shelf import folded_name
from bots.broadcasts.spoken import ContentWords, content_fits
from bots.runtime.arguments import Parser
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.parsers import AnyText
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from huep.catalogue import Locale, Message, Voice
from huep.directory.model import PersonKey

LONGEST_NAME = 60


@dataclass(frozen=True)
class NewTemplate:
    """A content, and the name to keep it under."""

    name: str
    content: Content


@dataclass(frozen=True)
class NewList:
    """People, and the name to keep them under."""

    name: str
    wanted: Wanted


@dataclass(frozen=True)
class Named:
    """A name under which something is kept."""

    name: str


class Keeps(Protocol):
    """May put things onto the shelf, and take own things down."""

    def keep_template(self, owner: PersonKey, name: str, content: Content) -> None: ...

    def drop_template(self, owner: PersonKey, name: str) -> None: ...

    def keep_list(self, owner: PersonKey, name: str, people: frozenset[PersonKey]) -> None: ...

    def drop_list(self, owner: PersonKey, name: str) -> None: ...


@dataclass(frozen=True)
class KeepsThem:
    """Does so."""

    desk: Desk
    effects: Effects

    def keep_template(self, owner: PersonKey, name: str, content: Content) -> None:
        self.effects.write(self.desk.shelf.keeping_template(owner, name, content))

    def drop_template(self, owner: PersonKey, name: str) -> None:
        self.effects.write(self.desk.shelf.dropping_template(owner, name))

    def keep_list(self, owner: PersonKey, name: str, people: frozenset[PersonKey]) -> None:
        self.effects.write(self.desk.shelf.keeping_list(owner, name, people))

    def drop_list(self, owner: PersonKey, name: str) -> None:
        self.effects.write(self.desk.shelf.dropping_list(owner, name))


@dataclass(frozen=True)
class SaysWhatItKeeps:
    """The dry-run twin."""

    intentions: Intentions

    def keep_template(self, owner: PersonKey, name: str, content: Content) -> None:  # noqa: ARG002 - as its twin
        self.intentions.say(Message.of("would-keep-template", name=name, beginning=shortened(content)))

    def drop_template(self, owner: PersonKey, name: str) -> None:  # noqa: ARG002 - as its twin
        self.intentions.say(Message.of("would-drop-template", name=name))

    def keep_list(self, owner: PersonKey, name: str, people: frozenset[PersonKey]) -> None:  # noqa: ARG002 - as its twin
        self.intentions.say(Message.of("would-keep-list", name=name, count=len(people)))

    def drop_list(self, owner: PersonKey, name: str) -> None:  # noqa: ARG002 - as its twin
        self.intentions.say(Message.of("would-drop-list", name=name))


def keeping(desk: Desk, audiences: Parser[Wanted]) -> Router:
    """Templates and named lists."""
    router = Router("keeping", MESSAGES, SPEAKERS)
    keeps: Capability[Keeps] = Capability(
        "shelf", lambda effects: KeepsThem(desk, effects), SaysWhatItKeeps, of_power=False
    )
    shelf, ledger = desk.shelf, desk.ledger

    def said(request: Request, message: str, /, **arguments: str) -> Answer:
        return paragraphs(MESSAGES.text(request.locale, message, arguments))

    def name_fits(name: str, _: Any) -> Message | None:
        return None if 0 < len(folded_name(name)) <= LONGEST_NAME else Message.of("name-does-not-fit")

    @router.question("templates", {Locale.VI: ("mẫu tin", "các mẫu tin"), Locale.EN: ("templates",)})
    async def templates(request: Request) -> Answer:
        kept = await asyncio.to_thread(shelf.templates, request.person.key)
        if not kept:
            return said(request, "templates-none")
        lines = (f"• {one.name}: {shortened(one.content)}" for one in kept)
        return paragraphs(MESSAGES.text(request.locale, "templates-some"), *lines)

    @router.act(
        "keep-template",
        {
            Locale.VI: ("lưu mẫu {name}: {content}", "lưu mẫu {name}", "lưu mẫu"),
            Locale.EN: ("keep template {name}: {content}", "keep template {name}", "keep template"),
        },
        keeps,
        scene=scene(
            NewTemplate, checks={"name": name_fits, "content": content_fits}, name=AnyText(), content=ContentWords()
        ),
    )
    async def keep_template(request: Request, new: NewTemplate, power: Keeps) -> Answer:
        power.keep_template(request.person.key, new.name, new.content)
        return said(request, "template-kept", name=new.name)

    @router.act(
        "drop-template",
        {Locale.VI: ("xoá mẫu {name}", "xoá mẫu"), Locale.EN: ("delete template {name}", "delete template")},
        keeps,
        scene=scene(Named, name=AnyText()),
    )
    async def drop_template(request: Request, named: Named, power: Keeps) -> Answer:
        kept = await asyncio.to_thread(shelf.templates, request.person.key)
        if not _holds(named.name, (one.name for one in kept)):
            return said(request, "nothing-of-that-name", name=named.name)
        power.drop_template(request.person.key, named.name)
        return said(request, "template-dropped", name=named.name)

    @router.question("lists", {Locale.VI: ("danh sách", "các danh sách"), Locale.EN: ("lists",)})
    async def lists(request: Request) -> Answer:
        say = Voice(MESSAGES, request.locale)

        def line(one: NamedList) -> str:
            owner = None if one.owner == request.person.key else desk.tools.directory.person(one.owner)
            if owner is None:
                return say("lists-line", name=one.name, count=len(one.people))
            return say("lists-line-of", name=one.name, owner=owner.full_name, count=len(one.people))

        lines = await asyncio.to_thread(lambda: [line(one) for one in shelf.lists()])
        return paragraphs(say("lists-some"), *lines) if lines else said(request, "lists-none")

    @router.act(
        "keep-list",
        {
            Locale.VI: ("lưu danh sách {name}: {wanted}", "lưu danh sách {name}", "lưu danh sách"),
            Locale.EN: ("keep list {name}: {wanted}", "keep list {name}", "keep list"),
        },
        keeps,
        scene=scene(NewList, checks={"name": name_fits}, name=AnyText(), wanted=audiences),
    )
    async def keep_list(request: Request, new: NewList, power: Keeps) -> Answer:
        reach = await asyncio.to_thread(ledger.reach, new.wanted.audience)
        if not reach.people:
            return said(request, "rights-reaches-nobody")
        power.keep_list(request.person.key, new.name, frozenset(person.key for person in reach.people))
        return said(request, "list-kept", name=new.name)

    @router.act(
        "drop-list",
        {Locale.VI: ("xoá danh sách {name}", "xoá danh sách"), Locale.EN: ("delete list {name}", "delete list")},
        keeps,
        scene=scene(Named, name=AnyText()),
    )
    async def drop_list(request: Request, named: Named, power: Keeps) -> Answer:
        owner = request.person.key
        kept = await asyncio.to_thread(shelf.lists)
        if not _holds(named.name, (one.name for one in kept if one.owner == owner)):
            return said(request, "nothing-of-that-name", name=named.name)
        power.drop_list(owner, named.name)
        return said(request, "list-dropped", name=named.name)

    return router


def _holds(name: str, names: Iterable[str]) -> bool:
    return folded_name(name) in map(folded_name, names)
