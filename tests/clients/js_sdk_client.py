"""One encrypted device on matrix-js-sdk with its Rust crypto, in a Node process that tests/node/client.mjs is."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "node"
ANSWER_TIMEOUT_S = 45.0
LINE_LIMIT_BYTES = 1 << 20


def why_not() -> str | None:
    """What is missing to run this client here, in one line; None where it can run."""
    if shutil.which("node") is None:
        return "node is not installed: matrix-js-sdk was not tried (Debian: apt-get install nodejs npm)"
    if not (FOLDER / "node_modules" / "matrix-js-sdk").is_dir():
        return "tests/node/node_modules is missing: run `make node` to try matrix-js-sdk"
    return None


class JsSdkDevice:
    """A device that is logged in, cross-signed and syncs; make it with `js_sdk_device`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Any) -> None:
        self._process = process
        self._log = log
        self._asked = 0

    async def ask(self, command: str, **parameters: object) -> Any:
        """Have the device do one of the commands of client.mjs; a refusal fails the test with the reason."""
        self._asked += 1
        line = json.dumps({"id": self._asked, "do": command, **parameters})
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line.encode() + b"\n")
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answered = await self._process.stdout.readline()
        assert answered, f"the Node process ended at {command}:\n{self.log_tail()}"
        answer = json.loads(answered)
        assert answer["id"] == self._asked
        assert "ok" in answer, f"{command}: {answer['error']}\n{self.log_tail()}"
        return answer["ok"]

    def log_tail(self) -> str:
        """The end of what the SDK logged."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-4000:]


@asynccontextmanager
async def js_sdk_device(url: str, user_id: str, password: str) -> AsyncIterator[JsSdkDevice]:
    """Log in to an account without an identity, make one, sign this device, sync until the end of the block."""
    async with js_sdk() as device:
        await device.ask("log_in", url=url, user_id=user_id, password=password)
        yield device


@asynccontextmanager
async def js_sdk() -> AsyncIterator[JsSdkDevice]:
    """A device that is not logged in yet."""
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            "node", str(FOLDER / "client.mjs"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, limit=LINE_LIMIT_BYTES,
        )  # fmt: skip
        try:
            yield JsSdkDevice(process, log)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
