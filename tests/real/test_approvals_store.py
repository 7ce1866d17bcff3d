"""Officers, approvals and parked plans in a real database, and the commands that officers and operators use."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from hr_provisioner.advisory import exclusively
from hr_provisioner.applying import journal, recent
from hr_provisioner.applying.journal import Deed, Outcome
from hr_provisioner.approvals import enrolment, plan_store, waiting
from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.enrolment import (
    AlreadyFounded,
    CardTooOld,
    KeyTaken,
    NameDiffers,
    NotEnrolled,
    NotInRegister,
    NotSignedIn,
    OfficersLocked,
    TooFewFounders,
)
from hr_provisioner.approvals.officers import Card, make_card, standing_officers
from hr_provisioner.approvals.plan_store import ContentAltered
from hr_provisioner.approvals.prefix import Ambiguous, NotWaiting
from hr_provisioner.approvals.signatures import AlreadySigned, NotAnOfficer, is_approved
from hr_provisioner.approvals.signing import (
    Altered,
    Approval,
    Expired,
    ForAnotherServer,
    Matter,
    Statement,
    WrongKey,
    sign,
)
from hr_provisioner.cli import app
from hr_provisioner.current import Current, PersonFacts
from hr_provisioner.planning.actions import Action, CreateAccount, LockAccount, LockReason, RenameAccount, Subject
from hr_provisioner.planning.guard import Counted, Trip
from hr_provisioner.planning.identity import KEY_NAMESPACE
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.plan import Plan, PlanKind
from hr_provisioner.snapshots import store as snapshot_store
from hr_provisioner.snapshots import stored_messages
from huep import audit
from huep.catalogue import Message
from huep.database import Role
from tests.conftest import Databases

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
HOURS = 72
TRIPS = (Trip(Counted.LOCKS, 26, 25), Trip(Counted.LOCKS, 7, 6, "SNV"))
FACTS = PersonFacts("Lê Thị Thử", date(1980, 1, 2), None, None, None, None)


@dataclass
class Office:
    """The provisioner's database with some officers, each with a key."""

    hr: Engine
    audit: Engine
    server_name: str
    keys: dict[str, Ed25519PrivateKey]

    def card(self, code: str, name: str = "Lê Thị Thử", made_at: datetime = NOW) -> Card:
        """A card under a new key."""
        key = Ed25519PrivateKey.generate()
        self.keys[code] = key
        return make_card(key, self.server_name, code, name, made_at)

    def found(self, *codes: str, now: datetime = NOW) -> None:
        cards = [self.card(code) for code in codes]
        with self.hr.begin() as connection:
            enrolment.found(connection, self.audit, cards, server_name=self.server_name, actor="operator", now=now)

    def signed(
        self, officer: str, matter: Matter, sha256: str, now: datetime = NOW, server_name: str | None = None
    ) -> Approval:
        expires_at = now + timedelta(hours=HOURS)
        said = Statement(server_name or self.server_name, matter, sha256, officer, now, expires_at)
        return sign(said, self.keys[officer])

    def hand_in(self, approval: Approval, now: datetime = NOW) -> None:
        with self.hr.begin() as connection:
            waiting.hand_in(
                connection,
                self.audit,
                approval,
                server_name=self.server_name,
                hours=HOURS,
                actor="operator",
                now=now,
            )

    def enrol(self, card: Card, *officers: str, now: datetime = NOW) -> None:
        for officer in officers:
            self.hand_in(self.signed(officer, Matter.OFFICER, card.sha256, now), now)
        with self.hr.begin() as connection:
            enrolment.enrol(connection, self.audit, card, server_name=self.server_name, actor="operator", now=now)

    def remove(self, code: str, *officers: str, now: datetime = NOW) -> None:
        with self.hr.connect() as connection:
            sha256 = enrolment.find(connection, code).removal.sha256
        for officer in officers:
            self.hand_in(self.signed(officer, Matter.REMOVE_OFFICER, sha256, now), now)
        with self.hr.begin() as connection:
            enrolment.remove(connection, self.audit, code, server_name=self.server_name, actor="operator", now=now)

    def park(self, plan: Plan, now: datetime = NOW, snapshot_id: UUID | None = None) -> bool:
        with self.hr.begin() as connection:
            return plan_store.park(
                connection, self.audit, plan, TRIPS, actor="operator", now=now, hours=HOURS, snapshot_id=snapshot_id
            )

    def accept(self, exported_at: datetime, sha256: str, source: str = "files", state: str = "accepted") -> UUID:
        """A snapshot as it is kept, and what follows from it."""
        snapshot_id = uuid4()
        self.do(
            "insert into hr.snapshots (snapshot_id, source, sha256, exported_at, received_at, rows, people, units, "
            "quarantined_rows, state, reasons, shape, decided_at) values (:id, :source, :sha256, :at, :at, 1, 1, 1, 0, "
            ":state, :reasons, '{}', :at)",
            id=snapshot_id,
            source=source,
            sha256=sha256,
            at=exported_at,
            state=state,
            reasons=stored_messages.to_json([Message("parked-first")] if state == "parked" else []),
        )
        with self.hr.begin() as connection:
            plan_store.withdraw_overtaken(connection, self.audit, actor="huep hr")
        return snapshot_id

    def approved(self, plan: Plan, now: datetime = NOW) -> bool:
        with self.hr.connect() as connection:
            return is_approved(connection, self.server_name, Matter.PLAN, plan.sha256, now)

    def standing(self, now: datetime = NOW) -> set[str]:
        with self.hr.connect() as connection:
            return set(standing_officers(connection, now))

    def do(self, statement: str, **values: object) -> None:
        with self.hr.begin() as connection:
            connection.execute(text(statement), values)

    def acts(self) -> list[audit.Entry]:
        with self.hr.connect() as connection:
            return list(audit.read(connection))


