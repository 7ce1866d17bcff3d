"""docs/attacks.md beside the attacks that are tried."""

from collections import Counter

from tests.real.attacks.page import PAGE, listed
from tests.real.attacks.table import ATTACKS

FEWEST = 75


def test_the_page_and_the_list_are_equal() -> None:
    assert listed() in PAGE.read_text("utf-8"), "write it anew: python -m tests.real.attacks.page"


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert sum(attack.refused for attack in ATTACKS) >= FEWEST
    assert [name for name, times in Counter(attack.name for attack in ATTACKS).items() if times > 1] == []


def test_what_is_accepted_is_looked_after() -> None:
    assert all(attack.refused or (attack.then and attack.without) for attack in ATTACKS)
