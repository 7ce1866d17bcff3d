"""Who may find and invite whom, as a table; and the section that lays it down."""

import re
from pathlib import Path

import pytest
from synapse.config import ConfigError

from huep.settings import parse_settings
from huep.stack.synapse_config import render
from huep.state import StateFolder, write_private
from synapse_modules.colleagues import Colleague, Posts, unknown
from synapse_modules.directory_rules import rules
from synapse_modules.directory_rules.cli import RulesMissing, policy_in_force
from synapse_modules.directory_rules.config import DirectoryRulesConfig, parse
from synapse_modules.directory_rules.rules import ALLOWING, SENTENCES, Policy, Reason, decide
from synapse_modules.projection import RegisterStatus

ACTIVE, LEFT = RegisterStatus.ACTIVE, RegisterStatus.LEFT
SERVICES = frozenset({"huep", "tro-ly", "truyen-thong"})
CITY, HEALTH, HEALTH_OFFICE, INSPECTORS, WARD, MINT = ("TINH",), "SYT", "SYT-VP", "SYT-TT", "PHUONG", "CA"


def somebody(name: str, *below: str, standing: str = "staff", position: str = "Chuyên viên") -> Colleague:
    return Colleague(name, ACTIVE, (*CITY, *below), len(below), standing, position)


CHAIR = somebody("chair", standing="head", position="Chủ tịch UBND thành phố")
DEPUTY_CHAIR = somebody("deputy-chair", standing="deputy", position="Phó Chủ tịch UBND thành phố")
DRIVER = somebody("driver")
DIRECTOR = somebody("director", HEALTH, standing="head", position="Giám đốc Sở")
DOCTOR = somebody("doctor", HEALTH, HEALTH_OFFICE)
NURSE = somebody("nurse", HEALTH)
INSPECTOR = somebody("inspector", HEALTH, INSPECTORS)
CHIEF_INSPECTOR = somebody("chief-inspector", HEALTH, INSPECTORS, standing="head", position="Chánh Thanh tra")
CLERK = somebody("clerk", WARD)
OFFICER = somebody("officer", MINT)
SECRETARY = somebody("secretary", WARD, position="Thư ký Lãnh đạo")
GONE = Colleague("gone", LEFT, (*CITY, WARD), 1, "staff", "Chuyên viên")
NEW = Colleague("new", ACTIVE)
BOT, STRANGER = unknown("tro-ly"), unknown("stranger")

POLICY = Policy(
    services=SERVICES,
    hidden_units=frozenset({INSPECTORS}),
    internal_units=frozenset({MINT}),
    red_list=Posts(level=0),
    red_list_reached_by=Posts(level=1, positions=frozenset({"thu ky lanh dao"})),
)
"""The province's leaders are unlisted, inspectors hidden, one unit keeps to itself."""


