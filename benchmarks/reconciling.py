"""What `benchmarks.reconciler` measures, as a process of its own: `plan FOLDER` or `apply FOLDER`.

Prints how many actions were planned, and the seconds since the register was opened.
"""

import asyncio
import sys
from pathlib import Path
from time import perf_counter

from hr_provisioner.provisioning import apply_source, preview
from hr_provisioner.sources import open_source
from hr_provisioner.workplace import open_workplace
from huep.state import locate_state


async def main(what: str, edition: Path) -> int:
    """How many actions were planned."""
    with open_workplace(locate_state(None)) as place:
        source = open_source(edition)
        if what == "plan":
            _, proposal = await preview(place, source, "benchmark")
            return len(proposal.plan.actions)
        applied = await apply_source(
            place,
            source,
            actor="benchmark",
            urgent=(),
            confirm=lambda _proposal: None,
            progress=lambda *_: None,
        )
        return len(applied.proposal.plan.actions)


if __name__ == "__main__":
    started = perf_counter()
    actions = asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
    print(actions, perf_counter() - started)
