"""A register is kept and opened again exactly as it was read."""

import zlib
from datetime import date
from pathlib import Path

import pytest

from hr_provisioner.demo_data.writing import EditionName, Format, write_demo
from hr_provisioner.register.register import register_of
from hr_provisioner.sources import open_source
from hr_provisioner.sources.columns import POSTS, rows_of
from hr_provisioner.sources.kept import keep, open_kept
from hr_provisioner.sources.source import SourceUnreadable
from huep.hr_settings import ColumnSettings
from tests.hr_provisioner.test_sources import POSTS_ROWS, as_csv, write_edition
from tests.hr_provisioner.test_sources_layout import TITLES, TRAILER


@pytest.mark.parametrize("form", Format)
def test_a_messy_edition_is_validated_again_to_the_same_register(tmp_path: Path, form: Format) -> None:
    files = write_demo(tmp_path, 300, 7, date(2026, 11, 22), [form], [EditionName.MESSY])
    source = open_source(files.edition(EditionName.MESSY))
    register = register_of(source)
    assert register.quarantined
    again = open_kept(keep(source))
    assert register_of(again) == register
    assert register_of(again) == register, "and as often as somebody asks"
    assert again.origin == source.origin


def test_statement_mapping_and_row_numbers_survive(tmp_path: Path) -> None:
    posts = [["SO_HIEU", *POSTS_ROWS[0][1:]], *POSTS_ROWS[1:]]
    folder = write_edition(tmp_path, as_csv([*TITLES, *posts, *TRAILER], ";").encode("utf-16"))
    source = open_source(folder, ColumnSettings(posts={"Mã cán bộ": "SO_HIEU"}))
    again = open_kept(keep(source))
    assert again.origin.statement == source.origin.statement
    assert again.origin.statement.rows == 3
    assert again.posts().shape == source.posts().shape
    assert list(rows_of(again.posts(), POSTS)) == list(rows_of(source.posts(), POSTS))
    assert [row.number for row in rows_of(again.person("CB2"), POSTS)] == [7]


def test_a_damaged_copy_is_refused(tmp_path: Path) -> None:
    content = keep(open_source(write_edition(tmp_path, as_csv(POSTS_ROWS).encode())))
    for damaged in (b"", content[:-9], b"x" + content, zlib.compress(b"{}\n"), zlib.compress(b"[]\n")):
        with pytest.raises(SourceUnreadable, match="damaged"):
            open_kept(damaged)
    with pytest.raises(SourceUnreadable, match="damaged"):
        open_kept(zlib.compress(zlib.decompress(content)[:-1]))
