"""Audiences put together at random: what is said of each is read back as the same."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.broadcasts.audience import AudienceUnreadable, dump_audience, load_audience
from bots.broadcasts.audience.wording import say
from bots.broadcasts.audience.words import read_audience
from huep.catalogue import Locale
from huep.directory.audience import Audience
from huep.directory.model import Standing, UnitKind
from huep.names import fold
from tests.bots.broadcasts.audience.land import KEYS, UNITS, known

NAMES = [unit.name for unit in UNITS if unit.level == 1] + [
    "Phòng Tổ chức",
    "Văn phòng Sở thuộc Sở Y tế",
    "Bệnh viện Mắt",
]
GROUPS = [
    "các xã",
    "các phường",
    "các sở",
    "các trường tiểu học",
    "các trạm y tế",
    "các phòng thuộc Sở Nội vụ",
    "cấp sở",
]
WHO = [
    "lãnh đạo",
    "cấp trưởng",
    "cấp phó",
    "kế toán",
    "văn thư",
    "giám đốc",
    "trưởng phòng",
    "chủ tịch",
    "cán bộ tổ chức",
]
PEOPLE = ["anh Tuấn", "chị Lan", "@hai-1", "danh sách Tổ công tác Đề án 06", "danh sách Tổ ứng trực của Lê Quang Minh"]

places = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(", ".join) | st.lists(
    st.sampled_from(GROUPS), min_size=1, max_size=3
).map(" và ".join)
subjects = st.lists(st.sampled_from(WHO), min_size=1, max_size=2, unique=True).map(", ".join)
linked = st.sampled_from([" ", " của ", " thuộc "])
parts = (
    places
    | subjects
    | st.tuples(subjects, linked, places).map("".join)
    | st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3).map(", ".join)
    | st.just("tất cả")
)
lists = st.lists(parts, min_size=1, max_size=3)
segments = st.tuples(lists, st.none() | lists).map(
    lambda both: " cùng ".join(both[0]) + (f", trừ {' cùng '.join(both[1])}" if both[1] else "")
)
phrases = st.lists(segments, min_size=1, max_size=2).map("; ".join)


@given(phrases)
def test_an_audience_said_and_read_again_is_that_audience_or_among_the_choices(phrase: str) -> None:
    for audience in read_audience(phrase, known()):
        said = say(audience, known())
        assert audience in read_audience(said, known())
        assert say(audience, known(), Locale.EN)
        assert load_audience(json.loads(json.dumps(dump_audience(audience)))) == audience


def test_one_noun_for_units_is_not_read_as_two() -> None:
    """Though nobody is so called there, and somebody elsewhere is."""
    [audience] = read_audience("chủ tịch cấp sở", known())
    assert read_audience("chủ tịch thuộc các đơn vị cấp sở", known()) == (audience,)


@settings(max_examples=20, deadline=None)
@given(phrases)
def test_every_such_phrase_is_understood_and_without_diacritics_too(phrase: str) -> None:
    written = read_audience(phrase, known())
    assert written
    assert set(written) <= set(read_audience(fold(phrase), known()))


audiences = st.recursive(
    st.builds(
        Audience,
        under=st.frozensets(st.sampled_from([unit.code for unit in UNITS]), max_size=3),
        units=st.frozensets(st.sampled_from([unit.code for unit in UNITS]), max_size=3),
        levels=st.frozensets(st.integers(0, 3), max_size=2),
        unit_kinds=st.frozensets(st.sampled_from(UnitKind), max_size=2),
        standings=st.frozensets(st.sampled_from(Standing), max_size=2),
        positions=st.frozensets(st.text(min_size=1, max_size=5), max_size=2),
        roles=st.frozensets(st.sampled_from(["operator"]), max_size=1),
        people=st.frozensets(st.sampled_from(sorted(KEYS.values())), max_size=2),
    ),
    lambda inner: st.builds(
        Audience, any_of=st.lists(inner, max_size=2).map(tuple), excluding=st.lists(inner, max_size=2).map(tuple)
    ),
    max_leaves=5,
)


@given(audiences)
def test_an_audience_that_is_kept_comes_back(audience: Audience) -> None:
    assert load_audience(json.loads(json.dumps(dump_audience(audience)))) == audience


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        "all",
        {"under": []},
        {"under": "SNV"},
        {"under": [1]},
        {"levels": ["1"]},
        {"standings": ["boss"]},
        {"people": ["nobody"]},
        {"beside": ["SNV"]},
        {"excluding": [{"under": []}]},
        {"any_of": [None]},
    ],
)
def test_what_is_no_audience_reaches_nobody_rather_than_everybody(kept: object) -> None:
    with pytest.raises(AudienceUnreadable):
        load_audience(kept)
