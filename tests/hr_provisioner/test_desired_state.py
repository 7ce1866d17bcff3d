"""What a register asks for, written down without a look at how plans are made; every plan leads there."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given

from hr_provisioner.current import HR, Current, KnownPerson, PersonFacts
from hr_provisioner.planning.outcome import after
from hr_provisioner.records import PersonRecord, PostRecord, UnitRecord
from huep.directory.model import PostKind

from .registers import NOW, TODAY, Situation, situations


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def untouchable(situation: Situation, known: KnownPerson | None, code: str) -> bool:
    """Protected, quarantined, or in a unit that nobody knows."""
    listed = {record.officer_code: record for record in situation.register.people}
    unit_codes = standing_units(situation) | set(situation.current.unit_by_code)
    return (
        code in {bad.officer_code for bad in situation.register.quarantined}
        or (known is not None and known.account is not None and known.account.localpart in situation.current.protected)
        or (code in listed and any(post.unit_code not in unit_codes for post in listed[code].posts))
    )


def standing_units(situation: Situation) -> set[str]:
    """Units of the register that are not over and lie below known ones."""
    known = set(situation.current.unit_by_code)
    for _ in range(3):
        known |= {
            unit.code
            for unit in situation.register.units
            if (unit.parent_code is None or unit.parent_code in known)
            and (unit.valid_to is None or unit.valid_to > TODAY)
        }
    return known


def may_be_open(situation: Situation, record: PersonRecord) -> bool:
    away = record.absence
    locked_by_leave = (
        away is not None
        and away.kind in situation.policy.long_leave_locks
        and away.valid_from <= TODAY
        and (away.valid_to is None or away.valid_to > TODAY)
    )
    left = record.leaves_on is not None and record.leaves_on < TODAY
    return not (record.dismissed or left or locked_by_leave)


def lasts_today(post: PostRecord) -> bool:
    return post.valid_from <= TODAY and (post.valid_to is None or post.valid_to > TODAY)


def in_post(person: PersonRecord | KnownPerson) -> bool:
    return any(map(lasts_today, person.posts))


def posts_of(record: PersonRecord, was: KnownPerson | None) -> set[PostRecord]:
    """The posts listed that are not over; the main post of today lasts until the next one listed."""
    listed = {post for post in record.posts if post.valid_to is None or post.valid_to > TODAY}
    main = [post.valid_from for post in listed if post.kind is PostKind.MAIN]
    if was is None or not main or min(main) <= TODAY:
        return listed
    same = {(p.unit_code, p.position_code, p.valid_from) for p in record.posts if p.kind is PostKind.MAIN}
    return listed | {
        replace(post, valid_to=min(main))
        for post in was.posts
        if post.kind is PostKind.MAIN
        and lasts_today(post)
        and (post.unit_code, post.position_code, post.valid_from) not in same
    }


def looks_like_somebody_before(situation: Situation, record: PersonRecord) -> bool:
    """Whether the code of somebody without an account waits for a human."""
    return any(
        record.officer_code not in pair or situation.current.twins_decided.get(pair, True) is not False
        for pair in lookalikes(situation, record)
    )


def lookalikes(situation: Situation, record: PersonRecord) -> Iterator[tuple[str, str]]:
    """Pairs with others of this name and birth date who come first: with an account, else known, else by code."""
    accounts = {person.officer_code for person in situation.current.people}
    everyone = {p.officer_code: (p.facts.full_name, p.facts.birth_date) for p in situation.current.people}
    everyone |= {r.officer_code: (nfc(r.full_name), r.birth_date) for r in situation.register.people}
    for code, likeness in everyone.items():
        if code == record.officer_code or record.birth_date is None:
            continue
        if likeness == (nfc(record.full_name), record.birth_date) and (code in accounts or code < record.officer_code):
            yield (min(code, record.officer_code), max(code, record.officer_code))


def facts_of(record: PersonRecord) -> PersonFacts:
    away = record.absence
    over = away is not None and away.valid_to is not None and away.valid_to <= TODAY
    return PersonFacts(
        nfc(record.full_name),
        record.birth_date,
        record.email,
        record.retires_on,
        record.leaves_on,
        None if over else away,
    )


@given(situations())
def test_apply_reaches_what_the_register_asks_for(situation: Situation) -> None:
    before, done = situation.current, after(situation.current, situation.plan().actions, TODAY)
    for record in situation.register.people:
        code = record.officer_code
        was, now = before.by_code.get(code), done.by_code.get(code)
        if untouchable(situation, was, code):
            assert now == was
        elif was is None:
            wanted = may_be_open(situation, record) and in_post(record)
            assert (now is not None) == (wanted and not looks_like_somebody_before(situation, record))
        if now is not None and not untouchable(situation, was, code):
            assert_listed(situation, record, was, now, done)
    listed = {record.officer_code for record in situation.register.people}
    for person in before.people:
        if person.officer_code not in listed:
            assert_unlisted(situation, person, done.by_key[person.key])
    assert set(done.by_code) <= set(before.by_code) | listed


def assert_listed(
    situation: Situation, record: PersonRecord, was: KnownPerson | None, now: KnownPerson, done: Current
) -> None:
    assert now.account is not None
    assert set(now.posts) == posts_of(record, was)
    assert now.facts == facts_of(record)
    if not may_be_open(situation, record):
        assert now.account.locked
    elif in_post(now):
        assert not now.account.locked
        main = min(
            (p for p in now.posts if p.valid_from <= TODAY),
            key=lambda post: (["main", "concurrent", "secondment"].index(post.kind), post.unit_code),
        )
        rows = [unit for unit in situation.register.units if unit.code == main.unit_code]
        short_name = (rows[0] if rows else done.unit_by_code[main.unit_code]).short_name
        assert now.account.display_name == f"{nfc(record.full_name)} · {short_name}"
    elif was is not None and was.account is not None:
        assert now.account.locked == was.account.locked
    if was is not None and was.account is not None:
        assert now.account.localpart == was.account.localpart


def assert_unlisted(situation: Situation, was: KnownPerson, now: KnownPerson) -> None:
    assert replace(now, account=None) == replace(was, account=None)
    assert was.account is not None
    assert now.account is not None
    missed = situation.current.missing.get(was.key)
    absent = (
        situation.policy.now is not None
        and missed is not None
        and missed.snapshots >= 3
        and (NOW - missed.first_missed_at).total_seconds() >= 72 * 3600
        and not is_in_question(situation, was)
    )
    left = was.facts.leaves_on is not None and was.facts.leaves_on < TODAY
    if was.account.locked or untouchable(situation, was, was.officer_code) or not (absent or left):
        assert now.account == was.account
    else:
        assert (now.account.locked, now.account.lock_owner) == (True, HR)
        assert now.account.lock_reason == ("left" if left else "absent")


def is_in_question(situation: Situation, person: KnownPerson) -> bool:
    """Whether a human is asked if somebody new is this person: the first lookalike of those not decided upon."""
    for record in situation.register.people:
        if record.officer_code in situation.current.by_code:
            continue
        undecided = [pair for pair in lookalikes(situation, record) if pair not in situation.current.twins_decided]
        if any(person.officer_code in pair for pair in undecided):
            return True
    return False


@given(situations())
def test_apply_reaches_the_units_of_the_register(situation: Situation) -> None:
    done = after(situation.current, situation.plan().actions, TODAY)
    for unit in situation.register.units:
        if unit.code in standing_units(situation) and (unit.valid_to is None or unit.valid_to > TODAY):
            stands = done.unit_by_code[unit.code]
            assert replace(stands, valid_from=unit.valid_from) == unit
    assert all(below_known(unit, done) for unit in done.units)


def below_known(unit: UnitRecord, directory: Current) -> bool:
    return unit.parent_code is None or unit.parent_code in directory.unit_by_code
