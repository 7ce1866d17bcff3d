"""The activation page on the real Synapse: by HTTP as somebody who tries, and in Chromium as somebody with a phone."""

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from huep.activation_code import hash_code, new_code
from huep.synapse_admin import PublishedDetails, PublishedPerson, SynapseAdmin, SynapseRefused
from tests.clients import browser
from tests.conftest import Province
from tests.real.homeserver import LOCK, PASSWORD, Homeserver, synapse_database
from tests.real.test_codes import hash_in_synapse, printed, restore_password

OWN = "thuyen giay banh beo 71"
"""A password that somebody thought of."""


def officer_code(homeserver: Homeserver, stem: str) -> str:
    return f"{stem}{homeserver.prefix}".upper()


async def published(
    homeserver: Homeserver, stem: str, code: str | None, *, status: str = "active", valid: timedelta = timedelta(days=1)
) -> None:
    """Tell Synapse of a person with this code, or none."""
    details = PublishedDetails(
        full_name="Nguyễn Văn An",
        unit=None,
        units=(),
        level=None,
        standing=None,
        position=None,
        officer_code=officer_code(homeserver, stem),
        code_hash=hash_code(code) if code else None,
        code_expires_at=datetime.now(UTC) + valid if code else None,
    )
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name(stem), status, details)])


async def with_code(homeserver: Homeserver, stem: str) -> str:
    """An account without a password, and the code for it."""
    await homeserver.person(stem)
    code = new_code()
    await published(homeserver, stem, code)
    return code


