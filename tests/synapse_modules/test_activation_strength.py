"""Which passwords are easily guessed in Viet Nam, and that every hint is Vietnamese."""

import ast
import inspect
import time

import pytest
from zxcvbn import feedback

from synapse_modules.activation.rules import LONGEST_PASSWORD
from synapse_modules.activation.strength import FAMILIAR, LONGEST_CHARACTERS, VIETNAMESE, strength_of

ABOUT = ("nguyen-van-anh-k12", "CB000123", "Nguyễn Văn Anh")


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "matkhau123",
        "MatKhau@2026",
        "Mật khẩu 123",
        "anhyeuem2026",
        "nguyenvananh",
        "NguyenVanAnh1",
        "Nguyễn Văn Anh",
        "vananh2026",
        "CB000123cb",
        "nguyen-van-anh-k12",
        "Hue12345678",
        "hue@hue@hue",
        "thuathienhue1",
        "aaaaaaaaaaaa",
        "30/04/1975",
    ],
)
def test_what_somebody_tries_first_is_weak_and_the_hints_say_why(password: str) -> None:
    strength = strength_of(password, ABOUT)
    assert not strength.good_enough
    assert strength.hints


@pytest.mark.parametrize(
    "password",
    ["con meo den ngu tren mai", "Xe đạp xanh qua cầu Trường Tiền", "k7#Vq9!mZr2p", "thuyen giay banh beo 71 mua rao"],
)
def test_some_words_that_do_not_belong_together_are_enough(password: str) -> None:
    strength = strength_of(password, ABOUT)
    assert strength.good_enough
    assert strength.hints == ()


def test_a_name_is_weak_for_its_owner_alone() -> None:
    assert not strength_of("buithixuyenchi", ("bui-thi-xuyen-chi-k3",)).good_enough
    assert FAMILIAR in strength_of("buithixuyenchi", ("bui-thi-xuyen-chi-k3",)).hints
    assert strength_of("buithixuyenchi", ABOUT).good_enough


def test_everything_that_zxcvbn_says_has_its_vietnamese() -> None:
    called = ast.walk(ast.parse(inspect.getsource(feedback)))
    said = {
        ast.literal_eval(node.args[0])
        for node in called
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
    }
    assert said == set(VIETNAMESE)


@pytest.mark.parametrize("symbols", ["4@8({[<3691!|70$5+%2", "!|$4869317052mnbvcxzasdfgh", "({[486931702!|"])
def test_the_longest_password_that_is_taken_is_judged_by_its_beginning_in_little_work(symbols: str) -> None:
    assert LONGEST_CHARACTERS <= LONGEST_PASSWORD
    password = (symbols * LONGEST_PASSWORD)[:LONGEST_PASSWORD]
    strength_of("once to fill the caches", ABOUT)
    started = time.thread_time()
    judged = strength_of(password, ABOUT)
    assert time.thread_time() - started < 1.0, "seconds of the interpreter"
    assert judged == strength_of(password[:LONGEST_CHARACTERS], ABOUT)
    assert not strength_of("a" * LONGEST_PASSWORD, ABOUT).good_enough


def test_symbols_for_letters_do_not_make_a_common_password_strong() -> None:
    assert not strength_of("p@$$w0rd!|(+%", ABOUT).good_enough
