"""What people may send without encryption where they must encrypt: one table of types, and of what each may hold.

Each type is here because no client encrypts it, or because it holds no words: a reaction names an event, a call's
signalling names addresses and keys of one call. Whatever is not here is refused, polls too: what is asked and who voted
what is said among members alone. Locations, stickers and files are messages.
"""

from collections.abc import Mapping

from synapse_modules.room_rules.shapes import (
    EVENT_ID,
    MOST_CANDIDATES,
    NAME,
    USER_ID,
    Keys,
    candidate,
    either,
    listing,
    machine,
    matching,
    nothing,
    number,
    record,
    sdp,
    text,
    token,
)

ENCRYPTED = "m.room.encrypted"
REACTION = "m.reaction"
REDACTION = "m.room.redaction"

LONGEST_REACTION = 32
"""Characters without a space: a family emoji has 7, a flag of a region too. A reaction must not become a message."""
LONGEST_REASON = 500
"""Characters; where people must encrypt a redaction has no reason at all."""
MOST_MENTIONED = 1000
LONGEST_CAUSE = 80
"""Characters of ASCII, by which clients say in English why a comparison of keys ended."""

_REFERENCE = record(rel_type=NAME, event_id=EVENT_ID)
_MENTIONS = record(user_ids=listing(USER_ID, MOST_MENTIONED), room=number)

_DESCRIPTION = record(type=NAME, sdp=sdp)
_CANDIDATE = record(
    candidate=candidate,
    sdpMid=either(token, nothing),
    sdpMLineIndex=either(number, nothing),
    usernameFragment=either(token, nothing),
)
_OF_EVERY_CALL: Keys = {
    "call_id": token,
    "party_id": token,
    "version": either(token, number),
    "conf_id": token,
    "seq": number,
    "device_id": token,
    "sender_session_id": token,
    "dest_session_id": token,
    "lifetime": number,
    "invitee": USER_ID,
    "capabilities": machine,
    "sdp_stream_metadata": machine,
    "org.matrix.msc3077.sdp_stream_metadata": machine,
}
"""Of calls of two (specification, "Voice over IP")."""
_OF_EVERY_RINGING: Keys = {
    "m.mentions": _MENTIONS,
    "m.relates_to": _REFERENCE,
    "application": token,
    "call_id": token,
    "notify_type": NAME,
    "notification_type": NAME,
    "lifetime": number,
    "sender_ts": number,
    "m.call.intent": NAME,
    "membershipID": token,
}
"""Of calls of many: that one rings, and that somebody declines (MSC4075, MSC4310)."""
_OF_EVERY_COMPARISON: Keys = {"m.relates_to": _REFERENCE, "transaction_id": token, "from_device": token}
"""Of keys with one another: public keys and checksums."""

MAY_STAY_PLAIN: Mapping[str, Keys] = {
    # The specification keeps it plain, so that servers can count.
    REACTION: {
        "m.relates_to": record(
            rel_type=lambda value: value == "m.annotation",
            event_id=EVENT_ID,
            key=matching(rf"\S{{1,{LONGEST_REACTION}}}"),
        )
    },
    # The server must read it to carry it out.
    REDACTION: {
        "redacts": EVENT_ID,
        "reason": text(LONGEST_REASON),
        "with_rel_types": listing(NAME, 10),
        "org.matrix.msc3912.with_relations": listing(NAME, 10),
    },
    "m.call.invite": {**_OF_EVERY_CALL, "offer": _DESCRIPTION, "description": _DESCRIPTION},
    "m.call.candidates": {**_OF_EVERY_CALL, "candidates": listing(_CANDIDATE, MOST_CANDIDATES)},
    "m.call.answer": {**_OF_EVERY_CALL, "answer": _DESCRIPTION},
    "m.call.select_answer": {**_OF_EVERY_CALL, "selected_party_id": either(token, nothing)},
    "m.call.reject": {**_OF_EVERY_CALL, "reason": NAME},
    "m.call.negotiate": {**_OF_EVERY_CALL, "description": _DESCRIPTION},
    "m.call.hangup": {**_OF_EVERY_CALL, "reason": NAME},
    "m.call.sdp_stream_metadata_changed": _OF_EVERY_CALL,
    "org.matrix.call.sdp_stream_metadata_changed": _OF_EVERY_CALL,
    "m.call.notify": _OF_EVERY_RINGING,
    "org.matrix.msc4075.call.notify": _OF_EVERY_RINGING,
    "m.rtc.notification": _OF_EVERY_RINGING,
    "org.matrix.msc4075.rtc.notification": _OF_EVERY_RINGING,
    "m.rtc.decline": _OF_EVERY_RINGING,
    "org.matrix.msc4310.rtc.decline": _OF_EVERY_RINGING,
    "m.key.verification.ready": {**_OF_EVERY_COMPARISON, "methods": listing(NAME, 10)},
    "m.key.verification.start": {
        **_OF_EVERY_COMPARISON,
        "method": NAME,
        "next_method": NAME,
        "secret": token,
        "key_agreement_protocols": listing(NAME, 10),
        "hashes": listing(NAME, 10),
        "message_authentication_codes": listing(NAME, 10),
        "short_authentication_string": listing(NAME, 10),
    },
    "m.key.verification.accept": {
        **_OF_EVERY_COMPARISON,
        "method": NAME,
        "commitment": token,
        "key_agreement_protocol": NAME,
        "hash": NAME,
        "message_authentication_code": NAME,
        "short_authentication_string": listing(NAME, 10),
    },
    "m.key.verification.key": {**_OF_EVERY_COMPARISON, "key": token},
    "m.key.verification.mac": {**_OF_EVERY_COMPARISON, "keys": token, "mac": machine},
    "m.key.verification.cancel": {
        **_OF_EVERY_COMPARISON,
        "code": NAME,
        "reason": matching(rf"[ -~]{{0,{LONGEST_CAUSE}}}"),
    },
    "m.key.verification.done": _OF_EVERY_COMPARISON,
}
"""Type to the keys that it may have."""
