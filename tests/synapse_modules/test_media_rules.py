"""Who may upload how much of what, as tables; the section that lays it down; the quarantine."""

import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
import yaml
from synapse.config import ConfigError
from synapse.logging.context import ContextRequest, LoggingContext

from huep.errors import ConfigError as HuepConfigError
from huep.module_settings import MediaKind as Kind
from huep.settings import parse_settings
from huep.stack.synapse_config import render
from huep.state import StateFolder
from synapse_modules.colleagues import Colleague, Posts, unknown
from synapse_modules.homeserver_internals import uploads
from synapse_modules.homeserver_internals.uploads import Uploads
from synapse_modules.media_rules import rules
from synapse_modules.media_rules.clamav import Scanner
from synapse_modules.media_rules.config import MediaRulesConfig, parse
from synapse_modules.media_rules.quarantine import Finding, Quarantine
from synapse_modules.media_rules.rules import MEGABYTE, Allowance, Group, Policy
from synapse_modules.projection import RegisterStatus

HEAD = Colleague("head", RegisterStatus.ACTIVE, ("TINH", "SYT"), 1, "head", "Giám đốc")
CLERK = Colleague("clerk", RegisterStatus.ACTIVE, ("TINH", "SYT", "SYT-VP"), 2, "staff", "Chuyên viên")
WARD = Colleague("ward", RegisterStatus.ACTIVE, ("TINH", "PHUONG"), 1, "staff", "Chuyên viên")
WARD_HEAD = Colleague("ward-head", RegisterStatus.ACTIVE, ("TINH", "PHUONG"), 1, "head", "Chủ tịch")
LARGE, SMALL, SYT = Allowance(500 * MEGABYTE), Allowance(10 * MEGABYTE), Allowance(50 * MEGABYTE)
POLICY = Policy(
    services=frozenset({"tro-ly"}),
    everybody=SMALL,
    groups=(
        Group(LARGE, posts=Posts(level=1), units=frozenset({"SYT"})),
        Group(SYT, units=frozenset({"SYT"})),
    ),
)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (HEAD, LARGE),
        (CLERK, SYT),
        (WARD, SMALL),
        (WARD_HEAD, SMALL),
        (unknown("stranger"), SMALL),
        (unknown("tro-ly"), Allowance(SMALL.largest_bytes, None, frozenset(Kind))),
    ],
    ids=lambda value: value.localpart if isinstance(value, Colleague) else "",
)
def test_the_first_group_that_somebody_belongs_to_counts(who: Colleague, expected: Allowance) -> None:
    assert POLICY.allowance_of(who) == expected


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_that_is_not_for_somebody_is_refused_with_a_sentence(kind: Kind) -> None:
    assert rules.kind_refusal(kind, Allowance(kinds=frozenset({kind}))) is None
    sentence = rules.kind_refusal(kind, Allowance(kinds=frozenset()))
    assert sentence is not None and sentence.startswith("Không gửi được")


def test_an_office_sends_what_it_needs_and_no_programs() -> None:
    refused = {kind for kind in Kind if rules.kind_refusal(kind, Allowance())}
    assert refused == {Kind.PROGRAM, Kind.MACRO, Kind.PAGE, Kind.UNKNOWN}


def test_a_size_is_refused_above_the_limit_and_the_sentence_names_it() -> None:
    assert rules.size_refusal(10 * MEGABYTE, SMALL) is None
    sentence = rules.size_refusal(10 * MEGABYTE + 1, SMALL)
    assert sentence is not None and "10 MB" in sentence


def test_the_section_is_read_whole() -> None:
    assert parse(None) == MediaRulesConfig(Policy())
    config = parse(
        {
            "services": ["tro-ly"],
            "largest_mb": 10,
            "daily_mb": 100,
            "kinds": ["image", "encrypted"],
            "groups": [{"posts": {"level": 1}, "units": ["SYT"], "largest_mb": 500}],
            "clamav": "/run/clamav/clamd.ctl",
            "scan_timeout_s": 5,
            "unscanned_allowed": True,
            "quarantine": "/srv/huep/quarantine",
            "quarantine_mb": 7,
        }
    )
    assert config.policy.everybody == Allowance(10 * MEGABYTE, 100 * MEGABYTE, frozenset({Kind.IMAGE, Kind.ENCRYPTED}))
    assert config.policy.groups == (Group(Allowance(500 * MEGABYTE), Posts(level=1), frozenset({"SYT"})),)
    assert config.policy.groups[0].allowance.kinds == Allowance().kinds
    assert config.scanner == Scanner(Path("/run/clamav/clamd.ctl"), 5)
    assert config.unscanned_allowed
    assert config.quarantine == Quarantine(Path("/srv/huep/quarantine"), 7 * MEGABYTE)
    tcp = parse({"clamav": "10.0.0.9:3310"}).scanner
    assert tcp is not None and tcp.address == ("10.0.0.9", 3310)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"kind": []}, ["'kind'", "'kinds'"]),
        ({"kinds": ["images"]}, ["kinds", "'images'", "image"]),
        ({"largest_mb": 0}, ["largest_mb", "1 to"]),
        ({"daily_mb": "many"}, ["daily_mb"]),
        ({"groups": [{"largest_mb": 5}]}, ["groups[0]", "posts or units"]),
        ({"groups": [{"posts": {"level": -1}}]}, ["groups[0]", "posts or units"]),
        ({"groups": [{"unit": ["A"]}]}, ["groups[0]", "'unit'"]),
        ({"groups": {"a": 1}}, ["groups", "list"]),
        ({"clamav": "clamd.ctl"}, ["clamav", "host:port"]),
        ({"clamav": ":3310"}, ["clamav", "host:port"]),
        ({"quarantine_mb": 0}, ["quarantine_mb", "1 to"]),
        ({"unscanned_allowed": 1}, ["unscanned_allowed"]),
    ],
)
def test_a_bad_section_is_named(section: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse(section)
    assert all(word in str(error.value) for word in ["media_rules", *words])


def test_the_quarantine_keeps_one_copy_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(b"bad")
    quarantine = Quarantine(tmp_path / "q", MEGABYTE)
    assert quarantine.keep(file, Finding("Eicar", "@an:hue", 1)) == ()
    assert quarantine.keep(file, Finding("Eicar", "@binh:hue", 2)) == ()
    (first,) = [path for path in (tmp_path / "q").iterdir() if path.suffix != ".json"]
    assert first.name == hashlib.sha256(b"bad").hexdigest()
    assert first.read_bytes() == b"bad"
    assert json.loads(first.with_suffix(".json").read_text()) == {
        "signature": "Eicar",
        "uploader": "@an:hue",
        "uploaded_at_ms": 1,
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "q").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "q").stat().st_mode) == 0o700


