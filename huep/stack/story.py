"""`huep up --demo --once`: the story of a province over one month, told while it happens, and checked at each step."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from huep import secret_names
from huep.errors import HuepError
from huep.stack.demo import PARTS, CastMember, cast, edition, huep
from huep.stack.up import Stack
from huep.synapse_http import open_http

REQUEST_TIMEOUT_S = 60.0
SYNC_TIMEOUT_S = 60
LOCKED_WITHIN_S = 60.0
ROOMS_WITHIN_S = 90.0
POLL_S = 0.25
WARNING = "Nước sông Hương đang lên, các đơn vị trực 24/24."
_NUMBER = re.compile(r"Thông báo số (\d+)")


class StoryFailed(HuepError):
    """Something that the story tells did not happen."""


@dataclass(frozen=True)
class Session:
    """A person's client, logged in over plain HTTP."""

    member: CastMember
    http: httpx.AsyncClient

    async def sync(self, since: str | None, timeout_s: float) -> httpx.Response:
        """One /sync, open for `timeout_s` when nothing happens."""
        query: dict[str, str] = {"timeout": str(int(timeout_s * 1000))}
        if since is not None:
            query["since"] = since
        return await self.http.get("/_matrix/client/v3/sync", params=query, timeout=timeout_s + REQUEST_TIMEOUT_S)

    async def room_names(self) -> set[str]:
        """The names of the rooms that this person is in."""
        joined: list[str] = (await self.http.get("/_matrix/client/v3/joined_rooms")).json()["joined_rooms"]
        answers = await asyncio.gather(
            *(self.http.get(f"/_matrix/client/v3/rooms/{room}/state/m.room.name") for room in joined)
        )
        return {answer.json()["name"] for answer in answers if answer.status_code == httpx.codes.OK}


async def tell(stack: Stack) -> None:
    """Tell the story from the first edition of the register to the second.

    Raises:
        StoryFailed: a step did not come out as told.
    """
    try:
        await _tell(stack)
    except (httpx.HTTPError, TimeoutError) as error:
        raise StoryFailed(f"Synapse did not answer in time ({type(error).__name__}): see `huep status`.") from error


async def _tell(stack: Stack) -> None:
    teller = _Teller(stack)
    people = {member.part: member for member in await asyncio.to_thread(cast, stack.settings, stack.state)}
    if missing := PARTS.keys() - people.keys():
        raise StoryFailed(f"No account exists for {', '.join(sorted(missing))}: see `huep hr plan`.")

    teller.chapter("The register comes in, and the province is there")
    # Told before, the story begins again here: the leaver returns, the mover moves back.
    urgent = [part for member in people.values() for part in ("--urgent", member.officer_code)]
    await huep(stack, "hr", "demo", str(_exported_now(stack, 1)), *urgent, show=False)
    await teller.show("huep hr plan", "hr", "plan", str(edition(stack.state, 1)))

    async with open_http(stack.settings.synapse.local_url, REQUEST_TIMEOUT_S) as anyone:
        teller.chapter("Three people log in")
        leaver, mover, officer = [await _log_in(stack, anyone, people[part]) for part in ("leaver", "mover", "officer")]
        for session in (leaver, mover, officer):
            teller.says(f"{session.member.name}, {session.member.position}, {session.member.unit}: logged in")

        teller.chapter(f"{officer.member.name} asks the bot, end-to-end encrypted")
        if officer.member.name not in await _chat(teller, officer.member, "tôi là ai", "don vi toi"):
            raise StoryFailed(f"The bot did not tell {officer.member.name} who they are.")

        chair = people["chair"]
        teller.chapter(f"{chair.name} warns {officer.member.unit}, and knows who has read it")
        await _warn(teller, chair, officer.member)

        teller.chapter("A month passes: edition two of the register")
        first = (await leaver.sync(None, 0)).json()["next_batch"]
        before = await mover.room_names()
        watch = asyncio.create_task(_watch(leaver, first))
        await asyncio.sleep(0.5)
        if watch.done():
            raise StoryFailed(f"The open sync of {leaver.member.name} ended before anything happened.")
        teller.says(f"{leaver.member.name} has a sync open and waits for messages")
        await teller.show("huep hr demo edition-2", "hr", "demo", str(_exported_now(stack, 2)),
                          "--urgent", mover.member.officer_code)  # fmt: skip

        async with asyncio.timeout(LOCKED_WITHIN_S):
            ended_at = await watch
        teller.says(f"{leaver.member.name} left: the open sync ended by itself after {ended_at:.1f} s")
        refused = await leaver.http.get("/_matrix/client/v3/account/whoami")
        error = refused.json().get("errcode")
        if refused.status_code != httpx.codes.UNAUTHORIZED or error != "M_USER_LOCKED":
            raise StoryFailed(f"The leaver's next request was answered with {refused.status_code} {error}.")
        teller.says(f"and the next request is refused: 401 {error}")

        unit = next(m.unit for m in await asyncio.to_thread(cast, stack.settings, stack.state) if m.part == "mover")
        new = await _eventually(lambda: _new_rooms(mover, before, unit), ROOMS_WITHIN_S)
        if not new:
            raise StoryFailed(f"{mover.member.name} moved and found no room of the new unit.")
        teller.says(f"{mover.member.name} moved and finds: {', '.join(sorted(new))}")
        for session in (leaver, mover, officer):
            await session.http.aclose()

    teller.chapter("Every act is on record")
    await teller.show("huep audit verify", "audit", "verify")
    teller.says("[green]That was the story: all of it happened.[/]")