@pytest.mark.parametrize(
    ("asker", "other", "expected"),
    [
        (CLERK, CLERK, Reason.SELF),
        (CLERK, BOT, Reason.SERVICE),
        (BOT, CHAIR, Reason.SERVICE),
        (BOT, STRANGER, Reason.SERVICE),
        (STRANGER, CLERK, Reason.ASKER_NOT_IN_REGISTER),
        (STRANGER, GONE, Reason.ASKER_NOT_IN_REGISTER),
        (GONE, CLERK, Reason.ASKER_LEFT),
        (CLERK, STRANGER, Reason.NOT_IN_REGISTER),
        (CHAIR, STRANGER, Reason.NOT_IN_REGISTER),
        (CLERK, GONE, Reason.LEFT),
        (CHAIR, GONE, Reason.LEFT),
        # Whoever leads reaches everybody below, and nobody beside.
        (CHAIR, INSPECTOR, Reason.LEADS),
        (DEPUTY_CHAIR, OFFICER, Reason.LEADS),
        (DIRECTOR, INSPECTOR, Reason.LEADS),
        (DIRECTOR, CLERK, Reason.OPEN),
        (DIRECTOR, OFFICER, Reason.CLOSED_UNIT),
        (DRIVER, INSPECTOR, Reason.CLOSED_UNIT),
        # Wide open inside a department or ward, closed units apart.
        (NURSE, DOCTOR, Reason.SAME_UNIT),
        (DOCTOR, DIRECTOR, Reason.SAME_UNIT),
        (INSPECTOR, DOCTOR, Reason.SAME_UNIT),
        (INSPECTOR, CHIEF_INSPECTOR, Reason.SAME_UNIT),
        (DOCTOR, INSPECTOR, Reason.CLOSED_UNIT),
        (DRIVER, CHAIR, Reason.SAME_UNIT),
        # Hidden: not found from outside, and free to turn to anybody.
        (CLERK, INSPECTOR, Reason.CLOSED_UNIT),
        (CLERK, CHIEF_INSPECTOR, Reason.CLOSED_UNIT),
        (INSPECTOR, CLERK, Reason.OPEN),
        # Internal: neither way.
        (CLERK, OFFICER, Reason.CLOSED_UNIT),
        (OFFICER, CLERK, Reason.ASKER_INTERNAL),
        (OFFICER, CHAIR, Reason.ASKER_INTERNAL),
        # The red list.
        (CLERK, CHAIR, Reason.RED_LIST),
        (DOCTOR, DEPUTY_CHAIR, Reason.RED_LIST),
        (CHIEF_INSPECTOR, CHAIR, Reason.RED_LIST),
        (DIRECTOR, CHAIR, Reason.RED_LIST_REACHED),
        (SECRETARY, CHAIR, Reason.RED_LIST_REACHED),
        (NEW, CHAIR, Reason.RED_LIST),
        # Everybody else.
        (CLERK, DOCTOR, Reason.OPEN),
        (CLERK, DIRECTOR, Reason.OPEN),
        (NEW, CLERK, Reason.OPEN),
        (CLERK, NEW, Reason.OPEN),
        (CHAIR, NEW, Reason.OPEN),
    ],
    ids=lambda value: value.localpart if isinstance(value, Colleague) else value.value,
)
def test_the_first_thing_that_is_true_is_the_reason(asker: Colleague, other: Colleague, expected: Reason) -> None:
    assert decide(asker, other, POLICY) is expected


def test_a_unit_published_as_hidden_is_as_hidden_as_a_configured_one() -> None:
    published = Colleague("b", ACTIVE, (*CITY, WARD), 1, "staff", None, frozenset({WARD}))
    assert decide(NURSE, published, Policy()) is Reason.CLOSED_UNIT
    assert decide(CLERK, published, Policy()) is Reason.SAME_UNIT


def test_without_a_policy_everybody_is_open_and_the_depth_of_openness_counts_from_the_province() -> None:
    assert decide(CLERK, CHAIR, Policy()) is Reason.OPEN
    assert decide(CLERK, CHAIR, Policy(open_depth=0)) is Reason.SAME_UNIT
    assert decide(NURSE, DOCTOR, Policy(open_depth=2)) is Reason.OPEN
    assert decide(DOCTOR, INSPECTOR, Policy(open_depth=2)) is Reason.OPEN


def test_the_red_list_goes_by_position_too_however_it_is_typed() -> None:
    policy = parse({"red_list": {"positions": ["GIÁM ĐỐC  sở"]}}).policy
    assert decide(CLERK, DIRECTOR, policy) is Reason.RED_LIST
    assert decide(CLERK, CHAIR, policy) is Reason.OPEN


@pytest.mark.parametrize("reason", Reason)
def test_who_may_be_invited_may_be_found_and_every_refusal_has_one_sentence(reason: Reason) -> None:
    invited = rules.may_invite(reason)
    assert invited is (reason in ALLOWING)
    # Leaders above find the guests of a unit, and leave inviting them to it.
    assert rules.may_find(reason, Policy()) is (invited or reason is Reason.GUEST_LED)
    assert invited is (reason not in SENTENCES)
    if not invited:
        assert re.search(r"[àảãáạăâèêđìíòôơùưỳ]", SENTENCES[reason])


def test_what_must_stay_unknown_reads_like_what_does_not_exist() -> None:
    hiding = (Reason.CLOSED_UNIT, Reason.RED_LIST, Reason.LEFT, Reason.NOT_IN_REGISTER)
    assert len({SENTENCES[reason] for reason in hiding}) == 1


