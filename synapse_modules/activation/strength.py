"""Whether a password is easily guessed, by zxcvbn, and what to do about it, in Vietnamese."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from threading import Lock
from typing import Any

from zxcvbn import zxcvbn

from huep.names import fold, slug

GOOD_ENOUGH = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses, which nobody makes against a server that counts them."""
LONGEST_CHARACTERS = 32
"""So many from the beginning are judged: more only make a password stronger, and judging slower by their square."""
MOST_SYMBOLS = 3
"""Different symbols that zxcvbn tries for letters, in every combination; of more each is taken for its letter."""

VIETNAMESE: Mapping[str, str] = {
    "Use a few words, avoid common phrases.": "Dùng vài từ không liên quan đến nhau, tránh câu quen thuộc.",
    "No need for symbols, digits, or uppercase letters.": "Không bắt buộc phải có ký hiệu, chữ số hay chữ hoa.",
    "Add another word or two. Uncommon words are better.": "Thêm một hai từ nữa, càng ít gặp càng tốt.",
    "Straight rows of keys are easy to guess.": "Một hàng phím liền nhau rất dễ đoán.",
    "Short keyboard patterns are easy to guess.": "Hình vẽ ngắn trên bàn phím dễ đoán.",
    "Use a longer keyboard pattern with more turns.": "Đừng đi theo thứ tự các phím trên bàn phím.",
    'Repeats like "aaa" are easy to guess.': "Một ký tự lặp lại như “aaa” rất dễ đoán.",
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': (
        "Lặp lại như “abcabcabc” chỉ khó đoán hơn “abc” một chút."
    ),
    "Avoid repeated words and characters.": "Tránh lặp lại từ và ký tự.",
    'Sequences like "abc" or "6543" are easy to guess.': "Dãy liên tiếp như “abc” hay “6543” rất dễ đoán.",
    "Avoid sequences.": "Tránh các dãy liên tiếp.",
    "Recent years are easy to guess.": "Những năm gần đây dễ đoán.",
    "Avoid recent years.": "Tránh dùng những năm gần đây.",
    "Avoid years that are associated with you.": "Tránh những năm gắn với bản thân, như năm sinh.",
    "Dates are often easy to guess.": "Ngày tháng thường dễ đoán.",
    "Avoid dates and years that are associated with you.": "Tránh ngày, năm gắn với bản thân và gia đình.",
    "This is a top-10 common password.": "Đây là một trong 10 mật khẩu phổ biến nhất.",
    "This is a top-100 common password.": "Đây là một trong 100 mật khẩu phổ biến nhất.",
    "This is a very common password.": "Đây là mật khẩu rất nhiều người dùng.",
    "This is similar to a commonly used password.": "Mật khẩu này gần giống một mật khẩu phổ biến.",
    "A word by itself is easy to guess.": "Một từ đơn lẻ rất dễ đoán.",
    "Names and surnames by themselves are easy to guess.": "Chỉ có tên hoặc họ thì rất dễ đoán.",
    "Common names and surnames are easy to guess.": "Tên và họ thường gặp dễ đoán.",
    "Capitalization doesn't help very much.": "Viết hoa chữ đầu không giúp được bao nhiêu.",
    "All-uppercase is almost as easy to guess as all-lowercase.": "Viết hoa tất cả cũng dễ đoán như viết thường.",
    "Reversed words aren't much harder to guess.": "Viết ngược lại cũng không khó đoán hơn bao nhiêu.",
    "Predictable substitutions like '@' instead of 'a' don't help very much.": (
        "Thay chữ quen thuộc, như “@” cho “a”, không giúp được bao nhiêu."
    ),
}
"""Everything that zxcvbn says; a test compares it with the installed version."""
_LETTER_OF_SYMBOL = str.maketrans("@({[<!|$+%", "acccciistx")
FAMILIAR = "Tránh tên, mã cán bộ, địa danh và những từ ai cũng nghĩ ra."

# zxcvbn keeps the words of one call in a dictionary that all calls share.
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Strength:
    """How hard a password is to guess."""

    score: int
    """0 to 4."""
    hints: tuple[str, ...]
    """What is wrong, then what to do; empty where nothing is."""

    @property
    def good_enough(self) -> bool:
        return self.score >= GOOD_ENOUGH


def strength_of(password: str, about: Collection[str]) -> Strength:
    """The strength of the first `LONGEST_CHARACTERS` characters; at worst some 100 ms that keep the interpreter busy.

    `about` is what somebody who knows the person tries first: name, officer code, account. A word is as easy to guess
    with diacritics and hyphens as without, so it is looked at in each form and the weakest counts.
    """
    familiar = sorted({*_familiar(about), *_everybodys_words()})
    typed = _with_few_symbols(password[:LONGEST_CHARACTERS])
    forms = (typed, fold(typed), slug(typed).replace("-", ""))
    with _one_at_a_time:
        found = [_judge(form[:LONGEST_CHARACTERS], familiar) for form in dict.fromkeys(forms) if form]
    return min(found, key=lambda strength: strength.score)


def _judge(password: str, familiar: Collection[str]) -> Strength:
    result: Mapping[str, Any] = zxcvbn(password, familiar, LONGEST_CHARACTERS)
    score = int(result["score"])
    if score >= GOOD_ENOUGH:
        return Strength(score, ())
    feedback = result["feedback"]
    said = [feedback["warning"], *feedback["suggestions"]]
    hints = [VIETNAMESE[words] for words in said if words in VIETNAMESE]
    if any(match.get("dictionary_name") == "user_inputs" for match in result["sequence"]):
        hints.append(FAMILIAR)
    return Strength(score, tuple(dict.fromkeys(hints)))


def _with_few_symbols(password: str) -> str:
    symbols = {character for character in password if ord(character) in _LETTER_OF_SYMBOL}
    return password if len(symbols) <= MOST_SYMBOLS else password.translate(_LETTER_OF_SYMBOL)


def _familiar(about: Collection[str]) -> Iterator[str]:
    for text in about:
        words = slug(text).split("-")
        yield from ("".join(words[start:end]) for start, end in combinations(range(len(words) + 1), 2))


@cache
def _everybodys_words() -> frozenset[str]:
    lines = (Path(__file__).parent / "weak_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
