"""What `benchmarks.reconciler` measures, as a process of its own: `plan FOLDER` or `apply FOLDER`.

Prints how many actions were planned, and the seconds since the register was opened.
"""

import asyncio
import sys
from pathlib import Path
from time import perf_counter

from hr_provisioner.provisioning import apply_source, preview
from hr_provisioner.sources.opening import open_files
from hr_provisioner.sources.source import Source
from hr_provisioner.workplace import Workplace, open_workplace
from huep.hr_settings import ColumnSettings
from huep.state import locate_state


async def main(what: str, edition: Path) -> None:
    """Print the count and the seconds."""
    with open_workplace(locate_state(None)) as place:
        # The service is connected when its night comes.
        place.hr.connect().close()
        started = perf_counter()
        actions = await _actions(place, what, open_files(edition, ColumnSettings()))
        print(actions, perf_counter() - started)


async def _actions(place: Workplace, what: str, source: Source) -> int:
    if what == "plan":
        _, proposal = await preview(place, source, "benchmark")
        return len(proposal.plan.actions)
    applied = await apply_source(
        place, source, actor="benchmark", urgent=(), confirm=lambda _proposal: None, progress=lambda *_: None
    )
    return len(applied.proposal.plan.actions)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
