"""The event types that people may send without encryption where they must encrypt: one table.

Each is here because no client encrypts it, or because it holds no words: a reaction names an event, a call's signalling
names addresses and keys of one call. Whatever is not here is refused, polls too: what is asked and who voted what is
said among members alone. Locations, stickers and files are messages.
"""

ENCRYPTED = "m.room.encrypted"
REACTION = "m.reaction"
REDACTION = "m.room.redaction"

MAY_STAY_PLAIN = frozenset(
    {
        REACTION,  # the specification keeps it plain, so that servers can count
        REDACTION,  # the server must read it to carry it out
        # Calls of two: offers and answers of WebRTC, section "Voice over IP"
        "m.call.invite",
        "m.call.candidates",
        "m.call.answer",
        "m.call.select_answer",
        "m.call.reject",
        "m.call.negotiate",
        "m.call.hangup",
        "m.call.asserted_identity",
        "org.matrix.call.asserted_identity",
        "m.call.sdp_stream_metadata_changed",
        "org.matrix.call.sdp_stream_metadata_changed",
        # Calls of many: that one rings, and that somebody declines (MSC4075, MSC4310)
        "m.call.notify",
        "org.matrix.msc4075.call.notify",
        "m.rtc.notification",
        "org.matrix.msc4075.rtc.notification",
        "m.rtc.decline",
        "org.matrix.msc4310.rtc.decline",
        # Comparing keys with one another: public keys and checksums
        "m.key.verification.ready",
        "m.key.verification.start",
        "m.key.verification.accept",
        "m.key.verification.key",
        "m.key.verification.mac",
        "m.key.verification.cancel",
        "m.key.verification.done",
    }
)
