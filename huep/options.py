"""Options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

from huep.catalogue import Locale

StateOption = Annotated[Path | None, typer.Option("--state", help="State folder; default $HUEP_STATE, else ./.huep")]
LanguageOption = Annotated[
    Locale, typer.Option("--lang", envvar="HUEP_LANG", help="Vietnamese or English.", show_default=True)
]