@pytest.fixture
def office(databases: Databases) -> Iterator[Office]:
    engines = databases.engine(Role.HR), databases.engine(Role.AUDIT)
    opened = Office(*engines, databases.settings.server_name, {})
    opened.do("delete from hr.approvals")
    opened.do("delete from hr.officers")
    opened.do("delete from hr.plans")
    opened.do("delete from hr.run_actions")
    opened.do("delete from hr.runs")
    opened.do("delete from hr.quarantine")
    opened.do("delete from hr.snapshots")
    yield opened
    for engine in engines:
        engine.dispose()


@contextmanager
def in_register(
    office: Office, code: str, name: str, *, locked: bool = False, leaves_on: date | None = None, owner: str = "hr"
):
    """A person of the register under `code`, gone again afterwards; `owner` laid the lock."""
    key = uuid5(KEY_NAMESPACE, code)
    office.do(
        "insert into register.people (person_key, officer_code, full_name, folded_name, leaves_on) "
        "values (:key, :code, :name, :name, :leaves_on)",
        key=key,
        code=code,
        name=name,
        leaves_on=leaves_on,
    )
    office.do(
        "insert into register.accounts (person_key, user_id, display_name, locked, lock_owner) "
        "values (:key, :user, :name, :locked, :owner)",
        key=key,
        user=f"@{code.lower()}:test",
        name=name,
        locked=locked,
        owner=owner if locked else None,
    )
    try:
        yield
    finally:
        office.do("delete from register.accounts where person_key = :key", key=key)
        office.do("delete from register.people where person_key = :key", key=key)


def who(number: int, unit: str = "SNV") -> Subject:
    return Subject(uuid5(KEY_NAMESPACE, f"P{number}"), f"P{number}", f"Người {number}", unit)


def locks(count: int, reason: LockReason = LockReason.LEFT, first: int = 0) -> list[Action]:
    return [LockAccount(who(n), f"nguoi-{n}", TODAY, reason=reason) for n in range(first, first + count)]


def plan(actions: Sequence[Action], kind: PlanKind = PlanKind.REGISTER) -> Plan:
    return Plan(TODAY, "0" * 64, uuid4().hex * 2, 300, 0, 300, tuple(actions), LeftAlone(), kind=kind)


# Founding and enrolment


def test_the_first_officers_begin_together_and_once(office: Office) -> None:
    with pytest.raises(TooFewFounders):
        office.found("CB-1")
    with pytest.raises(TooFewFounders):
        office.found("CB-1", "CB-1")
    office.found("CB-1", "CB-2")
    assert office.standing() == {"CB-1", "CB-2"}
    assert [act.subject for act in office.acts()[-2:]] == ["CB-1", "CB-2"]
    assert {act.act for act in office.acts()[-2:]} == {"officer.found"}
    with pytest.raises(AlreadyFounded):
        office.found("CB-8", "CB-9")


def test_two_founders_cannot_share_a_key(office: Office) -> None:
    one = office.card("CB-1")
    other = make_card(office.keys["CB-1"], office.server_name, "CB-2", "Lê Thị Hai", NOW)
    with pytest.raises(TooFewFounders), office.hr.begin() as connection:
        enrolment.found(
            connection, office.audit, [one, other], server_name=office.server_name, actor="operator", now=NOW
        )


@contextmanager
def all_in_register(office: Office, *codes: str) -> Iterator[None]:
    with ExitStack() as stack:
        for code in codes:
            stack.enter_context(in_register(office, code, "Lê Thị Thử"))
        yield


def test_a_beginning_is_open_again_only_when_the_register_leaves_fewer_than_two(office: Office) -> None:
    office.found("CB-1", "CB-2")
    later = NOW + timedelta(days=1)
    with in_register(office, "CB-2", "Lê Thị Thử", locked=True), all_in_register(office, "CB-3", "CB-4"):
        assert office.standing() == {"CB-1"}
        office.found("CB-3", "CB-4", now=later)
        assert office.standing(later) == {"CB-3", "CB-4"}
    assert json.loads(office.acts()[-1].details)["before"] == ["CB-1", "CB-2"]


