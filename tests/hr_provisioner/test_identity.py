"""Keys, localparts and display names."""

import re
import unicodedata
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hr_provisioner.planning import identity

codes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", min_size=1, max_size=12)


def test_a_key_is_made_from_the_officer_code_and_never_changes() -> None:
    assert identity.person_key("79.001.000123") == UUID("93f9e725-cbe4-5adf-ad79-af3002c1ec60")
    assert identity.person_key("79.001.000123") != identity.person_key("79.001.000124")


def test_a_localpart_is_the_folded_name_and_a_short_code() -> None:
    given_name = identity.localpart("Nguyễn Văn Anh", identity.person_key("CB001"), frozenset())
    assert re.fullmatch(r"nguyen-van-anh-[2-9a-hjkmnp-z]{3}", given_name)


@given(st.text(max_size=80), codes)
def test_a_localpart_is_valid_whatever_the_name(name: str, code: str) -> None:
    localpart = identity.localpart(name, identity.person_key(code), frozenset())
    assert re.fullmatch(r"[a-z0-9-]{5,80}", localpart)
    assert not localpart.rpartition("-")[2].isdigit()


@given(codes)
def test_a_localpart_is_never_given_twice(code: str) -> None:
    key = identity.person_key(code)
    used: set[str] = set()
    for _ in range(40):
        used.add(identity.localpart("Lê Hoa", key, used))
    assert len(used) == 40


def test_composed_and_decomposed_names_are_one() -> None:
    key = identity.person_key("CB001")
    name = "Nguyễn Thị Thuỷ"
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, name)
        assert identity.localpart(written, key, frozenset()) == identity.localpart(name, key, frozenset())
        assert identity.display_name(written, "STC") == "Nguyễn Thị Thuỷ · STC"


def test_a_person_without_unit_is_shown_by_name_alone() -> None:
    assert identity.display_name(" Lê   Hoa ", None) == "Lê Hoa"


def test_a_display_name_fits_into_synapse() -> None:
    assert len(identity.display_name("x" * 300, "STC")) == 256


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("{name} · {unit}", "Lê Hoa · STC"),
        ("{name}", "Lê Hoa"),
        ("{name} ({position}, {unit})", "Lê Hoa (Chuyên viên, STC)"),
        ("{unit}:  {name}", "STC: Lê Hoa"),
        ("{name} {{{unit}}}", "Lê Hoa {STC}"),
    ],
)
def test_the_operator_chooses_the_form_of_names(form: str, shown: str) -> None:
    assert identity.display_name("Lê  Hoa", "STC", "Chuyên viên", identity.DisplayForm.parse(form)) == shown
    assert identity.display_name("Lê  Hoa", None, None, identity.DisplayForm.parse(form)) == "Lê Hoa"


@pytest.mark.parametrize(
    "form",
    ["", "{unit}", "{name} {phone}", "{name", "name}", "{name:>9}", "{name!r}", "{}", "{0} {name}", "{name.x}",
     "{name}" + "·" * 100],
)  # fmt: skip
def test_a_form_that_cannot_be_filled_in_is_refused_by_its_key(form: str) -> None:
    with pytest.raises(identity.BadDisplayForm, match=r"^hr\.display_name in huep\.toml"):
        identity.DisplayForm.parse(form)
