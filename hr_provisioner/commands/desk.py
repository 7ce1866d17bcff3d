"""What nearly every command opens: the officer's screen and language, and the running HueP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from hr_provisioner.language import MESSAGES, speaking
from hr_provisioner.workplace import Workplace, open_workplace
from huep.catalogue import Locale, Voice
from huep.state import locate_state


@contextmanager
def open_desk(language: Locale, state: Path | None) -> Iterator[tuple[Console, Voice, Workplace]]:
    """The screen, the voice and the workplace of a command; whatever is refused meanwhile is said in `language`.

    Screen and voice can be used after the desk is left, the workplace cannot.
    """
    with speaking(language), open_workplace(locate_state(state)) as place:
        yield Console(highlight=False), Voice(MESSAGES, language), place
