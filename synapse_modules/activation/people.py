"""Who a code belongs to, and its one use: rows of the projection, read and redeemed in Synapse's database."""

from collections.abc import Callable
from datetime import UTC, datetime

from synapse.module_api import LoggingTransaction, ModuleApi

from huep.activation_code import StoredCode
from synapse_modules.activation.rules import KnownPerson
from synapse_modules.projection import RegisterStatus

StorePassword = Callable[[LoggingTransaction], None]


class AccountShut(Exception):
    """The account was locked or deactivated while its password was being hashed."""


class People:
    """The people of the projection with their codes."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api

    async def find(self, typed: str) -> KnownPerson | None:
        """Whom an officer code, or the name of an account, belongs to; None where nobody."""
        return await self._api.run_db_interaction("huep_activation_find", _find, typed.upper(), typed.lower())

    async def redeem(self, person: KnownPerson, code_hash: str, now_ms: int, store_password: StorePassword) -> bool:
        """Use a code up and store the password, both or neither.

        False where the code was used, replaced, revoked or ran out meanwhile; of two at once one gets it.

        Raises:
            AccountShut: the account was locked or deactivated meanwhile.
        """
        user_id = self._api.get_qualified_user_id(person.localpart)
        return await self._api.run_db_interaction(
            "huep_activation_redeem", _redeem, person.localpart, user_id, code_hash, now_ms, store_password
        )


def _find(txn: LoggingTransaction, officer_code: str, localpart: str) -> KnownPerson | None:
    txn.execute(
        """
        SELECT p.localpart, p.officer_code, p.full_name, p.status, p.code_hash, p.code_expires_at, r.redeemed_at
        FROM huep_people p LEFT JOIN huep_redeemed_codes r USING (code_hash)
        WHERE p.officer_code = ? OR p.localpart = ?
        ORDER BY p.officer_code IS NOT DISTINCT FROM ? DESC LIMIT 1
        """,
        (officer_code, localpart, officer_code),
    )
    row = txn.fetchone()
    if row is None:
        return None
    found_localpart, found_code, full_name, status, code_hash, expires_at, redeemed_at = row
    code = None
    if code_hash is not None and expires_at is not None:
        code = StoredCode(code_hash, _moment(expires_at), None if redeemed_at is None else _moment(redeemed_at))
    return KnownPerson(found_localpart, found_code, full_name, RegisterStatus(status), code)


def _redeem(
    txn: LoggingTransaction, localpart: str, user_id: str, code_hash: str, now_ms: int, store_password: StorePassword
) -> bool:
    # This row is held too: whoever locks the account waits for this transaction, or this one for theirs.
    txn.execute("SELECT locked OR deactivated <> 0 FROM users WHERE name = ? FOR UPDATE", (user_id,))
    if txn.fetchone() != (False,):
        raise AccountShut
    # The row is held, so that a code that is being revoked or replaced is not used beside that.
    txn.execute(
        """
        INSERT INTO huep_redeemed_codes (code_hash, localpart, redeemed_at)
        SELECT code_hash, localpart, ? FROM huep_people
        WHERE localpart = ? AND code_hash = ? AND status = 'active' AND code_expires_at > ? FOR SHARE
        ON CONFLICT (code_hash) DO NOTHING
        RETURNING code_hash
        """,
        (now_ms, localpart, code_hash, now_ms),
    )
    if txn.fetchone() is None:
        return False
    store_password(txn)
    return True


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
