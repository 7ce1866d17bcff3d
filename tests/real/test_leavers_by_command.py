"""Thirty leavers at once, as an operator and two officers meet them: every step by the command line alone."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text

from hr_provisioner.demo_data import officers as demo_officers
from hr_provisioner.workplace import Workplace
from huep import clock
from tests.clients.registers import changed
from tests.conftest import Province

LEAVERS = 32
"""More than may be locked in a day without two officers."""
CARRIED_OUT_WITHIN_S = 180.0

T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """An officer's own machine: a key with its card, and no province."""

    folder: Path
    passphrase: Path

    def sign(self, request: Path) -> Path:
        """`huep hr approve` of a file that came from the server; returns the file that goes back."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUEP")}
        out = self.folder / f"{request.stem}.approval.json"
        done = subprocess.run(
            [
                sys.executable, "-m", "huep.cli", "hr", "approve", str(request), "--key", str(self.folder / "officer.key"),
                "--passphrase-file", str(self.passphrase), "--out", str(out), "--yes",
            ],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return out


@pytest.fixture
def desks(place: Workplace, tmp_path: Path) -> tuple[Desk, ...]:
    """The demo's two officers with their keys on machines of their own."""
    found = []
    for officer in demo_officers.demo_officers(place):
        folder = tmp_path / officer.card.officer
        folder.mkdir()
        key = demo_officers.key_file(place.state, officer.card.officer)
        (folder / "officer.key").write_bytes(key.read_bytes())
        (folder / "officer.key").chmod(0o600)
        (folder / "officer.pub").write_text(officer.card.to_json(officer.key))
        (folder / "passphrase").write_text(place.state.read_secret(demo_officers.PASSPHRASE))
        found.append(Desk(folder, folder / "passphrase"))
    return tuple(found)


def staff(place: Workplace) -> list[str]:
    """Officer codes of ordinary people with open accounts, those first whom other tests take last."""
    query = (
        "select p.officer_code from register.people p join register.posts using (person_key) "
        "join register.accounts a using (person_key) where standing = 'staff' and kind = 'main' and not a.locked "
        "and p.officer_code like 'HUE%' order by p.officer_code"
    )
    with place.hr.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def locked(place: Workplace, codes: list[str]) -> int:
    query = text(
        "select count(*) from register.accounts join register.people using (person_key) "
        "where locked and officer_code = any(:codes)"
    )
    with place.hr.connect() as connection:
        return int(connection.execute(query, {"codes": codes}).scalar_one())


def leave(codes: list[str]) -> Callable[[list[dict[str, str]]], list[dict[str, str]]]:
    day = clock.today() - timedelta(days=1)
    cells = {"Tình trạng": "Đã nghỉ việc", "Ngày làm việc cuối": f"{day:%d/%m/%Y}"}
    return lambda rows: [row | cells if row["Mã cán bộ"] in codes else row for row in rows]


def approve_by_two(stack: Province, desks: tuple[Desk, ...], prefix: str, folder: Path) -> None:
    """Export, sign at two machines, hand in."""
    request = folder / f"{prefix}.json"
    stack.huep("hr", "parked", "export", prefix, "--out", str(request))
    first, second = (desk.sign(request) for desk in desks)
    assert "(1/2)" in stack.huep("hr", "approvals", "add", str(first)).stdout
    assert prefix in waiting(stack), "one officer is not enough"
    assert "(2/2)" in stack.huep("hr", "approvals", "add", str(second)).stdout


def waiting(stack: Province) -> set[str]:
    """Beginnings of the hashes of all that waits."""
    return set(re.findall(r"\b[0-9a-f]{12}\b", stack.huep("hr", "parked").stdout))


def until(stack: Province, what: str, found: Callable[[], T], *command: str) -> T:
    """Give a command until it has led to something: the service does the same by itself, and may be at it."""
    deadline = time.monotonic() + CARRIED_OUT_WITHIN_S
    while time.monotonic() < deadline:
        said = stack.huep("hr", *command, "--yes", check=False)
        if got := found():
            return got
    raise AssertionError(f"still not: {what}\n{said.stdout}{said.stderr}")


def latest_run(stack: Province) -> str:
    """As `huep hr undo` takes it."""
    listed = re.search(r"\b[0-9a-f]{8}\b", stack.huep("hr", "runs", "--limit", "1").stdout)
    assert listed
    return listed[0]


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_many_leavers_wait_for_two_officers_and_come_back_by_two(
    stack: Province, place: Workplace, desks: tuple[Desk, ...], tmp_path: Path
) -> None:
    codes, known = staff(place)[:LEAVERS], waiting(stack)
    register = changed(stack.state.registers / "edition-1", tmp_path / "register", leave(codes))

    # So many leavers are doubted twice: is this the register, and is this what it is to do?
    for command in (("apply", str(register)), ("apply", "--approved")):
        parked = until(stack, f"{command} waits", lambda: waiting(stack) - known, *command).pop()
        assert locked(place, codes) == 0
        known.add(parked)
        approve_by_two(stack, desks, parked, tmp_path)
    until(stack, "all are locked", lambda: locked(place, codes) == LEAVERS, "apply", "--approved")

    parked = until(stack, "undo waits", lambda: waiting(stack) - known, "undo", latest_run(stack)).pop()
    assert locked(place, codes) == LEAVERS
    approve_by_two(stack, desks, parked, tmp_path)
    until(stack, "all are open again", lambda: locked(place, codes) == 0, "apply", "--approved")
    stack.huep("audit", "verify")