def test_the_red_list_may_be_found_without_being_reached() -> None:
    assert rules.may_find(Reason.RED_LIST, Policy(red_list_found=True))
    assert not rules.may_invite(Reason.RED_LIST)
    assert not rules.may_find(Reason.CLOSED_UNIT, Policy(red_list_found=True))


def test_whom_the_register_does_not_know_is_found_and_invited_by_nobody() -> None:
    assert not rules.may_invite(Reason.NOT_IN_REGISTER)
    assert not rules.may_find(Reason.NOT_IN_REGISTER, Policy())


def test_who_shares_a_room_can_write_there_whatever_else_is_refused() -> None:
    assert rules.may_message(Reason.RED_LIST, share_a_room=True)
    assert not rules.may_message(Reason.RED_LIST, share_a_room=False)
    assert rules.may_message(Reason.OPEN, share_a_room=False)


def test_the_section_is_read_whole_and_an_empty_one_is_open() -> None:
    assert parse(None).policy == Policy()
    assert parse(
        {
            "services": sorted(SERVICES),
            "open_depth": 1,
            "hidden_units": [INSPECTORS],
            "internal_units": [MINT],
            "red_list": {"level": 0},
            "red_list_found": False,
            "red_list_reached_by": {"level": 1, "positions": ["Thư ký lãnh đạo"]},
            "searches_on": ["generic-1"],
        }
    ) == DirectoryRulesConfig(POLICY, frozenset({"generic-1"}))


@pytest.mark.parametrize(
    ("searches_on", "process", "searched"),
    [
        ([], None, True),
        ([], "generic-1", False),
        (["generic-1", "generic-2"], "generic-2", True),
        (["generic-1", "generic-2"], None, False),
        (["generic-1", "generic-2"], "media", False),
    ],
)
def test_searches_arrive_in_the_workers_named_and_else_in_the_main_process(
    searches_on: list[str], process: str | None, searched: bool
) -> None:
    assert parse({"searches_on": searches_on}).is_searched_on(process) is searched


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"hidden_unit": []}, ["'hidden_unit'", "'hidden_units'"]),
        ({"hidden_units": "SYT"}, ["hidden_units", "list"]),
        ({"open_depth": -1}, ["open_depth", "0 to 9"]),
        ({"open_depth": True}, ["open_depth"]),
        ({"red_list": {"level": 10}}, ["red_list", "level", "-1 to 9"]),
        ({"red_list": {"position": []}}, ["red_list", "'position'", "'positions'"]),
        ({"red_list_found": "no"}, ["red_list_found", "true or false"]),
        ({"searches_on": "generic-1"}, ["searches_on", "list"]),
        ({"services": ["@huep:hue.localhost"]}, ["services", "not user IDs"]),
    ],
)
def test_a_bad_section_is_named(section: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse(section)
    assert all(word in str(error.value) for word in ["directory_rules", *words])


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({}, Policy(SERVICES, red_list=Posts(0), red_list_reached_by=Posts(1))),
        (
            {
                "open_depth": 2,
                "hidden_units": [INSPECTORS],
                "internal_units": [MINT],
                "red_list_level": 1,
                "red_list_positions": ["Chánh Văn phòng"],
                "red_list_found": True,
                "reaching_level": -1,
                "reaching_positions": ["Thư ký lãnh đạo"],
            },
            Policy(
                SERVICES,
                2,
                frozenset({INSPECTORS}),
                frozenset({MINT}),
                Posts(1, frozenset({"chanh van phong"})),
                red_list_found=True,
                red_list_reached_by=Posts(-1, frozenset({"thu ky lanh dao"})),
            ),
        ),
    ],
)
def test_huep_toml_reaches_the_module_whole(tmp_path: Path, section: dict[str, object], expected: Policy) -> None:
    state = StateFolder(tmp_path)
    settings = parse_settings({"server_name": "hue.localhost", "directory": section}, state.config_file)
    write_private(state.synapse / "homeserver.yaml", render(settings, state)[state.synapse / "homeserver.yaml"])
    assert policy_in_force(state) == expected


def test_a_server_without_the_module_is_not_explained(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    with pytest.raises(RulesMissing, match="huep up"):
        policy_in_force(state)
    write_private(state.synapse / "homeserver.yaml", "modules: []")
    with pytest.raises(RulesMissing, match="DirectoryRules"):
        policy_in_force(state)
