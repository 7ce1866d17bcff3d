"""Who has come, left or moved since an announcement was sent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from bots.broadcasts.ledger import Drift, Newcomer, Release, Released
from bots.broadcasts.ledger.addressees import Frozen
from bots.broadcasts.ledger.drift import drift
from bots.broadcasts.model import Addressee
from bots.testing.province import person
from huep.directory.audience import Audience
from huep.directory.model import Person, Post, PostKind, Standing

CHAIRS = Audience(positions=frozenset({"ct"}))
HEADS = Audience(standings=frozenset({Standing.HEAD}))
UNIT = Audience(under=frozenset({"A", "B"}))
BY_NAME = Audience(people=frozenset({person("lan", "").key}), positions=frozenset({"ct"}))
UNION = Audience(any_of=(CHAIRS, Audience(under=frozenset({"C"}))))


def meant(name: str, unit: str = "A", position: str = "ct", standing: Standing = Standing.HEAD) -> Addressee:
    one = person(name, name)
    return Addressee(one.key, str(one.user_id), name, unit, position, position, standing.value, None)


def frozen(*people: Addressee, acknowledged: bool = False, owes: bool = True) -> list[Frozen]:
    return [Frozen(one, owes, acknowledged) for one in people]


def register(*names: str, locked: Iterable[str] = (), without_post: Iterable[str] = ()) -> dict[object, Person]:
    somewhere = Post("Z", "Z", "z", "z", Standing.STAFF, "", PostKind.MAIN, date(2020, 1, 1), None)
    people = [
        person(name, name, *(() if name in without_post else (somewhere,)), locked=name in locked) for name in names
    ]
    return {one.key: one for one in people}


def found(
    before: list[Frozen], now: list[Addressee], audience: Audience, people: dict[object, Person], **more: object
) -> Drift:
    return drift(before, now, people.get, audience, **more)  # type: ignore[arg-type]


def key(name: str) -> object:
    return person(name, "").key


def test_where_nobody_changed_nothing_is_found() -> None:
    same = found(frozen(meant("lan")), [meant("lan")], CHAIRS, register("lan"))
    assert same == Drift()
    assert not same


def test_who_matches_now_and_did_not_is_a_newcomer_until_the_deadline() -> None:
    assert found([], [meant("lan")], UNIT, {}).newcomers == (Newcomer(meant("lan")),)
    assert found([], [meant("lan")], UNIT, {}, within_deadline=False) == Drift()


@pytest.mark.parametrize(
    "people",
    [register(), register("lan", locked=["lan"]), register("lan", without_post=["lan"])],
    ids=["unknown", "locked", "without a post"],
)
def test_who_has_left_is_released(people: dict[object, Person]) -> None:
    assert found(frozen(meant("lan")), [], UNIT, people).released == (Release(key("lan"), Released.LEFT),)


def test_leavers_are_released_after_the_deadline_too() -> None:
    gone = found(frozen(meant("lan")), [], UNIT, {}, within_deadline=False)
    assert gone.released == (Release(key("lan"), Released.LEFT),)


def test_who_has_acknowledged_stays_counted_wherever_they_go() -> None:
    assert found(frozen(meant("lan"), acknowledged=True), [], CHAIRS, {}) == Drift()


@pytest.mark.parametrize("audience", [UNIT, BY_NAME], ids=["a unit", "by name"])
def test_a_mover_still_owes_what_was_meant_for_the_person(audience: Audience) -> None:
    moved = found(frozen(meant("lan")), [meant("mai")], audience, register("lan", "mai"))
    assert moved.released == ()
    assert moved.newcomers == (Newcomer(meant("mai")),)


@pytest.mark.parametrize("audience", [CHAIRS, HEADS, UNION], ids=["position", "standing", "union"])
def test_what_was_meant_for_the_post_passes_to_the_successor(audience: Audience) -> None:
    moved = found(frozen(meant("lan")), [meant("mai")], audience, register("lan", "mai"))
    assert moved.newcomers == (Newcomer(meant("mai"), key("lan")),)
    assert moved.released == (Release(key("lan"), Released.SUCCESSOR),)


def test_the_successor_of_a_leaver_is_known_as_such() -> None:
    left = found(frozen(meant("lan")), [meant("mai")], CHAIRS, register("mai"))
    assert left.newcomers == (Newcomer(meant("mai"), key("lan")),)
    assert left.released == (Release(key("lan"), Released.LEFT),)


@pytest.mark.parametrize(
    ("audience", "other"),
    [(CHAIRS, meant("mai", unit="B")), (CHAIRS, meant("mai", position="pct")), (UNION, meant("mai", "C", "cv"))],
    ids=["another unit", "another position", "a part of the union that is no post"],
)
def test_in_another_post_nobody_is_the_successor(audience: Audience, other: Addressee) -> None:
    moved = found(frozen(meant("lan")), [other], audience, register("lan", "mai"))
    assert (moved.newcomers, moved.released) == ((Newcomer(other),), ())


def test_heads_succeed_each_other_whatever_their_position_is_called() -> None:
    acting = meant("mai", position="qgd")
    assert found(frozen(meant("lan")), [acting], HEADS, register("lan", "mai")).newcomers[0].successor_of == key("lan")


def test_each_of_several_in_one_position_is_succeeded_by_one() -> None:
    before = frozen(meant("an"), meant("lan"), meant("binh"))
    moved = found(before, [meant("binh"), meant("mai")], CHAIRS, register("an", "lan", "binh", "mai"))
    assert moved.newcomers == (Newcomer(meant("mai"), key("an")),)
    assert moved.released == (Release(key("an"), Released.SUCCESSOR),)


def test_two_who_change_posts_with_each_other_both_still_owe() -> None:
    before = frozen(meant("lan", "A"), meant("mai", "B"))
    assert found(before, [meant("lan", "B"), meant("mai", "A")], CHAIRS, register("lan", "mai")) == Drift()


def test_who_was_released_and_matches_again_owes_again() -> None:
    back = found(frozen(meant("lan"), owes=False), [meant("lan")], UNIT, register("lan"))
    assert back.newcomers == (Newcomer(meant("lan")),)


def test_who_still_owes_on_long_leave_is_away_and_not_released() -> None:
    people = frozen(meant("lan"), meant("mai")) + frozen(meant("an"), acknowledged=True)
    away = found(people, [meant("lan"), meant("mai"), meant("an")], UNIT, {}, away=[key("lan"), key("an"), key("x")])
    assert away == Drift(away=frozenset({key("lan")}))  # type: ignore[arg-type]


def joined(name: str, successor_of: str | None = None, **more: object) -> Frozen:
    one = Frozen(meant(name, **more), True, False, joined_later=True)  # type: ignore[arg-type]
    return one if successor_of is None else replace(one, successor_of=key(successor_of))  # type: ignore[arg-type]


def freed(name: str, why: Released) -> Frozen:
    return Frozen(meant(name), False, False, released=why)


def test_who_was_appointed_before_the_post_was_empty_succeeds_when_it_is() -> None:
    both = found(frozen(meant("lan")), [meant("lan"), meant("mai")], CHAIRS, register("lan", "mai"))
    assert (both.newcomers, both.released) == ((Newcomer(meant("mai")),), ())
    people = [*frozen(meant("lan")), joined("mai")]
    later = found(people, [meant("mai")], CHAIRS, register("lan", "mai"))
    assert (later.newcomers, later.released) == ((), (Release(key("lan"), Released.SUCCESSOR),))


def test_who_is_appointed_after_the_leaver_was_released_succeeds_them() -> None:
    people = [freed("lan", Released.LEFT)]
    assert found(people, [meant("mai")], CHAIRS, register("mai")).newcomers == (Newcomer(meant("mai"), key("lan")),)
    people.append(joined("mai", successor_of="lan"))
    assert not found(people, [meant("mai")], CHAIRS, register("mai"))
    third = found(people, [meant("mai"), meant("hoa")], CHAIRS, register("mai", "hoa"))
    assert third.newcomers == (Newcomer(meant("hoa")),), "one has one successor"


def test_one_who_came_early_succeeds_one() -> None:
    people = [*frozen(meant("an")), freed("lan", Released.SUCCESSOR), joined("mai")]
    assert found(people, [meant("mai")], CHAIRS, register("an", "lan", "mai")) == Drift(), "Mai is Lan's successor"


def test_who_left_for_a_post_that_was_taken_before_is_succeeded_by_nobody_else() -> None:
    people = [freed("lan", Released.LEFT), joined("mai")]
    assert found(people, [meant("mai"), meant("hoa")], CHAIRS, register()).newcomers == (Newcomer(meant("hoa")),)


def test_between_mornings_nobody_is_released_for_being_locked_nor_owes_again() -> None:
    people = [*frozen(meant("lan")), freed("mai", Released.LEFT)]
    assert found(people, [meant("mai")], UNIT, register("lan", "mai", locked=["lan"]), whole=False) == Drift()


def test_between_mornings_a_post_passes_on_and_its_leaver_waits() -> None:
    moved = found(frozen(meant("lan")), [meant("mai")], CHAIRS, register("lan", "mai"), whole=False)
    assert moved.released == (Release(key("lan"), Released.SUCCESSOR),)
    left = found(frozen(meant("lan")), [meant("mai")], CHAIRS, register("mai"), whole=False)
    assert (left.newcomers, left.released) == ((Newcomer(meant("mai"), key("lan")),), ())
    people = [*frozen(meant("lan")), joined("mai", successor_of="lan")]
    assert found(people, [meant("mai")], CHAIRS, register("mai")).released == (Release(key("lan"), Released.LEFT),)
