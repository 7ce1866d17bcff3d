"""Words in clear where no client puts them: state of unknown types, beside or inside cipher text, reasons, reactions."""

from tests.clients.sealed import sealed
from tests.real.attacks.attack import Attack, By, put, send, state
from tests.real.attacks.scene import WORDS

STAFF = By.STAFF
ANNOTATES = {"rel_type": "m.annotation", "event_id": "{event}"}

WORDS_IN_CLEAR = (
    Attack("state-message", "sends plain words as state", STAFF, state("own", "m.room.message", WORDS, "1"), 403),
    Attack("state-acl", "sets which servers may take part in the own room", STAFF,
           state("own", "m.room.server_acl", {"allow": ["*"], "deny": ["xin chào"]}), 403),
    Attack("state-unknown", "hides words in state of an unknown type", STAFF,
           state("own", "vn.example.words", {"body": "xin chào các đồng chí"}), 403),
    Attack("state-widget", "puts a widget with a page outside into the own room", STAFF,
           state("own", "im.vector.modular.widgets", {"type": "m.custom", "url": "https://outside.example/", "name": "x"}, "w"),
           403),
    Attack("state-key", "hides words in a state key", STAFF, state("own", "vn.example.words", {}, "xin chào"), 403),
    Attack("cipher-words", "calls words cipher text", STAFF,
           send("dm", "m.room.encrypted", {**sealed(), "ciphertext": "xin chào các đồng chí"}), 403),
    Attack("cipher-beside", "hides words in a key beside the cipher text", STAFF,
           send("dm", "m.room.encrypted", {**sealed(), "vn.example.words": "xin chào"}), 403),
    Attack("cipher-session", "hides words in the session's name", STAFF,
           send("dm", "m.room.encrypted", {**sealed(), "session_id": "xin chào các đồng chí"}), 403),
    Attack("reaction-body", "hides words beside a reaction", STAFF,
           send("team", "m.reaction", {"m.relates_to": {**ANNOTATES, "key": "👍"}, "body": "xin chào"}), 403),
    Attack("reaction-object", "reacts with something that is no word", STAFF,
           send("team", "m.reaction", {"m.relates_to": {**ANNOTATES, "key": {"a": "xin chào"}}}), 400, "M_UNKNOWN"),
    Attack("call-words", "hides words in the signalling of a call", STAFF,
           send("dm", "m.call.hangup", {"call_id": "1", "version": "1", "vn.example.words": "xin chào"}), 403),
    Attack("redaction-reason", "writes a letter as the reason of a redaction", STAFF,
           put("/rooms/{own}/redact/{own_event}/{once}", {"reason": "xin chào " * 100}), 403),
)  # fmt: skip
