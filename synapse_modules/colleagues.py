"""What the rules may know of one person: unit, level, standing and position, as the projection has them."""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from synapse.module_api import LoggingTransaction, ModuleApi, UserID

from huep.names import fold
from synapse_modules.projection import STATUS, RegisterStatus

KEPT_FOR_MS = 60_000
"""So long a move may stay unnoticed; a lock is not read from here."""
MOST_KEPT = 20_000
"""People; a few hundred bytes each."""
LEADING = frozenset({"head", "deputy"})

COLLEAGUE_COLUMNS = f"""
    p.localpart, {STATUS}, p.units, p.level, p.standing, p.position,
    ARRAY(SELECT code FROM huep_units WHERE hidden), p.sponsor
"""  # noqa: S608 - constants
"""Of `huep_people p`, as `colleague_of` reads them; the array is computed once a query."""
COLLEAGUE_WIDTH = 8
"""So many columns these are."""
NAMED_COLLEAGUES = f"SELECT {COLLEAGUE_COLUMNS} FROM huep_people p WHERE p.localpart = ANY({{localparts}})"  # noqa: S608


@dataclass(frozen=True)
class Colleague:
    """An account with what the register says of its person."""

    localpart: str
    status: RegisterStatus | None
    """None: the register does not know this account."""
    units: tuple[str, ...] = ()
    """Codes of the unit of the main post and of those above it, the province first."""
    level: int | None = None
    """How deep that unit lies; 0 is the province."""
    standing: str | None = None
    position: str | None = None
    hidden_units: frozenset[str] = frozenset()
    """Those of `units` that were published as hidden."""
    sponsor: str | None = None
    """Of a guest: localpart of the leader who sponsors them; `units` are then the sponsor's."""

    @property
    def unit(self) -> str | None:
        """Code of the unit of the main post."""
        return self.units[-1] if self.units else None

    @property
    def is_guest(self) -> bool:
        """Whether a leader sponsors this person, whom no register lists."""
        return self.sponsor is not None

    def hosts(self, guest: "Colleague") -> bool:
        """Whether the guest may deal with this officer: the sponsor, or somebody of the sponsor's unit or below it.

        Below a department, that is: of a guest of the province itself the colleagues in that one unit are meant.
        """
        if self.is_guest or not guest.is_guest:
            return False
        if self.localpart == guest.sponsor:
            return True
        unit = guest.unit
        return unit is not None and (self.unit == unit or (len(guest.units) > 1 and unit in self.units))

    @property
    def leads(self) -> bool:
        """Whether the main post is head or deputy of its unit."""
        return self.standing in LEADING


@dataclass(frozen=True)
class Posts:
    """Posts by standing and level, or by what they are called."""

    level: int = -1
    """Heads and deputies of units down to this level, 0 being the province; -1: none."""
    positions: Set[str] = frozenset()
    """Folded names of positions (chức vụ)."""

    def has(self, colleague: Colleague) -> bool:
        """Whether the colleague's main post is one of these."""
        if colleague.leads and colleague.level is not None and colleague.level <= self.level:
            return True
        return bool(self.positions) and colleague.position is not None and fold(colleague.position) in self.positions


NO_POSTS = Posts()


def unknown(name: str) -> Colleague:
    """An account of which the register says nothing."""
    return Colleague(name, None)


def colleague_of(row: Sequence[Any]) -> Colleague:
    """The `COLLEAGUE_COLUMNS` with which a row begins."""
    localpart, status, units, level, standing, position, hidden, sponsor = row[:COLLEAGUE_WIDTH]
    path = tuple(units or ())
    hidden_units = frozenset(hidden).intersection(path)
    return Colleague(localpart, RegisterStatus(status), path, level, standing, position, hidden_units, sponsor)


class Colleagues:
    """Reads people by user ID, and keeps what it read for `KEPT_FOR_MS`."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api
        self._kept: OrderedDict[str, tuple[int, Colleague]] = OrderedDict()

    def name_of(self, user_id: str) -> str:
        """The localpart; of another server's account the whole ID, which is nobody's localpart."""
        return UserID.from_string(user_id).localpart if self._api.is_mine(user_id) else user_id

    async def of(self, user_ids: Collection[str]) -> Mapping[str, Colleague]:
        """Everybody asked for, by user ID.

        Raises:
            Exception: whatever the database says when a table is missing or out of reach.
        """
        now_ms = self._api.get_current_time_msec()
        names = {user_id: self.name_of(user_id) for user_id in user_ids}
        found = {name: kept for name in names.values() if (kept := self._kept_of(name, now_ms))}
        if missing := sorted(set(names.values()) - found.keys()):
            read = await self._api.run_db_interaction("huep_colleagues_read", _read, missing)
            found |= {name: read.get(name, unknown(name)) for name in missing}
            for name in missing:
                self._keep(found[name], now_ms)
        return {user_id: found[name] for user_id, name in names.items()}

    def _kept_of(self, name: str, now_ms: int) -> Colleague | None:
        read_at_ms, colleague = self._kept.get(name, (0, None))
        return colleague if now_ms - read_at_ms < KEPT_FOR_MS else None

    def _keep(self, colleague: Colleague, now_ms: int) -> None:
        self._kept[colleague.localpart] = (now_ms, colleague)
        self._kept.move_to_end(colleague.localpart)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def _read(txn: LoggingTransaction, localparts: list[str]) -> dict[str, Colleague]:
    txn.execute(NAMED_COLLEAGUES.format(localparts="?"), (localparts,))
    return {str(row[0]): colleague_of(row) for row in txn}
