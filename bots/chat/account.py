"""Whom `huep chat` logs in as, and with what password."""

import json
import os
import sys
from dataclasses import dataclass

import typer

from huep import secret_names
from huep.database import Role, connect_as
from huep.directory import Directory
from huep.errors import HuepError
from huep.names import localpart_of
from huep.settings import Settings
from huep.state import StateFolder

PASSWORD_VARIABLE = "HUEP_CHAT_PASSWORD"  # noqa: S105 - the name of a variable


class PasswordNeeded(HuepError):
    """Nobody is there to type a password."""


class NotAnAccount(HuepError):
    """What was given names nobody."""


@dataclass(frozen=True)
class ChatAccount:
    """The account of a person."""

    user_id: str
    localpart: str


def find_account(settings: Settings, state: StateFolder, who: str) -> ChatAccount:
    """The account of `who`: a localpart, a user ID, a part of the demo's cast, or an officer code."""
    name = who.strip().removeprefix("@").partition(":")[0]
    if not name:
        raise NotAnAccount("Hãy cho biết bạn là ai: huep chat --as TÀI-KHOẢN.")
    if not _demo_secret_exists(state, name):
        name = _localpart_of_officer(settings, state, _cast(state).get(name, name)) or name.lower()
    return ChatAccount(settings.user_id(name), name)


def password_of(state: StateFolder, account: ChatAccount) -> str:
    """The password of a demo person, else from the environment, else asked for without echo."""
    if given := os.environ.get(PASSWORD_VARIABLE):
        return given
    if _demo_secret_exists(state, account.localpart):
        return state.read_secret(secret_names.demo_password(account.localpart))
    if not sys.stdin.isatty():
        raise PasswordNeeded(f"Cần mật khẩu của {account.user_id}: đặt biến {PASSWORD_VARIABLE}, hoặc chạy ở terminal.")
    return str(typer.prompt(f"Mật khẩu của {account.user_id}", hide_input=True))


def _demo_secret_exists(state: StateFolder, localpart: str) -> bool:
    return "/" not in localpart and (state.secrets / secret_names.demo_password(localpart)).exists()


def _cast(state: StateFolder) -> dict[str, str]:
    """Part to officer code, of the demo's cast."""
    try:
        parts = json.loads(state.cast.read_text("utf-8"))
        return {part: str(member["officer_code"]) for part, member in parts.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _localpart_of_officer(settings: Settings, state: StateFolder, code: str) -> str | None:
    engine = connect_as(settings, state, Role.BOTS)
    try:
        person = Directory(engine).person_of_code(code)
        return localpart_of(person.user_id) if person and person.user_id else None
    finally:
        engine.dispose()
