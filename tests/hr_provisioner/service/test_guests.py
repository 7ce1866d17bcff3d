"""Guests in the lanes of the service, and sponsorships in a real database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from hr_provisioner.applying import recent
from hr_provisioner.approvals.enrolment import NotInRegister, enrol
from hr_provisioner.approvals.officers import make_card
from hr_provisioner.directory import store as directory_store
from hr_provisioner.directory.publishing import people_of
from hr_provisioner.directory.reader import read_current
from hr_provisioner.guests import rules
from hr_provisioner.guests.rules import AlreadyEnded, GuestUnknown, NotASponsor, SponsorUnknown
from hr_provisioner.guests.store import Guests
from hr_provisioner.lanes import Lanes
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.planning.guard import Counted
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.proposal import judged
from hr_provisioner.records import PersonRecord
from hr_provisioner.service import belief, hints
from hr_provisioner.service.doors import Doors
from hr_provisioner.service.leavers import NO_REGISTER, Leavers
from hr_provisioner.workplace import Workplace
from huep.clock import PROVINCE_TIMEZONE
from huep.directory.model import Standing
from huep.hr_settings import SourceKind
from tests.hr_provisioner.service.conftest import DISMISSED, NOW, TODAY, Homeserver, Tables, found, locked, record

DAY = timedelta(days=1)
BY = "Lê Nga"


def leader(code: str, **changed: date) -> PersonRecord:
    staff = record(code, **changed)
    return replace(staff, posts=tuple(replace(post, standing=Standing.HEAD) for post in staff.posts))


@pytest.fixture
def office(place: Workplace) -> Workplace:
    """Two leaders and a clerk."""
    found(place, leader("CB1"), leader("CB2"), record("CB3"))
    source = place.settings.hr.source.model_copy(update={"kind": SourceKind.REST})
    hr = place.settings.hr.model_copy(update={"source": source})
    return replace(place, settings=place.settings.model_copy(update={"hr": hr}))


def take_in(place: Workplace, sponsor: str = "CB1", ends_on: date = TODAY + 10 * DAY) -> str:
    """With an account already."""
    entry = rules.invited("Trần Thị B", "Báo Huế", "hội nghị", TODAY, ends_on, BY, today=TODAY, longest=90)
    code = Guests(place).add(entry, sponsor)
    with place.hr.begin() as connection:
        current = read_current(connection, TODAY)
        made = make_plan(NO_REGISTER, current, TODAY).actions
        directory_store.write(connection, made, place.settings.server_name)
    return code


def late(place: Workplace, code: str) -> None:
    """As a day later, without a plan in between."""
    with place.hr.begin() as connection:
        for statement in (
            "update register.guests set starts_on = :day, ends_on = :day where person_key = :key",
            "update register.people set leaves_on = :day where person_key = :key",
        ):
            connection.execute(text(statement), {"day": TODAY - DAY, "key": Guests(place).named(code).person.key})


async def test_a_dismissed_leaders_guest_is_locked_in_the_same_moment(office: Workplace) -> None:
    mine, others = take_in(office, "CB1"), take_in(office, "CB2")
    with office.hr.begin() as connection:
        hints.take_in(connection, "webhook", "CB1", NOW)
    homeserver = Homeserver()
    source = Tables({"CB1": {"Cấp": "Trưởng", **DISMISSED}})
    await Doors(office, homeserver, lambda: source, lambda: None).work_off()
    assert locked(office) == {"CB1": "dismissed", mine: "sponsorship"}
    assert others not in locked(office)


async def test_without_a_register_guests_of_yesterday_and_of_leavers_are_locked(office: Workplace) -> None:
    over, orphan, stays = take_in(office, "CB2"), take_in(office, "CB1"), take_in(office, "CB2")
    late(office, over)
    with office.hr.begin() as connection:
        connection.execute(
            text("update register.people set leaves_on = :day where officer_code = 'CB1'"), {"day": TODAY - DAY}
        )
    await Leavers(office, Homeserver(), "test").lock()
    assert locked(office) == {"CB1": "left", over: "sponsorship", orphan: "sponsorship"}
    assert stays not in locked(office)


def parked(place: Workplace) -> int:
    with place.hr.connect() as connection:
        return connection.execute(text("select count(*) from hr.plans where state = 'parked'")).scalar_one()


def many_retire(place: Workplace) -> None:
    found(place, *(record(f"NN{n}", leaves_on=TODAY - DAY) for n in range(60)))


async def test_guests_of_yesterday_and_of_leavers_are_locked_though_the_leavers_wait(office: Workplace) -> None:
    over, orphan, stays = take_in(office, "CB2"), take_in(office, "CB1"), take_in(office, "CB2")
    late(office, over)
    many_retire(office)
    with office.hr.begin() as connection:
        connection.execute(
            text("update register.people set leaves_on = :day where officer_code = 'CB1'"), {"day": TODAY - DAY}
        )
    for _ in range(3):
        await Leavers(office, Homeserver(), "test").lock()
        assert (locked(office), parked(office)) == ({over: "sponsorship", orphan: "sponsorship"}, 1)
    assert stays not in locked(office)


async def test_a_parked_register_leaves_no_guest_of_yesterday_open(office: Workplace) -> None:
    over, stays = take_in(office), take_in(office)
    late(office, over)
    many_retire(office)
    current = office.read_directory()
    proposal = judged(office, make_plan(NO_REGISTER, current, TODAY), current, {})
    lanes = Lanes(office, Homeserver(), "test", lambda *_: None)  # type: ignore[arg-type]
    report, over_limit = await lanes.run(proposal, current)
    assert over_limit is not None
    assert [action.who.officer_code for action in report.done if isinstance(action, LockAccount)] == [over]
    assert (locked(office), parked(office)) == ({over: "sponsorship"}, 1)
    assert stays not in locked(office)


@pytest.mark.parametrize("believed", [True, False])
async def test_over_the_limits_a_dismissed_leaders_guest_goes_with_them(office: Workplace, believed: bool) -> None:
    mine = take_in(office, "CB1")
    limits = office.settings.hr.limits.model_copy(update={"locks": 0, "lock_share": 0.0})
    hr = office.settings.hr.model_copy(update={"limits": limits})
    strict = replace(office, settings=office.settings.model_copy(update={"hr": hr}))
    with strict.hr.begin() as connection:
        hints.take_in(connection, "webhook", "CB1", NOW)
        belief.note(connection, SourceKind.REST, held=not believed, now=NOW)
    source = Tables({"CB1": {"Cấp": "Trưởng", **DISMISSED}})
    await Doors(strict, Homeserver(), lambda: source, lambda: None).work_off()
    assert locked(strict) == {"CB1": "dismissed", mine: "sponsorship"}


async def test_who_is_extended_is_not_locked_for_an_old_day_in_the_directory(office: Workplace) -> None:
    code = take_in(office)
    with office.hr.begin() as connection:
        connection.execute(
            text("update register.people set leaves_on = :day where officer_code = :code"),
            {"day": TODAY - DAY, "code": code},
        )
    await Leavers(office, Homeserver(), "test").lock()
    assert locked(office) == {}


async def test_the_limits_of_24_hours_count_no_guests(office: Workplace) -> None:
    for _ in range(3):
        late(office, take_in(office))
    await Leavers(office, Homeserver(), "test").lock()
    assert len(locked(office)) == 3
    with office.hr.connect() as connection:
        assert recent.read_recent(connection, NOW + timedelta(seconds=1)).count(Counted.LOCKS) == 0


def test_synapse_is_told_who_sponsors_a_guest_and_until_when(office: Workplace) -> None:
    code = take_in(office)
    current = office.read_directory()
    told = {one.localpart: one for one in people_of(current, {}, TODAY)}
    guest, sponsor = current.by_code[code], current.by_code["CB1"]
    assert guest.account is not None
    assert sponsor.account is not None
    row = told[guest.account.localpart]
    assert row.details is not None
    assert (row.status, row.details.sponsor, row.details.units) == ("active", sponsor.account.localpart, ("TTH",))
    assert (row.details.unit, row.details.standing, row.details.position) == (None, None, "Khách, Báo Huế")
    assert row.details.until is not None
    until = row.details.until.astimezone(PROVINCE_TIMEZONE)
    assert (until.date(), until.hour, until.minute) == (TODAY + 11 * DAY, 0, 0)
    Guests(office).end(code, by=BY)
    told = {one.localpart: one for one in people_of(office.read_directory(), {}, TODAY)}
    assert told[guest.account.localpart].status == "left"
    assert told[sponsor.account.localpart].details.sponsor is None  # type: ignore[union-attr]


def test_sponsorships_are_kept_extended_handed_on_and_ended(office: Workplace) -> None:
    guests = Guests(office)
    code = take_in(office)
    extended = guests.extend(code.lower(), TODAY + 20 * DAY, by=BY)
    assert extended.guest.ends_on == extended.person.facts.leaves_on == TODAY + 20 * DAY
    assert guests.extend(code, TODAY + 30 * DAY, by=BY, sponsor_code="cb2").guest.sponsor.officer_code == "CB2"
    ended = guests.end(code, by=BY)
    assert ended.guest.ended_on == TODAY
    assert ended.guest.last_day == ended.person.facts.leaves_on == TODAY - DAY
    with pytest.raises(AlreadyEnded):
        guests.end(code, by=BY)
    back = guests.extend(code, TODAY, by=BY)
    assert (back.guest.ended_on, back.guest.last_day) == (None, TODAY)
    assert [one.code for one in guests.everybody()] == [code]


def test_nobody_but_a_leader_of_the_register_sponsors_and_nobody_but_a_guest_is_ended(office: Workplace) -> None:
    code = take_in(office)
    for sponsor, refusal in (("CB3", NotASponsor), ("CB9", SponsorUnknown), (code, SponsorUnknown)):
        with pytest.raises(refusal):
            take_in(office, sponsor)
    for unknown in ("CB1", "K-XXXXXX"):
        with pytest.raises(GuestUnknown):
            Guests(office).end(unknown, by=BY)


def test_a_guest_is_enrolled_to_approve_nothing(office: Workplace) -> None:
    code, server_name = take_in(office), office.settings.server_name
    card = make_card(Ed25519PrivateKey.generate(), server_name, code, "Trần Thị B", NOW)
    with office.hr.begin() as connection, pytest.raises(NotInRegister):
        enrol(connection, office.audit, card, server_name=server_name, actor=BY, now=NOW)
