"""`huep hr roles`: what some people may ask bots beyond what their post gives."""

from typing import Annotated

import typer

from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.options import ByOption
from hr_provisioner.directory import roles as granted
from hr_provisioner.screens import show
from huep.catalogue import Locale
from huep.directory.model import GrantedRole
from huep.options import LanguageOption, StateOption

OfficerCode = Annotated[str, typer.Argument(help="Officer code (mã cán bộ).")]
RoleName = Annotated[
    GrantedRole,
    typer.Argument(
        help="hr_officer sees all units; operator runs HueP; communicator writes announcements that somebody else "
        "approves, and sees all units in all bots."
    ),
]

roles = typer.Typer(help="Roles that no post gives: granted, withdrawn, listed.", no_args_is_help=True)


@roles.command()
def grant(
    code: OfficerCode, role: RoleName, by: ByOption, language: LanguageOption = Locale.VI, state: StateOption = None
) -> None:
    """Grant a role, from the officer's next message to a bot on; it is on the audit record."""
    with open_desk(language, state) as (console, say, place):
        with place.hr.begin() as connection:
            holder = granted.grant(connection, place.audit, code, role, by)
        show.show_well(console, say("roles-granted", name=holder.full_name, code=holder.officer_code, role=holder.role))


@roles.command()
def revoke(
    code: OfficerCode, role: RoleName, by: ByOption, language: LanguageOption = Locale.VI, state: StateOption = None
) -> None:
    """Withdraw a role, at once; it is on the audit record."""
    with open_desk(language, state) as (console, say, place):
        with place.hr.begin() as connection:
            holder = granted.revoke(connection, place.audit, code, role, by)
        show.show_well(console, say("roles-revoked", name=holder.full_name, code=holder.officer_code, role=holder.role))


@roles.command(name="list")
def list_roles(language: LanguageOption = Locale.VI, state: StateOption = None) -> None:
    """Everybody who holds a role."""
    with open_desk(language, state) as (console, say, place), place.hr.connect() as connection:
        show.show_roles(console, say, granted.holders(connection))
