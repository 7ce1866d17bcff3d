"""media_rules: what may be uploaded, by size, amount and content, and whether it is infected."""

import logging
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import NOT_SPAM, JsonDict, MediaUploadLimit, ModuleApi
from twisted.internet import reactor
from twisted.python.threadpool import ThreadPool

from huep.module_settings import MediaKind as Kind
from synapse_modules.colleagues import Colleagues, unknown
from synapse_modules.homeserver_internals.uploads import Uploads
from synapse_modules.media_rules import rules
from synapse_modules.media_rules.amounts import Amounts
from synapse_modules.media_rules.clamav import Scanner
from synapse_modules.media_rules.config import MediaRulesConfig, parse
from synapse_modules.media_rules.kinds import kind_of
from synapse_modules.media_rules.quarantine import Finding
from synapse_modules.media_rules.rules import Allowance

if TYPE_CHECKING:
    from synapse.media._base import FileInfo
    from synapse.media.media_storage import ReadableFileWrapper

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 8
"""Files looked at at the same time by one process; the others wait."""


class MediaRules:
    """Callbacks of Synapse, each asking `rules`.

    A refusal is raised, not returned: of what a module returns Synapse passes on "Bad content" alone.
    """

    def __init__(self, config: MediaRulesConfig, api: ModuleApi) -> None:
        self._config = config
        self._api = api
        self._colleagues = Colleagues(api)
        self._uploads = Uploads()
        self._amounts = Amounts(api)
        # Of its own: a scanner that hangs must not hold up the threads in which Synapse checks passwords.
        self._threads = ThreadPool(minthreads=0, maxthreads=MOST_AT_ONCE, name="huep-media")
        self._threads.start()
        reactor.addSystemEventTrigger("during", "shutdown", self._threads.stop)  # type: ignore[arg-type]  # interfaces have no self
        api.register_spam_checker_callbacks(check_media_file_for_spam=self.check_media_file_for_spam)
        api.register_media_repository_callbacks(
            get_media_config_for_user=self.get_media_config_for_user,
            is_user_allowed_to_upload_media_of_size=self.is_user_allowed_to_upload_media_of_size,
            get_media_upload_limits_for_user=self.get_media_upload_limits_for_user,
        )

    @staticmethod
    def parse_config(content: JsonDict) -> MediaRulesConfig:
        return parse(content)

    async def get_media_config_for_user(self, user_id: str) -> JsonDict:
        """Tells clients the size beforehand, so that they need not try."""
        return {"m.upload.size": (await self._allowance_of(user_id)).largest_bytes}

    async def is_user_allowed_to_upload_media_of_size(self, user_id: str, size: int) -> bool:
        """Refuses by the size that the request announces and by the day's amount, before anything is written.

        Where the database cannot be asked nothing is kept either.
        """
        allowance = await self._allowance_of(user_id)
        if sentence := rules.size_refusal(size, allowance):
            logger.info("Upload of %s refused: %d bytes", user_id, size)
            raise SynapseError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence, Codes.TOO_LARGE)
        if allowance.daily_bytes is not None:
            sent = await self._amounts.begin(self._uploads.request(), user_id, size, allowance.daily_bytes)
            if sent is not None:
                logger.info("Upload of %s refused: %d bytes after %d today", user_id, size, sent)
                sentence = rules.TOO_MUCH.format(daily_mb=allowance.daily_bytes // rules.MEGABYTE)
                raise SynapseError(HTTPStatus.FORBIDDEN, sentence, Codes.USER_LIMIT_EXCEEDED)
        return True

    async def get_media_upload_limits_for_user(self, user_id: str) -> list[MediaUploadLimit]:  # noqa: ARG002
        """None of Synapse's own: it asks after the file was written, and leaves there what it refuses."""
        return []

    async def check_media_file_for_spam(self, file: "ReadableFileWrapper", info: "FileInfo") -> Literal["NOT_SPAM"]:
        """Looks at what was uploaded: its kind, then whether it is infected. Synapse deletes what is refused.

        Thumbnails are Synapse's own work.
        """
        if info.thumbnail is not None or info.url_cache:
            return NOT_SPAM
        request = self._uploads.request()
        try:
            await self._look_at(file, info, self._uploads.uploader())
        except SynapseError as error:
            (self._amounts.refused if error.code == HTTPStatus.FORBIDDEN else self._amounts.failed)(request)
            raise
        self._amounts.passed(request, info.file_id)
        return NOT_SPAM

    async def _look_at(self, file: "ReadableFileWrapper", info: "FileInfo", uploader: str | None) -> None:
        path = self._uploads.path_of(file)
        kind = await self._kind_of(path, uploader)
        if sentence := rules.kind_refusal(kind, await self._allowance_of(uploader)):
            raise self._refused(info, uploader, f"kind {kind.value}", sentence)
        # Also what looks encrypted: what only looks so a scanner may open.
        if self._config.scanner is not None:
            await self._scan(self._config.scanner, path, info, uploader)

    async def _kind_of(self, path: Path, uploader: str | None) -> Kind:
        try:
            return await self._api.defer_to_threadpool(self._threads, kind_of, path)
        except Exception as error:
            logger.exception("Upload of %s refused: it cannot be read", uploader)
            raise SynapseError(HTTPStatus.INTERNAL_SERVER_ERROR, rules.NOT_READ, Codes.UNKNOWN) from error

    async def _scan(self, scanner: Scanner, path: Path, info: "FileInfo", uploader: str | None) -> None:
        try:
            signature = await self._api.defer_to_threadpool(self._threads, scanner.scan, path)
        except Exception:
            if self._config.unscanned_allowed:
                logger.exception("Upload %s of %s let through unscanned", info.file_id, uploader)
                return
            logger.exception("Upload of %s refused: the scanner is silent", uploader)
            raise SynapseError(HTTPStatus.SERVICE_UNAVAILABLE, rules.NOT_SCANNED, Codes.UNKNOWN) from None
        if signature is None:
            return
        if self._config.quarantine is not None:
            finding = Finding(signature, uploader, self._api.get_current_time_msec())
            try:
                thrown_out = await self._api.defer_to_threadpool(
                    self._threads, self._config.quarantine.keep, path, finding
                )
                if thrown_out:
                    logger.warning("The quarantine is full: %s thrown out", ", ".join(thrown_out))
            except Exception:
                logger.exception("An infected file of %s cannot be kept in quarantine", uploader)
        raise self._refused(info, uploader, f"infected, {signature}", rules.INFECTED)

    def _refused(self, info: "FileInfo", uploader: str | None, why: str, sentence: str) -> SynapseError:
        logger.info("Upload %s of %s refused: %s", info.file_id, uploader, why)
        return SynapseError(HTTPStatus.FORBIDDEN, sentence, Codes.FORBIDDEN)

    async def _allowance_of(self, user_id: str | None) -> Allowance:
        """Everybody's where the projection cannot be read or nobody is named: chat goes on."""
        policy = self._config.policy
        if user_id is None:
            return policy.everybody
        name = self._colleagues.name_of(user_id)
        if name in policy.services:
            return policy.allowance_of(unknown(name))
        try:
            return policy.allowance_of((await self._colleagues.of([user_id]))[user_id])
        except Exception:
            logger.exception("Uploads of %s are judged as everybody's: the projection cannot be read", user_id)
            return policy.everybody
