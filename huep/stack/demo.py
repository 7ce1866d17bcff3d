"""The demo: a made-up province, provisioned from its register, and the people that a newcomer may be."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from rich.panel import Panel
from rich.table import Table

from huep import secret_names
from huep.database import Role, connect_as
from huep.directory import Directory
from huep.errors import HuepError
from huep.names import localpart_of
from huep.settings import Settings
from huep.stack.accounts import open_admin
from huep.stack.bots import all_standings
from huep.stack.screen import bot_table, service_table, shown, step
from huep.stack.services import huep_command, huep_environment, joins_task
from huep.stack.up import Stack
from huep.state import StateFolder, new_secret

SEED = 2026
INDENT = 4
"""How far the story indents what a command prints, in columns."""
PARTS = {
    "chair": "leads the province",
    "head": "heads a ward",
    "hr_officer": "works in Sở Nội vụ",
    "officer": "ordinary staff",
    "mover": "moves to another unit in edition two",
    "leaver": "leaves in edition two",
}

NEXT_STEPS = """\
Talk to Trợ lý HueP, end-to-end encrypted, from another terminal:
  [bold green]{huep} chat --as {who}[/]    then type  [bold]tôi là ai[/]  or  [bold]don vi toi[/]
Announce something through Truyền thông, and see who has taken note of it:
  [bold green]{huep} chat --as {who} --bot broadcasts[/]    then type  [bold]thông báo[/]
Let a month pass, in which people start, move and leave:
  [bold green]{huep} hr plan {edition_two}[/]    look first, then [bold green]hr apply[/]
  [bold green]{huep} audit verify[/]    every act is in the chain
Or use Element at [cyan]{url}[/]; the password of a demo person is in
  {secrets}/demo-ACCOUNT-password
[dim]Room joins go on in the background (huep status). Ctrl-C stops everything, the next start resumes.[/]"""


class CommandFailed(HuepError):
    """A `huep` command that the demo ran did not succeed."""


@dataclass(frozen=True)
class CastMember:
    """A demo person with a password that `huep chat` finds by itself."""

    part: str
    officer_code: str
    name: str
    user_id: str
    localpart: str
    position: str
    unit: str


def edition(state: StateFolder, number: int) -> Path:
    """The folder of one edition of the demo's register."""
    return state.registers / f"edition-{number}"


async def huep(stack: Stack, *arguments: str, show: bool = True) -> str:
    """Run a `huep` command as a person would; returns what it printed when it is not shown.

    Raises:
        CommandFailed: with the command and the last line that it printed.
    """
    pipe = None if show else asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *huep_command(*arguments),
        stdout=pipe,
        stderr=pipe,
        env={**os.environ, **huep_environment(stack.state), "COLUMNS": str(stack.console.width - INDENT)},
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode != 0:
        printed = ((errors or b"") + (output or b"")).decode().strip().splitlines()
        said = printed[-1] if printed else "it said why above"
        raise CommandFailed(f"`huep {' '.join(arguments)}` failed: {said}")
    return (output or b"").decode()


def provision(people: int, *, stay: bool) -> Callable[[Stack], Awaitable[None]]:
    """The chapter that makes the province of `people` people, once; later starts find it there.

    Where it does not stay up, only the people of the story come into their rooms: the others would be cut off halfway.
    """

    async def chapter(stack: Stack) -> None:
        state = stack.state
        parts_file = state.cast
        done = state.registers / "provisioned"
        if not parts_file.exists():
            with step(stack.console, f"Register of {people:,} people"):
                await huep(
                    stack, "demo-data", "--people", str(people), "--seed", str(SEED), "--out", str(state.registers),
                    show=False,
                )  # fmt: skip
        if not done.exists():
            codes = [member["officer_code"] for member in json.loads(parts_file.read_text("utf-8")).values()]
            urgent = [part for code in codes for part in ("--urgent", code)]
            await huep(stack, "hr", "demo", str(edition(state, 1)), *urgent)
            done.touch()
        with step(stack.console, "Demo people can log in"):
            await _open_doors(stack)
        if stay:
            await stack.start(joins_task(state))

    return chapter


async def _open_doors(stack: Stack) -> None:
    """Give each person of the cast a password; made once, kept as a secret."""
    async with open_admin(stack.settings, stack.state) as admin:
        people = await asyncio.to_thread(cast, stack.settings, stack.state)

        async def give_password(member: CastMember) -> None:
            name = secret_names.demo_password(member.localpart)
            if not (stack.state.secrets / name).exists():
                password = new_secret()
                await admin.set_password(member.user_id, password)
                stack.state.write_secret(name, password)

        await asyncio.gather(*(give_password(member) for member in people))


def cast(settings: Settings, state: StateFolder) -> list[CastMember]:
    """The demo people with their accounts, in the order in which they are introduced."""
    parts = json.loads(state.cast.read_text("utf-8"))
    engine = connect_as(settings, state, Role.HR)
    try:
        directory = Directory(engine)
        members = []
        for part in PARTS:
            person = directory.person_of_code(parts[part]["officer_code"])
            if person is None or person.user_id is None:
                continue
            post = person.main_post
            members.append(
                CastMember(
                    part,
                    person.officer_code,
                    person.full_name,
                    person.user_id,
                    localpart_of(person.user_id),
                    post.position if post else "",
                    post.unit_name if post else "",
                )
            )
        return members
    finally:
        engine.dispose()


async def show(stack: Stack) -> None:
    """The screen that a newcomer reads when all is ready: what runs, who is who, what to try."""
    console = stack.console
    people = await asyncio.to_thread(cast, stack.settings, stack.state)
    who = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Account", "Name", "Post", "In the story"):
        who.add_column(heading, overflow="fold")
    for member in people:
        who.add_row(
            f"[cyan]{member.localpart}[/]", member.name, f"{member.position}, {member.unit}", PARTS[member.part]
        )
    console.print()
    console.print(service_table(stack.supervisor.statuses()))
    console.print()
    console.print(bot_table(all_standings(stack.settings.bots, stack.state)))
    console.print()
    console.print(who)
    console.print(
        Panel(
            NEXT_STEPS.format(
                huep=shown(Path(sys.executable).with_name("huep")),
                who=people[0].localpart,
                edition_two=shown(edition(stack.state, 2)),
                url=stack.settings.public_url,
                secrets=shown(stack.state.secrets),
            ),
            title=f"[bold]HueP is ready[/] after {time.monotonic() - stack.started:.0f} s",
            border_style="green",
            expand=False,
        )
    )
