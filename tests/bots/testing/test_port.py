"""The fake port behaves as a device on Synapse does."""

import asyncio
from datetime import timedelta

import pytest

from bots.matrix.contents import Attachment, file_content, vote_content
from bots.matrix.errors import (
    AccountLocked,
    FileRefused,
    NoSuchRoom,
    RateLimited,
    RequestRefused,
    RoomEncrypted,
    ServerUnreachable,
)
from bots.matrix.port import (
    Batch,
    Event,
    Image,
    Limits,
    MembershipChange,
    PollResponse,
    Redaction,
    Text,
    TextMessage,
    Unreadable,
)
from bots.matrix.trust import Origin
from bots.testing.clock import MovableClock
from bots.testing.faults import Fault, Network
from bots.testing.homeserver import FakeHomeserver
from bots.testing.port import KEY_PATIENCE, FakePort

AN, BOT = "@an:hue.localhost", "@bot:hue.localhost"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


class Two:
    """A person and a bot in one encrypted room, both up to date."""

    def __init__(self, *, verified: bool = True) -> None:
        self.clock = MovableClock()
        self.homeserver = FakeHomeserver("hue.localhost", self.clock)
        self.homeserver.committed |= {AN: 0, BOT: 0}
        if not verified:
            self.homeserver.unsigned.add(AN)
        self.network = Network()
        self.an, self.bot = FakePort(self.homeserver, AN), FakePort(self.homeserver, BOT, self.network)
        self.room_id = self.homeserver.make_room(AN, joined=(BOT,))

    async def heard(self, port: FakePort | None = None) -> list[Event]:
        """What is new to the bot, but who came and went."""
        port = port or self.bot
        batch = await port.next_batch()
        await port.commit(batch)
        return [event for event in batch.events if not isinstance(event, MembershipChange)]


async def test_own_messages_come_back_with_the_transaction_under_which_they_were_sent() -> None:
    two = Two()
    first = await two.bot.send_text(two.room_id, Text("chào"), "t")
    assert await two.bot.send_text(two.room_id, Text("chào"), "t") == first, "a repeated send is no second message"
    batch = await two.bot.next_batch()
    assert [(echo.transaction_id, echo.event_id) for echo in batch.echoes] == [("t", first)]
    [back] = [event for event in batch.events if isinstance(event, TextMessage)]
    assert back.sender == BOT


async def test_what_was_not_committed_comes_again_after_a_restart() -> None:
    two = Two()
    await two.heard()
    await two.an.send_text(two.room_id, Text("1"))
    lost = await two.bot.next_batch()
    again = await FakePort(two.homeserver, BOT).next_batch()
    assert again.events == lost.events != ()
    await two.bot.commit(lost)
    assert (await FakePort(two.homeserver, BOT).next_batch()).events == ()


async def test_the_first_batch_of_a_device_that_never_synced_is_history() -> None:
    two = Two()
    await two.an.send_text(two.room_id, Text("1"))
    del two.homeserver.committed[BOT]
    assert not (await FakePort(two.homeserver, BOT).next_batch()).live


async def test_a_late_key_makes_an_unreadable_message_readable_after_all() -> None:
    two = Two()
    await two.heard()
    event_id = await two.an.send_text(two.room_id, Text("chào"))
    two.homeserver.withhold(event_id, BOT)
    assert await two.heard() == []
    two.clock.moves(KEY_PATIENCE + timedelta(seconds=1))
    [unreadable] = await two.heard()
    assert isinstance(unreadable, Unreadable)
    two.homeserver.hand_over(event_id)
    [readable] = await two.heard()
    assert isinstance(readable, TextMessage)
    assert unreadable.handling_id != readable.handling_id


async def test_a_device_that_its_owner_has_not_signed_gets_no_keys_and_is_not_believed() -> None:
    two = Two(verified=False)
    await two.heard(two.an)
    await two.bot.send_text(two.room_id, Text("chào"))
    [withheld] = await two.heard(two.an)
    assert isinstance(withheld, Unreadable)
    assert withheld.withheld == "m.unverified"
    await two.an.send_text(two.room_id, Text("chào"))
    assert [event.origin for event in await two.heard() if event.sender == AN] == [Origin.UNSIGNED]


async def test_a_notice_in_clear_goes_into_no_encrypted_room_and_reactions_are_never_encrypted() -> None:
    two = Two()
    await two.heard(two.an)
    with pytest.raises(RoomEncrypted):
        await two.bot.send_plain_notice(two.room_id, "xin chào")
    in_clear = two.homeserver.make_room(AN, encrypted=False, joined=(BOT,))
    await two.bot.send_plain_notice(in_clear, "xin chào")
    await two.bot.send_event(two.room_id, "m.reaction", {"m.relates_to": {"event_id": "$1", "key": "✅"}})
    assert [event.origin for event in await two.heard(two.an)] == [Origin.PLAIN] * 2


