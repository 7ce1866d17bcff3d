"""Ed25519 signatures of HR officers under one statement: I, of this server, let this very hash through until then.

A statement is canonical JSON, and its bytes are what is signed. Private keys stay on the officers' machines, as PKCS8
PEM under a passphrase. Nothing here reads a clock or a database.
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import canonical
from huep.catalogue import Message

STATEMENT_VERSION = 1
LONGEST_LIFE = timedelta(days=14)
"""No signature holds longer, whatever it says: the greatest `approval_hours`."""
CLOCK_TOLERANCE = timedelta(minutes=15)
"""So far an officer's clock may be ahead of the server's."""
SHORTEST_PASSPHRASE = 10


class Matter(StrEnum):
    """What a signature lets through."""

    SNAPSHOT = "snapshot"
    PLAN = "plan"
    OFFICER = "officer"
    """A new officer's public key."""
    REMOVE_OFFICER = "remove-officer"


class SignatureRefused(OfficerError):
    """A signature that does not count; the subclass says why."""


class WrongKey(SignatureRefused):
    """It was made with another key than the one enrolled for this officer."""

    def __init__(self, officer: str) -> None:
        super().__init__(Message.of("sign-wrong-key", officer=officer))


class Expired(SignatureRefused):
    """Its time is over, or has not come."""

    def __init__(self, officer: str) -> None:
        super().__init__(Message.of("sign-expired", officer=officer))


class ForAnotherServer(SignatureRefused):
    """It was made for another HueP."""

    def __init__(self, theirs: str, ours: str) -> None:
        super().__init__(Message.of("sign-other-server", theirs=theirs, ours=ours))


class Altered(SignatureRefused):
    """Statement and signature do not belong together, or the file is no approval at all."""

    def __init__(self, name: str) -> None:
        super().__init__(Message.of("sign-altered", name=name))


class KeyUnreadable(OfficerError):
    """The private key cannot be opened: no such file, no such format, or another passphrase."""

    def __init__(self, path: Path) -> None:
        super().__init__(Message.of("sign-key-unreadable", path=str(path)))


class KeyExists(OfficerError):
    """A key is never written over."""

    def __init__(self, path: Path) -> None:
        super().__init__(Message.of("sign-key-exists", path=str(path)))


class PassphraseTooShort(OfficerError):
    """The passphrase would not protect the key."""

    def __init__(self) -> None:
        super().__init__(Message.of("sign-passphrase-short", shortest=SHORTEST_PASSPHRASE))


@dataclass(frozen=True)
class Statement:
    """What an officer signs."""

    server_name: str
    matter: Matter
    sha256: str
    """Of the snapshot, plan or card, in hex."""
    officer: str
    """Officer code of who signs."""
    signed_at: datetime
    expires_at: datetime

    @property
    def text(self) -> str:
        """Canonical JSON; its UTF-8 bytes are signed."""
        return canonical(
            {
                "v": STATEMENT_VERSION,
                "server_name": self.server_name,
                "subject": self.matter.value,
                "hash": self.sha256,
                "officer": self.officer,
                "signed_at": _written(self.signed_at),
                "expires_at": _written(self.expires_at),
            }
        )

    @classmethod
    def parse(cls, text: str) -> "Statement":
        """The statement of a text that `text` gave.

        Raises:
            Altered: it is none, or not the one canonical text of it.
        """
        try:
            fields = json.loads(text)
            statement = cls(
                server_name=str(fields["server_name"]),
                matter=Matter(fields["subject"]),
                sha256=str(fields["hash"]),
                officer=str(fields["officer"]),
                signed_at=datetime.fromisoformat(fields["signed_at"]),
                expires_at=datetime.fromisoformat(fields["expires_at"]),
            )
            same = statement.text == text
        except (ValueError, KeyError, TypeError) as error:
            raise Altered("?") from error
        if not same:
            raise Altered(statement.officer)
        return statement


@dataclass(frozen=True)
class Approval:
    """A statement's text, its signature, and the public key that goes with it; the last two in unpadded base64."""

    text: str
    signature: str
    public_key: str

    def to_json(self) -> str:
        """As an approval file holds it."""
        content = {"approval": json.loads(self.text), "signature": self.signature, "public_key": self.public_key}
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def from_json(cls, content: str, name: str) -> "Approval":
        """The approval in a file; `name` says which in a refusal.

        Raises:
            Altered: the file holds none.
        """
        try:
            fields = json.loads(content)
            statement, signature, public_key = fields["approval"], fields["signature"], fields["public_key"]
        except (ValueError, KeyError, TypeError) as error:
            raise Altered(name) from error
        if not isinstance(statement, Mapping):
            raise Altered(name)
        return cls(canonical(statement), str(signature), str(public_key))


def sign(statement: Statement, key: Ed25519PrivateKey) -> Approval:
    """`statement` with the signature of `key` under it."""
    text = statement.text
    return Approval(text, unpadded(key.sign(text.encode())), public_text(key))


def verify(approval: Approval, public_key: str, *, server_name: str, now: datetime) -> Statement:
    """What was signed, if the signature counts now.

    Args:
        approval: as handed in, or as stored.
        public_key: the one enrolled for the officer, in unpadded base64.
        server_name: the server that it must have been made for.
        now: the present moment.

    Raises:
        Altered, WrongKey, ForAnotherServer, Expired: it does not.
    """
    statement = Statement.parse(approval.text)
    if approval.public_key != public_key:
        raise WrongKey(statement.officer)
    if not fits(public_key, approval.text, approval.signature):
        raise Altered(statement.officer)
    if statement.server_name != server_name:
        raise ForAnotherServer(statement.server_name, server_name)
    begins, ends = statement.signed_at - CLOCK_TOLERANCE, min(statement.expires_at, statement.signed_at + LONGEST_LIFE)
    if not begins <= now < ends:
        raise Expired(statement.officer)
    return statement


def fits(public_key: str, text: str, signature: str) -> bool:
    """Whether `signature` is that of `public_key` under `text`; False for what is no key or no signature."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(public_key))
        key.verify(_bytes(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def new_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Make a key and write it to `path`, encrypted, for its owner alone (mode 0600).

    Raises:
        KeyExists: there is a file already.
        PassphraseTooShort: fewer than SHORTEST_PASSPHRASE characters.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise PassphraseTooShort
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyExists(path) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return key


def read_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """The private key in `path`.

    Raises:
        KeyUnreadable: it cannot be opened with this passphrase, or is no Ed25519 key.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError, TypeError) as error:
        raise KeyUnreadable(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnreadable(path)
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of `key`, in unpadded base64."""
    return unpadded(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def unpadded(content: bytes) -> str:
    """Base64 without padding."""
    return base64.b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
