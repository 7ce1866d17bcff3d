"""From a webhook that somebody left to the lock in force, while another apply is at work on everybody else."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from statistics import median, quantiles
from uuid import uuid4

import httpx
from sqlalchemy import Engine, create_engine, text

from benchmarks.figures import Figure
from benchmarks.province import RunningProvince, province, wait_for
from hr_provisioner import intake
from hr_provisioner.advisory import Work, exclusively, is_held
from hr_provisioner.applying.apply import Applier
from hr_provisioner.approvals import plan_store
from hr_provisioner.approvals.signing import Matter
from hr_provisioner.demo_data.officers import approve, demo_officers
from hr_provisioner.lanes import part_of
from hr_provisioner.planning import guard
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.planning.identity import DisplayForm
from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.planning.policy import PlanPolicy
from hr_provisioner.register.register import read_register
from hr_provisioner.sources import open_configured, open_source
from hr_provisioner.workplace import Workplace, open_workplace
from huep import clock, secret_names, signed_calls
from huep.database import Role, database_url
from huep.stack.accounts import open_admin

PEOPLE = 2_000
LEAVERS = 200
EVERY_S = 0.25
"""A leaver each quarter of a second."""
LOOK_EVERY_S = 0.01
PATIENCE_S = 120.0
MS = 1000.0
DATABASE, ROLE = "nhan_su", "nhan_su_doc"
"""The HR system's own database, and who may read its two views."""
PASSWORD = "bench"


def measure() -> Iterator[Figure]:
    """`hr_webhook_to_lock_p50_ms` and `_p99_ms`: from the call until the leaver's own next request is refused."""
    with (
        province("--demo", "--people", str(PEOPLE), source=_source) as running,
        open_workplace(running.state) as place,
    ):
        taken_ms = asyncio.run(_measure(running, place))
    yield Figure("hr_webhook_to_lock_p50_ms", median(taken_ms), "ms")
    yield Figure("hr_webhook_to_lock_p99_ms", quantiles(taken_ms, n=100, method="inclusive")[98], "ms")


def _source(port: int) -> str:
    return f'kind = "postgres"\nport = {port}\ndatabase = "{DATABASE}"\nuser = "{ROLE}"'


@dataclass(frozen=True)
class Leaver:
    """Somebody who is logged in, and about to leave."""

    officer_code: str
    token: str


async def _measure(running: RunningProvince, place: Workplace) -> list[float]:
    running.state.write_secret(secret_names.SOURCE_PASSWORD, PASSWORD)
    hr_system = _hr_system(running)
    try:
        # Held from before the approval on, or the service itself would carry the approved plan out.
        with _our_turn(place):
            plan = await _approved_plan(place, hr_system)
            leavers = await _logged_in(running, plan)
            others = asyncio.create_task(_rename_everybody(running, place))
            taken = await _tell_one_after_the_other(running, leavers)
            if others.done():
                raise RuntimeError("the apply beside it ended too early to be a load") from others.exception()
            others.cancel()
            await asyncio.gather(others, return_exceptions=True)
    finally:
        hr_system.dispose()
    return taken


@contextmanager
def _our_turn(place: Workplace) -> Iterator[None]:
    """The slow lane for us alone, once the service is through with what it found at its start."""
    wait_for(lambda: not _is_busy(place), PATIENCE_S)
    with exclusively(place.hr):
        yield


def _is_busy(place: Workplace) -> bool:
    with place.hr.connect() as connection:
        return is_held(connection, Work.APPLY)


def _hr_system(running: RunningProvince) -> Engine:
    """Two views of the register's own cells, in a database beside HueP's."""
    source = open_source(running.state.registers / "edition-1")
    owner = create_engine(database_url(running.settings, running.state, Role.OWNER)).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    with owner.connect() as connection:
        connection.execute(text(f"create role {ROLE} login password '{PASSWORD}'"))
        connection.execute(text(f"create database {DATABASE}"))
    owner.dispose()
    engine = create_engine(database_url(running.settings, running.state, Role.OWNER, DATABASE))
    with engine.begin() as connection:
        for view, table in (("can_bo", source.posts()), ("don_vi", source.units())):
            columns = ", ".join(f'"{heading}" text' for heading in table.header)
            connection.execute(text(f"create table bang_{view} ({columns})"))
            places = ", ".join(f":c{number}" for number in range(len(table.header)))
            rows = [{f"c{number}": cell for number, cell in enumerate(cells)} for _, cells in table.rows]
            connection.execute(text(f"insert into bang_{view} values ({places})"), rows)
            connection.execute(text(f"create view {view} as select * from bang_{view}"))
            connection.execute(text(f"grant select on {view} to {ROLE}"))
        connection.execute(text('create index on bang_can_bo ("Mã cán bộ")'))
    return engine


