"""Uploads to the real Synapse as clients make them: by POST and in two steps, disguised, infected, too large."""

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from huep.synapse_admin import PublishedDetails, PublishedPerson
from synapse_modules.media_rules import rules
from tests.clients.fake_clamd import EICAR, FOUND, FakeClamd
from tests.real.homeserver import Homeserver, synapse_database
from tests.synapse_modules.test_media_rules_kinds import picture, windows_program, zipped

MEDIA = "/_matrix/media/v3/upload"


async def upload(
    homeserver: Homeserver,
    token: str,
    content: bytes,
    kind: str = "application/pdf",
    path: str = MEDIA,
    method: str = "POST",
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    async with httpx.AsyncClient(base_url=homeserver.url, headers=headers, timeout=60) as client:
        return await client.request(method, path, params={"filename": "cong-van.pdf"}, content=content)


@pytest.fixture
def clamd(stack: Any) -> Iterator[FakeClamd]:
    yield stack.clamd
    stack.clamd.answer = None


def files_on_disk(homeserver: Homeserver) -> int:
    return sum(path.is_file() for path in homeserver.province.state.media.glob("local_content/**/*"))


DISGUISED = {
    "exe": (windows_program(), "chương trình"),
    "elf": (b"\x7fELF\x02\x01" + bytes(200), "chương trình"),
    "script": (b"#!/bin/bash\nid\n", "chương trình"),
    "zip": (zipped("bao-cao.pdf.exe"), "chương trình"),
    "exe behind noise": (os.urandom(5_000) + zipped("a.exe"), "chương trình"),
    "html": (b"<!doctype html><script>alert(1)</script>", "trang web"),
    "macro": (zipped("[Content_Types].xml", "word/vbaProject.bin", "word/document.xml"), "macro"),
}


@pytest.mark.parametrize(("content", "word"), DISGUISED.values(), ids=DISGUISED.keys())
async def test_a_disguised_file_is_refused_with_a_sentence_and_leaves_nothing(
    homeserver: Homeserver, content: bytes, word: str
) -> None:
    session = await homeserver.logged_in("an")
    before = files_on_disk(homeserver)
    refused = await upload(homeserver, session.access_token, content, "image/png")
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    assert word in refused.json()["error"]
    made = await homeserver.ask(session.access_token, "/_matrix/media/v1/create", "POST")
    server, media_id = made.json()["content_uri"].removeprefix("mxc://").split("/")
    path = f"{MEDIA}/{server}/{media_id}"
    second = await upload(homeserver, session.access_token, content, path=path, method="PUT")
    assert (second.status_code, second.json()) == (403, refused.json())
    assert files_on_disk(homeserver) == before


@pytest.mark.parametrize("content", [picture("PNG"), b"%PDF-1.7\n" + bytes(500), os.urandom(50_000)])
async def test_what_an_office_needs_is_kept_and_can_be_fetched(homeserver: Homeserver, content: bytes) -> None:
    session = await homeserver.logged_in("an")
    uri = (await upload(homeserver, session.access_token, content)).raise_for_status().json()["content_uri"]
    path = f"/_matrix/client/v1/media/download/{uri.removeprefix('mxc://')}"
    assert (await homeserver.ask(session.access_token, path)).content == content


async def test_an_infected_file_is_refused_and_kept_for_the_operator(homeserver: Homeserver, clamd: FakeClamd) -> None:
    session = await homeserver.logged_in("an")
    before = len(clamd.scanned)
    content = b"%PDF-1.7\n" + EICAR + homeserver.prefix.encode()
    refused = await upload(homeserver, session.access_token, content)
    assert (refused.status_code, refused.json()["error"]) == (403, rules.INFECTED)
    assert len(clamd.scanned) == before + 1
    findings = [json.loads(file.read_text()) for file in homeserver.province.state.quarantine.glob("*.json")]
    (mine,) = [finding for finding in findings if finding["uploader"] == homeserver.user_id("an")]
    assert mine["signature"] == FOUND


async def test_a_scanner_that_fails_refuses_and_what_looks_encrypted_is_sent_to_it(
    homeserver: Homeserver, clamd: FakeClamd
) -> None:
    session = await homeserver.logged_in("an")
    clamd.answer = "stream: Can't allocate memory ERROR"
    for content in (picture("PNG"), os.urandom(9_000)):
        refused = await upload(homeserver, session.access_token, content)
        assert (refused.status_code, refused.json()["error"]) == (503, rules.NOT_SCANNED)
    clamd.answer = None
    before = len(clamd.scanned)
    assert (await upload(homeserver, session.access_token, os.urandom(9_000))).status_code == 200
    assert clamd.scanned[before:] == [9_000]


async def test_sizes_go_by_post_and_clients_are_told(homeserver: Homeserver) -> None:
    clerk, head = await homeserver.logged_in("clerk"), await homeserver.logged_in("head")
    details = PublishedDetails("Trưởng", "TINH", ("TINH",), 0, "head", "Chủ tịch")
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name("head"), "active", details)])
    config = "/_matrix/client/v1/media/config"
    sizes = [(await homeserver.ask(who.access_token, config)).json()["m.upload.size"] for who in (clerk, head)]
    assert sizes == [2 * rules.MEGABYTE, 3 * rules.MEGABYTE]
    content = picture("PNG") + bytes(2 * rules.MEGABYTE)
    refused = await upload(homeserver, clerk.access_token, content)
    assert (refused.status_code, refused.json()["errcode"]) == (413, "M_TOO_LARGE")
    assert "2 MB" in refused.json()["error"]
    assert (await upload(homeserver, head.access_token, content)).status_code == 200


async def test_nobody_sends_more_than_a_days_amount(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    assert (await upload(homeserver, session.access_token, picture("PNG"))).status_code == 200
    with synapse_database(homeserver.province) as connection:
        connection.execute(
            "UPDATE local_media_repository SET media_length = %s WHERE user_id = %s",
            (2_000 * rules.MEGABYTE, homeserver.user_id("an")),
        )
    before = files_on_disk(homeserver)
    refused = await upload(homeserver, session.access_token, picture("PNG"))
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_USER_LIMIT_EXCEEDED")
    assert "2000 MB" in refused.json()["error"]
    assert files_on_disk(homeserver) == before


async def test_of_many_at_once_nothing_beyond_the_days_amount_is_written(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    assert (await upload(homeserver, session.access_token, picture("PNG"))).status_code == 200
    content = picture("PNG") + bytes(rules.MEGABYTE)
    with synapse_database(homeserver.province) as connection:
        connection.execute(
            "UPDATE local_media_repository SET media_length = %s WHERE user_id = %s",
            (1_997 * rules.MEGABYTE, homeserver.user_id("an")),
        )
    before = files_on_disk(homeserver)
    answers = await asyncio.gather(*(upload(homeserver, session.access_token, content) for _ in range(6)))
    kept = [answer.status_code for answer in answers].count(200)
    assert kept == 2
    assert files_on_disk(homeserver) == before + kept
