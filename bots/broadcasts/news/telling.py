"""Telling the operators, in their room, of what is the matter with a source of news."""

from sqlalchemy import Connection

from bots.matrix.port import Text
from bots.runtime.replies import said
from bots.runtime.tools import Tools
from huep.catalogue import Catalogue, Locale
from huep.news_settings import SourceSettings

MESSAGES = Catalogue("bots.broadcasts.news")


def tell(
    tools: Tools, connection: Connection, name: str, source: SourceSettings, once_for: str, **arguments: str
) -> None:
    """Say the message `name`, once for each of `once_for`; nobody is told where huep.toml names no room."""
    room_id = tools.settings.bots.operators_room
    if room_id is None:
        return
    text = Text(MESSAGES.text(Locale.VI, name, {"source": source.shown, **arguments}), notice=True)
    tools.outbox.put(connection, {f"{tools.bot} {name} {source.name} {once_for}": said(room_id, text)})
