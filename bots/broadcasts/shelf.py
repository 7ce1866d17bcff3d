"""What is kept for announcements to come: templates, each its owner's alone, and named lists, for all who speak."""

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, text

from bots.broadcasts.audience.known import NamedList
from bots.broadcasts.model import Content
from bots.runtime.capabilities import Write
from bots.sealing import Seal
from huep.clock import Clock
from huep.directory.model import PersonKey
from huep.names import fold, normalise

_CONTENT = TypeAdapter(Content)

_TEMPLATES = text("""
select name, folded_name, content from bots.broadcast_templates
where bot = :bot and owner_key = :owner order by folded_name
""")
_KEEP_TEMPLATE = text("""
insert into bots.broadcast_templates (bot, owner_key, name, folded_name, content, kept_at)
values (:bot, :owner, :name, :folded, :content, :at)
on conflict (bot, owner_key, folded_name) do update
set name = excluded.name, content = excluded.content, kept_at = excluded.kept_at
""")
_DROP_TEMPLATE = text(
    "delete from bots.broadcast_templates where bot = :bot and owner_key = :owner and folded_name = :folded"
)
_LISTS = text("select owner_key, name, people from bots.broadcast_lists where bot = :bot order by folded_name")
_KEEP_LIST = text("""
insert into bots.broadcast_lists (bot, owner_key, name, folded_name, people, kept_at)
values (:bot, :owner, :name, :folded, cast(:people as uuid[]), :at)
on conflict (bot, owner_key, folded_name) do update
set name = excluded.name, people = excluded.people, kept_at = excluded.kept_at
""")
_DROP_LIST = text("delete from bots.broadcast_lists where bot = :bot and owner_key = :owner and folded_name = :folded")


@dataclass(frozen=True)
class Template:
    """What an announcement may say again, under a name that its owner gave it."""

    name: str
    content: Content


class Shelf:
    """One bot's; what is written holds with the transaction of the caller."""

    def __init__(self, engine: Engine, bot: str, seal: Seal, clock: Clock) -> None:
        self._engine = engine
        self._bot = bot
        self._seal = seal
        self._clock = clock

    def templates(self, owner: PersonKey) -> tuple[Template, ...]:
        """Those of one person, by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(_TEMPLATES, {"bot": self._bot, "owner": owner}).all()
        return tuple(
            Template(
                row.name,
                _CONTENT.validate_json(self._seal.open(row.content, *self._about(owner, row.folded_name))),
            )
            for row in rows
        )

    def lists(self) -> tuple[NamedList, ...]:
        """Those of everybody, by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(_LISTS, {"bot": self._bot}).all()
        return tuple(NamedList(row.name, frozenset(row.people), row.owner_key) for row in rows)

    def keeping_template(self, owner: PersonKey, name: str, content: Content) -> Write:
        """Under a name of the same letters it takes the place of the one before."""
        folded = folded_name(name)
        sealed = self._seal.close(_CONTENT.dump_json(content), *self._about(owner, folded))
        return self._writing(_KEEP_TEMPLATE, owner, folded, name=normalise(name), content=sealed, at=self._clock())

    def dropping_template(self, owner: PersonKey, name: str) -> Write:
        return self._writing(_DROP_TEMPLATE, owner, folded_name(name))

    def keeping_list(self, owner: PersonKey, name: str, people: Collection[PersonKey]) -> Write:
        """Under a name of the same letters it takes the place of the one before, of the same owner."""
        keys = sorted(people)
        return self._writing(_KEEP_LIST, owner, folded_name(name), name=normalise(name), people=keys, at=self._clock())

    def dropping_list(self, owner: PersonKey, name: str) -> Write:
        return self._writing(_DROP_LIST, owner, folded_name(name))

    def _writing(self, statement: object, owner: PersonKey, folded: str, **values: object) -> Write:
        bound = {"bot": self._bot, "owner": owner, "folded": folded, **values}

        def write(connection: Connection) -> None:
            connection.execute(statement, bound)  # type: ignore[call-overload]

        return write

    def _about(self, owner: PersonKey, folded: str) -> tuple[str, ...]:
        """What a template is bound to, so that no row can be put in another's place."""
        return "broadcast template", self._bot, str(owner), folded


def folded_name(name: str) -> str:
    """By which a name is found again, however it is typed."""
    return " ".join(fold(normalise(name)).split())
