"""An IMAP server over TLS with one mailbox: as much of RFC 9051 as reading it takes."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from huep.state import new_secret

_FETCH = re.compile(r"(\d+) \(BODY\.PEEK\[(HEADER|)\]<0\.(\d+)>\)")
_STORE = re.compile(r"(\d+) \+FLAGS \(\\Seen\)")


@dataclass
class ImapServer:
    """Where it is, whom it lets in, and what lies in its one folder."""

    user: str = "tin"
    password: str = field(default_factory=lambda: f"mật khẩu {new_secret()}")
    folder: str = "INBOX"
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    fetched: list[tuple[int, str]] = field(default_factory=list)
    """Numbers and sections: "HEADER", or "" for the whole."""
    said: list[str] = field(default_factory=list)
    """Commands, without what proves who asks."""
    refuses: str | None = None
    """A command that is answered with NO."""
    hangs_up_at: str | None = None
    """A command at which the connection is cut."""
    port: int = 0
    authority: Path = Path()
    """The certificate that a client must trust."""

    def gets(self, mail: str | bytes) -> int:
        """A new mail; returns its number."""
        number = max(self.mails, default=100) + 1
        raw = mail.encode() if isinstance(mail, str) else mail
        self.mails[number] = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return number

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        try:
            while line := await reader.readline():
                tag, _, rest = line.decode("utf-8").strip().partition(" ")
                name = " ".join(rest.split(" ")[: 2 if rest.startswith("UID ") else 1])
                self.said.append(name)
                if name == self.hangs_up_at:
                    break
                if name == self.refuses:
                    writer.write(f"{tag} NO not today\r\n".encode())
                    continue
                done = await self._do(name, rest.removeprefix(name).strip(), reader, writer)
                writer.write(f"{tag} {'OK done' if done else 'NO'}\r\n".encode())
                await writer.drain()
                if name == "LOGOUT":
                    break
        finally:
            writer.close()

    async def _do(self, name: str, rest: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        match name:
            case "CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
            case "AUTHENTICATE":
                writer.write(b"+ \r\n")
                proof = base64.b64decode(await reader.readline()).decode()
                return rest == "PLAIN" and proof == f"\0{self.user}\0{self.password}"
            case "SELECT":
                writer.write(f"* {len(self.mails)} EXISTS\r\n".encode())
                return rest == f'"{self.folder}"'
            case "UID SEARCH":
                found = " ".join(str(number) for number in self.mails if number not in self.seen)
                writer.write(f"* SEARCH {found}\r\n".encode())
                return rest == "UNSEEN"
            case "UID FETCH":
                asked = _FETCH.fullmatch(rest)
                if asked is None:
                    return False
                mail, section = self.mails[int(asked[1])], asked[2]
                head, blank, _ = mail.partition(b"\r\n\r\n")
                content = (head + blank if section else mail)[: int(asked[3])]
                self.fetched.append((int(asked[1]), section))
                answer = f"* 1 FETCH (UID {asked[1]} BODY[{section}]<0> {{{len(content)}}}\r\n"
                writer.write(answer.encode() + content + b")\r\n")
            case "UID STORE":
                asked = _STORE.fullmatch(rest)
                if asked is None:
                    return False
                self.seen.add(int(asked[1]))
            case "LOGOUT":
                writer.write(b"* BYE\r\n")
            case _:
                return False
        return True


@asynccontextmanager
async def imap_server(folder: Path, *, name: str = "localhost") -> AsyncIterator[ImapServer]:
    """One on a port of its own, for the block, with a certificate of `name`."""
    server = ImapServer(authority=folder / "certificate.pem")
    key = _certificate(server.authority, name)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.authority, key)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def _certificate(path: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    alternatives: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        alternatives.append(x509.IPAddress(ip_address("127.0.0.1")))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file = path.with_suffix(".key")
    encoding, encryption = serialization.Encoding.PEM, serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, encryption))
    return key_file
