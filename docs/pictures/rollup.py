"""Draws how far an announcement has come in one department of the demo: `python docs/pictures/rollup.py > rollup.png`.

The code is the bot's, units and people are the demo's; who has acknowledged is drawn by lot.
"""

import sys
from datetime import date
from random import Random

from bots.broadcasts.charts import progress_chart
from bots.broadcasts.ledger.rollup import Count, tallies
from bots.broadcasts.ledger.tree import Node, Tree
from bots.broadcasts.rendering import VOICE
from hr_provisioner.demo_data.staffing import edition_one
from huep.stack.demo import SEED

NUMBER, PEOPLE, UNDER = 17, 2_000, "H57.07"
PROMPT, LATE = 0.7, 0.1
"""Shares of people who acknowledge in time, and late; units differ around them."""


def main() -> None:
    edition, chance = edition_one(PEOPLE, SEED, date(2026, 11, 22)), Random(SEED)  # noqa: S311 - a picture
    tree = Tree({unit.code: Node(unit.code, unit.name, unit.parent_code, unit.level) for unit in edition.units})
    counts: dict[str, Count] = {}
    eager = {code: chance.uniform(-0.35, 0.3) for code in tree.nodes}
    for staff in edition.staff:
        code, drawn = staff.record.posts[0].unit_code, chance.random() - eager[staff.record.posts[0].unit_code]
        one = Count(owed=1, acknowledged=int(drawn < PROMPT + LATE), late=int(PROMPT <= drawn < PROMPT + LATE))
        counts[code] = counts.get(code, Count()) + one
    sys.stdout.buffer.write(progress_chart(NUMBER, tallies(tree, counts, UNDER), VOICE))


if __name__ == "__main__":
    main()
