"""`huep hr serve`: schedule, webhook, SCIM, health and metrics, until it is stopped."""

import asyncio

from hr_provisioner.workplace import open_workplace
from huep.options import StateOption
from huep.state import locate_state


def serve(state: StateOption = None) -> None:
    """Run the provisioner's service; `huep up` does so by itself."""
    # Imported here: the web server is no part of the other commands' start.
    from hr_provisioner.service.process import serve as run

    with open_workplace(locate_state(state)) as place:
        asyncio.run(run(place))
