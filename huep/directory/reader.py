"""The questions that everything asks: who is this, what lies under it, who leads, who may see, who is meant.

Every answer holds for one day, today in the province, and comes from the views of the schema `directory`, so that
the bots' database role can ask all of them. Calls are synchronous and take a few milliseconds; asyncio callers use
`asyncio.to_thread`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, Row, TextClause, text

from huep import clock
from huep.directory.audience import Audience
from huep.directory.model import (
    AbsenceKind,
    Leadership,
    Member,
    Person,
    PersonKey,
    Post,
    PostKind,
    Scope,
    Standing,
    Unit,
    UnitKind,
)

_VALID = "({0}.valid_from <= :day and ({0}.valid_to is null or {0}.valid_to > :day))"

_PEOPLE = f"""
select p.person_key, p.officer_code, p.full_name, p.user_id, p.locked,
       (select a.kind from directory.absences a
        where a.person_key = p.person_key and {_VALID.format("a")} limit 1) as absence,
       array(select r.role from directory.roles r where r.person_key = p.person_key) as roles,
       s.unit_code, u.name as unit_name, s.position_code, s.position, s.standing, s.rank, s.kind,
       s.valid_from, s.valid_to
from directory.people p
left join directory.posts s on s.person_key = p.person_key and {_VALID.format("s")}
left join directory.unit_periods u on u.unit_code = s.unit_code and {_VALID.format("u")}
where {{where}}
order by p.person_key, s.kind <> 'main', s.valid_from, s.post_id
"""

_PERSON_BY_USER = text(_PEOPLE.format(where="p.user_id = :user_id"))
_PERSON_BY_KEY = text(_PEOPLE.format(where="p.person_key = :key"))
_PERSON_BY_CODE = text(_PEOPLE.format(where="p.officer_code = :code"))
_LEADERS = text(
    _PEOPLE.format(
        where=f"""p.person_key in (
            select l.person_key from directory.posts l
            where l.unit_code = :code and l.standing in ('head', 'deputy') and {_VALID.format("l")})"""
    )
)

_UNIT_COLUMNS = "u.unit_code, u.name, u.short_name, u.kind, u.level, u.parent_code"

_UNIT = text(f"select {_UNIT_COLUMNS} from directory.unit_periods u where u.unit_code = :code and {_VALID.format('u')}")

_UNITS = text(f"select {_UNIT_COLUMNS} from directory.unit_periods u where {_VALID.format('u')} order by u.unit_code")

_UNDER = f"""
with recursive under as (
  select {_UNIT_COLUMNS}, array[u.unit_code] as path
  from directory.unit_periods u where u.unit_code = any(:roots) and {_VALID.format("u")}
  union all
  select {_UNIT_COLUMNS}, under.path || u.unit_code
  from under join directory.unit_periods u on u.parent_code = under.unit_code and {_VALID.format("u")}
  where u.unit_code <> all(under.path)
)
"""

_UNITS_UNDER = text(f"{_UNDER} select unit_code, name, short_name, kind, level, parent_code from under order by path")

_PATH_TO = text(f"""
with recursive above as (
  select {_UNIT_COLUMNS}, 0 as steps
  from directory.unit_periods u where u.unit_code = :code and {_VALID.format("u")}
  union all
  select {_UNIT_COLUMNS}, above.steps + 1
  from above join directory.unit_periods u on u.unit_code = above.parent_code and {_VALID.format("u")}
  where above.steps < 16
)
select unit_code, name, short_name, kind, level, parent_code from above order by steps desc
""")

_OWN_POSTS = text(f"""
select s.unit_code, s.standing from directory.posts s where s.person_key = :key and {_VALID.format("s")}
""")

_AWAY = text(f"select distinct a.person_key from directory.absences a where {_VALID.format('a')}")

_COUNT_UNDER = text(f"""
{_UNDER} select count(distinct s.person_key) from directory.posts s join directory.people p using (person_key)
where s.unit_code = any(array(select unit_code from under)) and {_VALID.format("s")}
  and p.user_id is not null and not p.locked
""")

_POSITIONS = text(f"""
select distinct s.position_code, s.position from directory.posts s
where {_VALID.format("s")} order by s.position_code, s.position
""")

_ANNOUNCEMENT_ROOMS = text("""
select r.unit_code, r.room_id from directory.unit_rooms r
where r.purpose = 'announcements' and (r.closed_on is null or r.closed_on > :day)
""")

_FINGERPRINT = text("""
select md5(concat_ws(' ',
  (select sum(hashtextextended(cast((person_key, full_name, user_id, locked) as text), 0)) from directory.people),
  (select sum(hashtextextended(
     cast((person_key, unit_code, position_code, standing, kind, valid_from, valid_to) as text), 1))
   from directory.posts),
  (select sum(hashtextextended(cast((unit_code, parent_code, name, kind, level, valid_from, valid_to) as text), 2))
   from directory.unit_periods)))
