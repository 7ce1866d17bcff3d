"""People on clients that share no code with the bots: each thing that one says in a room, made and read by that client."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mautrix.crypto.attachments import decrypt_attachment, encrypt_attachment
from mautrix.types import (
    ContentURI,
    EventID,
    EventType,
    MessageType,
    RoomID,
    TextMessageEventContent,
)

from tests.clients.js_sdk_client import JsSdkDevice
from tests.clients.mautrix_client import MautrixDevice, Seen

PATIENCE_S = 60.0
POLL_S = 0.1
POLL = "org.matrix.msc3381.poll"
WORDS = "org.matrix.msc1767.text"


@dataclass(frozen=True)
class Related:
    """What words refer to."""

    reply_to: str | None = None
    thread_root: str | None = None
    edits: str | None = None
    mentions: tuple[str, ...] = ()


NOTHING = Related()


class Speaker(Protocol):
    """One person's device; whatever says something returns the event ID."""

    async def join(self, room_id: str) -> None: ...

    async def say(self, room_id: str, body: str, related: Related = NOTHING) -> str: ...

    async def react(self, room_id: str, target: str, key: str) -> str: ...

    async def ask(self, room_id: str, question: str, answers: Sequence[str]) -> str: ...

    async def vote(self, room_id: str, poll: str, answer_id: str) -> str: ...

    async def end(self, room_id: str, poll: str, result: str) -> str: ...

    async def show(self, room_id: str, content: bytes, name: str, kind: str) -> str: ...

    async def redact(self, room_id: str, event_id: str) -> str: ...

    async def sees(self, room_id: str, event_id: str, wanted: Callable[[Seen], bool] = lambda _: True) -> Seen:
        """What the client makes of an event, once it is as wanted."""
        ...

    async def opens(self, content: Any) -> bytes:
        """The file of a message, its hash checked by the client's own code."""
        ...


class MautrixSpeaker:
    """On mautrix with libolm."""

    def __init__(self, device: MautrixDevice) -> None:
        self._device = device
        self._client = device.client

    async def join(self, room_id: str) -> None:
        await self._device.join(room_id)

    async def say(self, room_id: str, body: str, related: Related = NOTHING) -> str:
        words = TextMessageEventContent(msgtype=MessageType.TEXT, body=body)
        if related.edits is not None:
            words.set_edit(EventID(related.edits))
        if related.thread_root is not None:
            words.set_thread_parent(EventID(related.thread_root))
        if related.reply_to is not None:
            words.set_reply(EventID(related.reply_to))
        return await self._send(room_id, "m.room.message", words.serialize() | _mentions(related))

    async def react(self, room_id: str, target: str, key: str) -> str:
        return str(await self._client.react(RoomID(room_id), EventID(target), key))

    async def ask(self, room_id: str, question: str, answers: Sequence[str]) -> str:
        choices = [{"id": answer, WORDS: answer} for answer in answers]
        poll = {"question": {WORDS: question}, "kind": f"{POLL}.disclosed", "max_selections": 1, "answers": choices}
        return await self._send(room_id, f"{POLL}.start", {f"{POLL}.start": poll, WORDS: question})

    async def vote(self, room_id: str, poll: str, answer_id: str) -> str:
        content = {f"{POLL}.response": {"answers": [answer_id]}, "m.relates_to": _reference(poll)}
        return await self._send(room_id, f"{POLL}.response", content)

    async def end(self, room_id: str, poll: str, result: str) -> str:
        content = {f"{POLL}.end": {}, WORDS: result, "m.relates_to": _reference(poll)}
        return await self._send(room_id, f"{POLL}.end", content)

    async def show(self, room_id: str, content: bytes, name: str, kind: str) -> str:
        sealed, file = encrypt_attachment(content)
        file.url = await self._client.upload_media(sealed, mime_type="application/octet-stream")
        message = {
            "msgtype": "m.image" if kind.startswith("image/") else "m.file",
            "body": name,
            "info": {"mimetype": kind, "size": len(content)},
            "file": file.serialize(),
        }
        return await self._send(room_id, "m.room.message", message)

    async def redact(self, room_id: str, event_id: str) -> str:
        return str(await self._client.redact(RoomID(room_id), EventID(event_id)))

    async def sees(self, room_id: str, event_id: str, wanted: Callable[[Seen], bool] = lambda _: True) -> Seen:
        seen = self._device.seen
        await self._device.until(lambda: event_id in seen and wanted(seen[event_id]), f"sight of {event_id}")
        return seen[event_id]

    async def opens(self, content: Any) -> bytes:
        file = content["file"]
        sealed = await self._client.download_media(ContentURI(file["url"]))
        return decrypt_attachment(sealed, file["key"]["k"], file["hashes"]["sha256"], file["iv"])

    async def _send(self, room_id: str, event_type: str, content: Any) -> str:
        kind = EventType.find(event_type, t_class=EventType.Class.MESSAGE)
        return str(await self._client.send_message_event(RoomID(room_id), kind, content))


class JsSdkSpeaker:
    """On matrix-js-sdk with its Rust crypto; contents are made by the SDK where it makes any."""

    def __init__(self, device: JsSdkDevice) -> None:
        self._device = device

    async def join(self, room_id: str) -> None:
        await self._device.ask("join", room_id=room_id)

    async def say(self, room_id: str, body: str, related: Related = NOTHING) -> str:
        return await self._id("say_related", room_id=room_id, body=body, **related.__dict__)

    async def react(self, room_id: str, target: str, key: str) -> str:
        return await self._id("react", room_id=room_id, target=target, key=key)

    async def ask(self, room_id: str, question: str, answers: Sequence[str]) -> str:
        return await self._id("start_poll", room_id=room_id, question=question, answers=list(answers))

    async def vote(self, room_id: str, poll: str, answer_id: str) -> str:
        return await self._id("vote", room_id=room_id, poll=poll, answer_id=answer_id)

    async def end(self, room_id: str, poll: str, result: str) -> str:
        return await self._id("end_poll", room_id=room_id, poll=poll, result=result)

    async def show(self, room_id: str, content: bytes, name: str, kind: str) -> str:
        return await self._id("show_file", room_id=room_id, hex=content.hex(), name=name, kind=kind)

    async def redact(self, room_id: str, event_id: str) -> str:
        return await self._id("redact", room_id=room_id, event_id=event_id)

    async def sees(self, room_id: str, event_id: str, wanted: Callable[[Seen], bool] = lambda _: True) -> Seen:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = await self._device.ask("sees", room_id=room_id, event_id=event_id)
            if found is not None and wanted(seen := Seen(**found)):
                return seen
            assert time.monotonic() < deadline, f"matrix-js-sdk sees of {event_id} only {found}"
            await asyncio.sleep(POLL_S)

    async def opens(self, content: Any) -> bytes:
        return bytes.fromhex((await self._device.ask("open_file", file=content["file"]))["hex"])

    async def _id(self, command: str, **parameters: object) -> str:
        return str((await self._device.ask(command, **parameters))["event_id"])


def _mentions(related: Related) -> dict[str, Any]:
    return {"m.mentions": {"user_ids": list(related.mentions)}} if related.mentions else {}


def _reference(target: str) -> dict[str, str]:
    return {"rel_type": "m.reference", "event_id": target}
