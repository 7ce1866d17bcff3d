"""Mail as a source of news, from a server that speaks IMAP over TLS."""

import time
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from bots.broadcasts.news.model import NewsNotAnnounced
from huep.news_settings import MailboxSettings
from tests.bots.broadcasts.news.conftest import Desk, MakeDesk
from tests.clients.imap_server import ImapServer, imap_server

SENDER = "van-thu@hue.gov.vn"


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ImapServer]:
    async with imap_server(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running


def mail(subject: str = "Lịch cắt điện", text: str = "Từ 8 giờ.", number: int = 1, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = headers.pop("From", f"Văn thư <{SENDER}>")
    made["Subject"] = subject
    made["Message-ID"] = f"<{number}@hue.gov.vn>"
    made["Date"] = headers.pop("Date", "Mon, 15 Jun 2026 08:00:00 +0700")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def source(server: ImapServer, **settings: Any) -> MailboxSettings:
    declared = {"unit": "SNV", "audience": "toàn sở", "host": "localhost", "port": server.port, "user": server.user}
    return MailboxSettings(**{**declared, "senders": [SENDER], **settings})


def desk_for(desk_of: MakeDesk, mailbox: MailboxSettings, server: ImapServer) -> Desk:
    desk = desk_of(mailbox=mailbox)
    desk.secrets["news-mail"] = server.password
    return desk


def error_of(desk: Desk) -> str:
    with desk.tools.engine.connect() as connection:
        return desk.room.intake.store.state_of(connection, "mail").error or ""


async def test_a_mail_of_an_allowed_sender_waits_for_approval_and_is_seen(
    desk_of: MakeDesk, server: ImapServer
) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    number = server.gets(mail().as_bytes())
    await desk.room.look(mailbox)
    (draft,) = desk.announced
    assert draft.content.body == "Lịch cắt điện\n\nTừ 8 giờ."
    assert (draft.author.unit_code, draft.origin) == ("SNV", "mail")
    assert desk.approvers == [desk.directory.named("giam-doc").key]
    assert server.seen == {number}


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "ai-do@hue.gov.vn"},
        {"From": f"{SENDER}.evil.example"},
        {"From": f'"{SENDER}" <ke-gian@evil.example>'},
        {"From": f"{SENDER}, ke-gian@evil.example"},
        {"Auto_Submitted": "auto-replied"},
    ],
)
async def test_mail_of_others_and_of_machines_is_passed_over(
    desk_of: MakeDesk, server: ImapServer, headers: dict[str, str]
) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    number = server.gets(mail(**headers).as_bytes())
    await desk.room.look(mailbox)
    assert (desk.announced, server.seen) == ([], {number})
    assert server.fetched == [(number, "HEADER")], "nothing else of it is looked at"


@pytest.mark.parametrize(
    "raw",
    [
        f"From: ke-gian@evil.example\nFrom: {SENDER}\nSubject: x\n\ny",
        f"From: {SENDER}\n",
        "",
        "\0\0\0",
        f"From: {SENDER}\nContent-Type: multipart/mixed; boundary=x\n\n" + "--x\nContent-Type: multipart/mixed\n" * 999,
        f"From: {SENDER}\nSubject: =?x?q?=??=\nDate: 99 Juni\nContent-Type: text/plain; charset=cp99999\n\n\xff",
        f"From: {SENDER}\nSubject: ok\nMessage-ID: <<<\nContent-Transfer-Encoding: base64\n\n!!!!",
    ],
)
async def test_mails_that_nobody_wrote_by_hand_stop_nothing(desk_of: MakeDesk, server: ImapServer, raw: str) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    server.gets(raw)
    server.gets(mail("Sau đó").as_bytes())
    await desk.room.look(mailbox)
    assert desk.titles[-1] == "Sau đó"
    assert server.seen == set(server.mails)
    assert error_of(desk) == ""


LONG = "a," * 40_000


@pytest.mark.parametrize(
    "raw",
    [
        f"From: {LONG}{SENDER}\n\nx",
        f"From: {SENDER}\nSubject: {LONG}\n\nx",
        f"From: {SENDER}\nContent-Type: text/plain{';a=b' * 20_000}\n\nx",
        f"From: {SENDER}\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain{';a=b' * 20_000}\n\nx",
        "From: a@b.vn\n" * 30_000 + "\nx",
        f"From: {SENDER}\n" + "X-A: b\n" * 20_000 + f"From: {SENDER}\n\nx",
    ],
)
async def test_headers_longer_than_mails_have_are_passed_over_at_once(
    desk_of: MakeDesk, server: ImapServer, raw: str
) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    number = server.gets(raw)
    begun = time.process_time()
    await desk.room.look(mailbox)
    assert time.process_time() - begun < 1
    assert (desk.announced, server.seen) == ([], {number})


def nested(levels: int) -> str:
    opened = "".join(f"Content-Type: multipart/mixed;boundary=b{level}\n\n--b{level}\n" for level in range(levels))
    return f"From: {SENDER}\nSubject: x\n{opened}\nSơ tán"


