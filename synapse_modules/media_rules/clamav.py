"""Asking clamd whether a file is infected: its INSTREAM command over a Unix or TCP socket, one connection a file.

Protocol: clamd(8), section COMMANDS. The file is sent in chunks, each behind its length; an empty one ends it.
"""

import contextlib
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 65_536
LONGEST_ANSWER = 4_096
_COMMAND = b"zINSTREAM\x00"


class ScannerSilent(Exception):
    """clamd cannot be reached, takes too long, or did not scan the file; the message says what it said."""


@dataclass(frozen=True)
class Scanner:
    """Where clamd listens."""

    address: Path | tuple[str, int]
    """Its socket, or host and port."""
    timeout_s: float = 30.0
    """For each step: connecting, each chunk, the answer."""

    def scan(self, path: Path) -> str | None:
        """The name of what was found in the file; None where it is clean. Blocks: call it in a thread.

        Raises:
            ScannerSilent: nobody knows whether the file is clean.
        """
        try:
            with self._connect() as connection, path.open("rb") as file:
                # A file that is too large for it clamd cuts off; why stands in its answer.
                with contextlib.suppress(BrokenPipeError):
                    _send(connection, file)
                answer = _read_answer(connection)
        except OSError as error:
            raise ScannerSilent(f"{self.address}: {error}") from error
        return _found_in(answer)

    def _connect(self) -> socket.socket:
        if isinstance(self.address, tuple):
            return socket.create_connection(self.address, self.timeout_s)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self.timeout_s)
        try:
            connection.connect(str(self.address))
        except OSError:
            connection.close()
            raise
        return connection


def _send(connection: socket.socket, file: BinaryIO) -> None:
    connection.sendall(_COMMAND)
    while chunk := file.read(CHUNK_BYTES):
        connection.sendall(struct.pack(">I", len(chunk)) + chunk)
    connection.sendall(struct.pack(">I", 0))


def _read_answer(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\x00") and len(answer) < LONGEST_ANSWER:
        received = connection.recv(LONGEST_ANSWER)
        if not received:
            break
        answer += received
    return answer.rstrip(b"\x00").decode("utf-8", "replace").strip()


def _found_in(answer: str) -> str | None:
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerSilent(f"clamd answered {answer!r}")