async def _approved_plan(place: Workplace, hr_system: Engine) -> Plan:
    """200 people leave in the HR system; the plan of their locks is parked, and two officers sign it."""
    officers = demo_officers(place)
    yesterday = f"{clock.today() - timedelta(days=1):%d/%m/%Y}"
    with hr_system.begin() as connection:
        connection.execute(
            text(
                """
                update bang_can_bo set "Tình trạng" = 'Đã nghỉ việc', "Ngày làm việc cuối" = :day
                where "Mã cán bộ" in (
                  select "Mã cán bộ" from bang_can_bo group by 1 having count(*) = 1
                    and max("Tình trạng") = 'Đang làm việc' and max("Cấp") = 'Nhân viên' order by 1 limit :leavers
                )
                """
            ),
            {"day": yesterday, "leavers": LEAVERS},
        )
    source = open_configured(place.settings, place.state, place.hr)
    reading = intake.read_and_judge(place, source)
    whole = make_plan(reading.register, await place.current("benchmark"), place.today, place.policy)
    plan = part_of(whole, [number for number, action in enumerate(whole.actions) if isinstance(action, LockAccount)])
    trips = (guard.Trip(guard.Counted.LOCKS, len(plan.actions), 25),)
    with place.hr.begin() as connection:
        plan_store.park(
            connection,
            place.audit,
            plan,
            trips,
            actor="benchmark",
            now=place.now(),
            hours=place.settings.hr.approval_hours,
        )
    approve(place, officers, Matter.PLAN, plan.sha256)
    return plan


async def _logged_in(running: RunningProvince, plan: Plan) -> list[Leaver]:
    headers = {"Authorization": f"Bearer {running.state.read_secret(secret_names.ADMIN_TOKEN)}"}
    leavers = []
    async with httpx.AsyncClient(base_url=running.settings.synapse.local_url, headers=headers, trust_env=False) as http:
        for action in plan.actions:
            assert isinstance(action, LockAccount)
            user_id = running.settings.user_id(action.localpart)
            answer = await http.post(f"/_synapse/admin/v1/users/{user_id}/login", json={})
            leavers.append(Leaver(action.who.officer_code, answer.raise_for_status().json()["access_token"]))
    return leavers


async def _rename_everybody(running: RunningProvince, place: Workplace) -> None:
    """The load: other forms of the display name, for everybody, in all their rooms, until it is cancelled."""
    register = read_register(running.state.registers / "edition-1")
    async with open_admin(running.settings, running.state) as homeserver:
        applier = Applier(place.reach(homeserver), "benchmark")
        for form in cycle(("{name} - {unit}", "{name} / {unit}")):
            policy = PlanPolicy(place.now(), DisplayForm.parse(form))
            plan = make_plan(register, await place.current("benchmark"), place.today, policy)
            await applier.carry_out(plan, lambda *_: None, approved=True)


async def _tell_one_after_the_other(running: RunningProvince, leavers: list[Leaver]) -> list[float]:
    service = running.settings.hr.service
    secret = running.state.read_secret(secret_names.HR_WEBHOOK)
    async with (
        # An HR system calls now and then: each time anew, and no kept connection is closed beneath it.
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{service.port}",
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
            timeout=60,
        ) as hook,
        httpx.AsyncClient(base_url=running.settings.synapse.local_url, trust_env=False, timeout=60) as synapse,
    ):

        async def leave(number: int, leaver: Leaver) -> float:
            await asyncio.sleep(number * EVERY_S)
            started = time.perf_counter()
            event, stamp = str(uuid4()), int(time.time())
            body = json.dumps({"officer_codes": [leaver.officer_code]}).encode()
            headers = {
                signed_calls.TIMESTAMP: str(stamp),
                signed_calls.EVENT: event,
                signed_calls.SIGNATURE: signed_calls.sign(secret, stamp, event, body),
            }
            (await hook.post("/webhook", content=body, headers=headers)).raise_for_status()
            own = {"Authorization": f"Bearer {leaver.token}"}
            while (await synapse.get("/_matrix/client/v3/account/whoami", headers=own)).status_code != 401:  # noqa: ASYNC110 - Synapse tells nobody
                await asyncio.sleep(LOOK_EVERY_S)
            return (time.perf_counter() - started) * MS

        return list(await asyncio.gather(*(leave(number, one) for number, one in enumerate(leavers))))
