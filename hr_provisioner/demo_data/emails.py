"""Official e-mail addresses (thư công vụ), with the gaps and slips that a real register has."""

from dataclasses import replace
from functools import cache
from random import Random

from hr_provisioner.demo_data.edition import Staff
from huep.names import fold, slug

DOMAIN = "hue.example"
"""Reserved, so that no demo address is anybody's."""
MISSING_SHARE = 0.06
SHARED_SHARE = 0.002
"""People who were given the address of somebody else."""


@cache
def _fold_word(word: str) -> str:
    return fold(word)


@cache
def _group(unit: str) -> str:
    return slug(unit).replace("-", "")


class EmailBook:
    """Gives each person an address of their own, or none."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._given: dict[str, int] = {}

    def address(self, full_name: str, unit: str) -> str | None:
        """`"Nguyễn Văn Anh"` of SNV gets `nvanh.snv@…`, the next one of that name `nvanh2.snv@…`."""
        missing = self._random.random() < MISSING_SHARE
        words = [_fold_word(word) for word in full_name.split()]
        local = "".join(word[0] for word in words[:-1]) + words[-1]
        group = _group(unit)
        count = self._given.get(f"{local}.{group}", 0) + 1
        self._given[f"{local}.{group}"] = count
        if missing:
            return None
        return f"{local}{count if count > 1 else ''}.{group}@{DOMAIN}"


def share_some(staff: list[Staff], random: Random) -> None:
    """Give a few people the address of another by mistake."""
    with_email = [at for at, member in enumerate(staff) if member.record.email]
    for at in random.sample(with_email, max(2, round(SHARED_SHARE * len(staff)))):
        other = at
        while staff[other].record.email == staff[at].record.email:
            other = random.choice(with_email)
        staff[at] = replace(staff[at], record=replace(staff[at].record, email=staff[other].record.email))