def test_whoever_may_lock_cannot_found_officers_of_their_own(office: Office) -> None:
    office.found("CB-1", "CB-2")
    with (
        in_register(office, "CB-2", "Lê Thị Thử", locked=True, owner="@boss:test"),
        all_in_register(office, "CB-3", "CB-4"),
        pytest.raises(OfficersLocked, match="CB-2"),
    ):
        office.found("CB-3", "CB-4", now=NOW + timedelta(days=1))


def test_a_code_in_other_letters_is_the_same_officer(office: Office) -> None:
    with pytest.raises(TooFewFounders):
        office.found("CB-1", "cb-1")
    office.found("cb-1", "CB-2")
    assert office.standing() == {"CB-1", "CB-2"}


def test_a_code_that_the_register_does_not_know_is_no_officers_once_there_are_people(office: Office) -> None:
    with in_register(office, "CB-1", "Lê Thị Thử"):
        with pytest.raises(NotInRegister, match="CB-2"):
            office.found("CB-1", "CB-2")
        with in_register(office, "CB-2", "Lê Thị Thử"):
            office.found("CB-1", "CB-2")
        with pytest.raises(NotInRegister, match="CB-3"):
            office.enrol(office.card("CB-3"), "CB-1", "CB-2")


@pytest.mark.parametrize(("made_at", "refusal"), [(NOW, CardTooOld), (NOW + timedelta(days=2), KeyTaken)])
def test_a_removed_officer_is_founded_anew_only_with_a_new_key(
    office: Office, made_at: datetime, refusal: type[Exception]
) -> None:
    office.found("CB-1", "CB-2", "CB-3")
    office.remove("CB-3", "CB-1", "CB-2")
    old_key = office.keys["CB-3"]
    cards = [office.card(code, made_at=NOW + timedelta(days=2)) for code in ("CB-1", "CB-4")]
    again = make_card(old_key, office.server_name, "CB-3", "Lê Thị Thử", made_at)
    if refusal is CardTooOld:
        again = office.card("CB-3", made_at=made_at)
    with (
        in_register(office, "CB-2", "Lê Thị Thử", locked=True),
        all_in_register(office, "CB-1", "CB-3", "CB-4"),
        pytest.raises(refusal),
        office.hr.begin() as connection,
    ):
        enrolment.found(
            connection,
            office.audit,
            [*cards, again],
            server_name=office.server_name,
            actor="operator",
            now=NOW + timedelta(days=3),
        )
    assert office.standing() == {"CB-1", "CB-2"}


def test_a_new_officer_needs_two_signatures_over_code_name_and_key(office: Office) -> None:
    office.found("CB-1", "CB-2")
    card = office.card("CB-3")
    with pytest.raises(NotSignedIn):
        office.enrol(card)
    with pytest.raises(NotSignedIn):
        office.enrol(card, "CB-1")
    with pytest.raises(NotSignedIn):
        office.enrol(replace(card, full_name="Người khác"), "CB-2")
    office.enrol(card, "CB-2")
    assert office.standing() == {"CB-1", "CB-2", "CB-3"}
    assert office.acts()[-1].act == "officer.enrol"
    with office.hr.connect() as connection:
        assert enrolment.find(connection, "CB-3").enrolled_by == ("CB-1", "CB-2")


def test_nobody_signs_themselves_in(office: Office) -> None:
    office.found("CB-1", "CB-2")
    card = office.card("CB-3")
    with pytest.raises(NotEnrolled):
        office.enrol(card, "CB-1", "CB-3")


def test_an_officer_cannot_have_a_second_code_under_the_same_key(office: Office) -> None:
    office.found("CB-1", "CB-2")
    again = make_card(office.keys["CB-1"], office.server_name, "CB-3", "Lê Thị Thử", NOW)
    with pytest.raises(KeyTaken):
        office.enrol(again, "CB-1", "CB-2")


def test_a_name_that_the_register_does_not_give_this_code_is_refused(office: Office) -> None:
    office.found("CB-1", "CB-2")
    with in_register(office, "CB-3", "Trần Văn Khác"), pytest.raises(NameDiffers):
        office.enrol(office.card("CB-3"), "CB-1", "CB-2")


def test_a_new_key_is_signed_by_two_and_the_old_key_may_be_one_of_them(office: Office) -> None:
    office.found("CB-1", "CB-2")
    old = office.keys["CB-1"]
    proposal = plan(locks(26))
    office.park(proposal)
    office.hand_in(office.signed("CB-1", Matter.PLAN, proposal.sha256))
    card = office.card("CB-1", made_at=NOW + timedelta(hours=1))
    new, office.keys["CB-1"] = office.keys["CB-1"], old
    later = NOW + timedelta(hours=2)
    office.enrol(card, "CB-1", "CB-2", now=later)
    office.keys["CB-1"] = new
    # What the old key signed counts no longer, and the new one may sign once.
    office.hand_in(office.signed("CB-2", Matter.PLAN, proposal.sha256, later), later)
    assert not office.approved(proposal, later)
    office.hand_in(office.signed("CB-1", Matter.PLAN, proposal.sha256, later), later)
    assert office.approved(proposal, later)


