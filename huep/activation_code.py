"""Pure: one-time activation codes. What one looks like, how it is kept, and whether one that is typed may pass.

The provisioner makes codes, and the activation page inside Synapse takes them. A code has 60 bits, so nobody guesses
it; hashing is there for whoever reads the database, and the limits for the log.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from huep.errors import HuepError

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters, 5 bits each; without 0, O, 1 and I, which people mistake for one another on paper."""
GROUPS = 3
GROUP_LENGTH = 4

FAILURES_OF_A_PERSON = 10
FAILURES_OF_A_CODE = 10
"""Somebody with a found slip who tries whose it is."""
FAILURES_OF_AN_ADDRESS = 200
"""One office of hundreds of people shares one address, and all of them activate on the same morning."""
WINDOW = timedelta(hours=1)

SCRYPT_N = 2**12
SCRYPT_R = 8
SCRYPT_P = 1
"""About 10 ms and 4 MB: enough upon 60 bits, and 60,000 codes are made in minutes."""
SALT_BYTES = 16
HASH_BYTES = 32
MOST_MEMORY_BYTES = 64 * 1024 * 1024

_STORED = re.compile(
    r"scrypt\$n=([0-9]{1,7}),r=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/]{2,64})\$([A-Za-z0-9+/]{2,128})"
)
_BETWEEN = re.compile(r"[\s\-‐‑‒–—_.]+")


class HashMalformed(HuepError):
    """What the database has for a code is no hash of one."""

    def __init__(self) -> None:
        super().__init__(
            "A stored activation code is damaged: revoke it with `huep hr codes revoke` and issue another."
        )


class Verdict(StrEnum):
    """What comes of a code that somebody typed."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    """Not this person's, or nobody's: which of the two is not said."""
    EXPIRED = "expired"
    USED = "used"
    TOO_MANY = "too_many"
    """Too many failures of late; the code was not even looked at."""


@dataclass(frozen=True)
class StoredCode:
    """The one code of a person as it is kept."""

    code_hash: str
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True)
class Attempts:
    """When codes were refused lately: for this person, with this code, from this address."""

    of_person: Sequence[datetime] = ()
    of_code: Sequence[datetime] = ()
    of_address: Sequence[datetime] = ()


def new_code() -> str:
    """A fresh code, `"7KQM-2XWD-9FHT"`: 60 bits from the system's source of randomness."""
    drawn = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP_LENGTH)]
    return "-".join("".join(drawn[start : start + GROUP_LENGTH]) for start in range(0, len(drawn), GROUP_LENGTH))


def canonical_code(typed: str) -> str | None:
    """What was typed as it stands on the slip, whatever its case and separators; None where it cannot be a code."""
    letters = _BETWEEN.sub("", typed).upper()
    if len(letters) != GROUPS * GROUP_LENGTH or any(letter not in ALPHABET for letter in letters):
        return None
    return "-".join(letters[start : start + GROUP_LENGTH] for start in range(0, len(letters), GROUP_LENGTH))


def hash_code(code: str) -> str:
    """`scrypt$n=4096,r=8,p=1$SALT$HASH`, salt and hash in base64 without padding: costs can be raised later."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = _scrypt(code, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P, HASH_BYTES)
    return f"scrypt$n={SCRYPT_N},r={SCRYPT_R},p={SCRYPT_P}${_base64(salt)}${_base64(digest)}"


def matches(code: str, code_hash: str) -> bool:
    """Whether `code`, in its canonical form, is the one behind `code_hash`. Raises HashMalformed."""
    found = _STORED.fullmatch(code_hash)
    if found is None:
        raise HashMalformed
    n, r, p = (int(part) for part in found.groups()[:3])
    salt, digest = _bytes(found[4]), _bytes(found[5])
    try:
        return hmac.compare_digest(_scrypt(code, salt, n, r, p, len(digest)), digest)
    except ValueError as error:
        raise HashMalformed from error


def check(typed: str, stored: StoredCode | None, attempts: Attempts, now: datetime) -> Verdict:
    """Whether what somebody typed lets them in. `stored` is None for an account without a code, or for no account.

    Every answer but TOO_MANY costs one hash, so that it does not tell by its time which accounts have a code. Whether
    a code is expired or used is said only to who knows it. Raises HashMalformed.
    """
    if waits_until(attempts, now) is not None:
        return Verdict.TOO_MANY
    code = canonical_code(typed)
    right = matches(code or "", stored.code_hash if stored else _NOBODYS)
    if stored is None or code is None or not right:
        return Verdict.WRONG
    if stored.used_at is not None:
        return Verdict.USED
    return Verdict.ACCEPTED if now < stored.expires_at else Verdict.EXPIRED


def waits_until(attempts: Attempts, now: datetime) -> datetime | None:
    """When the next attempt may be made; None where it may be made at once."""
    waits = [
        sorted(lately)[-limit] + WINDOW
        for times, limit in (
            (attempts.of_person, FAILURES_OF_A_PERSON),
            (attempts.of_code, FAILURES_OF_A_CODE),
            (attempts.of_address, FAILURES_OF_AN_ADDRESS),
        )
        if len(lately := [time for time in times if time > now - WINDOW]) >= limit
    ]
    return max(waits, default=None)


def _scrypt(code: str, salt: bytes, n: int, r: int, p: int, length: int) -> bytes:
    return hashlib.scrypt(code.encode(), salt=salt, n=n, r=r, p=p, maxmem=MOST_MEMORY_BYTES, dklen=length)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise HashMalformed from error


_NOBODYS = hash_code("")
"""Compared with where there is nothing to compare with."""