@dataclass
class Visitor:
    """Somebody at an address of their own."""

    url: str
    address: str = field(default_factory=lambda: f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1")

    async def sends(self, officer: str, code: str, password: str = OWN, **headers: str) -> httpx.Response:
        fields = {"officer": officer, "code": code, "password": password, "again": password}
        async with httpx.AsyncClient(base_url=self.url, timeout=60) as client:
            return await client.post("/kich-hoat", data=fields, headers={"X-Forwarded-For": self.address, **headers})

    async def logs_in(self, localpart: str, password: str = OWN) -> str:
        async with SynapseAdmin(self.url) as anyone:
            return (await anyone.log_in(localpart, password, "test")).access_token


async def test_the_code_gives_a_password_and_leaves_the_devices_logged_in(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    code = new_code()
    await published(homeserver, "an", code)
    visitor = Visitor(homeserver.url)
    done = await visitor.sends(officer_code(homeserver, "an").lower(), code.replace("-", " ").lower())
    assert done.status_code == 200, done.text
    assert "Đã đặt mật khẩu" in done.text
    assert homeserver.name("an") in done.text
    await visitor.logs_in(homeserver.name("an"))
    with pytest.raises(SynapseRefused):
        await visitor.logs_in(homeserver.name("an"), PASSWORD)
    kept = await homeserver.ask(session.access_token, "/_matrix/client/v3/account/whoami")
    assert (kept.status_code, kept.json()["device_id"]) == (200, session.device_id)


async def test_of_ten_at_once_one_sets_the_password(homeserver: Homeserver) -> None:
    code = await with_code(homeserver, "an")
    visitor = Visitor(homeserver.url)
    passwords = [f"{OWN} lan {number}" for number in range(10)]
    answers = await asyncio.gather(
        *(visitor.sends(officer_code(homeserver, "an"), code, password) for password in passwords)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 9
    won = next(index for index, answer in enumerate(answers) if answer.status_code == 200)
    await visitor.logs_in(homeserver.name("an"), passwords[won])
    assert all("đã được dùng" in answer.text for answer in answers if answer.status_code == 403)
    again = await visitor.sends(officer_code(homeserver, "an"), code, f"{OWN} lan nua")
    assert again.status_code == 403
    with synapse_database(homeserver.province) as connection:
        query = "SELECT count(*) FROM huep_redeemed_codes WHERE localpart = %s"
        assert connection.execute(query, (homeserver.name("an"),)).fetchone() == (1,)


async def test_a_code_opens_nothing_but_its_own_account_while_it_holds(homeserver: Homeserver) -> None:
    code = await with_code(homeserver, "an")
    await with_code(homeserver, "binh")
    visitor = Visitor(homeserver.url)
    attempts = {
        "of another person": (officer_code(homeserver, "binh"), code),
        "of nobody": ("CB-NOBODY", code),
        "wrong": (officer_code(homeserver, "an"), new_code()),
        "no code at all": (officer_code(homeserver, "an"), "' OR 1=1 --"),
    }
    for name, (officer, typed) in attempts.items():
        answer = await visitor.sends(officer, typed)
        assert (answer.status_code, "không đúng" in answer.text) == (403, True), name
    await published(homeserver, "an", None)
    assert (await visitor.sends(officer_code(homeserver, "an"), code)).status_code == 403, "revoked"
    await published(homeserver, "an", code, valid=-timedelta(minutes=1))
    assert "quá hạn" in (await visitor.sends(officer_code(homeserver, "an"), code)).text
    await published(homeserver, "an", code, status="left")
    assert "phòng tổ chức cán bộ" in (await visitor.sends(officer_code(homeserver, "an"), code)).text
    await published(homeserver, "an", code)
    await homeserver.act(LOCK, "an")
    assert "phòng tổ chức cán bộ" in (await visitor.sends(officer_code(homeserver, "an"), code)).text
    with pytest.raises(SynapseRefused):
        await visitor.logs_in(homeserver.name("an"))


async def test_the_service_account_has_no_activation(homeserver: Homeserver) -> None:
    service = homeserver.province.settings.accounts.service
    code = new_code()
    details = PublishedDetails(
        "Ai Đó", None, (), None, None, None, hash_code(code), datetime.now(UTC) + timedelta(days=1), "DICHVU"
    )
    await homeserver.admin.publish_people([PublishedPerson(service, "active", details)])
    try:
        for officer in ("DICHVU", service):
            assert (await Visitor(homeserver.url).sends(officer, code)).status_code == 403
    finally:
        with synapse_database(homeserver.province) as connection:
            connection.execute("DELETE FROM huep_people WHERE localpart = %s", (service,))


async def test_guessing_is_stopped_for_the_person_and_not_for_the_office(homeserver: Homeserver) -> None:
    code = await with_code(homeserver, "an")
    other = await with_code(homeserver, "binh")
    visitor = Visitor(homeserver.url)
    answers = [await visitor.sends(officer_code(homeserver, "an"), new_code()) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 2
    elsewhere = await Visitor(homeserver.url).sends(officer_code(homeserver, "an"), code)
    assert elsewhere.status_code == 429
    assert int(elsewhere.headers["Retry-After"]) > 3000
    assert (await visitor.sends(officer_code(homeserver, "binh"), other)).status_code == 200


async def test_a_weak_password_is_refused_with_hints_and_the_code_still_works(homeserver: Homeserver) -> None:
    code = await with_code(homeserver, "an")
    visitor = Visitor(homeserver.url)
    for weak in ("matkhau2026", "Nguyễn Văn An", officer_code(homeserver, "an")):
        answer = await visitor.sends(officer_code(homeserver, "an"), code, weak)
        assert (answer.status_code, "dễ đoán" in answer.text) == (400, True), weak
        assert "Thêm một hai từ" in answer.text
    assert (await visitor.sends(officer_code(homeserver, "an"), code)).status_code == 200


async def test_a_password_that_is_changed_in_element_must_be_as_hard_to_guess(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    path = "/_matrix/client/v3/account/password"
    auth = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": session.user_id},
        "password": PASSWORD,
    }
    for weak in ("matkhau2026", homeserver.name("an"), "a" * 73):
        for body in ({"new_password": weak, "auth": auth}, {"new_password": weak}):
            refused = await homeserver.ask(session.access_token, path, "POST", json=body)
            assert (refused.status_code, refused.json()["errcode"]) == (400, "M_WEAK_PASSWORD"), refused.text
            assert "Mật khẩu" in refused.json()["error"]
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as anyone:
        assert (await anyone.post(path, json={"new_password": OWN})).status_code == 401
    visitor = Visitor(homeserver.url)
    await visitor.logs_in(homeserver.name("an"), PASSWORD)
    changed = await homeserver.ask(session.access_token, path, "POST", json={"new_password": OWN, "auth": auth})
    assert changed.status_code == 200, changed.text
    await visitor.logs_in(homeserver.name("an"), OWN)


async def test_a_form_of_another_site_and_a_frame_are_refused(homeserver: Homeserver) -> None:
    code = await with_code(homeserver, "an")
    visitor = Visitor(homeserver.url)
    for headers in ({"Origin": "https://evil.vn"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await visitor.sends(officer_code(homeserver, "an"), code, OWN, **headers)
        assert (answer.status_code, "từ một trang khác" in answer.text) == (403, True)
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as client:
        page = await client.get("/kich-hoat")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in page.headers
    assert "Set-Cookie" not in page.headers


def test_from_the_slip_to_the_list_of_who_has_used_theirs(stack: Province, tmp_path: Path) -> None:
    person = stack.person("mover")
    stack.huep("hr", "codes", "issue", "--code", person.officer_code, "--out", str(tmp_path / "slips"))
    slip = printed(tmp_path / "slips")
    (code,) = [word for word in slip.split() if re.fullmatch(r"\w{4}-\w{4}-\w{4}", word)]
    try:
        done = asyncio.run(Visitor(stack.url).sends(person.officer_code, code))
        assert done.status_code == 200, done.text
        listed = stack.huep("hr", "codes", "list", "--lang", "en").stdout
        assert "used 1" in listed, listed
        assert hash_in_synapse(stack, person.user_id) is None
        audited = [line for line in stack.huep("audit", "export").stdout.splitlines() if '"code.redeem"' in line]
        assert len([line for line in audited if f'"{person.officer_code}"' in line]) == 1
        logs = "".join(path.read_text("utf-8", "replace") for path in stack.state.logs.rglob("*") if path.is_file())
        assert code not in logs
        assert OWN not in logs
    finally:
        restore_password(stack, person.user_id, person.password)


@pytest.mark.skipif(browser.EXECUTABLE is None, reason="there is no Chromium (Debian: apt-get install chromium)")
async def test_somebody_with_a_small_phone_sets_their_password(homeserver: Homeserver, tmp_path: Path) -> None:
    code = await with_code(homeserver, "an")
    async with browser.phone() as phone:
        page = await phone.new_page()
        elsewhere: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: elsewhere.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        await page.goto(f"{homeserver.url}/kich-hoat?account={homeserver.name('an')}")
        assert await page.get_by_label("Mã cán bộ").input_value() == homeserver.name("an")

        # A first try, wrong in two ways, by keyboard alone.
        await page.get_by_label("Mã cán bộ").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.type(code.replace("-", "").lower())
        await page.keyboard.press("Tab")
        await page.keyboard.type("matkhau2026")
        await page.keyboard.press("Tab")
        await page.keyboard.type("matkhau2026")
        await page.keyboard.press("Enter")
        await page.get_by_role("alert").wait_for()
        await page.screenshot(path=tmp_path / "weak.png", full_page=True)
        assert "dễ đoán" in await page.get_by_role("alert").inner_text()
        assert await page.get_by_label("Mật khẩu mới", exact=True).input_value() == ""
        assert await page.title() == "Chưa xong: Đặt mật khẩu · HueP"
        await page.get_by_role("alert").get_by_role("link").click()

        for label in ("Mật khẩu mới", "Nhập lại mật khẩu mới"):
            await page.get_by_label(label, exact=True).fill(OWN)
        await page.screenshot(path=tmp_path / "form.png", full_page=True)
        await page.get_by_role("button", name="Đặt mật khẩu").click()
        await page.get_by_role("heading", name="Đã đặt mật khẩu").wait_for()
        await page.screenshot(path=tmp_path / "done.png", full_page=True)
        assert homeserver.name("an") in await page.inner_text("main")
        qr = await page.get_by_role("img").bounding_box()
        assert qr is not None and qr["width"] >= 160

        for name in ("Cách đăng nhập", "Mất khóa khôi phục"):
            await page.get_by_role("link", name=name, exact=True).click()
            await page.get_by_role("heading", level=1).wait_for()
        assert {httpx.URL(url).host for url in elsewhere} == {"127.0.0.1"}
        assert [words for words in complaints if "status of 400" not in words] == [], (
            "the policy forbids nothing of ours"
        )
    await Visitor(homeserver.url).logs_in(homeserver.name("an"))


@pytest.mark.skipif(browser.EXECUTABLE is None, reason="there is no Chromium (Debian: apt-get install chromium)")
@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_nothing_sticks_out_and_every_field_is_large_enough_for_a_thumb(
    homeserver: Homeserver, width: int
) -> None:
    async with browser.phone() as phone:
        page = await phone.new_page()
        await page.set_viewport_size({"width": width, "height": 640})
        for path in (
            "/kich-hoat",
            "/kich-hoat/dang-nhap?account=nguyen-thi-thuy-duong-hoang-k12",
            "/kich-hoat/khoa-khoi-phuc",
        ):
            await page.goto(f"{homeserver.url}{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        await page.goto(f"{homeserver.url}/kich-hoat")
        for field_ in await page.locator("input, button").all():
            box = await field_.bounding_box()
            assert box is not None and box["height"] >= 44 and box["width"] >= 200