def test_an_old_key_never_comes_back_with_its_old_signatures(office: Office) -> None:
    office.found("CB-1", "CB-2")
    first = office.card("CB-3")
    office.enrol(first, "CB-1", "CB-2")
    second = office.card("CB-3", made_at=NOW + timedelta(hours=1))
    office.enrol(second, "CB-1", "CB-2", now=NOW + timedelta(hours=2))
    with pytest.raises(CardTooOld):
        office.enrol(first, now=NOW + timedelta(hours=3))


def test_an_officer_is_removed_by_two_others_and_two_must_remain(office: Office) -> None:
    office.found("CB-1", "CB-2", "CB-3")
    with pytest.raises(NotSignedIn):
        office.remove("CB-3", "CB-3", "CB-1")
    office.remove("CB-3", "CB-2")
    assert office.standing() == {"CB-1", "CB-2"}
    assert office.acts()[-1].act == "officer.remove"
    with pytest.raises(NotEnrolled):
        office.remove("CB-3")


def test_the_last_two_cannot_remove_each_other(office: Office) -> None:
    office.found("CB-1", "CB-2", "CB-3")
    with in_register(office, "CB-3", "Lê Thị Thử", locked=True), pytest.raises(NotSignedIn):
        office.remove("CB-2", "CB-1", "CB-2")
    assert office.standing() == {"CB-1", "CB-2", "CB-3"}


# Approvals


