"""Failed attempts of the last hour, in memory: for a person, with a code, from an address; and weak passwords.

For a person they are counted by what was typed, whoever it belongs to or nobody: were the officer code and the account
of one person counted together, a 429 for the one after ten failures with the other would tell that they are the same.

Nothing of it is written down: addresses of people who mistyped are nobody's business an hour later. A restart forgets
it, which a code of 60 bits bears.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from huep.activation_code import WINDOW, Attempts

WEAK_TRIES = 30
"""Weak passwords that the bearer of a right code may propose in an hour: judging one costs more than a code."""
HOME_PREFIX = 64
"""Bits of an IPv6 address that one connection has; the rest is its owner's to choose."""


@dataclass(frozen=True)
class Attempt:
    """Who tries what, from where."""

    person: str
    """Officer code or account, as it was typed."""
    code: str | None
    """In canonical form; None where what was typed can be none."""
    address: str


class Failures:
    """What failed lately. An attempt is noted before its code is looked at, so that a volley of them counts too."""

    def __init__(self) -> None:
        self._attempts: dict[int, tuple[datetime, tuple[str, ...]]] = {}
        """By number, the oldest first."""
        self._times: dict[str, list[datetime]] = {}
        self._noted = 0

    def of(self, attempt: Attempt) -> Attempts:
        """What counts against an attempt."""
        person, code, address = (self._times.get(key, ()) for key in _keys(attempt))
        return Attempts(tuple(person), tuple(code), tuple(address))

    def note(self, attempt: Attempt, now: datetime) -> int:
        """Take an attempt for a failure, until `forgive` is called with what this returns."""
        self._forget_before(now - WINDOW)
        self._noted += 1
        keys = tuple(key for key in _keys(attempt) if key)
        self._attempts[self._noted] = (now, keys)
        for key in keys:
            self._times.setdefault(key, []).append(now)
        return self._noted

    def forgive(self, number: int) -> None:
        """It was no failure."""
        attempt = self._attempts.pop(number, None)
        if attempt is None:
            return
        at, keys = attempt
        for key in keys:
            times = self._times[key]
            times.remove(at)
            if not times:
                del self._times[key]

    def _forget_before(self, moment: datetime) -> None:
        for number in tuple(self._older(moment)):
            self.forgive(number)

    def _older(self, moment: datetime) -> Iterator[int]:
        for number, (at, _) in self._attempts.items():
            if at > moment:
                return
            yield number


class WeakPasswords:
    """Weak passwords of the last hour, for each account."""

    def __init__(self) -> None:
        self._times: dict[str, list[datetime]] = {}

    def note(self, localpart: str, now: datetime) -> None:
        """One more was proposed."""
        self._times = {
            name: kept for name, times in self._times.items() if (kept := [at for at in times if at > now - WINDOW])
        }
        self._times.setdefault(localpart, []).append(now)

    def waits_until(self, localpart: str, now: datetime) -> datetime | None:
        """When the next may be proposed; None where it may be at once."""
        lately = [at for at in self._times.get(localpart, ()) if at > now - WINDOW]
        return lately[-WEAK_TRIES] + WINDOW if len(lately) >= WEAK_TRIES else None


def _keys(attempt: Attempt) -> tuple[str, str, str]:
    code = f"code {attempt.code}" if attempt.code else ""
    # In the one spelling under which `people` finds both.
    return f"person {attempt.person.upper().lower()}", code, f"address {_home(attempt.address)}"


def _home(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, HOME_PREFIX), strict=False).network_address)
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
