"""All bots examined, mended where that was asked for, and examined again."""

from collections.abc import Sequence

from bots.doctor.judging import Verdict, judge
from bots.doctor.looking import look
from bots.doctor.mending import mend
from bots.process.package import BotPackage
from bots.process.place import Place


async def examine(place: Place, packages: Sequence[BotPackage], *, mending: bool) -> tuple[Verdict, ...]:
    """Every verdict on every bot."""
    verdicts: list[Verdict] = []
    for package in packages:
        facts = await look(place, package)
        of_bot = judge(facts, place.clock())
        if mending and any(verdict.mendable for verdict in of_bot):
            await mend(place, package, runs=facts.running is not None)
            of_bot = judge(await look(place, package), place.clock())
        verdicts += of_bot
    return tuple(verdicts)
