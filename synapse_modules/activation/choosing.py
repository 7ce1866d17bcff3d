"""Passwords that people choose by themselves, in Element's settings: as hard to guess as those of the page."""

import logging
import unicodedata
from http import HTTPStatus

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import ModuleApi, UserID

from synapse_modules.activation.judging import Judges, JudgesBusy
from synapse_modules.activation.people import People
from synapse_modules.activation.rules import CHOOSING_BUSY, CHOSEN_WEAK, LONGEST_PASSWORD, TOO_LONG

logger = logging.getLogger(__name__)

NOT_LOGGED_IN = "Muốn đổi mật khẩu thì phải đăng nhập. Ai quên mật khẩu xin gặp cán bộ phụ trách để nhận mã kích hoạt."


class Choices:
    """What Synapse asks before it hashes a password that somebody chose; one at a time for each person."""

    def __init__(self, api: ModuleApi, judges: Judges) -> None:
        self._api = api
        self._people = People(api)
        self._judges = judges
        self._choosing: set[str] = set()

    async def check(self, user_id: str | None, password: str) -> None:
        """Return where the password may be taken; `user_id` is None where nobody is logged in.

        Raises:
            SynapseError: with the sentence that the person reads; also where too many passwords wait to be judged.
            Exception: whatever the database says when it is out of reach; nothing is then changed.
        """
        if user_id is None:
            raise SynapseError(HTTPStatus.UNAUTHORIZED, NOT_LOGGED_IN, Codes.MISSING_TOKEN)
        if user_id in self._choosing:
            raise SynapseError(HTTPStatus.TOO_MANY_REQUESTS, CHOOSING_BUSY, Codes.LIMIT_EXCEEDED)
        self._choosing.add(user_id)
        try:
            await self._check(user_id, unicodedata.normalize("NFKC", password))
        except JudgesBusy as error:
            raise SynapseError(HTTPStatus.SERVICE_UNAVAILABLE, CHOOSING_BUSY, Codes.UNKNOWN) from error
        finally:
            self._choosing.discard(user_id)

    async def _check(self, user_id: str, password: str) -> None:
        if len(password.encode()) > LONGEST_PASSWORD:
            raise SynapseError(HTTPStatus.BAD_REQUEST, TOO_LONG, Codes.WEAK_PASSWORD)
        localpart = UserID.from_string(user_id).localpart
        person = await self._people.find(localpart)
        about = person.words_about if person is not None and person.localpart == localpart else (localpart,)
        strength = await self._judges.strength_of(password, about)
        if not strength.good_enough:
            logger.info("A password that %s chose was refused: it is weak", user_id)
            raise SynapseError(HTTPStatus.BAD_REQUEST, " ".join((CHOSEN_WEAK, *strength.hints)), Codes.WEAK_PASSWORD)
