"""The assistant's values as a message: plain text for every client, HTML for those that show it."""

from dataclasses import replace
from html import escape

from bots.assistant.model import Card, Leader, UnitView
from bots.runtime.commands import Answer
from bots.runtime.preferences import QuietHours
from huep.catalogue import Catalogue, Locale
from huep.directory.model import PostKind, Standing

MESSAGES = Catalogue("bots.assistant")

MOST_UNITS_BELOW = 20
"""Of a unit's subunits, so many are named; the rest are counted."""


def card_answer(card: Card, locale: Locale) -> Answer:
    """Name, posts, unit, leader, one a line."""
    lines = [(MESSAGES.text(locale, "card-code"), card.officer_code)]
    lines += [
        (
            MESSAGES.text(locale, "card-post", {"kind": post.kind.value}),
            MESSAGES.text(locale, "card-post-line", {"position": post.position, "unit": post.unit_name}),
        )
        for post in sorted(card.posts, key=lambda post: post.kind is not PostKind.MAIN)
    ]
    lines.append((MESSAGES.text(locale, "card-unit"), " › ".join(unit.name for unit in card.unit_path)))
    if card.leader is not None or len(card.unit_path) > 1:
        # Above whoever leads the whole there is nobody.
        lines.append((MESSAGES.text(locale, "card-leader"), _leader_text(card.leader, locale, with_unit=True)))
    if card.absence is not None:
        lines.append(
            (
                MESSAGES.text(locale, "card-absence"),
                MESSAGES.text(locale, "absence", {"kind": card.absence.value}),
            )
        )
    body = "\n".join([card.full_name, *(f"{label}: {value}" for label, value in lines)])
    html = "<br>".join(f"{escape(label)}: {escape(value)}" for label, value in lines)
    return Answer(body, f"<b>{escape(card.full_name)}</b><br>{html}")


def unit_answer(view: UnitView | None, locale: Locale) -> Answer:
    """The tree around the person's unit, then its leader and how many people it has."""
    if view is None:
        return _sentence(locale, "unit-none")
    here = MESSAGES.text(locale, "unit-here")
    names = [unit.name for unit in view.below[:MOST_UNITS_BELOW]]
    if len(view.below) > MOST_UNITS_BELOW:
        names.append(MESSAGES.text(locale, "unit-more", {"count": len(view.below) - MOST_UNITS_BELOW}))
    facts = (
        (MESSAGES.text(locale, "unit-leader"), _leader_text(view.leader, locale, with_unit=False)),
        (MESSAGES.text(locale, "unit-headcount"), MESSAGES.text(locale, "people", {"count": view.headcount})),
    )
    tree = "\n".join(_tree([unit.name for unit in view.path], names, here))
    body = "\n".join([tree, "", *(f"{label}: {value}" for label, value in facts)])
    html = _nested([unit.name for unit in view.path], names, here)
    html += "<br>".join(f"{escape(label)}: <b>{escape(value)}</b>" for label, value in facts)
    return Answer(body, html)


def headcount_answer(view: UnitView | None, locale: Locale) -> Answer:
    """How many people a unit has, and who leads it."""
    if view is None:
        return _sentence(locale, "unit-gone")
    people = MESSAGES.text(locale, "people", {"count": view.headcount})
    leader = _leader_text(view.leader, locale, with_unit=False)
    return _sentence(locale, "headcount", unit=view.unit.name, people=people, leader=leader)


def language_answer(locale: Locale) -> Answer:
    """Confirms the choice, in the language chosen, which is spoken from then on."""
    return replace(_sentence(locale, "language-chosen"), speaks=locale)


def quiet_hours_answer(hours: QuietHours | None, locale: Locale) -> Answer:
    """Which hours hold."""
    return _sentence(locale, "quiet-hours-none") if hours is None else _sentence(locale, "quiet-hours", **_ends(hours))


def quiet_hours_kept_answer(hours: QuietHours | None, locale: Locale) -> Answer:
    """Which hours hold from now on."""
    if hours is None:
        return _sentence(locale, "quiet-hours-ended")
    return _sentence(locale, "quiet-hours-kept", **_ends(hours))


def _ends(hours: QuietHours) -> dict[str, str]:
    return {"start": hours.start.strftime("%H:%M"), "end": hours.end.strftime("%H:%M")}


def _sentence(locale: Locale, name: str, **arguments: str) -> Answer:
    text = MESSAGES.text(locale, name, arguments)
    return Answer(text, escape(text))


def _leader_text(leader: Leader | None, locale: Locale, *, with_unit: bool) -> str:
    if leader is None:
        return MESSAGES.text(locale, "leader-none")
    name = {"name": leader.full_name, "position": leader.position, "unit": leader.unit_name}
    text = MESSAGES.text(locale, "leader-with-unit" if with_unit else "leader", name)
    return text if leader.standing is Standing.HEAD else MESSAGES.text(locale, "leader-stands-in", {"leader": text})


def _tree(path: list[str], below: list[str], here: str) -> list[str]:
    """The path, each unit under its parent, and the units below the last."""
    lines = [path[0] if depth == 0 else f"{'   ' * (depth - 1)}└─ {name}" for depth, name in enumerate(path)]
    lines[-1] += f" ← {here}"
    indent = "   " * (len(path) - 1)
    lines += [f"{indent}{'└─' if name is below[-1] else '├─'} {name}" for name in below]
    return lines


def _nested(path: list[str], below: list[str], here: str) -> str:
    inner = f"<ul>{''.join(f'<li>{escape(name)}</li>' for name in below)}</ul>" if below else ""
    html = f"<li><b>{escape(path[-1])}</b> ← {escape(here)}{inner}</li>"
    for name in reversed(path[:-1]):
        html = f"<li>{escape(name)}<ul>{html}</ul></li>"
    return f"<ul>{html}</ul>"
