"""The messy edition: edition one as hurried hands would have typed it, with a handful of real mistakes."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from random import Random

from hr_provisioner.dates import day_first
from hr_provisioner.demo_data.edition import Edition
from hr_provisioner.demo_data.sheets import Cell, Sheets, sheets_of
from hr_provisioner.sources.columns import PostColumn

UNKNOWN_UNIT = "H57.99.99"
DEFECTS_OF_EACH_KIND = 3

_DECOMPOSED_SHARE = 0.3
_SPACED_SHARE = 0.2
_ISO_SHARE = 0.5
_NO_BREAK = "\N{NO-BREAK SPACE}"
_COLUMNS = list(PostColumn)
_CODE_AT = _COLUMNS.index(PostColumn.OFFICER_CODE)
_UNIT_AT = _COLUMNS.index(PostColumn.UNIT_CODE)


@dataclass(frozen=True)
class Defect:
    """One mistake, and whom a right reading leaves out because of it."""

    row: int
    """As a spreadsheet counts, the header being row 1."""
    column: PostColumn
    value: str
    left_out: tuple[str, ...]
    """Officer codes, as edition one has them, that a reading of the messy edition must not contain."""


def make_mess(edition: Edition, random: Random, spared: Collection[str]) -> tuple[Sheets, tuple[Defect, ...]]:
    """Both date styles, composed and decomposed letters, stray spaces, and three mistakes of each of three kinds.

    `spared` are the officer codes that no mistake may touch.
    """
    clean = sheets_of(edition)
    posts = [list(row) for row in clean.posts]
    defects = _spoil(posts, edition, random, spared)
    header, *rows = posts
    messy: list[list[Cell]] = [[_messy_heading(str(cell), random) for cell in header]]
    messy += [_messy_row(row, random) for row in rows]
    units = [list(clean.units[0]), *(_messy_row(list(row), random) for row in clean.units[1:])]
    return Sheets(messy, units), defects


def _spoil(posts: list[list[Cell]], edition: Edition, random: Random, spared: Collection[str]) -> tuple[Defect, ...]:
    usable = {
        member.record.officer_code
        for member in edition.staff
        if member.is_ordinary and member.record.officer_code not in spared
    }
    candidates = [at for at, row in enumerate(posts) if at and row[_CODE_AT] in usable]
    chosen = random.sample(candidates, 4 * DEFECTS_OF_EACH_KIND)
    defects = []
    for kind in range(DEFECTS_OF_EACH_KIND):
        owner, thief, lost, nameless = sorted(chosen[kind * 4 : kind * 4 + 4])
        owner_code, thief_code = str(posts[owner][_CODE_AT]), str(posts[thief][_CODE_AT])
        posts[thief][_CODE_AT] = owner_code
        defects.append(Defect(thief + 1, PostColumn.OFFICER_CODE, owner_code, (owner_code, thief_code)))
        posts[lost][_UNIT_AT] = UNKNOWN_UNIT
        defects.append(Defect(lost + 1, PostColumn.UNIT_CODE, UNKNOWN_UNIT, (str(posts[lost][_CODE_AT]),)))
        defects.append(Defect(nameless + 1, PostColumn.OFFICER_CODE, "", (str(posts[nameless][_CODE_AT]),)))
        posts[nameless][_CODE_AT] = ""
    return tuple(sorted(defects, key=lambda defect: defect.row))


def _messy_heading(heading: str, random: Random) -> str:
    return random.choice([heading, heading.upper(), f" {heading} ", unicodedata.normalize("NFD", heading)])


def _messy_row(row: list[Cell], random: Random) -> list[Cell]:
    decomposed = random.random() < _DECOMPOSED_SHARE
    iso = random.random() < _ISO_SHARE
    messy: list[Cell] = []
    for cell in row:
        if isinstance(cell, date):
            text = cell.isoformat() if iso else day_first(cell)
        elif isinstance(cell, int):
            messy.append(cell)
            continue
        else:
            text = unicodedata.normalize("NFD", cell) if decomposed else cell
        if text and random.random() < _SPACED_SHARE:
            text = random.choice([f" {text}", f"{text} ", f"{text}{_NO_BREAK}", f"{_NO_BREAK}{text}", f"\t{text}"])
            text = text.replace(" ", "  ") if random.random() < _SPACED_SHARE else text
        messy.append(text)
    return messy
