"""Who is asking, from the directory, at the time of asking."""

from dataclasses import dataclass
from typing import Protocol

from bots.runtime.preferences import Preferences
from huep.catalogue import Locale
from huep.directory.model import Person


class PeopleDirectory(Protocol):
    """The one question that access asks; `huep.directory.reader.Directory` answers it."""

    def person_of(self, user_id: str) -> Person | None: ...


@dataclass(frozen=True)
class Caller:
    """A person who may ask, and the language they chose."""

    person: Person
    chosen_locale: Locale | None


class Access:
    """Decides who may invite a bot, and who may ask it; synchronous, it reads the database."""

    def __init__(self, directory: PeopleDirectory, preferences: Preferences) -> None:
        self._directory = directory
        self._preferences = preferences

    def caller(self, user_id: str) -> Caller | None:
        """The caller; None for whoever is not in the register today, or locked: both look alike."""
        person = self._directory.person_of(user_id)
        if person is None or person.locked or not person.posts:
            return None
        return Caller(person, self._preferences.locale_of(user_id))