async def test_what_was_said_before_one_was_asked_in_stays_closed_and_what_was_said_since_is_heard() -> None:
    two = Two()
    room_id = two.homeserver.make_room(AN)
    await two.an.send_text(room_id, Text("trước"))
    two.homeserver.invite(room_id, BOT, by=AN)
    batch = await two.bot.next_batch()
    assert [invite.inviter for invite in batch.invites] == [AN]
    await two.an.send_text(room_id, Text("sau"))
    await two.bot.next_batch()
    with pytest.raises(NoSuchRoom):
        await two.bot.room(room_id)
    await two.bot.join(room_id)
    assert [event.body for event in await two.heard() if isinstance(event, TextMessage)] == ["sau"]


async def test_an_invitation_that_nobody_settles_comes_again_after_a_rest() -> None:
    two = Two()
    two.homeserver.make_room(AN, BOT)

    async def batch() -> Batch:
        two.homeserver.tell()
        await two.an.send_text(two.room_id, Text("1"))
        return await two.bot.next_batch()

    [invite] = (await batch()).invites
    assert (await batch()).invites == ()
    two.clock.moves(timedelta(minutes=1))
    assert (await batch()).invites == (invite,)
    two.bot.settle_invite(invite)
    two.clock.moves(timedelta(minutes=1))
    assert (await batch()).invites == ()


async def test_a_redaction_is_told_and_takes_the_words_away() -> None:
    two = Two()
    event_id = await two.an.send_text(two.room_id, Text("bí mật"))
    await two.an.redact(two.room_id, event_id)
    [redaction] = await two.heard()
    assert isinstance(redaction, Redaction)
    assert redaction.target == event_id


async def test_pictures_are_kept_encrypted_and_judged_by_their_bytes() -> None:
    two = Two()
    file = await two.an.upload(two.room_id, PNG, "image/png")
    assert PNG not in two.homeserver.media.values()
    await two.an.send_event(two.room_id, "m.room.message", file_content(Attachment(file, "anh.png")))
    [picture] = await two.heard()
    assert isinstance(picture, Image)
    assert await two.bot.download(picture.file) == PNG
    for limits in (Limits(most_bytes=10), Limits(kinds=frozenset({"application/pdf"}))):
        with pytest.raises(FileRefused):
            await two.bot.download(picture.file, limits)


async def test_votes_are_found_by_their_poll() -> None:
    two = Two()
    poll = await two.bot.send_text(two.room_id, Text("?"))
    await two.an.send_event(two.room_id, "org.matrix.msc3381.poll.response", vote_content(poll, ("a",)))
    [vote] = await two.bot.relations(two.room_id, poll, "m.reference")
    assert isinstance(vote, PollResponse)
    assert vote.answer_ids == ("a",)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.LIMITED, RateLimited),
        (Fault.FAILED, RequestRefused),
        (Fault.CUT, ServerUnreachable),
        (Fault.LOST, ServerUnreachable),
        (Fault.SPOILT, RequestRefused),
    ],
)
async def test_a_broken_send_fails_and_may_have_been_done(fault: Fault, error: type[Exception]) -> None:
    two = Two()
    await two.heard(two.an)
    two.network.breaks(fault, "/send/")
    with pytest.raises(error):
        await two.bot.send_text(two.room_id, Text("chào"), "t")
    await two.bot.send_text(two.room_id, Text("chào"), "t")
    assert len(await two.heard(two.an)) == 1
    assert fault.hides_an_effect == (fault in (Fault.LOST, Fault.SPOILT))


async def test_syncs_are_repeated_and_lose_keys_where_the_network_says_so() -> None:
    two = Two()
    await two.heard()
    await two.an.send_text(two.room_id, Text("1"))
    first = await two.bot.next_batch()
    two.network.breaks(Fault.REPEATED)
    assert await two.bot.next_batch() == first
    two.network.breaks(Fault.GAP)
    await two.an.send_text(two.room_id, Text("2"))
    assert await two.heard() == [], "its key was lost"


async def test_while_nobody_answers_a_sync_waits_and_goes_on_afterwards() -> None:
    two = Two()
    await two.heard()
    two.network.down = True
    waiting = asyncio.create_task(two.heard())
    await two.an.send_text(two.room_id, Text("1"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    two.network.down = False
    assert len(await waiting) == 1


async def test_who_is_locked_is_out() -> None:
    two = Two()
    two.homeserver.locked.add(BOT)
    with pytest.raises(AccountLocked):
        await two.bot.next_batch()
    with pytest.raises(AccountLocked):
        await two.bot.send_text(two.room_id, Text("chào"))
