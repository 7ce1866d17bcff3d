"""Issuing activation codes: who gets one, and then hashes, sheets and audit together or not at all."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from sqlalchemy import Engine

from hr_provisioner.activation import store as activation_store
from hr_provisioner.activation.sheet import Sheet, Slip, pdf_of
from hr_provisioner.activation.store import Recipient
from hr_provisioner.language import MESSAGES, OfficerError
from huep import audit
from huep.activation_code import hash_code, new_code
from huep.catalogue import Locale, Message, Voice
from huep.clock import PROVINCE_TIMEZONE
from huep.directory.model import PersonKey
from huep.settings import Settings

WITHOUT_UNIT = "khong-don-vi"
"""In the name of the file with the slips of people who hold no post today."""


class NoSuchOfficer(OfficerError):
    """An officer code that the directory does not know."""

    def __init__(self, code: str) -> None:
        super().__init__(Message.of("codes-unknown", code=code))


class WithoutAccount(OfficerError):
    """A person for whom no account was made."""

    def __init__(self, code: str) -> None:
        super().__init__(Message.of("codes-no-account", code=code))


class AccountLocked(OfficerError):
    """Who has left or is locked gets no code."""

    def __init__(self, who: Recipient) -> None:
        super().__init__(Message.of("codes-locked", name=who.full_name, code=who.officer_code))


class AccountProtected(OfficerError):
    """A code is a way to a new password: over an administrator's account HR has no such power."""

    def __init__(self, who: Recipient) -> None:
        super().__init__(Message.of("codes-protected", name=who.full_name, code=who.officer_code))


class SheetsNotWritten(OfficerError):
    """The folder cannot be written to; no code was issued."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(Message.of("codes-folder", folder=str(folder), error=error.strerror or str(error)))


@dataclass(frozen=True)
class Issued:
    """What was issued."""

    count: int
    expires_at: datetime
    files: tuple[Path, ...]


def those_named(
    everybody: Iterable[Recipient], codes: Sequence[str], known: Collection[str], protected: Collection[str]
) -> tuple[Recipient, ...]:
    """The people of these officer codes, whatever code they have now: it is replaced.

    `known` are the officer codes of the directory, `protected` localparts out of HR's reach.

    Raises:
        NoSuchOfficer, WithoutAccount, AccountLocked, AccountProtected: for the first of whom it is true; nobody
            gets one.
    """
    by_code = {who.officer_code: who for who in everybody}
    chosen: dict[str, Recipient] = {}
    for code in (code.strip().upper() for code in codes):
        who = by_code.get(code)
        if who is None:
            raise WithoutAccount(code) if code in known else NoSuchOfficer(code)
        if who.locked:
            raise AccountLocked(who)
        if who.localpart in protected:
            raise AccountProtected(who)
        chosen[code] = who
    return tuple(chosen.values())


def those_without(
    everybody: Iterable[Recipient], now: datetime, protected: Collection[str], units: Collection[str] | None = None
) -> tuple[Recipient, ...]:
    """Who may have a code and has none.

    Of `units`: whoever has no code that works and has not used one. Of everybody (None): whoever never had one.
    """
    return tuple(
        who
        for who in everybody
        if not who.locked
        and who.localpart not in protected
        and (who.code is None if units is None else who.unit_code in units and who.needs_one(now))
    )


def issue(
    engine: Engine,
    audit_engine: Engine,
    chosen: Sequence[Recipient],
    folder: Path,
    settings: Settings,
    actor: str,
    now: datetime,
) -> Issued:
    """Give each of `chosen` a new code: its hash into the database, the code itself into the unit's sheet alone.

    Raises:
        SheetsNotWritten: nothing was issued.
    """
    expires_at = now + timedelta(days=settings.hr.activation.valid_days)
    codes = {who.key: new_code() for who in chosen}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        hashes = dict(zip(codes, threads.map(hash_code, codes.values()), strict=True))
    acts = [
        audit.Act(actor, "code.issue", who.officer_code, {"expires_at": expires_at.isoformat(), "unit": who.unit_code})
        for who in chosen
    ]
    written: list[Path] = []
    try:
        with engine.begin() as connection:
            activation_store.issue(connection, hashes, actor, now, expires_at)
            for sheet in _sheets(chosen, codes, settings, expires_at):
                written.append(_write(folder, sheet, now))  # noqa: PERF401 - known also where a later one fails
            audit.record(audit_engine, acts)
    except BaseException:
        # Sheets of codes that were never kept would only be handed out in vain.
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return Issued(len(chosen), expires_at, tuple(written))


def _sheets(
    chosen: Iterable[Recipient], codes: Mapping[PersonKey, str], settings: Settings, expires_at: datetime
) -> Iterable[Sheet]:
    by_unit = groupby(sorted(chosen, key=lambda who: who.unit_code), key=lambda who: (who.unit_code, who.unit_name))
    for (unit_code, unit_name), members in by_unit:
        slips = [Slip(who.full_name, who.officer_code, who.localpart, codes[who.key]) for who in members]
        yield Sheet(unit_code, unit_name, slips, expires_at, settings.public_url, settings.activation_page)


def _write(folder: Path, sheet: Sheet, now: datetime) -> Path:
    """A file that only its owner reads, and that never takes the place of another one."""
    stamp = f"{now.astimezone(PROVINCE_TIMEZONE):%Y%m%d-%H%M%S}"
    unit = (sheet.unit_code or WITHOUT_UNIT).replace("/", "_")
    path = folder / f"kich-hoat-{unit}-{stamp}.pdf"
    content = pdf_of(sheet, Voice(MESSAGES, Locale.VI))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise SheetsNotWritten(folder, error) from error
    return path
