"""Who has come, left or moved since an announcement was sent."""

from collections.abc import Iterable
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
