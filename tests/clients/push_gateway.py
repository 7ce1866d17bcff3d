"""A push gateway that counts: what a phone's app would have been told, by its pushkey."""

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class PushGateway:
    """Answers every notification with 200."""

    url: str
    pushed: Counter[str] = field(default_factory=Counter)
    """By pushkey."""


@contextlib.contextmanager
def push_gateway() -> Iterator[PushGateway]:
    """On a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            gateway.pushed.update(device["pushkey"] for device in body["notification"]["devices"])
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"rejected": []}')

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        gateway = PushGateway(f"http://127.0.0.1:{server.server_address[1]}/_matrix/push/v1/notify")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield gateway
        finally:
            server.shutdown()
