"""Vietnamese spelling: where the marks of a syllable sit, what typing without an input method leaves, common slips.

A mark that somebody typed must be right; one that was left out is forgiven. So `"tuan"` and `"tuân"` may be `"tuần"`,
and the name `"Tuấn"` may not.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from huep.names import fold

_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
"""Combining marks of the five tones, as Telex types them."""
_QUALITIES = {"\u0302": "^", "\u0306": "(", "\u031b": "+"}
"""Circumflex, breve and horn change the vowel itself."""
_TELEX_LETTERS = {
    "aa": "â", "aw": "ă", "ee": "ê", "oo": "ô", "ow": "ơ", "uw": "ư", "dd": "đ", "w": "ư",
}  # fmt: skip
_TELEX_VOWEL = re.compile(r"uow|aa|aw|ee|oo|ow|uw|dd|w")
_LATE_W = re.compile(r"^([^w]*?)(uo|[aou])([^w]+)w$")
"""The key for breve and horn, hit at the end of the word."""
_TONE_MARK = {letter: mark for mark, letter in _TONES.items()}

_ONSET = "(?:b|c|ch|d|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu|r|s|t|th|tr|v|x)?"
_RHYME = (
    "(?:[aeiouy]|ai|ay|ao|au|am|an|ang|anh|ap|at|ac|ach|eo|eu|em|en|eng|enh|ep|et|ec|ech|ia|iu|im|in|inh|ip|it|ich|"
    "ieu|iem|ien|ieng|iep|iet|iec|oa|oe|oi|om|on|ong|op|ot|oc|oai|oay|oan|oang|oanh|oat|oac|oach|oen|oet|oong|"
    "ua|ue|ui|uu|uy|um|un|ung|up|ut|uc|uoi|uou|uom|uon|uong|uop|uot|uoc|uan|uang|uat|uac|uay|uau|uenh|uech|"
    "uya|uyen|uyet|uynh|uych|uyt|uyu|yeu|yem|yen|yet|yeng)"
)
_SYLLABLE = re.compile(f"^(?:{_ONSET}{_RHYME}|gi|gin)$")


@dataclass(frozen=True)
class Syllable:
    """A syllable taken apart: its letters, the marks upon them, and its tone wherever it was put."""

    letters: str
    qualities: tuple[str, ...]
    """One a letter: `""`, `"^"`, `"("`, `"+"`, or `"-"` for the stroke of đ."""
    tone: str

    def may_be(self, word: "Syllable") -> bool:
        """Whether it is `word`, perhaps with marks left out: hoà and hòa are one, tuan and tuân may be tuần."""
        return (
            self.letters == word.letters
            and self.tone in ("", word.tone)
            and all(typed in ("", meant) for typed, meant in zip(self.qualities, word.qualities, strict=True))
        )

    @property
    def bare(self) -> bool:
        """Without any mark."""
        return not self.tone and not any(self.qualities)


@lru_cache(maxsize=20_000)
def syllable(text: str) -> Syllable:
    """One word taken apart; letters are lower case, composed or decomposed alike."""
    letters: list[str] = []
    qualities: list[str] = []
    tone = ""
    for character in unicodedata.normalize("NFD", text.casefold()):
        if character in _TONES:
            tone = _TONES[character]
        elif character in _QUALITIES and qualities:
            qualities[-1] = _QUALITIES[character]
        elif character == "đ":
            letters.append("d")
            qualities.append("-")
        elif not unicodedata.combining(character):
            letters.append(character)
            qualities.append("")
    return Syllable("".join(letters), tuple(qualities), tone)


def same_spelling(one: str, other: str) -> bool:
    """Whether two texts differ at most in where a tone sits and in a final i or y: Hoà and Hòa, Mỹ and Mĩ."""
    return spelling_key(one) == spelling_key(other)


def spelling_key(text: str) -> tuple[Syllable, ...]:
    """What is the same for every accepted spelling of a text."""
    return tuple(_with_i(syllable(word)) for word in text.split())


def folded_key(text: str) -> str:
    """`fold`, and a final y after a consonant as i: `"Mỹ Lý"` and `"Mĩ Lí"` are both `"mi li"`."""
    return " ".join(_y_as_i(word) for word in fold(text).split())


def is_syllable(folded: str) -> bool:
    """Whether a folded word can be a Vietnamese syllable at all."""
    return _SYLLABLE.match(folded) is not None


def from_telex(typed: str) -> str | None:
    """`"thasng"` -> `"tháng"`: what keystrokes of Telex would have made; None where that is no syllable with marks."""
    typed = typed.casefold()
    if not typed.isascii() or not typed.isalpha():
        return None
    for plain, tone in _without_tone_key(typed):
        late = _LATE_W.match(plain)
        composed = _TELEX_VOWEL.sub(
            lambda found: "ươ" if found[0] == "uow" else _TELEX_LETTERS[found[0]],
            f"{late[1]}{late[2]}w{late[3]}" if late else plain,
        )
        if (composed != typed or tone) and is_syllable(fold(composed)):
            return unicodedata.normalize("NFC", _with_tone(composed, tone))
    return None


def slips_of(typed: str) -> Iterator[str]:
    """What a folded word may have been before a slip: neighbours swapped back, a doubled letter once."""
    for place in range(len(typed) - 1):
        left, right = typed[place], typed[place + 1]
        if left == right:
            yield typed[:place] + typed[place + 1 :]
        else:
            yield typed[:place] + right + left + typed[place + 2 :]


def _without_tone_key(typed: str) -> Iterator[tuple[str, str]]:
    """The keystrokes less one that sets a tone, wherever behind the vowel it was hit; then as they are."""
    for place in range(len(typed) - 1, 0, -1):
        if typed[place] in _TONE_MARK and any(letter in "aeiouyw" for letter in typed[:place]):
            yield typed[:place] + typed[place + 1 :], typed[place]
    yield typed, ""


def _with_tone(composed: str, tone: str) -> str:
    if not tone:
        return composed
    vowels = [place for place, letter in enumerate(composed) if fold(letter) in "aeiouy"]
    marked = [place for place in vowels if composed[place] not in "aeiouy"]
    place = marked[-1] if marked else vowels[0]
    return composed[: place + 1] + _TONE_MARK[tone] + composed[place + 1 :]


def _with_i(word: Syllable) -> Syllable:
    return Syllable(_y_as_i(word.letters), word.qualities, word.tone)


def _y_as_i(letters: str) -> str:
    return (
        f"{letters[:-1]}i" if re.fullmatch("[bcdghklmnpqrstvx]+y", letters) and not letters.endswith("uy") else letters
    )
