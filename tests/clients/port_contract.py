"""What every `MatrixPort` does, the real one and the one of the test kit: the same statements about both."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bots.matrix.contents import (
    MESSAGE,
    POLL_RESPONSE,
    POLL_START,
    REACTION,
    Attachment,
    edit_content,
    file_content,
    poll_content,
    reaction_content,
    vote_content,
)
from bots.matrix.errors import FileRefused, NoSuchRoom
from bots.matrix.port import (
    Edit,
    Image,
    Limits,
    MatrixPort,
    Membership,
    MembershipChange,
    Placed,
    PollAnswer,
    PollResponse,
    PollStart,
    Reaction,
    Receipt,
    Redaction,
    Text,
    TextMessage,
)
from bots.matrix.trust import Origin
from tests.real.listening import Listening

PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)


@dataclass
class Pair:
    """A person and a bot in an encrypted room of two."""

    person: MatrixPort
    bot: MatrixPort
    """Asks for read receipts, as the person does not."""
    room_id: str
    heard: Listening
    """By the bot."""
    bot_again: Callable[[], Awaitable[MatrixPort]]
    """The bot as its next process finds things."""

    async def says(self, text: Text, transaction_id: str | None = None) -> str:
        return await self.person.send_text(self.room_id, text, transaction_id)


async def words_arrive_with_all_that_they_refer_to(pair: Pair) -> None:
    root = await pair.says(Text("gốc"))
    text = Text("tôi là ai", "<b>tôi</b> là ai", reply_to=root, thread_root=root, mentions=(pair.bot.user_id,))
    event = await pair.heard.event(await pair.says(text))
    assert isinstance(event, TextMessage)
    assert (event.body, event.html, event.notice) == ("tôi là ai", "<b>tôi</b> là ai", False)
    assert (event.reply_to, event.thread_root, event.mentions) == (root, root, {pair.bot.user_id})
    assert (event.sender, event.room_id) == (pair.person.user_id, pair.room_id)
    assert event.origin is Origin.CROSS_SIGNED


async def what_is_said_keeps_its_order(pair: Pair) -> None:
    sent = [await pair.says(Text(str(number))) for number in range(6)]
    await pair.heard.event(sent[-1])
    assert [event.event_id for event in pair.heard.events if event.event_id in sent] == sent


async def the_same_transaction_is_the_same_event(pair: Pair) -> None:
    first = await pair.says(Text("một lần"), "transaction-1")
    assert await pair.says(Text("một lần"), "transaction-1") == first
    await pair.heard.event(await pair.says(Text("hết")))
    assert sum(isinstance(event, TextMessage) and event.body == "một lần" for event in pair.heard.events) == 1


async def what_we_say_comes_back_as_an_echo_and_is_found_by_its_transaction(pair: Pair) -> None:
    sent = await pair.bot.send_text(pair.room_id, Text("của tôi"), "transaction-2")
    async with asyncio.timeout(60):
        while True:
            batch = await pair.heard.once()
            if sent in {echo.event_id for echo in batch.echoes}:
                break
    [echo] = [echo for echo in batch.echoes if echo.event_id == sent]
    assert (echo.room_id, echo.transaction_id) == (pair.room_id, "transaction-2")
    assert await pair.bot.find_sent(pair.room_id, "transaction-2", 0) == sent
    assert await pair.bot.find_sent(pair.room_id, "transaction-never", 0) is None


async def what_was_not_committed_comes_again_to_the_next_process(pair: Pair) -> None:
    said = await pair.says(Text("chưa xử lý"))
    async with asyncio.timeout(60):
        while said not in {event.event_id for event in (await pair.bot.next_batch()).events}:
            pass
    again = await pair.bot_again()
    pair.bot, pair.heard = again, Listening(again)
    assert isinstance(await pair.heard.event(said), TextMessage)


async def edits_reactions_and_redactions_name_what_they_are_about(pair: Pair) -> None:
    said = await pair.says(Text("họp 8 giờ"))
    edit = await pair.heard.event(
        await pair.person.send_event(pair.room_id, MESSAGE, edit_content(said, Text("họp 9 giờ")))
    )
    assert isinstance(edit, Edit)
    assert (edit.target, edit.body) == (said, "họp 9 giờ")
    reaction = await pair.heard.event(
        await pair.person.send_event(pair.room_id, REACTION, reaction_content(said, "👍"))
    )
    assert isinstance(reaction, Reaction)
    assert (reaction.target, reaction.key, reaction.origin) == (said, "👍", Origin.PLAIN)
    redaction = await pair.heard.event(await pair.person.redact(pair.room_id, said))
    assert isinstance(redaction, Redaction)
    assert redaction.target == said


async def the_same_redaction_again_is_the_same_event(pair: Pair) -> None:
    said = await pair.bot.send_text(pair.room_id, Text("nhầm"))
    first = await pair.bot.redact(pair.room_id, said, "transaction-3")
    assert await pair.bot.redact(pair.room_id, said, "transaction-3") == first
    assert await pair.bot.find_sent(pair.room_id, "transaction-3", 0) == first


async def votes_are_found_by_their_poll(pair: Pair) -> None:
    answers = (PollAnswer("a", "Có"), PollAnswer("b", "Không"))
    poll = await pair.heard.event(await pair.person.send_event(pair.room_id, POLL_START, poll_content("Đi?", answers)))
    assert isinstance(poll, PollStart)
    for answer in ("a", "b"):
        await pair.person.send_event(pair.room_id, POLL_RESPONSE, vote_content(poll.event_id, [answer]))
    votes = await pair.bot.relations(pair.room_id, poll.event_id, "m.reference")
    assert [vote.answer_ids for vote in votes if isinstance(vote, PollResponse)] == [("a",), ("b",)]


async def a_picture_comes_back_as_it_went_within_its_limits(pair: Pair) -> None:
    file = await pair.person.upload(pair.room_id, PNG, "image/png")
    sent = await pair.person.send_event(pair.room_id, MESSAGE, file_content(Attachment(file, "ảnh.png")))
    picture = await pair.heard.event(sent)
    assert isinstance(picture, Image)
    assert picture.file.key is not None
    assert await pair.bot.download(picture.file) == PNG
    with pytest.raises(FileRefused):
        await pair.bot.download(picture.file, Limits(most_bytes=100))
    with pytest.raises(FileRefused):
        await pair.bot.download(picture.file, Limits(kinds=frozenset({"application/pdf"})))


async def reading_and_typing_disturb_nobody(pair: Pair) -> None:
    said = await pair.says(Text("đọc giúp"))
    await pair.heard.event(said)
    await pair.bot.mark_read(pair.room_id, said)
    await pair.bot.set_typing(pair.room_id, timedelta(seconds=5))
    await pair.bot.set_typing(pair.room_id, timedelta())
    later = await pair.says(Text("cảm ơn"))
    assert isinstance(await pair.heard.event(later), TextMessage)


async def who_asks_for_receipts_is_told_who_has_read_what_and_how_the_room_stands(pair: Pair) -> None:
    sent = await pair.bot.send_text(pair.room_id, Text("đã xem chưa"))
    said = await pair.says(Text("đang xem"))
    await pair.person.mark_read(pair.room_id, sent)
    receipts: list[Receipt] = []
    timeline: list[Placed] = []
    async with asyncio.timeout(60):
        while not receipts or said not in {event.event_id for event in timeline}:
            batch = await pair.heard.once()
            receipts += [receipt for receipt in batch.receipts if receipt.event_id == sent]
            timeline += batch.timeline
    [receipt] = receipts
    assert (receipt.room_id, receipt.user_id) == (pair.room_id, pair.person.user_id)
    assert [event for event in timeline if event.event_id in (sent, said)] == [
        Placed(pair.room_id, sent, pair.bot.user_id),
        Placed(pair.room_id, said),
    ]
    batch = await pair.person.next_batch()
    assert (batch.receipts, batch.timeline) == ((), ())


async def a_room_tells_who_is_in_it_and_one_that_is_not_ours_does_not(pair: Pair) -> None:
    room = await pair.bot.room(pair.room_id)
    assert room.encrypted
    assert room.members == {pair.bot.user_id, pair.person.user_id}
    with pytest.raises(NoSuchRoom):
        await pair.bot.room("!nowhere:test.localhost")
    with pytest.raises(NoSuchRoom):
        await pair.bot.send_text("!nowhere:test.localhost", Text("x"))


async def who_leaves_is_told_of(pair: Pair) -> None:
    await pair.person.leave(pair.room_id)
    async with asyncio.timeout(60):
        while True:
            gone = [event for event in pair.heard.events if isinstance(event, MembershipChange)]
            if gone and gone[-1].membership is Membership.LEAVE:
                break
            await pair.heard.once()
    assert (gone[-1].user_id, gone[-1].before) == (pair.person.user_id, Membership.JOIN)


async def the_room_in_which_both_are_is_found(pair: Pair) -> None:
    assert await pair.bot.find_direct_room(pair.person.user_id) == pair.room_id
    assert await pair.person.find_direct_room(pair.bot.user_id) == pair.room_id


async def a_new_room_of_two_is_found_by_a_thorough_search_until_the_person_comes(pair: Pair) -> None:
    person, bot = pair.person, pair.bot
    await _part(pair)
    made = await bot.make_direct_room(person.user_id)
    room = await bot.room(made)
    assert (room.encrypted, room.members) == (True, {bot.user_id, person.user_id})
    assert await bot.find_direct_room(person.user_id) is None
    assert await bot.find_direct_room(person.user_id, thoroughly=True) == made
    async with asyncio.timeout(60):
        while made not in {invite.room_id for invite in (await person.next_batch()).invites}:
            pass
    await person.join(made)
    assert await bot.find_direct_room(person.user_id) == made
    await person.leave(made)
    await bot.invite(made, person.user_id)
    assert await bot.find_direct_room(person.user_id, thoroughly=True) == made


async def _part(pair: Pair) -> None:
    """The person leaves whatever room of two there is."""
    while (room_id := await pair.bot.find_direct_room(pair.person.user_id)) is not None:
        await pair.person.leave(room_id)


async def who_asks_us_in_is_found_there(pair: Pair) -> None:
    await _part(pair)
    asked = await pair.person.make_direct_room(pair.bot.user_id)
    async with asyncio.timeout(60):
        while asked not in {invite.room_id for invite in (await pair.heard.once()).invites}:
            pass
    assert await pair.bot.find_direct_room(pair.person.user_id) == asked
    assert pair.bot.user_id in (await pair.person.room(asked)).members


CONTRACT: tuple[Callable[[Pair], Awaitable[None]], ...] = (
    words_arrive_with_all_that_they_refer_to,
    what_is_said_keeps_its_order,
    the_same_transaction_is_the_same_event,
    what_we_say_comes_back_as_an_echo_and_is_found_by_its_transaction,
    edits_reactions_and_redactions_name_what_they_are_about,
    the_same_redaction_again_is_the_same_event,
    votes_are_found_by_their_poll,
    a_picture_comes_back_as_it_went_within_its_limits,
    reading_and_typing_disturb_nobody,
    who_asks_for_receipts_is_told_who_has_read_what_and_how_the_room_stands,
    a_room_tells_who_is_in_it_and_one_that_is_not_ours_does_not,
    the_room_in_which_both_are_is_found,
    what_was_not_committed_comes_again_to_the_next_process,
    who_leaves_is_told_of,
    a_new_room_of_two_is_found_by_a_thorough_search_until_the_person_comes,
    who_asks_us_in_is_found_there,
)
"""In this order on one pair; the last ones leave it changed."""