def test_two_officers_let_a_plan_through_and_one_does_not(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal = plan(locks(26))
    assert office.park(proposal)
    assert not office.approved(proposal)
    office.hand_in(office.signed("CB-1", Matter.PLAN, proposal.sha256))
    assert not office.approved(proposal)
    with pytest.raises(AlreadySigned):
        office.hand_in(office.signed("CB-1", Matter.PLAN, proposal.sha256, NOW + timedelta(seconds=1)))
    assert not office.approved(proposal)
    office.hand_in(office.signed("CB-2", Matter.PLAN, proposal.sha256))
    assert office.approved(proposal)
    acts = office.acts()[-3:]
    assert [act.act for act in acts] == ["plan.park", "plan.approve", "plan.approve"]
    assert [act.actor for act in acts] == ["operator", "CB-1", "CB-2"]


def test_a_signature_for_something_else_does_not_count(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal, other = plan(locks(26)), plan(locks(27))
    office.park(proposal)
    with pytest.raises(NotWaiting):
        office.hand_in(office.signed("CB-1", Matter.PLAN, other.sha256))
    with pytest.raises(Expired):
        office.hand_in(office.signed("CB-1", Matter.SNAPSHOT, proposal.sha256))
    with pytest.raises(ForAnotherServer):
        office.hand_in(office.signed("CB-1", Matter.PLAN, proposal.sha256, server_name="khac.test"))


def test_a_strangers_or_a_forged_signature_is_refused(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal = plan(locks(26))
    office.park(proposal)
    enrolled = office.keys["CB-1"]
    office.card("CB-1")
    with pytest.raises(WrongKey):
        office.hand_in(office.signed("CB-1", Matter.PLAN, proposal.sha256))
    forged = replace(
        office.signed("CB-1", Matter.PLAN, proposal.sha256), public_key=make_card(enrolled, "", "", "", NOW).public_key
    )
    with pytest.raises(Altered):
        office.hand_in(forged)
    office.card("CB-7")
    with pytest.raises(NotAnOfficer), office.hr.begin() as connection:
        approvals.add(
            connection,
            office.audit,
            office.signed("CB-7", Matter.PLAN, proposal.sha256),
            server_name=office.server_name,
            actor="operator",
            now=NOW,
        )


@pytest.mark.parametrize(
    "tampering",
    [
        "update hr.approvals set statement = replace(statement, '2026-03-13', '2026-03-23') where officer = 'CB-2'",
        "update hr.approvals set signature = 'AAAA' where officer = 'CB-2'",
        "update hr.approvals set subject_hash = repeat('cd', 32) where officer = 'CB-2'",
        "update hr.officers set removed_at = now() where officer = 'CB-2'",
        "update hr.officers set public_key = 'AAAA' where officer = 'CB-2'",
    ],
)
def test_signatures_are_verified_again_whenever_they_count(office: Office, tampering: str) -> None:
    office.found("CB-1", "CB-2")
    proposal = plan(locks(26))
    office.park(proposal)
    for officer in ("CB-1", "CB-2"):
        office.hand_in(office.signed(officer, Matter.PLAN, proposal.sha256))
    assert office.approved(proposal)
    office.do(tampering)
    assert not office.approved(proposal)


def test_copying_a_signature_to_another_officer_makes_no_second_one(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal = plan(locks(26))
    office.park(proposal)
    office.hand_in(office.signed("CB-1", Matter.PLAN, proposal.sha256))
    office.do(
        "insert into hr.approvals select subject, subject_hash, 'CB-2', statement, signature, signed_at, expires_at "
        "from hr.approvals"
    )
    assert not office.approved(proposal)


def test_a_signature_moved_to_another_plan_does_not_count_there(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal, other = plan(locks(26)), plan(locks(27))
    office.park(proposal)
    office.park(other)
    office.hand_in(office.signed("CB-1", Matter.PLAN, proposal.sha256))
    office.hand_in(office.signed("CB-2", Matter.PLAN, other.sha256))
    office.do(
        "update hr.approvals set subject_hash = :here where officer = 'CB-2'",
        here=proposal.sha256,
    )
    assert not office.approved(proposal)


def test_an_officer_who_is_locked_or_has_left_does_not_count_any_more(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal = plan(locks(26))
    office.park(proposal)
    for officer in ("CB-1", "CB-2"):
        office.hand_in(office.signed(officer, Matter.PLAN, proposal.sha256))
    with in_register(office, "CB-2", "Lê Thị Thử"):
        assert office.approved(proposal)
    with in_register(office, "CB-2", "Lê Thị Thử", locked=True):
        assert not office.approved(proposal)
    with in_register(office, "CB-2", "Lê Thị Thử", leaves_on=TODAY - timedelta(days=1)):
        assert not office.approved(proposal)
    assert office.approved(proposal)


def test_an_approval_is_over_when_its_time_is(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal = plan(locks(26))
    office.park(proposal)
    for officer in ("CB-1", "CB-2"):
        office.hand_in(office.signed(officer, Matter.PLAN, proposal.sha256))
    over = NOW + timedelta(hours=HOURS)
    assert office.approved(proposal, over - timedelta(seconds=1))
    assert not office.approved(proposal, over)


# Parked plans


def test_a_parked_plan_is_loaded_exactly_as_it_was(office: Office) -> None:
    proposal = plan([*locks(26), RenameAccount(who(99), "nguoi-99", "Trước", "Sau")], PlanKind.UNDO)
    assert office.park(proposal)
    assert not office.park(proposal, NOW + timedelta(hours=1))
    with office.hr.connect() as connection:
        (parked,) = plan_store.parked(connection, NOW)
        assert (parked.sha256, parked.kind, parked.trips) == (proposal.sha256, PlanKind.UNDO, TRIPS)
        assert parked.expires_at == NOW + timedelta(hours=HOURS)
        assert plan_store.load(connection, proposal.sha256) == proposal
        assert plan_store.find(connection, proposal.sha256[:6].upper(), NOW).sha256 == proposal.sha256
        with pytest.raises(Ambiguous):
            plan_store.find(connection, proposal.sha256[:5], NOW)
        with pytest.raises(NotWaiting):
            plan_store.find(connection, "f" * 12 if proposal.sha256[0] != "f" else "e" * 12, NOW)


def test_a_stored_plan_that_was_changed_is_not_loaded(office: Office) -> None:
    one, other = plan(locks(26)), plan(locks(27))
    office.park(one)
    office.park(other)
    office.do(
        "update hr.plans set content = (select content from hr.plans where plan_hash = :other) where plan_hash = :one",
        one=one.sha256,
        other=other.sha256,
    )
    with office.hr.connect() as connection, pytest.raises(ContentAltered):
        plan_store.load(connection, one.sha256)


def test_approved_plans_cover_a_single_person_until_done_withdrawn_or_expired(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal = plan(locks(200))
    (lock,) = locks(1, first=150)

    def covers(now: datetime = NOW) -> bool:
        with office.hr.connect() as connection:
            plans = plan_store.approved_plans(connection, office.server_name, now)
            return any(lock in approved.actions for approved in plans)

    office.park(proposal)
    assert not covers()
    for officer in ("CB-1", "CB-2"):
        office.hand_in(office.signed(officer, Matter.PLAN, proposal.sha256))
    assert covers()
    assert not covers(NOW + timedelta(hours=HOURS))
    with office.hr.begin() as connection:
        plan_store.mark_done(connection, proposal.sha256)
    assert not covers()


def test_a_plan_withdrawn_and_parked_anew_needs_new_signatures(office: Office) -> None:
    office.found("CB-1", "CB-2")
    proposal = plan(locks(26))
    office.park(proposal)
    old = [office.signed(officer, Matter.PLAN, proposal.sha256) for officer in ("CB-1", "CB-2")]
    for approval in old:
        office.hand_in(approval)
    with office.hr.begin() as connection:
        plan_store.withdraw(connection, office.audit, proposal.sha256, actor="operator")
    assert not office.approved(proposal)
    again = NOW + timedelta(hours=5)
    assert office.park(proposal, again)
    with pytest.raises(Expired):
        office.hand_in(old[0], again)
    assert not office.approved(proposal, again)


def test_a_plan_of_a_register_that_was_overtaken_is_never_signed_nor_carried_out(office: Office) -> None:
    office.found("CB-1", "CB-2")
    wrong = office.accept(NOW, "aa" * 32)
    proposal, undo = plan(locks(26)), plan(locks(30), PlanKind.UNDO)
    office.park(proposal, snapshot_id=wrong)
    office.park(undo)
    for one in (proposal, undo):
        office.hand_in(office.signed("CB-1", Matter.PLAN, one.sha256))
    office.accept(NOW + timedelta(hours=1), "aa" * 32)
    office.accept(NOW + timedelta(hours=1), "cc" * 32, source="rest")
    office.accept(NOW + timedelta(hours=1), "cc" * 32, state="parked")
    late = office.signed("CB-2", Matter.PLAN, proposal.sha256)
    office.hand_in(late)
    with office.hr.connect() as connection:
        assert [one.sha256 for one in plan_store.approved(connection, office.server_name, NOW)] == [proposal.sha256]

    office.accept(NOW + timedelta(hours=2), "bb" * 32)
    assert (office.acts()[-1].act, office.acts()[-1].subject) == ("plan.overtaken", proposal.sha256)
    with pytest.raises(NotWaiting):
        office.hand_in(office.signed("CB-2", Matter.PLAN, proposal.sha256))
    office.hand_in(office.signed("CB-2", Matter.PLAN, undo.sha256))
    # Parked late, or an entry that nobody withdrew: it is overtaken all the same.
    office.do("update hr.plans set state = 'parked'")
    with office.hr.connect() as connection:
        assert [one.sha256 for one in plan_store.parked(connection, NOW)] == [undo.sha256]
        assert [one.sha256 for one in plan_store.approved(connection, office.server_name, NOW)] == [undo.sha256]
        with pytest.raises(NotWaiting):
            plan_store.find(connection, proposal.sha256[:12], NOW)


def test_what_waited_too_long_ends_and_its_personal_data_goes(office: Office) -> None:
    proposal = plan(locks(26))
    office.park(proposal)
    with office.hr.begin() as connection:
        over = NOW + timedelta(hours=HOURS)
        assert plan_store.expire(connection, office.audit, now=over, keep_days=30) == 1
        assert plan_store.parked(connection, over) == ()
        assert plan_store.load(connection, proposal.sha256) == proposal
        plan_store.expire(connection, office.audit, now=NOW + timedelta(days=31), keep_days=30)
        with pytest.raises(NotWaiting):
            plan_store.load(connection, proposal.sha256)
    assert office.acts()[-1].act == "plan.expire"


# What ran in the last day


def run(
    office: Office,
    actions: Sequence[Action],
    at: datetime = NOW,
    kind: PlanKind = PlanKind.REGISTER,
    **options: object,
) -> None:
    proposal = plan(actions, kind)
    if (register := options.pop("register", None)) is not None:
        proposal = replace(proposal, register_sha256=register)
    settle = options.pop("settle", True)
    with office.hr.begin() as connection:
        (run_id,) = journal.begin(connection, [proposal], "operator", at, **options)
        if settle:
            deeds = [Deed(run_id, proposal.sha256, number, action) for number, action in enumerate(actions)]
            journal.note(connection, [Outcome(deed) for deed in deeds], at)
            journal.finish(connection, [run_id], at)


def read(office: Office, now: datetime = NOW + timedelta(hours=1)) -> recent.Recent:
    with office.hr.connect() as connection:
        return recent.read_recent(connection, now)


def test_what_ran_unapproved_in_the_last_day_is_counted_by_kind_and_unit(office: Office) -> None:
    run(office, [*locks(3), *locks(2, LockReason.DISMISSED, 10), LockAccount(who(20, "SYT"), "nguoi-20", TODAY)])
    run(office, [RenameAccount(who(1), "nguoi-1", "Trước", "Sau")], NOW - timedelta(hours=22))
    found = read(office)
    assert found.counts == {Counted.LOCKS: 6, Counted.RENAMES: 1}
    assert found.locks_by_unit == {"SNV": 5, "SYT": 1}
    assert found.dismissals == 2
    assert read(office, NOW + timedelta(hours=25)).counts == {}


def test_approved_runs_and_repairs_of_the_homeserver_are_not_counted(office: Office) -> None:
    run(office, locks(30), approved=True)
    run(office, [replace(lock, again=True) for lock in locks(30)])
    run(office, [RenameAccount(who(1), "nguoi-1", "Sau", "Sau")])
    assert read(office).counts == {}


def test_what_a_cut_off_run_left_undone_is_not_counted_twice(office: Office) -> None:
    run(office, locks(20), settle=False)
    with office.hr.connect() as connection:
        assert recent.read_recent(connection, NOW, beside_apply=True).counts == {}


def test_the_fast_lane_counts_what_an_apply_at_work_has_yet_to_do(office: Office) -> None:
    run(office, locks(20), settle=False)
    with exclusively(office.hr), office.hr.connect() as connection:
        assert recent.read_recent(connection, NOW, beside_apply=True).counts == {Counted.LOCKS: 20}
        assert recent.read_recent(connection, NOW).counts == {}


def test_every_lane_counts_what_the_fast_lane_is_about_to_do(office: Office) -> None:
    run(office, locks(4), kind=PlanKind.PERSON, settle=False)
    assert read(office, NOW + timedelta(seconds=5)).counts == {Counted.LOCKS: 4}
    assert read(office, NOW + timedelta(minutes=6)).counts == {}


def test_accounts_of_the_founding_are_not_counted_and_those_of_later_registers_are(office: Office) -> None:
    create = CreateAccount(who(1), "nguoi-1", "Người 1", FACTS, ())
    first, later = "aa" * 32, "bb" * 32
    with office.hr.connect() as connection:
        assert recent.is_founding(connection, Current((), ()), first)
    for number, sha256 in enumerate((first, later)):
        office.do(
            "insert into hr.snapshots (snapshot_id, source, sha256, exported_at, received_at, rows, people, units, "
            "quarantined_rows, state, reasons, decided_at) "
            "values (:id, 'files', :sha256, :at, :at, 1, 1, 1, 0, 'accepted', '[]', :at)",
            id=uuid4(),
            sha256=sha256,
            at=NOW - timedelta(days=2 - number),
        )
    run(office, [create] * 5, register=first)
    run(office, [create] * 2, register=later)
    assert read(office).counts == {Counted.CREATES: 2}


# The commands


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "passphrase").write_text("một câu dài để nhớ\n", "utf-8")
    return tmp_path


@dataclass(frozen=True)
class Screen:
    """Runs `huep hr` as somebody would: with a state folder at the server, without one on an officer's machine."""

    desk: Path
    state: Path

    def here(self, *arguments: str) -> Result:
        return self._run(*arguments, HUEP_STATE=str(self.desk / "nothing"))

    def server(self, *arguments: str) -> Result:
        return self._run(*arguments, HUEP_STATE=str(self.state))

    def _run(self, *arguments: str, **around: str) -> Result:
        passphrase = str(self.desk / "passphrase")
        env = {"COLUMNS": "250", "HUEP_LANG": "en", "HUEP_OFFICER_PASSPHRASE_FILE": passphrase, **around}
        return CliRunner().invoke(app, list(arguments), env=env)


@pytest.fixture
def screen(desk: Path, databases: Databases) -> Screen:
    return Screen(desk, databases.state.root)


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def make_officers(screen: Screen, office: Office, *codes: str) -> None:
    for code in codes:
        path = screen.desk / f"{code}.key"
        name = f"Lê Thị {code}"
        done(
            screen.here(
                "officers", "key", "--code", code, "--name", name, "--server", office.server_name, "--out", str(path)
            )
        )


def test_officers_approve_a_plan_on_their_own_machines(screen: Screen, office: Office) -> None:
    make_officers(screen, office, "CB-1", "CB-2", "CB-3")
    desk = screen.desk
    done(screen.server("officers", "found", str(desk / "CB-1.pub"), str(desk / "CB-2.pub")))
    proposal = plan(locks(26))
    office.park(proposal, datetime.now(UTC))
    listed = done(screen.server("parked"))
    assert proposal.sha256[:12] in listed
    assert "26 accounts locked in 24 hours (limit 25)" in listed
    request = desk / "request.json"
    done(screen.server("parked", "export", proposal.sha256[:12], "--out", str(request)))
    assert request.stat().st_mode & 0o077 == 0
    for code in ("CB-1", "CB-2"):
        assert not office.approved(proposal, datetime.now(UTC))
        key, out = str(desk / f"{code}.key"), str(desk / f"{code}.json")
        shown = done(screen.here("approve", str(request), "--key", key, "--out", out, "--yes"))
        assert proposal.sha256 in shown
        assert "Người 0 (P0)" in shown
        done(screen.server("approvals", "add", out))
    assert office.approved(proposal, datetime.now(UTC))
    assert "Lê Thị CB-1 (CB-1)" in done(screen.server("parked"))
    done(screen.server("withdraw", proposal.sha256[:12]))
    assert not office.approved(proposal, datetime.now(UTC))
    assert office.acts()[-1].act == "plan.withdraw"


def test_a_parked_register_is_taken_back_with_its_signatures(screen: Screen, office: Office) -> None:
    office.found("CB-1", "CB-2", now=datetime.now(UTC))
    snapshot_id = office.accept(datetime.now(UTC), "aa" * 32, state="parked")
    with office.hr.connect() as connection:
        (stored,) = snapshot_store.parked(connection)
    assert stored.snapshot_id == snapshot_id
    office.hand_in(office.signed("CB-1", Matter.SNAPSHOT, stored.hash, datetime.now(UTC)), datetime.now(UTC))
    done(screen.server("withdraw", stored.hash[:12]))
    assert office.acts()[-1].act == "snapshot.withdraw"
    assert stored.hash[:12] not in done(screen.server("parked"))
    with pytest.raises(NotWaiting):
        office.hand_in(office.signed("CB-2", Matter.SNAPSHOT, stored.hash, datetime.now(UTC)), datetime.now(UTC))
    with office.hr.connect() as connection:
        assert approvals.signers(connection, office.server_name, Matter.SNAPSHOT, stored.hash, datetime.now(UTC)) == ()
    assert screen.server("withdraw", stored.hash[:12]).exit_code != 0


def test_at_the_server_a_hash_is_signed_and_handed_in_at_once(screen: Screen, office: Office) -> None:
    make_officers(screen, office, "CB-1", "CB-2")
    done(screen.server("officers", "found", str(screen.desk / "CB-1.pub"), str(screen.desk / "CB-2.pub")))
    proposal = plan(locks(26))
    office.park(proposal, datetime.now(UTC))
    for code in ("CB-1", "CB-2"):
        done(screen.server("approve", proposal.sha256[:12], "--key", str(screen.desk / f"{code}.key"), "--yes"))
    assert office.approved(proposal, datetime.now(UTC))


def test_an_officer_never_signs_what_was_changed_on_the_way(screen: Screen, office: Office) -> None:
    make_officers(screen, office, "CB-1")
    proposal = plan(locks(26))
    office.park(proposal, datetime.now(UTC))
    request = screen.desk / "request.json"
    done(screen.server("parked", "export", proposal.sha256[:12], "--out", str(request)))
    content = json.loads(request.read_text())
    content["content"]["actions"] = content["content"]["actions"][:1]
    request.write_text(json.dumps(content))
    refusal = screen.here("approve", str(request), "--key", str(screen.desk / "CB-1.key"), "--yes")
    assert isinstance(refusal.exception, Altered)
    assert not list(screen.desk.glob("*.approval.json"))


def test_whoever_does_not_agree_signs_nothing(screen: Screen, office: Office) -> None:
    make_officers(screen, office, "CB-1", "CB-2")
    refusal = screen.here("approve", str(screen.desk / "CB-2.pub"), "--key", str(screen.desk / "CB-1.key"))
    assert refusal.exit_code != 0
    assert not list(screen.desk.glob("*.approval.json"))


def test_an_officer_is_signed_in_and_out_with_files(screen: Screen, office: Office) -> None:
    make_officers(screen, office, "CB-1", "CB-2", "CB-3")
    desk = screen.desk
    done(screen.server("officers", "found", str(desk / "CB-1.pub"), str(desk / "CB-2.pub")))
    for code in ("CB-1", "CB-2"):
        done(screen.here("approve", str(desk / "CB-3.pub"), "--key", str(desk / f"{code}.key"), "--yes"))
    signed = [str(desk / f"CB-3.{code}.approval.json") for code in ("CB-1", "CB-2")]
    assert isinstance(screen.server("officers", "enrol", str(desk / "CB-3.pub"), signed[0]).exception, NotSignedIn)
    done(screen.server("officers", "enrol", str(desk / "CB-3.pub"), *signed))
    assert "Lê Thị CB-3" in done(screen.server("officers", "list"))
    out = desk / "remove.json"
    done(screen.server("officers", "remove", "CB-3", "--out", str(out)))
    for code in ("CB-1", "CB-2"):
        done(screen.here("approve", str(out), "--key", str(desk / f"{code}.key"), "--yes"))
    signed = [str(desk / f"remove.{code}.approval.json") for code in ("CB-1", "CB-2")]
    done(screen.server("officers", "remove", "CB-3", *signed))
    assert office.standing(datetime.now(UTC)) == {"CB-1", "CB-2"}


def test_a_parked_plan_is_shown_as_a_table_json_and_a_workbook(screen: Screen, office: Office) -> None:
    proposal = plan(locks(26))
    office.park(proposal, datetime.now(UTC))
    assert "Lock an account" in done(screen.server("parked", "show", proposal.sha256[:8]))
    shown = json.loads(done(screen.server("parked", "show", proposal.sha256[:8], "--json")))
    assert shown["hash"] == proposal.sha256
    assert len(shown["content"]["actions"]) == 26
    sheet = screen.desk / "plan.xlsx"
    done(screen.server("parked", "show", proposal.sha256[:8], "--xlsx", str(sheet)))
    assert len(CalamineWorkbook.from_path(sheet).get_sheet_by_name("Deeds").to_python()) == 27
