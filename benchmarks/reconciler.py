"""Planning for 60,000 people: from the register's files to the plan, and a night on which nothing changed."""

import csv
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import create_engine, text

from benchmarks.databases import write_register
from benchmarks.figures import Figure
from benchmarks.province import RunningProvince, province
from hr_provisioner import intake
from hr_provisioner.current import Current
from hr_provisioner.directory.store import write
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.sources import open_source
from hr_provisioner.workplace import open_workplace
from huep import clock
from huep.database import SYNAPSE_DATABASE, Role, connect_as, database_url
from huep.state import STATE_VARIABLE

PEOPLE = 60_000
CHANGES = 2_000
RUNS = 5
MB = 1024.0


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    seconds: float
    """From opening the register to the end: the service has long been started when its night comes."""
    with_start: float
    """The process's own start too, as whoever types the command waits."""
    peak_mb: float
    actions: int


def measure() -> Iterator[Figure]:
    """`hr_noop_60k_s`, `hr_plan_60k_s` and `hr_plan_60k_mb`: medians of five processes."""
    with tempfile.TemporaryDirectory() as folder, province() as running:
        edition = write_register(Path(folder), PEOPLE)
        fill(running, edition)
        noop = [_run(running, "apply", edition) for _ in range(RUNS)]
        if any(cost.actions for cost in noop):
            raise RuntimeError(f"an unchanged register led to {noop[0].actions} actions")
        yield Figure("hr_noop_60k_s", median(cost.seconds for cost in noop), "s")
        yield Figure("hr_noop_60k_with_start_s", median(cost.with_start for cost in noop), "s")
        _change(edition)
        plans = [_run(running, "plan", edition) for _ in range(RUNS)]
        yield Figure("hr_plan_60k_s", median(cost.seconds for cost in plans), "s")
        yield Figure("hr_plan_60k_with_start_s", median(cost.with_start for cost in plans), "s")
        yield Figure("hr_plan_60k_mb", median(cost.peak_mb for cost in plans), "MB")
        yield Figure("hr_plan_60k_actions", float(plans[0].actions), "actions")


def _run(running: RunningProvince, what: str, edition: Path) -> Cost:
    """A process of its own, so that its memory is its own."""
    started = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.reconciling", what, str(edition)],
        env={**os.environ, STATE_VARIABLE: str(running.state.root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read().strip()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"{what} failed")
    actions, seconds = said.split()
    return Cost(float(seconds), perf_counter() - started, usage.ru_maxrss / MB, int(actions))


def fill(running: RunningProvince, edition: Path) -> None:
    """The directory and the homeserver as the first apply would leave them; filled by the hundred thousand rows."""
    with open_workplace(running.state) as place:
        source = open_source(edition)
        reading = intake.read_and_judge(place, source)
        plan = make_plan(reading.register, Current((), ()), place.today, place.policy)
        with place.hr.begin() as connection:
            write(connection, plan.actions, running.settings.server_name)
        snapshot_id = intake.keep(place, source, reading)
        intake.accept_alone(place, intake.acceptance(place, snapshot_id, reading.register, Current((), ())))
    owner = connect_as(running.settings, running.state, Role.OWNER)
    with owner.connect() as connection:
        accounts = [
            (user_id, name)
            for user_id, name in connection.execute(text("select user_id, display_name from register.accounts"))
        ]
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
    owner.dispose()
    _fill_synapse(running, accounts)


def _fill_synapse(running: RunningProvince, accounts: list[tuple[str, str]]) -> None:
    engine = create_engine(database_url(running.settings, running.state, Role.OWNER, SYNAPSE_DATABASE))
    rows = [{"u": user_id, "l": user_id[1:].partition(":")[0], "n": name} for user_id, name in accounts]
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into users (name, creation_ts, is_guest, admin, deactivated, shadow_banned, approved)"
                " values (:u, 1700000000, 0, 0, 0, false, true) on conflict do nothing"
            ),
            rows,
        )
        connection.execute(
            text(
                "insert into profiles (user_id, displayname, full_user_id) values (:l, :n, :u) on conflict do nothing"
            ),
            rows,
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
    engine.dispose()


def _change(edition: Path) -> None:
    """2,000 people, drawn from a seed: leaving yesterday, another name, another unit; exported now."""
    file = edition / "can-bo.csv"
    with file.open(encoding="utf-8-sig", newline="") as source:
        reader = csv.DictReader(source)
        rows, headings = list(reader), list(reader.fieldnames or ())
    chance = random.Random(7)
    main = [row for row in rows if row["Loại vị trí"] == "Chính" and row["Tình trạng"] == "Đang làm việc"]
    units = sorted({row["Mã đơn vị"] for row in main})
    yesterday = f"{clock.today() - timedelta(days=1):%d/%m/%Y}"
    for number, row in enumerate(chance.sample(main, CHANGES)):
        kind = number % 4
        if kind == 0:
            row |= {"Tình trạng": "Đã nghỉ việc", "Ngày làm việc cuối": yesterday}
        elif kind == 1:
            row["Họ và tên"] += " Anh"
        else:
            row["Mã đơn vị"] = chance.choice(units)
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, headings)
        writer.writeheader()
        writer.writerows(rows)
