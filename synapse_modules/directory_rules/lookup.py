"""Whom an operator means, and what stands between two people: read from Synapse's database, outside Synapse."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, text

from huep.directory import Directory
from huep.errors import HuepError
from huep.names import fold, localpart_of
from synapse_modules.colleagues import NAMED_COLLEAGUES, Colleague, colleague_of, unknown

MOST_NAMESAKES = 10

_COLLEAGUE = text(NAMED_COLLEAGUES.format(localparts=":localparts"))
_NAMES = text("SELECT localpart, full_name FROM huep_people WHERE full_name IS NOT NULL")
_DETAILS = text("""
    SELECT p.full_name, p.position, u.name FROM huep_people p LEFT JOIN huep_units u ON u.code = p.unit
    WHERE p.localpart = :localpart
""")
_ACCOUNT = text("SELECT locked FROM users WHERE name = :user_id")
_SHARED_ROOMS = text("""
    SELECT count(*) FROM local_current_membership one JOIN local_current_membership other USING (room_id)
    WHERE one.user_id = :one AND other.user_id = :other AND one.membership = 'join' AND other.membership = 'join'
""")


class NobodyCalled(HuepError):
    """The register has no such name, code or account."""


class NotOnePerson(HuepError):
    """Several people bear this name."""


@dataclass(frozen=True)
class Described:
    """A person for the screen."""

    colleague: Colleague
    name: str
    position: str
    unit: str
    locked: bool


class Lookup:
    """Reads for one question."""

    def __init__(self, synapse: Connection, hr: Engine, server_name: str) -> None:
        self._synapse = synapse
        self._directory = Directory(hr)
        self._server_name = server_name

    def person(self, called: str) -> Described:
        """The one meant by a user ID, a localpart, an officer code (mã cán bộ) or a full name.

        Raises:
            NobodyCalled: nobody is.
            NotOnePerson: several bear the name; the message lists their localparts.
        """
        return self._described(self._localpart(called.strip()))

    def shared_rooms(self, one: Described, other: Described) -> int:
        """How many rooms both are in."""
        parameters = {"one": self._user_id(one.colleague.localpart), "other": self._user_id(other.colleague.localpart)}
        return int(self._synapse.execute(_SHARED_ROOMS, parameters).scalar_one())

    def _localpart(self, called: str) -> str:
        if self._account(given := localpart_of(called)) is not None:
            return given
        person = self._directory.person_of_code(called)
        if person is not None and person.user_id is not None:
            return localpart_of(person.user_id)
        wanted = fold(called)
        namesakes = sorted(str(name) for name, full_name in self._synapse.execute(_NAMES) if fold(full_name) == wanted)
        if not namesakes:
            raise NobodyCalled(f"Nobody is called {called!r}: give a full name, an officer code or an account.")
        if len(namesakes) > 1:
            listed = ", ".join(namesakes[:MOST_NAMESAKES])
            raise NotOnePerson(f"{len(namesakes)} people are called {called!r}: say which account is meant: {listed}.")
        return namesakes[0]

    def _described(self, localpart: str) -> Described:
        found = self._synapse.execute(_COLLEAGUE, {"localparts": [localpart]}).first()
        details = self._synapse.execute(_DETAILS, {"localpart": localpart}).first() or (None, None, None)
        account = self._account(localpart)
        return Described(
            unknown(localpart) if found is None else colleague_of(found),
            details[0] or localpart,
            details[1] or "",
            details[2] or "",
            account is not None and bool(account.locked),
        )

    def _account(self, localpart: str) -> Any:
        return self._synapse.execute(_ACCOUNT, {"user_id": self._user_id(localpart)}).first()

    def _user_id(self, localpart: str) -> str:
        return f"@{localpart}:{self._server_name}"
