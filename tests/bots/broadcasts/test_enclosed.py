"""Which files an announcement has and had, by what it said in each version."""

import pytest

from bots.broadcasts.delivering import enclosed
from bots.broadcasts.model import AttachedFile, Content
from bots.matrix.port import MediaFile


def content(names: str) -> Content:
    return Content("Họp", files=tuple(AttachedFile(MediaFile(f"mxc://hue/{name}"), name) for name in names))


@pytest.mark.parametrize(
    ("versions", "has"),
    [
        ([""], ""),
        (["ab"], "a1 b2"),
        (["ab", "ab"], "a1 b2"),
        (["ab", "b"], "-a1 b2"),
        (["ab", "bc"], "-a1 b2 c3"),
        (["ab", "cd", "d"], "-a1 -b2 -c3 d4"),
        (["a", "", "a"], "-a1 a2"),
        (["aa", "a"], "a1 -a2"),
    ],
)
def test_a_file_that_comes_back_is_another_and_none_is_forgotten(versions: list[str], has: str) -> None:
    found = enclosed(map(content, versions))
    assert " ".join(f"{'-' * one.gone}{one.file.name}{one.place}" for one in found) == has