def test_a_full_quarantine_throws_the_oldest_out_and_keeps_what_was_found(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q", 100)
    file, digests = tmp_path / "upload", []
    for number, size in enumerate((40, 40, 40, 101)):
        file.write_bytes(bytes([number]) * size)
        digests.append(hashlib.sha256(file.read_bytes()).hexdigest())
        thrown_out = quarantine.keep(file, Finding("Eicar", "@an:hue", number))
        assert thrown_out == ((digests[0],) if number == 2 else ())
        if number < 3:
            os.utime(quarantine.folder / digests[number], (number, number))
    kept = {path.name for path in quarantine.folder.iterdir()}
    assert kept == {digests[1], digests[2], *(f"{digest}.json" for digest in digests)}


def test_the_uploader_is_whoever_sent_the_request_that_is_served() -> None:
    assert Uploads().uploader() is None
    request = ContextRequest("1", "127.0.0.1", "8008", "@an:hue", "@an:hue", "POST", "/", "1.1", "")
    with LoggingContext(name="upload", server_name="hue", request=request):
        assert Uploads().uploader() == "@an:hue"
        assert Uploads().request() == "1"


def test_a_synapse_that_no_longer_says_who_uploads_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class ContextRequest:
        def __init__(self, request_id: str) -> None: ...

    monkeypatch.setattr(uploads, "ContextRequest", ContextRequest)
    with pytest.raises(ConfigError, match=r"ContextRequest\.requester"):
        Uploads()


def rendered(tmp_path: Path, **section: object) -> tuple[MediaRulesConfig, str]:
    """What the module makes of huep.toml, and Synapse's own limit."""
    state = StateFolder(tmp_path)
    settings = parse_settings({"server_name": "hue.localhost", "media": section}, state.config_file)
    content = yaml.safe_load(render(settings, state)[state.synapse / "homeserver.yaml"])
    (module,) = [item for item in content["modules"] if item["module"].endswith(".MediaRules")]
    return parse(module["config"]), content["max_upload_size"]


def test_huep_toml_reaches_the_module_whole(tmp_path: Path) -> None:
    services = frozenset({"huep", "tro-ly", "truyen-thong"})
    usual = Allowance(100 * MEGABYTE, 2_000 * MEGABYTE)
    assert rendered(tmp_path) == (MediaRulesConfig(Policy(services, usual)), "100M")
    config, largest = rendered(
        tmp_path,
        largest_mb=5,
        kinds=["image", "encrypted"],
        clamav="/run/clamd.ctl",
        unscanned_allowed=True,
        scan_timeout_s=9,
        groups=[
            {"level": 0, "largest_mb": 300, "kinds": ["program"]},
            {"units": ["SYT"], "positions": ["Bác sĩ"], "daily_mb": 7},
        ],
    )
    leaders = Group(Allowance(300 * MEGABYTE, 2_000 * MEGABYTE, frozenset({Kind.PROGRAM})), Posts(0))
    doctors = Group(Allowance(100 * MEGABYTE, 7 * MEGABYTE), Posts(-1, frozenset({"bac si"})), frozenset({"SYT"}))
    everybody = Allowance(5 * MEGABYTE, 2_000 * MEGABYTE, frozenset({Kind.IMAGE, Kind.ENCRYPTED}))
    assert config == MediaRulesConfig(
        Policy(services, everybody, (leaders, doctors)),
        Scanner(Path("/run/clamd.ctl"), 9),
        unscanned_allowed=True,
        quarantine=Quarantine(tmp_path / "synapse" / "quarantine", 1_000 * MEGABYTE),
    )
    assert largest == "300M"


def test_a_group_of_huep_toml_that_is_nobodys_is_named(tmp_path: Path) -> None:
    with pytest.raises(HuepConfigError, match=r"media\.groups\.0.*who belongs"):
        rendered(tmp_path, groups=[{"largest_mb": 5}])
