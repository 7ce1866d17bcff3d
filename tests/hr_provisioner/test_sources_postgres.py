"""A register as two views of a real PostgreSQL, read by a user who may read them and nothing else."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from hr_provisioner.cli import app
from hr_provisioner.register.register import register_of
from hr_provisioner.sources import open_configured
from hr_provisioner.sources.source import ColumnMissing, SourceEmpty, SourceUnreadable
from huep import secret_names
from huep.database import Role
from huep.errors import ConfigError
from huep.settings import Settings
from huep.state import StateFolder
from tests.conftest import Databases

PASSWORD = "reads-only-views"
PEOPLE = 300

TABLES = f"""
create schema staff;
create table staff.units (ma text primary key, ten text, loai text, cap int, cha text, tu date);
insert into staff.units values ('H57', 'UBND thành phố Huế', 'Thành phố', 0, null, '2025-01-01');
create table staff.posts (code text, name text, born date, since timestamptz, level numeric, left_on date);
insert into staff.posts
  select 'CB' || lpad(n::text, 5, '0'), 'Nguyễn Văn ' || n, '1980-12-31', '2025-02-28 20:00+00', 2.34, null
  from generate_series(1, {PEOPLE}) n;
create view staff.can_bo as
  select code "SO_HIEU", name "Họ và tên", born "Ngày sinh", 'H57' "Mã đơn vị", 'Chuyên viên' "Chức vụ", '' "Cấp",
    since "Từ ngày", 'Đang làm việc' "Tình trạng", level "Hệ số" from staff.posts;
create view staff.don_vi as
  select ma "Mã đơn vị", ten "Tên đơn vị", loai "Loại", cap "Cấp bậc", cha "Mã cấp trên", tu "Từ ngày" from staff.units;
