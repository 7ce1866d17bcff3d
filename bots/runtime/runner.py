"""The loop of a bot: each message answered once, whatever restarts.

An event is entered in the journal after its answer was accepted, the sync token after its whole batch, and the answer's
transaction ID is made from the event: what a crash repeats, the homeserver recognises. Only text from people counts,
as first sent: no edits, no notices, nothing of our own. In rooms of more than two the bot answers only when named.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from itertools import groupby

import structlog

from bots.matrix.errors import (
    AccountLocked,
    MatrixError,
    RateLimited,
    RequestRefused,
    ServerUnreachable,
    SessionEnded,
)
from bots.matrix.port import Batch, Event, Invite, MatrixPort, RoomEvent, Text, TextMessage, Unreadable
from bots.matrix.trust import Origin
from bots.runtime.access import Access, Caller
from bots.runtime.patience import patiently
from bots.runtime.router import Answer, Request, Router
from huep.catalogue import Catalogue, Locale

log = structlog.get_logger(__name__)

MESSAGES = Catalogue("bots.runtime")
DIRECT_ROOM_SIZE = 2
READ_RECEIPT_DELAY_S = 5.0
SERVER_ERROR = 500


class Bot:
    """One bot on one device."""

    def __init__(self, port: MatrixPort, router: Router, access: Access) -> None:
        self._port = port
        self._router = router
        self._access = access
        self._background: set[asyncio.Task[None]] = set()
        self._unread: dict[str, str] = {}

    async def run(self, stop: asyncio.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Answer until `stop` is set; `on_ready` is called when the first sync was dealt with.

        Raises:
            AccountLocked, SessionEnded: the bot's own account or device is out.
        """
        stopping = asyncio.create_task(stop.wait())
        first = True
        try:
            while not stop.is_set():
                coming = asyncio.create_task(self._port.next_batch())
                await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
                    break
                await self.handle(coming.result())
                if first:
                    on_ready()
                    first = False
        finally:
            for task in (stopping, *self._background):
                task.cancel()
            await asyncio.gather(stopping, *self._background, return_exceptions=True)

    async def handle(self, batch: Batch) -> None:
        """Deal with everything in `batch`, rooms beside each other, then remember that it is done."""
        for invite in batch.invites:
            await self._settle(invite)
        if batch.live:
            rooms = groupby(sorted(batch.events, key=lambda event: event.room_id), key=lambda event: event.room_id)
            results = await asyncio.gather(
                *[self._handle_room(list(events)) for _, events in rooms], return_exceptions=True
            )
            for result in results:
                if isinstance(result, BaseException):
                    raise result
        await self._port.commit(batch)

    async def _handle_room(self, events: Iterable[Event]) -> None:
        for event in events:
            if self._is_for_us(event) and not self._port.is_handled(event.event_id):
                await self._guarded(self._answer(event), event.room_id)
                self._port.mark_handled(event)

    def _is_for_us(self, event: Event) -> bool:
        if event.sender == self._port.user_id:
            return False
        return isinstance(event, Unreadable) or (isinstance(event, TextMessage) and not event.notice)

    async def _guarded(self, work: Awaitable[None], room_id: str) -> None:
        """Do it; what goes wrong with one message must not stop the others, nor come back for ever.

        Only when the server is away, or we are out, does it end the batch: then the batch comes again.
        """
        try:
            await work
        except (AccountLocked, SessionEnded, ServerUnreachable):
            raise
        except MatrixError as error:
            log.warning("an answer could not be sent", room_id=room_id, error=str(error))
        except Exception:
            log.exception("a message could not be answered", room_id=room_id)

    async def _settle(self, invite: Invite) -> None:
        """Accept it or turn it down; what fails for now leaves it unsettled, and the port brings it again."""
        try:
            await self._answer_invite(invite)
        except (AccountLocked, SessionEnded, ServerUnreachable):
            raise
        except RequestRefused as error:
            passing = isinstance(error, RateLimited) or error.status >= SERVER_ERROR
            log.warning("an invitation could not be answered", room_id=invite.room_id, again=passing, error=str(error))
            if passing:
                return
        except Exception:
            log.exception("an invitation could not be answered", room_id=invite.room_id, again=True)
            return
        self._port.settle_invite(invite)

    async def _answer_invite(self, invite: Invite) -> None:
        caller = await patiently(lambda: asyncio.to_thread(self._access.caller, invite.inviter))
        if caller is None:
            log.warning("invitation turned down", room_id=invite.room_id, inviter=invite.inviter)
            await self._port.leave(invite.room_id)
        else:
            await self._port.join(invite.room_id)
            log.info("invitation accepted", room_id=invite.room_id, inviter=invite.inviter)

    async def _answer(self, event: Event) -> None:
        room = await self._port.room(event.room_id)
        direct = len(room.members) <= DIRECT_ROOM_SIZE
        if not direct and not (isinstance(event, TextMessage) and self._port.user_id in event.mentions):
            return
        caller = await self._caller(event.sender)
        transaction_id = transaction_id_for(event.event_id)
        locale = caller.chosen_locale or Locale.VI if isinstance(caller, Caller) else Locale.VI
        if event.origin is not Origin.CROSS_SIGNED or isinstance(event, Unreadable):
            sentence = MESSAGES.text(locale, _why_not(event))
            await self._port.send_plain_notice(event.room_id, sentence, event.event_id, transaction_id)
            return
        if isinstance(event, TextMessage):
            text = await self._text_for(event, caller)
            await self._port.send_text(event.room_id, text, transaction_id)
            self._mark_read_later(event)

    async def _caller(self, user_id: str) -> Caller | Exception | None:
        try:
            return await patiently(lambda: asyncio.to_thread(self._access.caller, user_id))
        except Exception as error:
            log.exception("the directory did not answer")
            return error

    async def _text_for(self, message: TextMessage, caller: Caller | Exception | None) -> Text:
        if isinstance(caller, Exception):
            return _reply(message, MESSAGES.text(Locale.VI, "something-failed"))
        if caller is None:
            return _reply(message, MESSAGES.text(Locale.VI, "not-in-register"))
        match = self._router.match(message.body)
        locale = caller.chosen_locale or (match.locale if match else Locale.VI)
        if match is None:
            first, second = (command.title(locale) for command in self._router.likeliest(message.body))
            return _reply(message, MESSAGES.text(locale, "not-understood", {"first": first, "second": second}))
        request = Request(message, caller.person, locale)
        try:
            answer = await patiently(lambda: match.command.handler(request))
        except Exception:
            log.exception("a command failed", command=match.command.name)
            return _reply(message, MESSAGES.text(locale, "something-failed"))
        return _reply(message, answer)

    def _mark_read_later(self, event: RoomEvent) -> None:
        """One receipt a room for all that came within a few seconds, behind the answers; nothing hangs on it."""
        if event.room_id not in self._unread:
            task = asyncio.create_task(self._mark_read(event.room_id))
            self._background.add(task)
            task.add_done_callback(self._background.discard)
        self._unread[event.room_id] = event.event_id

    async def _mark_read(self, room_id: str) -> None:
        await asyncio.sleep(READ_RECEIPT_DELAY_S)
        try:
            await self._port.mark_read(room_id, self._unread.pop(room_id))
        except MatrixError as error:
            log.debug("a receipt was not sent", error=str(error))


def transaction_id_for(event_id: str) -> str:
    """The same for the same event for ever, so that a repeated answer is no second one."""
    return f"huep-{hashlib.sha256(event_id.encode()).hexdigest()[:32]}"


def _why_not(event: Event) -> str:
    if isinstance(event, Unreadable):
        return "cannot-read"
    return "device-not-verified" if event.origin is Origin.UNSIGNED else "not-encrypted"


def _reply(message: TextMessage, answer: Answer | str) -> Text:
    """An answer rings the phone (`m.text`); a bare sentence of ours, which nothing may answer, is a notice."""
    sentence = isinstance(answer, str)
    return Text(
        body=answer if isinstance(answer, str) else answer.body,
        html=None if isinstance(answer, str) else answer.html,
        notice=sentence,
        reply_to=message.event_id,
        thread_root=message.thread_root,
        mentions=(message.sender,),
    )
