"""`huep chat` as a newcomer runs it."""

import os
import subprocess
import sys

from tests.clients.running import run_huep
from tests.conftest import Province


def test_a_person_talks_to_the_bot_from_a_terminal(stack: Province) -> None:
    person = stack.person("officer")
    localpart = person.user_id[1:].partition(":")[0]
    for who in (localpart, person.officer_code, "officer"):
        done = stack.huep("chat", "--as", who, "--send", "tôi là ai", "--send", "don vi toi")
        assert person.name in done.stdout, who
        assert "bạn ở đây" in done.stdout
        assert "mã hóa đầu cuối" in done.stdout
    assert "không mã hóa" not in done.stdout


def test_input_that_is_no_terminal_is_sent_line_by_line(stack: Province, tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "huep.cli", "chat", "--as", "officer", "--lang", "en"],
        env={**os.environ, "HUEP_STATE": str(stack.state.root)},
        input="help\n\nwho am i\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert stack.person("officer").name in done.stdout
    assert done.stdout.count("You: ") == 2


def test_an_encryption_identity_made_elsewhere_is_replaced_by_wish_alone(stack: Province, tmp_path) -> None:
    person = stack.person("hr_officer")
    first = ("chat", "--as", "hr_officer", "--send", "tôi là ai")
    assert person.name in stack.huep(*first).stdout
    elsewhere = stack.state.chat / person.user_id[1:].partition(":")[0]
    elsewhere.rename(tmp_path / "gone")
    refused = stack.huep(*first, "--wait", "10", check=False).stdout
    assert "chưa được xác minh" in refused
    assert person.name not in refused
    assert person.name in stack.huep(*first, "--new-identity").stdout
    assert person.name in stack.huep(*first).stdout


def test_an_unanswered_message_exits_one(stack: Province) -> None:
    room = stack.huep("chat", "--as", "officer", "--send", "?").stdout
    assert "Trợ lý" in room
    done = stack.huep("chat", "--as", "officer", "--send", "?", "--wait", "0", check=False)
    assert done.returncode == 1


def test_another_bot_is_talked_to_by_its_name(stack: Province) -> None:
    said = stack.huep("chat", "--as", "officer", "--bot", "broadcasts", "--send", "?").stdout
    assert "Truyền thông đã vào phòng" in said
    refused = stack.huep("chat", "--as", "officer", "--bot", "la", "--send", "?", check=False)
    assert refused.returncode == 2
    assert "assistant, broadcasts" in refused.stderr


def test_a_wrong_password_is_one_sentence(stack: Province) -> None:
    done = stack.huep(
        "chat", "--as", "khong-co-ai", "--send", "x", check=False, env={"HUEP_CHAT_PASSWORD": "wrong-and-secret"}
    )
    assert done.returncode == 1
    assert "Sai tài khoản hoặc mật khẩu" in done.stderr
    assert "wrong-and-secret" not in done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) == 1


def test_without_a_password_it_says_how_to_give_one(stack: Province) -> None:
    done = stack.huep("chat", "--as", "khong-co-ai", "--send", "x", check=False)
    assert done.returncode == 1
    assert "HUEP_CHAT_PASSWORD" in done.stderr
    assert "Traceback" not in done.stderr


def test_where_nothing_runs_it_says_so(stack: Province, tmp_path) -> None:
    state = tmp_path / "state"
    (state / "secrets").mkdir(parents=True)
    (state / "secrets" / "demo-an-password").write_text("x\n")
    (state / "huep.toml").write_text('server_name = "test.localhost"\n[synapse]\nport = 1\n')
    done = run_huep(state, "chat", "--as", "an", "--send", "x", check=False)
    assert done.returncode == 1
    assert "Không kết nối được máy chủ" in done.stderr
    assert "Traceback" not in done.stderr
