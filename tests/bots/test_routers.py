"""From what is typed to a command and its values."""

import time
import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.runtime.commands import Answer, Request, scene
from bots.runtime.parsers import AnyText
from bots.runtime.phrases import Phrase, Spoken
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from bots.runtime.vocabulary import Vocabulary
from huep.catalogue import Catalogue, Locale
from tests.bots.desk import Desk

ASSISTANT = Catalogue("bots.assistant")


@dataclass(frozen=True)
class Task:
    """Work for somebody."""

    person: str
    task: str


@dataclass(frozen=True)
class Other:
    """One value alone."""

    task: str


async def unanswered(request: Request, values: object = None) -> Answer:
    return paragraphs("x")


def a_router() -> Router:
    router = Router("x", ASSISTANT)
    router.question(
        "assign",
        {
            Locale.VI: ("giao việc cho {person}: {task}", "gv {person} làm {task}"),
            Locale.EN: ("assign {task} to {person}",),
        },
        scene=scene(Task, person=AnyText(), task=AnyText()),
    )(unanswered)
    router.question("list", {Locale.VI: ("danh sách việc",), Locale.EN: ("tasks",)})(unanswered)
    return router


def said(typed: str, written: str = "giao việc cho {person} là {task}") -> list[dict[str, str]]:
    return [dict(reading) for reading in Phrase.of(written).readings(Spoken.of(typed))]


@pytest.mark.parametrize(
    ("typed", "person", "task"),
    [
        ("giao việc cho Lê Thị Mơ là trồng cây", "Lê Thị Mơ", "trồng cây"),
        ("GIAO VIEC CHO le thi mo LA trong cay", "le thi mo", "trong cay"),
        ("trợ lý ơi, giao việc cho anh Minh là dọn kho (tầng 2) nhé!", "anh Minh", "dọn kho (tầng 2)"),
        ("giao  việc\ncho: Mơ -- là: trồng   cây.", "Mơ", "trồng   cây"),
    ],
)
def test_values_are_what_stands_between_the_words_as_it_was_typed(typed: str, person: str, task: str) -> None:
    for form in ("NFC", "NFD"):
        assert said(unicodedata.normalize(form, typed))[0] == {"person": person, "task": task}


@pytest.mark.parametrize("before", ["🎉 ", "**", '"', " ("])
def test_signs_before_a_value_do_not_belong_to_the_value_before(before: str) -> None:
    reading = said(f"giao việc cho Mơ: {before}trồng cây", "giao việc cho {person}: {task}")[0]
    assert reading == {"person": "Mơ", "task": "trồng cây"}


def test_words_that_occur_inside_a_value_divide_it_in_every_way() -> None:
    assert said("giao việc cho Mơ là người là trồng cây") == [
        {"person": "Mơ", "task": "người là trồng cây"},
        {"person": "Mơ là người", "task": "trồng cây"},
    ]


@pytest.mark.parametrize(
    "typed", ["giao việc cho", "giao việc cho Mơ", "giao việc cho là trồng", "việc cho Mơ là trồng", ""]
)
def test_a_phrase_with_an_empty_place_is_not_that_phrase(typed: str) -> None:
    assert said(typed) == []


def test_a_phrase_may_begin_or_end_with_a_value() -> None:
    assert said("Sở Nội vụ có bao nhiêu người ạ?", "{unit} có bao nhiêu người") == [{"unit": "Sở Nội vụ"}]


@pytest.mark.parametrize("written", ["", "{a}", "giao {a} {b}", "{a}: {b}"])
def test_a_phrase_that_could_not_be_divided_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="needs words"):
        Phrase.of(written)


def test_the_words_of_a_message_with_many_divisions_take_no_time() -> None:
    started = time.process_time()
    assert len(said("giao việc cho " + "là a " * 400)) == 20
    assert time.process_time() - started < 0.5


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    vocabulary = Vocabulary(Desk().router.commands)
    list(vocabulary.matches(text))
    assert len(vocabulary.likeliest(text)) == 2
    for reading in said(f"giao việc cho {text} là trồng cây"):
        assert reading["person"] in unicodedata.normalize("NFC", text) + " là trồng cây"


def test_short_commands_and_other_languages_mean_the_same() -> None:
    vocabulary = Vocabulary(a_router().commands)
    said = ("gv Mơ làm báo cáo", "assign báo cáo to Mơ", "giao viec cho Mơ: báo cáo")
    matches = [vocabulary.match(typed) for typed in said]
    assert [match and (match.command.name, dict(match.said)) for match in matches] == [
        ("assign", {"person": "Mơ", "task": "báo cáo"})
    ] * 3


def test_a_command_is_suggested_by_its_beginning() -> None:
    vocabulary = Vocabulary(a_router().commands)
    assert vocabulary.likeliest("giao viec chp Mơ báo cáo về tình hình sản xuất nông nghiệp")[0].name == "assign"


# ---- The tree


def test_one_phrase_cannot_mean_two_commands() -> None:
    router = a_router()
    with pytest.raises(ValueError, match="would mean both list and again"):
        router.question("again", {Locale.VI: ("DANH SACH VIEC",)})(unanswered)
    with pytest.raises(ValueError, match="would mean both assign and again"):
        router.question(
            "again", {Locale.VI: ("gv {task} lam {person}",)}, scene=scene(Task, person=AnyText(), task=AnyText())
        )(unanswered)


def test_routers_that_share_a_phrase_do_not_fit_together() -> None:
    whole = Router("x", ASSISTANT)
    whole.include(a_router())
    with pytest.raises(ValueError, match="would mean both"):
        whole.include(a_router())


def test_two_commands_of_one_name_are_refused() -> None:
    router = a_router()
    with pytest.raises(ValueError, match="one name"):
        router.question("list", {Locale.VI: ("việc của tôi",)})(unanswered)


def test_a_phrase_with_a_value_that_is_no_step_is_refused() -> None:
    with pytest.raises(ValueError, match="values that are no steps"):
        a_router().question("other", {Locale.VI: ("xong {number}",)}, scene=scene(Other, task=AnyText()))(unanswered)


def test_a_scene_has_a_parser_for_each_field() -> None:
    with pytest.raises(ValueError, match="has the fields"):
        scene(Task, person=AnyText())
    with pytest.raises(ValueError, match="no dataclass"):
        scene(dict)


def test_a_tree_lists_its_commands_from_the_top() -> None:
    below, whole = a_router(), Router("y", ASSISTANT)
    whole.include(below)
    whole.question("first", {Locale.VI: ("đầu tiên",)})(unanswered)
    assert [command.name for command in whole.commands] == ["first", "assign", "list"]
