"""`huep push`: the gateway through which phones learn that there is something new."""

import asyncio

import typer

from huep.options import StateOption
from huep.settings import load_settings
from huep.state import locate_state

app = typer.Typer(help="HueP's own push gateway for the ntfy app on phones.", no_args_is_help=True)


@app.callback()
def _keep_sub_commands() -> None:
    # Without a callback typer makes a lone command the whole program.
    pass


@app.command()
def serve(state: StateOption = None) -> None:
    """Serve until it is stopped; `huep up` runs this."""
    from huep.push.process import serve as serve_process  # aiohttp takes a quarter of a second to import

    asyncio.run(serve_process(load_settings(locate_state(state))))
