"""`huep hr person`: hand a person everything that is held of them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hr_provisioner import personal_data
from hr_provisioner.commands.approval_files import write_new
from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.options import ActorOption, whoever
from hr_provisioner.screens import show
from huep import audit
from huep.catalogue import Locale
from huep.options import LanguageOption, StateOption


def person(
    code: Annotated[str, typer.Argument(help="Officer code.")],
    export: Annotated[Path, typer.Option("--export", help="A new file, JSON, for its owner alone.")],
    actor: ActorOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Write everything that HueP's database holds of one person into a file; that it was done is audited."""
    with open_desk(language, state) as (console, say, place):
        with place.hr.connect() as connection:
            held = personal_data.export(connection, code, place.now())
        # Recorded first: an export that nobody knows of is the worse of the two.
        officer_code = str(held["officer_code"])
        audit.record(place.audit, [audit.Act(whoever(actor), "person.export", officer_code, {})])
        write_new(export, json.dumps(held, ensure_ascii=False, indent=2) + "\n")
        show.show_well(console, say("person-exported", code=officer_code, file=str(export)))
