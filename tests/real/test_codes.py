"""Activation codes and one person's data, by the commands that an HR officer types."""

import json
import stat
from pathlib import Path

import httpx
import psycopg
import pypdf

from huep.activation_code import matches
from huep.database import SYNAPSE_DATABASE, Role, database_url
from huep.names import localpart_of
from tests.conftest import Province


def printed(folder: Path) -> str:
    (file,) = folder.iterdir()
    return "".join(page.extract_text() for page in pypdf.PdfReader(file).pages)


def hash_in_synapse(stack: Province, user_id: str) -> str | None:
    url = database_url(stack.settings, stack.state, Role.SYNAPSE, SYNAPSE_DATABASE).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        query = "select code_hash from huep_people where localpart = %s"
        (found,) = connection.execute(query, [localpart_of(user_id)]).fetchone() or (None,)
    return found


def test_a_slip_is_issued_listed_revoked_and_never_logged(stack: Province, tmp_path: Path) -> None:
    person = stack.person("mover")
    done = stack.huep("hr", "codes", "issue", "--code", person.officer_code, "--out", str(tmp_path / "a"))
    slip = printed(tmp_path / "a")
    assert person.name in slip
    assert stack.settings.public_url in slip
    (code,) = [word for word in slip.split() if len(word) == 14 and word.count("-") == 2]
    known = hash_in_synapse(stack, person.user_id)
    assert known is not None
    assert matches(code, known)
    audited = stack.huep("audit", "export").stdout
    assert "code.issue" in audited
    logs = "".join(path.read_text("utf-8", "replace") for path in stack.state.logs.rglob("*") if path.is_file())
    assert not [text for text in (done.stdout, done.stderr, audited, logs) if code in text]
    listed = stack.huep("hr", "codes", "list", "--lang", "en").stdout
    assert "waiting 1" in listed
    assert "1 unused" in stack.huep("hr", "codes", "revoke", "--code", person.officer_code, "--lang", "en").stdout
    assert hash_in_synapse(stack, person.user_id) is None


def test_a_code_for_two_ways_at_once_or_none_is_refused(stack: Province, tmp_path: Path) -> None:
    for arguments in ((), ("--all-new", "--code", "X"), ("--stolen", "--all-new")):
        done = stack.huep("hr", "codes", "issue", "--out", str(tmp_path), *arguments, check=False)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_after_a_theft_every_session_ends_and_the_old_password_with_it(stack: Province, tmp_path: Path) -> None:
    person = stack.person("mover")
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": person.user_id},
        "password": person.password,
    }
    with httpx.Client(base_url=stack.url, timeout=60) as client:
        token = client.post("/_matrix/client/v3/login", json=login).json()["access_token"]
        whoami = {"headers": {"Authorization": f"Bearer {token}"}}
        stack.huep("hr", "codes", "issue", "--code", person.officer_code, "--out", str(tmp_path / "kept"))
        assert client.get("/_matrix/client/v3/account/whoami", **whoami).status_code == 200
        issue = ("hr", "codes", "issue", "--code", person.officer_code, "--stolen", "--out", str(tmp_path / "stolen"))
        try:
            stack.huep(*issue)
            assert client.get("/_matrix/client/v3/account/whoami", **whoami).status_code == 401
            assert client.post("/_matrix/client/v3/login", json=login).status_code == 403
        finally:
            restore_password(stack, person.user_id, person.password)


def restore_password(stack: Province, user_id: str, password: str) -> None:
    """The province is shared: the next test logs this person in as before."""
    headers = {"Authorization": f"Bearer {stack.state.read_secret('synapse-admin-token')}"}
    answer = httpx.post(
        f"{stack.url}/_synapse/admin/v1/reset_password/{user_id}",
        headers=headers,
        json={"new_password": password, "logout_devices": False},
        timeout=60,
    )
    assert answer.status_code == 200


def test_one_persons_data_goes_into_a_file_of_their_own(stack: Province, tmp_path: Path) -> None:
    person = stack.person("leaver")
    file = tmp_path / "person.json"
    stack.huep("hr", "person", person.officer_code, "--export", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = json.loads(file.read_text("utf-8"))["held"]
    assert held["register.people"][0]["full_name"] == person.name
    assert held["register.accounts"][0]["user_id"] == person.user_id
    assert held["register.posts"]
    assert held["audit.entries"]
    again = stack.huep("hr", "person", person.officer_code, "--export", str(file), check=False)
    assert again.returncode != 0
