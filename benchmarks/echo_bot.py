"""The baseline: the smallest bot that plain matrix-nio makes, answering each encrypted message with its text."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

import nio

from benchmarks.crowd import Login

SESSION = "session.json"


def client_in(folder: Path, url: str, user_id: str) -> nio.AsyncClient:
    """nio as it comes, its keys in `folder`, which is made when missing."""
    folder.mkdir(exist_ok=True)
    config = nio.AsyncClientConfig(store=nio.store.SqliteStore, store_name="crypto.db", pickle_key="key")
    return nio.AsyncClient(url, user_id, store_path=str(folder), config=config)


async def make_device(folder: Path, url: str, user_id: str, password: str) -> Login:
    """Log a new device in and upload its keys; all that `serve` needs lies in `folder` then."""
    client = client_in(folder, url, user_id)
    try:
        for answer in (await client.login(password), await client.keys_upload()):
            if isinstance(answer, nio.ErrorResponse):
                raise TypeError(f"the echo bot could not log in: {answer}")
        login = Login(client.user_id, client.device_id, client.access_token)
    finally:
        await client.close()
    (folder / SESSION).write_text(json.dumps(asdict(login)))
    return login


async def serve(url: str, folder: Path) -> None:
    """Echo for ever, on the device that lies in `folder`."""
    login = Login(**json.loads((folder / SESSION).read_text()))
    client = client_in(folder, url, login.user_id)
    client.restore_login(login.user_id, login.device_id, login.token)

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
