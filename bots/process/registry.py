"""The bots of this HueP, in the order in which they are started, and in which their health ports count."""

from bots.assistant.package import ASSISTANT
from bots.broadcasts.package import BROADCASTS
from bots.process.package import BotPackage
from huep.errors import HuepError

REGISTERED: tuple[BotPackage, ...] = (ASSISTANT, BROADCASTS)


class NoSuchBot(HuepError):
    """A name that no bot has."""

    exit_code = 2


def chosen(name: str | None) -> tuple[BotPackage, ...]:
    """All bots, or the one of that name.

    Raises:
        NoSuchBot: there is none.
    """
    if name is None:
        return REGISTERED
    found = tuple(package for package in REGISTERED if package.name == name)
    if not found:
        known = ", ".join(package.name for package in REGISTERED)
        raise NoSuchBot(f"There is no bot called {name!r}. There are: {known}.")
    return found
