"""What the operator reads of the bots."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bots.doctor.judging import Verdict


def show(verdicts: Sequence[Verdict]) -> None:
    """One line a thing, and what to do last."""
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "Bot", "What", "How it stands"):
        table.add_column(heading, overflow="fold")
    for verdict in verdicts:
        sign = "[green]✓[/]" if verdict.sound else "[bold red]✗[/]"
        table.add_row(sign, escape(verdict.bot), verdict.about, escape(verdict.said))
    console.print(table)
    faults = [verdict for verdict in verdicts if not verdict.sound]
    if not faults:
        console.print("[green]✓[/] All bots are well.")
        return
    mendable = sum(verdict.mendable for verdict in faults)
    mends = f"; `huep bots doctor --mend` puts {mendable} of them right" if mendable else ""
    console.print(f"[bold red]✗[/] {len(faults)} things are wrong{mends}.")