create view staff.secret as select 1 "Mã cán bộ";
create view staff.nobody as select * from staff.can_bo where false;
create role register_reader login password '{PASSWORD}';
grant usage on schema staff to register_reader;
grant select on staff.can_bo, staff.don_vi, staff.nobody to register_reader;
"""


@pytest.fixture(scope="module")
def owner(databases: Databases) -> Iterator[psycopg.Connection]:
    """The register's own database beside HueP's."""
    with databases.engine(Role.OWNER).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("create database hr_system"))
    with psycopg.connect(
        host="127.0.0.1",
        port=databases.settings.postgres.port,
        user=Role.OWNER.value,
        password=databases.state.read_secret(Role.OWNER.secret),
        dbname="hr_system",
        autocommit=True,
    ) as connection:
        connection.execute(TABLES)
        databases.state.write_secret(secret_names.SOURCE_PASSWORD, PASSWORD)
        yield connection


def settings_of(databases: Databases, **source: object) -> Settings:
    given = {
        "kind": "postgres",
        "port": databases.settings.postgres.port,
        "database": "hr_system",
        "user": "register_reader",
        "posts_view": "staff.can_bo",
        "units_view": "staff.don_vi",
        "columns": {"posts": {"Mã cán bộ": "SO_HIEU"}},
        **source,
    }
    return Settings.model_validate({"server_name": "hue.localhost", "hr": {"source": given}})


def test_both_views_become_a_register(databases: Databases, owner: psycopg.Connection) -> None:
    source = open_configured(settings_of(databases), databases.state, None)
    register = register_of(source)
    assert (len(register.people), len(register.units), register.quarantined) == (PEOPLE, 1, ())
    first = register.people[0]
    assert (first.officer_code, first.full_name, str(first.birth_date)) == ("CB00001", "Nguyễn Văn 1", "1980-12-31")
    # 20:00 in London is the next day in Huế.
    assert str(first.posts[0].valid_from) == "2025-03-01"
    assert source.origin.name == "postgres"
    assert register.sha256 == open_configured(settings_of(databases), databases.state, None).origin.sha256


def test_the_statement_is_the_transactions_own_count_and_time(databases: Databases, owner: psycopg.Connection) -> None:
    source = open_configured(settings_of(databases), databases.state, None)
    statement = source.origin.statement
    assert (statement.rows, statement.whole) == (PEOPLE + 1, True)
    assert statement.exported_at is not None
    assert abs(statement.exported_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_units_and_posts_are_of_one_moment(databases: Databases, owner: psycopg.Connection) -> None:
    source = open_configured(settings_of(databases), databases.state, None)
    assert sum(1 for _ in source.units().rows) == 1
    owner.execute("insert into staff.posts values ('CB99999', 'Ai đó', null, now(), 1, null)")
    try:
        assert sum(1 for _ in source.posts().rows) == PEOPLE
    finally:
        owner.execute("delete from staff.posts where code = 'CB99999'")


def test_one_person_is_read_anew(databases: Databases, owner: psycopg.Connection) -> None:
    source = open_configured(settings_of(databases), databases.state, None)
    owner.execute("update staff.posts set name = 'Đổi Tên', code = ' cb00007 ' where code = 'CB00007'")
    try:
        ((_, cells),) = list(source.person("CB00007").rows)
        assert cells[1] == "Đổi Tên"
        assert list(source.person("CB0000").rows) == []
    finally:
        owner.execute("update staff.posts set name = 'Nguyễn Văn 7', code = 'CB00007' where code = ' cb00007 '")


def test_nothing_can_be_written_even_by_an_owner(databases: Databases, owner: psycopg.Connection) -> None:
    owner.execute(
        "create or replace function staff.writes() returns text language sql as "
        "$$ insert into staff.units values ('X') returning ma $$;"
        'create or replace view staff.writing as select staff.writes() "Mã cán bộ";'
    )
    settings = settings_of(databases, posts_view="staff.writing", user=Role.OWNER.value, columns={})
    state = StateFolder(databases.state.root / "as-owner")
    state.write_secret(secret_names.SOURCE_PASSWORD, databases.state.read_secret(Role.OWNER.secret))
    with pytest.raises(SourceUnreadable, match="read-only transaction"):
        open_configured(settings, state, None).posts()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"posts_view": "staff.gone"}, r'staff\.gone.*hr_system has no view "staff\.gone"'),
        ({"posts_view": "elsewhere.can_bo"}, r'has no view "elsewhere\.can_bo"'),
        ({"posts_view": "staff.secret"}, r'register_reader of the database .* may not read "staff\.secret"'),
        ({"database": "nowhere"}, r"nowhere says .*does not exist"),
        ({"port": 1}, r"127\.0\.0\.1:1/hr_system says .*refused"),
    ],
)
def test_what_is_wrong_is_said(
    databases: Databases, owner: psycopg.Connection, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(SourceUnreadable, match=says) as refusal:
        open_configured(settings_of(databases, **changes), databases.state, None).posts()
    assert PASSWORD not in str(refusal.value)


def test_a_view_that_shows_nothing_is_empty(databases: Databases, owner: psycopg.Connection) -> None:
    source = open_configured(settings_of(databases, posts_view="staff.nobody"), databases.state, None)
    with pytest.raises(SourceEmpty):
        source.posts()


def test_a_person_cannot_be_asked_for_without_a_code_column(databases: Databases, owner: psycopg.Connection) -> None:
    with pytest.raises(ColumnMissing, match="Mã cán bộ"):
        open_configured(settings_of(databases, columns={}), databases.state, None).person("CB1")


def test_a_missing_password_is_named_and_never_made_up(databases: Databases, tmp_path) -> None:
    state = StateFolder(tmp_path)
    with pytest.raises(ConfigError, match="hr-source-password is missing"):
        open_configured(settings_of(databases), state, None)
    assert not (state.secrets / secret_names.SOURCE_PASSWORD).exists()


def test_the_configured_source_can_be_inspected(
    databases: Databases, owner: psycopg.Connection, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shutil.copytree(databases.state.secrets, tmp_path / "secrets")
    (tmp_path / "huep.toml").write_text(
        f'server_name = "hue.localhost"\n[postgres]\nport = {databases.settings.postgres.port}\n'
        f'[hr.source]\nkind = "postgres"\nport = {databases.settings.postgres.port}\ndatabase = "hr_system"\n'
        'user = "register_reader"\nposts_view = "staff.can_bo"\nunits_view = "staff.don_vi"\n',
        "utf-8",
    )
    shown = CliRunner().invoke(app, ["inspect", "--state", str(tmp_path), "--lang", "en"])
    assert shown.exit_code == 1, "the code's column is not mapped yet"
    assert '"Mã cán bộ" = "SO_HIEU"' in shown.output
    assert f"states {PEOPLE + 1} rows" in shown.output