""")


class Directory:
    """Reads the directory through an engine of any role that may see the schema `directory`."""

    def __init__(self, engine: Engine, now: clock.Clock = clock.now) -> None:
        self._engine = engine
        self._now = now

    def person_of(self, user_id: str) -> Person | None:
        """Who is this Matrix user; None for everybody who is not in the register."""
        return next(iter(self._people(_PERSON_BY_USER, user_id=user_id)), None)

    def person(self, key: PersonKey) -> Person | None:
        """The person of an immutable key."""
        return next(iter(self._people(_PERSON_BY_KEY, key=key)), None)

    def person_of_code(self, officer_code: str) -> Person | None:
        """The person whom the register lists under an officer code (mã cán bộ)."""
        return next(iter(self._people(_PERSON_BY_CODE, code=officer_code)), None)

    def unit(self, code: str) -> Unit | None:
        """The unit as it stands today; None when it does not exist today."""
        return next(iter(self._units(_UNIT, code=code)), None)

    def units(self) -> tuple[Unit, ...]:
        """Every unit that exists today."""
        return self._units(_UNITS)

    def units_under(self, code: str) -> tuple[Unit, ...]:
        """The unit and all units below it, each behind its parent."""
        return self._units(_UNITS_UNDER, roots=[code])

    def path_to(self, code: str) -> tuple[Unit, ...]:
        """From the province down to the unit."""
        return self._units(_PATH_TO, code=code)

    def leadership_of(self, code: str) -> Leadership:
        """Who leads the unit, and who stands in: the first deputy who is neither away nor locked."""
        people = self._people(_LEADERS, code=code)
        head = next(iter(_holding(people, code, Standing.HEAD)), None)
        deputies = (deputy for deputy in _holding(people, code, Standing.DEPUTY) if deputy != head)
        return Leadership(head, next((deputy for deputy in deputies if deputy.present), None))

    def scope_of(self, key: PersonKey) -> Scope:
        """What this person may see: everything below the units they head or are deputy of, and their own units."""
        posts = self._rows(_OWN_POSTS, key=key)
        led_roots = [post.unit_code for post in posts if post.standing != Standing.STAFF]
        led = self._units(_UNITS_UNDER, roots=led_roots) if led_roots else ()
        return Scope(
            led=frozenset(unit.code for unit in led),
            own=frozenset(post.unit_code for post in posts),
        )

    def headcount(self, code: str) -> int:
        """How many people with an open account hold a post in the unit or below it."""
        with self._engine.connect() as connection:
            return int(connection.execute(_COUNT_UNDER, {"roots": [code], "day": self._today()}).scalar_one())

    def away(self) -> frozenset[PersonKey]:
        """Who is on long leave today."""
        return frozenset(row.person_key for row in self._rows(_AWAY))

    def audience(self, audience: Audience) -> tuple[Member, ...]:
        """The people of an audience, one entry a person (their main post first), by unit and name."""
        query, parameters = audience_query(audience)
        return tuple(
            Member(
                row.person_key,
                row.user_id,
                row.full_name,
                row.unit_code,
                row.position,
                row.position_code,
                Standing(row.standing),
            )
            for row in self._rows(query, **parameters)
        )

    def positions(self) -> tuple[tuple[str, str], ...]:
        """Code and name of every position (chức vụ) that somebody holds today; a code may have several names."""
        return tuple((row.position_code, row.position) for row in self._rows(_POSITIONS))

    def announcement_rooms(self) -> Mapping[str, str]:
        """The open announcement room of each unit that has one, by the unit's code."""
        return {row.unit_code: row.room_id for row in self._rows(_ANNOUNCEMENT_ROOMS)}

    def fingerprint(self) -> str:
        """Another one whenever people, their posts or units have changed, on whatever day that is in force."""
        return str(self._rows(_FINGERPRINT)[0][0])

    def _people(self, query: TextClause, **parameters: object) -> list[Person]:
        rows = self._rows(query, **parameters)
        return [_person(list(posts)) for _, posts in groupby(rows, key=lambda row: row.person_key)]

    def _units(self, query: TextClause, **parameters: object) -> tuple[Unit, ...]:
        return tuple(
            Unit(row.unit_code, row.name, row.short_name, UnitKind(row.kind), row.level, row.parent_code)
            for row in self._rows(query, **parameters)
        )

    def _rows(self, query: TextClause, **parameters: object) -> Sequence[Row[Any]]:
        with self._engine.connect() as connection:
            return connection.execute(query, {**parameters, "day": self._today()}).all()

    def _today(self) -> date:
        return clock.today(self._now)