@pytest.mark.parametrize(
    "raw",
    [
        nested(200) + "\n" * 480_000,
        nested(200).replace("multipart", "(x) multipart") + "\n" * 480_000,
        f"From: {SENDER}\nContent-Type: text/plain; charset=punycode\n\n-" + "b" * 480_000,
        f"From: {SENDER}\nContent-Type: text/plain; charset=Puny-Code\n\n-" + "b" * 480_000,
    ],
)
async def test_what_is_made_to_take_long_does_not(desk_of: MakeDesk, server: ImapServer, raw: str) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    number = server.gets(raw)
    begun = time.process_time()
    await desk.room.look(mailbox)
    assert time.process_time() - begun < 3
    assert server.seen == {number}


async def test_a_forwarded_mail_with_parts_within_parts_is_read(desk_of: MakeDesk, server: ImapServer) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    server.gets(nested(5))
    await desk.room.look(mailbox)
    assert desk.announced[0].content.body == "x\n\nSơ tán"


async def test_halves_of_characters_are_left_out(desk_of: MakeDesk, server: ImapServer) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    server.gets(f"From: {SENDER}\nSubject: A\nContent-Type: text/plain; charset=utf-7\n\nB+2AA-")
    await desk.room.look(mailbox)
    assert desk.announced[0].content.body == "A\n\nB"


async def test_headers_that_nobody_reads_may_be_long(desk_of: MakeDesk, server: ImapServer) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    server.gets(mail(X_Antispam="a " * 20_000).as_bytes())
    await desk.room.look(mailbox)
    assert desk.titles == ["Lịch cắt điện"]


async def test_formatted_mail_keeps_its_few_tags_and_loses_its_attachments(
    desk_of: MakeDesk, server: ImapServer
) -> None:
    made = mail()
    made.add_alternative("<html><body><p>Từ <b>8 giờ</b><img src='https://track.example/x'></p></body></html>", "html")
    made.add_attachment(b"%PDF", "application", "pdf", filename="a.pdf")
    server.gets(made.as_bytes())
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    await desk.room.look(mailbox)
    (draft,) = desk.announced
    assert draft.content.html == "<p><strong>Lịch cắt điện</strong></p><p>Từ <b>8 giờ</b></p>"
    assert draft.content.files == ()


async def test_a_mail_that_comes_twice_is_announced_once(desk_of: MakeDesk, server: ImapServer) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    server.gets(mail().as_bytes())
    server.gets(mail("khác").as_bytes())
    await desk.room.look(mailbox)
    assert desk.titles == ["Lịch cắt điện"]


async def test_who_dies_before_a_mail_is_marked_does_not_announce_it_again(
    desk_of: MakeDesk, server: ImapServer
) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    server.gets(mail().as_bytes())
    server.hangs_up_at = "UID STORE"
    await desk.room.look(mailbox)
    assert (desk.titles, server.seen) == (["Lịch cắt điện"], set())
    assert "localhost" in error_of(desk)
    server.hangs_up_at = None
    desk.clock.moves_to(desk.clock().replace(hour=23))
    await desk.room.look(mailbox)
    assert (desk.titles, len(server.seen), error_of(desk)) == (["Lịch cắt điện"], 1, "")


async def test_what_cannot_be_announced_now_stays_unseen(desk_of: MakeDesk, server: ImapServer) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    server.gets(mail().as_bytes())
    desk.refuses.append(NewsNotAnnounced("not now"))
    await desk.room.look(mailbox)
    assert (desk.titles, server.seen, error_of(desk)) == ([], set(), "not now")


async def test_of_a_long_mail_the_beginning_is_read(desk_of: MakeDesk, server: ImapServer) -> None:
    mailbox = source(server, max_bytes=10_000)
    desk = desk_for(desk_of, mailbox, server)
    server.gets(mail(text="ữ" * 5_000).as_bytes())
    await desk.room.look(mailbox)
    (draft,) = desk.announced
    assert 1_000 < draft.content.body.count("ữ") < 4_000


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"password": "another"}, "does not let tin"),
        ({"folder": "Khac"}, "does not let tin"),
        ({"refuses": "UID SEARCH"}, "does not do as IMAP says"),
        ({"hangs_up_at": "UID SEARCH"}, "localhost"),
    ],
)
async def test_a_server_that_refuses_is_named_without_the_password(
    desk_of: MakeDesk, server: ImapServer, fault: dict[str, str], said: str
) -> None:
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    for name, value in fault.items():
        setattr(server, name, value)
    await desk.room.look(mailbox)
    assert said in error_of(desk)
    assert desk.secrets["news-mail"] not in error_of(desk)


async def test_the_certificate_must_be_of_a_known_authority(
    desk_of: MakeDesk, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    mailbox = source(server)
    desk = desk_for(desk_of, mailbox, server)
    await desk.room.look(mailbox)
    assert "SSLCertVerificationError" in error_of(desk)
    assert server.said == []


async def test_the_certificate_must_be_of_the_servers_name(
    desk_of: MakeDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with imap_server(tmp_path, name="mail.example") as other:
        monkeypatch.setenv("SSL_CERT_FILE", str(other.authority))
        mailbox = source(other)
        desk = desk_for(desk_of, mailbox, other)
        await desk.room.look(mailbox)
        assert "SSLCertVerificationError" in error_of(desk)
        assert other.said == []


async def test_without_a_password_it_is_said_where_it_belongs(desk_of: MakeDesk, server: ImapServer) -> None:
    mailbox = source(server)
    desk = desk_of(mailbox=mailbox)
    await desk.room.look(mailbox)
    assert "secrets/news-mail" in error_of(desk)
    assert server.said == []
