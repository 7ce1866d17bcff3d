"""Sessions as nio would have them saved."""

from nio.crypto import (
    InboundGroupSession,
    InboundSession,
    OlmAccount,
    OutboundGroupSession,
    OutboundSession,
)

ROOM = "!r:x"
PEER_KEY = "peer-curve25519"


def olm_pair(bot: OlmAccount, peer: OlmAccount) -> tuple[OutboundSession, InboundSession]:
    """A session of the bot with a peer's device, and the same as the peer sees it, after a first message."""
    peer.generate_one_time_keys(1)
    [one_time_key] = peer.one_time_keys["curve25519"].values()
    ours = OutboundSession(bot, peer.identity_keys["curve25519"], one_time_key)
    peer.mark_keys_as_published()
    message = ours.encrypt("first").to_pre_key()
    theirs = InboundSession(peer, message, bot.identity_keys["curve25519"])
    assert theirs.decrypt(message) == "first"
    return ours, theirs


def inbound(outbound: OutboundGroupSession, sender_key: str = PEER_KEY, room_id: str = ROOM) -> InboundGroupSession:
    return InboundGroupSession(outbound.session_key, "ed25519", sender_key, room_id)
