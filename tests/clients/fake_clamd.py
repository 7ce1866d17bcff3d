"""clamd as far as HueP asks it: INSTREAM over a Unix or TCP socket, finding the EICAR test file."""

import contextlib
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
FOUND = "Win.Test.EICAR_HDB-1"


@dataclass
class FakeClamd:
    """What it was sent, and how it behaves."""

    address: Path | tuple[str, int]
    scanned: list[int] = field(default_factory=list)
    """Bytes of each file."""
    answer: str | None = None
    """Instead of what it finds."""
    waits_s: float = 0.0


@contextlib.contextmanager
def fake_clamd(socket_path: Path | None = None) -> Iterator[FakeClamd]:
    """On a Unix socket, or without a path on a port of loopback."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\x00"
            content = b""
            while length := struct.unpack(">I", self.rfile.read(4))[0]:
                content += self.rfile.read(length)
            clamd.scanned.append(len(content))
            time.sleep(clamd.waits_s)
            verdict = f"{FOUND} FOUND" if EICAR in content else "OK"
            with contextlib.suppress(OSError):
                self.wfile.write(f"{clamd.answer or f'stream: {verdict}'}\x00".encode())

    kind = socketserver.ThreadingUnixStreamServer if socket_path else socketserver.ThreadingTCPServer
    with kind(str(socket_path) if socket_path else ("127.0.0.1", 0), Handler) as server:  # type: ignore[arg-type]
        server.daemon_threads = True
        clamd = FakeClamd(socket_path or server.server_address)  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield clamd
        finally:
            server.shutdown()
