"""Taking a code and giving a password for it: everything between the form that was sent and the answer."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from synapse.module_api import ModuleApi

from huep.activation_code import Attempts, Verdict, canonical_code, check, waits_until
from synapse_modules.activation.config import ActivationConfig
from synapse_modules.activation.judging import Judges, JudgesBusy
from synapse_modules.activation.limits import Attempt, Failures, WeakPasswords
from synapse_modules.activation.people import AccountShut, People
from synapse_modules.activation.rules import (
    WEAK,
    Account,
    Field,
    Form,
    KnownPerson,
    Refusal,
    faults_of,
    refusal_of,
    sentence,
)
from synapse_modules.homeserver_internals.passwords import Passwords
from synapse_modules.projection import PeopleProjection

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    """What came of a form."""

    localpart: str | None = None
    """Whose password was set; None where none was."""
    refusal: Refusal | None = None
    sentence: str = ""
    faults: dict[Field, str] | None = None
    hints: tuple[str, ...] = ()
    retry_after_s: int | None = None


class Desk:
    """Looks at the form, then at the code, then at the password; what fails costs the code nothing."""

    def __init__(self, config: ActivationConfig, api: ModuleApi, passwords: Passwords, judges: Judges) -> None:
        self._config = config
        self._api = api
        self._passwords = passwords
        self._judges = judges
        self._projection = PeopleProjection(api)
        self._people = People(api)
        self._failures = Failures()
        self._weak = WeakPasswords()

    async def serve(self, form: Form, address: str) -> Served:
        """Set the password that `form` asks for, or say why not. `address` is where the form comes from."""
        faults = faults_of(form, self._config.minimum_length)
        if faults:
            return Served(faults=faults)
        try:
            return await self._serve(form, address)
        except JudgesBusy:
            logger.warning("Too many passwords wait to be judged: a form from %s was sent back", address)
            return _refused(Refusal.BUSY)
        except Exception:
            logger.exception("A password could not be set")
            return _refused(Refusal.UNAVAILABLE)

    async def _serve(self, form: Form, address: str) -> Served:
        reading = await self._projection.read(())
        if reading.is_stale(self._api.get_current_time_msec()):
            logger.warning("The register's projection is stale: no code is taken until it is published anew")
            return _refused(Refusal.UNAVAILABLE)
        person = await self._people.find(form.officer)
        who = person.localpart if person else form.officer.lower()
        attempt = Attempt(form.officer, canonical_code(form.code), address)

        now = self._now()
        until = waits_until(self._failures.of(attempt), now)
        if until is not None:
            logger.warning("A code for %r from %s was not looked at: too many failures", who, address)
            return _later(Refusal.TOO_MANY, until, now)
        number = self._failures.note(attempt, now)
        verdict = await self._api.defer_to_thread(check, form.code, person.code if person else None, Attempts(), now)
        # The account is looked up for the right code alone: otherwise the time would tell who exists.
        account = await self._account(person) if verdict is Verdict.ACCEPTED else None
        refusal = refusal_of(verdict, person, account, self._config.protected)
        if refusal is not Refusal.WRONG:
            self._failures.forgive(number)
        if refusal is not None or person is None or person.code is None:
            logger.info("A code for %r from %s was refused: %s", who, address, refusal)
            return _refused(refusal or Refusal.WRONG)
        return await self._set_password(form, person, person.code.code_hash, address)

    async def _set_password(self, form: Form, person: KnownPerson, code_hash: str, address: str) -> Served:
        now = self._now()
        until = self._weak.waits_until(person.localpart, now)
        if until is not None:
            logger.warning("A password for %r from %s was not judged: too many were weak", person.localpart, address)
            return _later(Refusal.TOO_WEAK, until, now)
        strength = await self._judges.strength_of(form.password, person.words_about)
        if not strength.good_enough:
            self._weak.note(person.localpart, now)
            return Served(faults={Field.PASSWORD: WEAK}, hints=strength.hints)
        user_id = self._api.get_qualified_user_id(person.localpart)
        store_password = await self._passwords.prepare(user_id, form.password)
        now_ms = self._api.get_current_time_msec()
        try:
            redeemed = await self._people.redeem(person, code_hash, now_ms, store_password)
        except AccountShut:
            logger.info("A code for %r from %s was refused: locked meanwhile", person.localpart, address)
            return _refused(Refusal.SHUT)
        if not redeemed:
            logger.info("A code for %r from %s was used by somebody else at once", person.localpart, address)
            return _refused(Refusal.USED)
        logger.info("The password of %r was set by code from %s", person.localpart, address)
        return Served(localpart=person.localpart)

    async def _account(self, person: KnownPerson | None) -> Account | None:
        if person is None:
            return None
        found = await self._api.get_userinfo_by_id(self._api.get_qualified_user_id(person.localpart))
        return None if found is None else Account(found.is_admin, found.locked, found.is_deactivated)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._api.get_current_time_msec() / 1000, UTC)


def _refused(refusal: Refusal) -> Served:
    return Served(refusal=refusal, sentence=sentence(refusal))


def _later(refusal: Refusal, until: datetime, now: datetime) -> Served:
    return Served(
        refusal=refusal,
        sentence=sentence(refusal, until, now),
        retry_after_s=max(1, int((until - now).total_seconds())),
    )