def _holding(people: Iterable[Person], unit_code: str, standing: Standing) -> list[Person]:
    """Who holds this standing in the unit; those for whom it is the main post come first."""
    places = [
        (place, person.officer_code, person)
        for person in people
        for place, post in enumerate(person.posts)
        if post.unit_code == unit_code and post.standing is standing
    ]
    return [person for _, _, person in sorted(places, key=lambda found: found[:2])]


def _person(rows: Sequence[Row[Any]]) -> Person:
    first = rows[0]
    return Person(
        key=first.person_key,
        officer_code=first.officer_code,
        full_name=first.full_name,
        user_id=first.user_id,
        locked=first.locked,
        posts=tuple(
            Post(
                row.unit_code,
                row.unit_name or row.unit_code,
                row.position_code,
                row.position,
                Standing(row.standing),
                row.rank,
                PostKind(row.kind),
                row.valid_from,
                row.valid_to,
            )
            for row in rows
            if row.unit_code is not None
        ),
        absence=None if first.absence is None else AbsenceKind(first.absence),
        roles=frozenset(first.roles),
    )


def audience_query(audience: Audience) -> tuple[TextClause, dict[str, object]]:
    """The one statement that finds an audience, and its parameters (all but `:day`)."""
    parameters: dict[str, object] = {}
    found = f"""
        select distinct on (s0.person_key) s0.person_key, p.user_id, p.full_name, s0.unit_code,
               s0.position, s0.position_code, s0.standing
        {_posts(0)} join directory.people p on p.person_key = s0.person_key
        where p.user_id is not null and not p.locked and {_belongs(audience, 0, parameters)}
        order by s0.person_key, s0.kind <> 'main', s0.valid_from, s0.post_id
    """
    return text(f"select * from ({found}) found order by unit_code, full_name, person_key"), parameters


def _posts(depth: int) -> str:
    """Posts and their units; each depth of exclusion has aliases of its own."""
    s, u = f"s{depth}", f"u{depth}"
    return f"from directory.posts {s} join directory.unit_periods {u} on {u}.unit_code = {s}.unit_code"


def _belongs(audience: Audience, depth: int, parameters: dict[str, object]) -> str:
    """The condition on one post for belonging to `audience`; what it compares with is added to `parameters`."""
    s, u = f"s{depth}", f"u{depth}"
    return " and ".join((_VALID.format(s), _VALID.format(u), *_conditions(audience, depth, parameters)))


def _conditions(audience: Audience, depth: int, parameters: dict[str, object]) -> list[str]:
    """What `audience` asks of a post and its unit that hold today."""
    s, u = f"s{depth}", f"u{depth}"
    conditions: list[str] = []

    def bind(values: Iterable[object]) -> str:
        name = f"v{len(parameters)}"
        parameters[name] = sorted(values, key=str)
        return f":{name}"

    def among(column: str, values: Collection[object]) -> None:
        if values:
            conditions.append(f"{column} = any({bind(values)})")

    if audience.under:
        under = _UNDER.replace(":roots", bind(audience.under))
        conditions.append(f"{s}.unit_code = any(array({under} select unit_code from under))")
    among(f"{s}.unit_code", audience.units)
    among(f"{u}.level", audience.levels)
    among(f"{u}.kind", [kind.value for kind in audience.unit_kinds])
    among(f"{s}.standing", [standing.value for standing in audience.standings])
    among(f"{s}.position_code", audience.positions)
    among(f"{s}.person_key", audience.people)
    if audience.roles:
        conditions.append(
            f"{s}.person_key in (select person_key from directory.roles where role = any({bind(audience.roles)}))"
        )
    if audience.any_of:
        alternatives = (" and ".join(_conditions(one, depth, parameters)) or "true" for one in audience.any_of)
        conditions.append(f"(({') or ('.join(alternatives)}))")
    for excluded in audience.excluding:
        inner = f"s{depth + 1}.person_key = {s}.person_key and {_belongs(excluded, depth + 1, parameters)}"
        conditions.append(f"not exists (select {_posts(depth + 1)} where {inner})")
    return conditions