def _exported_now(stack: Stack, number: int) -> Path:
    """An edition as if it had been exported this moment: a register is taken in only if it is later than the last."""
    folder = edition(stack.state, number)
    for file in folder.iterdir():
        file.touch()
    return folder


class _Teller:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._chapters = 0

    def chapter(self, title: str) -> None:
        self._chapters += 1
        self.stack.console.print(f"\n[bold cyan]{self._chapters}. {title}[/]")

    def says(self, sentence: str) -> None:
        self.stack.console.print(f"   {sentence}", highlight=False)

    async def show(self, title: str, *arguments: str) -> None:
        """Run a `huep` command and show what it prints, as in the person's own terminal."""
        self.stack.console.print(f"   [dim]$ {title}[/]")
        printed = await huep(self.stack, *arguments, show=False)
        for line in printed.rstrip().splitlines():
            self.stack.console.print(f"   {line}", markup=False, highlight=False)


async def _log_in(stack: Stack, anyone: httpx.AsyncClient, member: CastMember) -> Session:
    answer = await anyone.post(
        "/_matrix/client/v3/login",
        json={
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": member.localpart},
            "password": stack.state.read_secret(secret_names.demo_password(member.localpart)),
            "device_id": "STORY",
        },
    )
    if answer.status_code != httpx.codes.OK:
        raise StoryFailed(f"{member.name} could not log in: {answer.json().get('error')}")
    token = answer.json()["access_token"]
    http = open_http(str(anyone.base_url), REQUEST_TIMEOUT_S)
    http.headers["Authorization"] = f"Bearer {token}"
    return Session(member, http)


async def _chat(teller: _Teller, member: CastMember, *said: str, bot: str = "assistant") -> str:
    """Show a talk of this person with a bot; returns it."""
    sent = (part for one in said for part in ("--send", one))
    printed = await huep(
        teller.stack, "chat", "--as", member.localpart, "--bot", bot, *sent, "--wait", "30", show=False
    )
    for line in printed.rstrip().splitlines():
        teller.stack.console.print(f"   {line}", markup=False, highlight=False)
    return printed


async def _warn(teller: _Teller, chair: CastMember, officer: CastMember) -> None:
    """The chair speaks to the officer's unit, the officer takes note, and the chair asks how far it has come."""
    said = await _chat(teller, chair, f"thông báo khẩn tới {officer.unit}: {WARNING}", "đồng ý", bot="broadcasts")
    number = _NUMBER.search(said)
    if number is None:
        raise StoryFailed(f"The bot did not send what {chair.name} said.")
    await _chat(teller, officer, f"đã rõ {number[1]}", bot="broadcasts")
    come = await _chat(teller, chair, f"tiến độ {number[1]}", bot="broadcasts")
    if " 1/" not in come:
        raise StoryFailed(f"{officer.name} took note, and {chair.name} is not told so.")


async def _watch(session: Session, since: str) -> float:
    """Keep syncing as a client does; returns after how many seconds the server ended it for good."""
    started = time.monotonic()
    while True:
        answer = await session.sync(since, SYNC_TIMEOUT_S)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            return time.monotonic() - started
        since = answer.raise_for_status().json()["next_batch"]


async def _new_rooms(session: Session, before: set[str], unit: str) -> set[str]:
    """Those that were not there before; told again within the grace, the space of `unit` was there all the time."""
    names = await session.room_names()
    return names - before or names & {unit}


async def _eventually(look: Callable[[], Awaitable[set[str]]], within_s: float) -> set[str]:
    deadline = time.monotonic() + within_s
    while True:
        found = await look()
        if found or time.monotonic() > deadline:
            return found
        await asyncio.sleep(POLL_S)
