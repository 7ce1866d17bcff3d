"""What Truyền thông understands; a file a subject."""

from bots.broadcasts.commands.approving import approving
from bots.broadcasts.commands.changing import changing
from bots.broadcasts.commands.following import following
from bots.broadcasts.commands.keeping import keeping
from bots.broadcasts.commands.reading import reading
from bots.broadcasts.commands.recording import recording
from bots.broadcasts.commands.speaking import speaking
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Wanted
from bots.broadcasts.rendering import MESSAGES
from bots.runtime.arguments import Parser
from bots.runtime.help import help_router
from bots.runtime.router import Router


def broadcasts_router(desk: Desk, audiences: Parser[Wanted]) -> Router:
    """All commands; `audiences` reads whom somebody means."""
    router = Router("broadcasts", MESSAGES)
    router.include(
        help_router(MESSAGES),
        reading(desk),
        speaking(desk, audiences),
        changing(desk),
        following(desk),
        recording(desk),
        approving(desk),
        keeping(desk, audiences),
    )
    return router
