"""The baseline: the smallest bot that plain matrix-nio makes, answering each encrypted message with its text."""

import asyncio
import json
import sys
from pathlib import Path

import nio


async def serve(url: str, folder: Path) -> None:
    """Echo for ever, on the signed device whose session and keys lie in `folder`."""
    session = json.loads((folder / "session.json").read_text())
    config = nio.AsyncClientConfig(
        store=nio.store.SqliteStore, store_name="crypto.db", pickle_key=(folder / "pickle-key").read_text().strip()
    )
    client = nio.AsyncClient(url, session["user_id"], session["device_id"], str(folder), config)
    client.restore_login(**session)

    async def join(room: nio.MatrixRoom, _: nio.InviteMemberEvent) -> None:
        await client.join(room.room_id)

    async def echo(room: nio.MatrixRoom, event: nio.RoomMessageText) -> None:
        if event.sender != client.user_id:
            content = {"msgtype": "m.text", "body": event.body}
            await client.room_send(room.room_id, "m.room.message", content, ignore_unverified_devices=True)

    client.add_event_callback(join, nio.InviteMemberEvent)
    await client.sync(timeout=0, full_state=True)
    client.add_event_callback(echo, nio.RoomMessageText)
    if client.should_upload_keys:
        await client.keys_upload()
    print("ready", flush=True)
    await client.sync_forever(timeout=30_000)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
