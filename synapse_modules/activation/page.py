"""The pages as HTML: no script, nothing from elsewhere, one request each. Also the headers that they are sent with."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from synapse_modules.activation.rules import LONGEST_FIELD, Field, Form, Refusal

PAGE_PATH = "/kich-hoat"
LOGIN_PATH = f"{PAGE_PATH}/dang-nhap"
RECOVERY_PATH = f"{PAGE_PATH}/khoa-khoi-phuc"

QR_MODULE_PX = 5
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Notice:
    """What is wrong, above the form and at its fields."""

    refusal: Refusal | None = None
    sentence: str = ""
    faults: Mapping[Field, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    """How to make the password stronger."""


@dataclass(frozen=True)
class Pages:
    """The pages of one homeserver."""

    public_url: str
    """What people type into Element, without a slash at its end."""
    minimum_length: int

    def form(self, form: Form, notice: Notice | None = None) -> bytes:
        """The form; what was typed stands there again, save for the passwords."""
        return self._render(
            "form.html",
            form=form,
            notice=notice or Notice(),
            field=Field,
            longest=LONGEST_FIELD,
            used=notice is not None and notice.refusal is Refusal.USED,
        )

    def done(self, localpart: str) -> bytes:
        """The password is set: how to log in."""
        return self._render("login.html", localpart=localpart, done=True)

    def login(self, localpart: str | None) -> bytes:
        """How to log in, for whoever comes back or scans the code with their phone."""
        return self._render("login.html", localpart=localpart, done=False)

    def recovery(self) -> bytes:
        """What to do without the recovery key."""
        return self._render("recovery.html")

    def lost(self) -> bytes:
        """There is no such page."""
        return self._render("lost.html")

    def _render(self, template: str, **values: object) -> bytes:
        return (
            _templates()
            .get_template(template)
            .render(
                public_url=self.public_url,
                page_path=PAGE_PATH,
                login_path=LOGIN_PATH,
                recovery_path=RECOVERY_PATH,
                minimum_length=self.minimum_length,
                style=Markup(_style()),  # noqa: S704 - our own file
                qr=_qr,
                **values,
            )
            .encode()
        )


@cache
def headers() -> Mapping[str, str]:
    """What every page is sent with."""
    # The hash admits the one style sheet, which stands in the page itself.
    style = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = (
        "default-src 'none'",
        f"style-src 'sha256-{style}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": "vi",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "; ".join(policy),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        # Not `no-referrer`: browsers would then send the form with the origin `null`.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
    }


def _qr(text: str) -> Markup:
    # Made by segno out of digits and letters of its own; `text` is nowhere in it.
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        scale=QR_MODULE_PX, border=4, light="#fff", svgclass=None, lineclass=None, omitsize=True
    )
    return Markup(drawing)  # noqa: S704


@cache
def _style() -> str:
    return (_HERE / "style.css").read_text("utf-8")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
