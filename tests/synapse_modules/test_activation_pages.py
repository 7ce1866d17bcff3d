"""The pages: Vietnamese, labelled, readable, without script and without anything from elsewhere."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from synapse_modules.activation import page
from synapse_modules.activation.page import Notice, Pages, headers
from synapse_modules.activation.rules import SENTENCES, Field, Form, Refusal

PAGES = Pages("https://chat.hue.gov.vn", 10)
HOSTILE = Form('CB"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "mat-khau-that", "mat-khau-khac")
FAULTY = Notice(
    faults={Field.PASSWORD: "Mật khẩu này dễ đoán.", Field.AGAIN: "Hai lần nhập không giống nhau."}, hints=("Thêm từ.",)
)
EVERY_PAGE = {
    "form": PAGES.form(Form()),
    "faulty": PAGES.form(HOSTILE, FAULTY),
    "refused": PAGES.form(HOSTILE, Notice(Refusal.USED, SENTENCES[Refusal.USED])),
    "done": PAGES.done("an-k1"),
    "login": PAGES.login(None),
    "recovery": PAGES.recovery(),
    "lost": PAGES.lost(),
}
STYLE = (Path(page.__file__).parent / "style.css").read_text()


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.mark.parametrize("content", EVERY_PAGE.values(), ids=EVERY_PAGE)
def test_every_page_is_vietnamese_and_loads_nothing(content: bytes) -> None:
    elements = Elements(content)
    assert elements.all("html") == [{"lang": "vi"}]
    assert elements.all("meta")[1] == {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    assert len(elements.all("h1")) == len(elements.all("title")) == len(elements.all("main")) == 1
    assert not {tag for tag, _ in elements.found} & {"script", "img", "link", "iframe", "object", "video", "audio"}
    for _, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src")]
        target = attributes.get("href") or attributes.get("action")
        assert target is None or target.startswith(("/kich-hoat", "#"))
    assert len(content) < 16_384


@pytest.mark.parametrize("name", ["form", "faulty"])
def test_every_field_has_a_label_and_tells_its_fault_to_a_screen_reader(name: str) -> None:
    elements = Elements(EVERY_PAGE[name])
    ids = {attributes.get("id") for _, attributes in elements.found}
    fields = elements.all("input")
    assert [field["name"] for field in fields] == [label["for"] for label in elements.all("label")] == list(Field)
    for field in fields:
        assert field["id"] == field["name"]
        described = (field["aria-describedby"] or "").split()
        assert set(described) <= ids
        faulty = name == "faulty" and field["name"] in FAULTY.faults
        assert (field.get("aria-invalid") == "true") is faulty
        assert (f"{field['name']}-fault" in described) is faulty
    assert [field["autocomplete"] for field in fields] == ["username", "off", "new-password", "new-password"]
    assert [field["type"] for field in fields] == ["text", "text", "password", "password"]


def test_what_is_wrong_is_said_first_and_leads_to_the_field() -> None:
    elements = Elements(EVERY_PAGE["faulty"])
    assert [attributes["role"] for attributes in elements.all("div") if "role" in attributes] == ["alert"]
    assert {"href": "#password"} in elements.all("a")
    assert "Thêm từ." in elements.text
    assert elements.text.strip().startswith("Chưa xong")


def test_what_was_typed_comes_back_as_text_and_a_password_never() -> None:
    content = EVERY_PAGE["faulty"].decode()
    assert "<script" not in content
    assert "<img" not in content
    values = {field["name"]: field["value"] for field in Elements(content.encode()).all("input")}
    assert values == {"officer": HOSTILE.officer, "code": HOSTILE.code, "password": "", "again": ""}
    assert HOSTILE.password not in content
    assert HOSTILE.again not in content


def test_who_used_the_code_already_is_led_to_the_login() -> None:
    assert {"href": page.LOGIN_PATH} in Elements(EVERY_PAGE["refused"]).all("a")[:1]


def test_the_last_page_says_server_and_account_and_draws_the_way_for_the_phone() -> None:
    elements = Elements(EVERY_PAGE["done"])
    assert "https://chat.hue.gov.vn" in elements.text
    assert "an-k1" in elements.text
    assert len(elements.all("svg")) == 1
    assert [attributes["aria-label"] for attributes in elements.all("div") if attributes.get("role") == "img"] == [
        "Mã QR dẫn đến trang hướng dẫn đăng nhập này"
    ]
    assert b"width=" not in EVERY_PAGE["done"].split(b"<svg")[1].split(b">")[0]


def test_the_policy_admits_our_style_and_nothing_else() -> None:
    policy = headers()["Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", EVERY_PAGE["form"].decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    assert headers()["Cache-Control"] == "no-store"
    assert headers()["X-Frame-Options"] == "DENY"
    assert headers()["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("ink", "#ffffff"), ("soft", "#ffffff"), ("soft", "#f4f5f7"), ("bad", "#ffffff"), ("deep", "#ffffff")],
)
def test_letters_stand_out_from_their_ground(ink: str, paper: str) -> None:
    """WCAG 2.2, 1.4.6: 7 to 1, for old screens in the sun."""
    (colour,) = re.findall(rf"--{ink}: (#[0-9a-f]{{6}})", STYLE)
    brighter, darker = sorted((luminance(paper), luminance(colour)), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 7


def luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[start : start + 2], 16)) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
