"""Pure: one person under two officer codes. A machine may suspect it (same name, same birth date); a human decides."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from hr_provisioner.current import CodePair, Current, KnownPerson
from hr_provisioner.posts import main_post, post_identity
from hr_provisioner.records import PersonRecord, PostRecord, Register
from huep.names import normalise

_Likeness = tuple[str, date]
"""Name in one case, birth date."""


@dataclass(frozen=True)
class Side:
    """One of two codes, with what a human needs to tell whether both are one person."""

    officer_code: str
    full_name: str
    birth_date: date | None
    email: str | None
    unit_code: str | None
    """Of the main post."""
    position: str | None
    begins: date | None
    """First day of the main post."""
    localpart: str | None
    """None without an account."""


@dataclass(frozen=True)
class Twins:
    """A pair of codes for a human to decide; nothing is created for the held one until then."""

    held: Side
    other: Side

    @property
    def pair(self) -> CodePair:
        return code_pair(self.held.officer_code, self.other.officer_code)


def code_pair(one: str, other: str) -> CodePair:
    """Both codes, the lesser first."""
    return (one, other) if one < other else (other, one)


def find_twins(register: Register, current: Current, today: date) -> tuple[Twins, ...]:
    """Everyone without an account who looks like somebody else, with that other; pairs decided upon are left out.

    The other is whoever has an account, else whoever the directory knows, else the lesser code.
    """
    fresh = [record for record in register.people if not _has_account(current.by_code.get(record.officer_code))]
    suspects = {likeness for record in fresh if (likeness := _likeness(record.full_name, record.birth_date))}
    if not suspects:
        return ()
    listed = {record.officer_code: record for record in register.people}
    everyone = [
        *((record.officer_code, record.full_name, record.birth_date) for record in register.people),
        *(
            (person.officer_code, person.facts.full_name, person.facts.birth_date)
            for person in current.people
            if person.officer_code not in listed
        ),
    ]
    days = {birth_date for _, birth_date in suspects}
    alike: defaultdict[_Likeness, set[str]] = defaultdict(set)
    for code, full_name, birth_date in everyone:
        if birth_date in days and (likeness := _likeness(full_name, birth_date)) in suspects:
            alike[likeness].add(code)
    return tuple(_pairs(alike, listed, current, today))


def _pairs(
    alike: Mapping[_Likeness, set[str]], listed: Mapping[str, PersonRecord], current: Current, today: date
) -> Iterator[Twins]:
    for codes in sorted(sorted(codes) for codes in alike.values() if len(codes) > 1):
        ranked = sorted(codes, key=lambda code: _rank(code, current.by_code.get(code)))
        for place, code in enumerate(ranked):
            if _has_account(current.by_code.get(code)):
                continue
            for other in ranked[:place]:
                if code_pair(code, other) not in current.twins_decided:
                    yield Twins(_side(code, listed, current, today), _side(other, listed, current, today))
                    break


def _rank(code: str, known: KnownPerson | None) -> tuple[bool, bool, str]:
    return not _has_account(known), known is None, code


def _has_account(known: KnownPerson | None) -> bool:
    return known is not None and known.account is not None


def _likeness(full_name: str, birth_date: date | None) -> _Likeness | None:
    return None if birth_date is None else (normalise(full_name).casefold(), birth_date)


def _side(code: str, listed: Mapping[str, PersonRecord], current: Current, today: date) -> Side:
    """What the register says of `code`, else what the directory does."""
    known = current.by_code.get(code)
    account = known.account if known else None
    posts: tuple[PostRecord, ...]
    if code in listed:
        record = listed[code]
        name, birth_date, email, posts = record.full_name, record.birth_date, record.email, record.posts
    else:
        facts = current.by_code[code].facts
        name, birth_date, email, posts = facts.full_name, facts.birth_date, facts.email, current.by_code[code].posts
    post = main_post(posts, today)
    return Side(
        code,
        normalise(name),
        birth_date,
        email,
        post.unit_code if post else None,
        post.position if post else None,
        post.valid_from if post else None,
        account.localpart if account else None,
    )


def unite(register: Register, current: Current) -> Register:
    """`register` with every code that a human gave to somebody else written as that person's code.

    Where both rows are listed, the row under the person's own code says who they are; posts of both count.
    """
    code_of = _known_codes(current)
    if not code_of:
        return register
    by_code: defaultdict[str, list[PersonRecord]] = defaultdict(list)
    for record in register.people:
        by_code[code_of.get(record.officer_code, record.officer_code)].append(record)
    return replace(
        register,
        people=tuple(_merged(code, records) for code, records in by_code.items()),
        quarantined=tuple(
            replace(bad, officer_code=code_of[normalise(bad.officer_code)])
            if bad.officer_code and normalise(bad.officer_code) in code_of
            else bad
            for bad in register.quarantined
        ),
    )


def _known_codes(current: Current) -> dict[str, str]:
    """Code to code of the same person; two people who both have accounts stay two."""
    group_of: dict[str, set[str]] = {}
    for (one, other), same in current.twins_decided.items():
        if same:
            united = group_of.get(one, {one}) | group_of.get(other, {other})
            group_of |= dict.fromkeys(united, united)
    code_of: dict[str, str] = {}
    for code, group in group_of.items():
        ranked = sorted(group, key=lambda member: _rank(member, current.by_code.get(member)))
        if len(ranked) > 1 and not _has_account(current.by_code.get(ranked[1])) and code != ranked[0]:
            code_of[code] = ranked[0]
    return code_of


def _merged(code: str, records: list[PersonRecord]) -> PersonRecord:
    if len(records) == 1 and records[0].officer_code == code:
        return records[0]
    first, *others = sorted(records, key=lambda record: (record.officer_code != code, record.officer_code))
    posts = {post_identity(post): post for post in first.posts}
    for record in others:
        if record.leaves_on is None and not record.dismissed:
            posts = {post_identity(post): post for post in record.posts} | posts
    return replace(first, officer_code=code, posts=tuple(posts.values()))
