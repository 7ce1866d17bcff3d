"""What an HR officer reads, in both languages: the messages, and the refusals that can be said in either."""

from collections.abc import Iterator
from contextlib import contextmanager

from huep.catalogue import Catalogue, Locale, Message
from huep.errors import HuepError

MESSAGES = Catalogue("hr_provisioner")


class OfficerError(HuepError):
    """A refusal that an HR officer meets. It is English in logs, and the officer's language inside `speaking`."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message
        self.locale = Locale.EN

    def __str__(self) -> str:
        return MESSAGES.render(self.locale, self.message)


@contextmanager
def speaking(locale: Locale) -> Iterator[None]:
    """Whatever is refused inside is said in `locale`."""
    try:
        yield
    except OfficerError as error:
        error.locale = locale
        raise
