"""media_rules' callbacks: what is refused is raised with its sentence, and what fails is refused or let through as laid down."""

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import NOT_SPAM
from twisted.internet.defer import ensureDeferred, gatherResults
from twisted.trial.unittest import TestCase

from synapse_modules.colleagues import Colleague
from synapse_modules.media_rules import rules
from synapse_modules.media_rules.amounts import DAY_MS, UNDER_WAY_MS
from synapse_modules.media_rules.module import MediaRules
from synapse_modules.media_rules.rules import MEGABYTE
from synapse_modules.projection import RegisterStatus
from tests.clients.fake_clamd import EICAR, FOUND, fake_clamd
from tests.trial.fake_api import FakeApi, later

CONFIG = {
    "services": ["tro-ly"],
    "largest_mb": 10,
    "daily_mb": 20,
    "groups": [{"posts": {"level": 0}, "largest_mb": 50, "kinds": ["image", "program"]}],
}
PROGRAM, PICTURE = b"\x7fELF" + bytes(200), b"\x89PNG\r\n\x1a\n" + bytes(200)


def user(localpart: str) -> str:
    return f"@{localpart}:hue.localhost"


class FakeMediaApi(FakeApi):
    """With Synapse's list of what was uploaded: media ID to bytes, all of one person and of today."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, int] = {}

    async def run_db_interaction(self, desc: str, func: Callable[..., Any], *arguments: Any) -> Any:
        if desc != "huep_media_sent":
            return await super().run_db_interaction(desc, func, *arguments)
        sent = sum(self.stored.values()), self.stored.keys() & set(arguments[2])
        await later()
        return sent


class MediaRulesTests(TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.api = FakeMediaApi()
        self.api.people = {
            "chair": Colleague("chair", RegisterStatus.ACTIVE, ("TINH",), 0, "head", "Chủ tịch"),
            "an": Colleague("an", RegisterStatus.ACTIVE, ("TINH", "SYT"), 1, "staff", "Chuyên viên"),
        }
        self.uploader: str | None = user("an")
        self.request = "POST-1"
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    def _start(self, **config: object) -> None:
        self.module = module = MediaRules(MediaRules.parse_config({**CONFIG, **config}), self.api)  # type: ignore[arg-type]
        module._uploads = SimpleNamespace(  # type: ignore[assignment]
            uploader=lambda: self.uploader, request=lambda: self.request, path_of=lambda file: Path(file.path)
        )

    async def _upload(self, content: bytes, **info: Any) -> object:
        path = self.folder / "upload"
        path.write_bytes(content)
        details = SimpleNamespace(**{"thumbnail": None, "url_cache": False, "file_id": "abc", **info})
        return await self.api.callbacks["check_media_file_for_spam"](SimpleNamespace(path=str(path)), details)

    async def _refused(self, content: bytes) -> SynapseError:
        try:
            await self._upload(content)
        except SynapseError as error:
            return error
        raise AssertionError("nothing was refused")

    def test_a_kind_is_permitted_by_the_post_of_whoever_uploads(self):
        self._start()

        async def check() -> None:
            self.assertIs(await self._upload(PICTURE), NOT_SPAM)
            refused = await self._refused(PROGRAM)
            self.assertEqual((refused.code, refused.errcode), (403, Codes.FORBIDDEN))
            self.assertIn("chương trình", refused.msg)
            for self.uploader in (user("chair"), user("tro-ly")):
                self.assertIs(await self._upload(PROGRAM), NOT_SPAM)
            for self.uploader in (None, user("stranger"), "@chair:elsewhere.example"):
                await self._refused(PROGRAM)

        return ensureDeferred(check())

    def test_thumbnails_are_synapses_own(self):
        self._start()

        async def check() -> None:
            self.assertIs(await self._upload(PROGRAM, thumbnail=object()), NOT_SPAM)
            self.assertIs(await self._upload(PROGRAM, url_cache=True), NOT_SPAM)

        return ensureDeferred(check())

    def test_sizes_and_amounts_go_by_post_and_are_told_beforehand(self):
        self._start()
        ask = self.api.callbacks

        async def check() -> None:
            self.assertEqual(await ask["get_media_config_for_user"](user("chair")), {"m.upload.size": 50 * MEGABYTE})
            allowed = ask["is_user_allowed_to_upload_media_of_size"]
            self.assertTrue(await allowed(user("an"), 10 * MEGABYTE))
            self.assertTrue(await allowed(user("chair"), 50 * MEGABYTE))
            error = await self.assertFailure(ensureDeferred(allowed(user("an"), 10 * MEGABYTE + 1)), SynapseError)
            self.assertEqual((error.code, error.errcode), (413, Codes.TOO_LARGE))
            self.assertIn("10 MB", error.msg)
            for who in ("an", "chair"):
                self.assertEqual(await ask["get_media_upload_limits_for_user"](user(who)), [], "asked when it is late")

        return ensureDeferred(check())

    async def _begins(self, request: str, megabytes: int = 8, who: str = "an") -> bool:
        self.request = request
        try:
            await self.api.callbacks["is_user_allowed_to_upload_media_of_size"](user(who), megabytes * MEGABYTE)
        except SynapseError as error:
            self.assertEqual((error.code, error.errcode), (403, Codes.USER_LIMIT_EXCEEDED))
            self.assertIn("20 MB", error.msg)
            return False
        return True

    def test_the_days_amount_is_judged_before_anything_is_written(self):
        self._start()

        async def check() -> None:
            self.api.stored["before"] = 4 * MEGABYTE
            self.assertTrue(await self._begins("POST-1"))
            self.assertTrue(await self._begins("POST-2"))
            self.assertFalse(await self._begins("POST-3", 1), "two are under way")
            self.assertTrue(await self._begins("POST-4", who="chair"), "leaders have no such limit")
            self.request = "POST-1"
            await self._upload(PICTURE, file_id="first")
            self.assertFalse(await self._begins("POST-5", 1), "not yet in the database")
            self.api.stored["first"] = 8 * MEGABYTE
            self.assertFalse(await self._begins("POST-6", 1), "counted once, and the second is under way")
            self.api.now_ms += UNDER_WAY_MS + 1
            self.assertTrue(await self._begins("POST-7", 8), "the second came to nothing")

        return ensureDeferred(check())

    def test_of_many_at_once_no_more_begin_than_the_day_has(self):
        self._start()

        async def check() -> None:
            begin = self.module._amounts.begin
            most = 20 * MEGABYTE
            begun = [ensureDeferred(begin(f"POST-{number}", user("an"), 8 * MEGABYTE, most)) for number in range(6)]
            self.assertEqual((await gatherResults(begun)).count(None), 2)

        return ensureDeferred(check())

    def test_what_is_refused_counts_for_the_day_and_what_could_not_be_scanned_does_not(self):
        async def check() -> None:
            self._start()
            for number in range(2):
                self.assertTrue(await self._begins(f"POST-{number}", 10))
                await self._refused(PROGRAM)
            self.api.now_ms += UNDER_WAY_MS + 1
            self.assertFalse(await self._begins("POST-3", 1))
            self.api.now_ms += DAY_MS
            self.assertTrue(await self._begins("POST-4", 1))
            self._start(clamav=str(self.folder / "nowhere.ctl"))
            for number in range(5):
                self.assertTrue(await self._begins(f"POST-{number}", 10))
                self.assertEqual((await self._refused(PICTURE)).code, 503)

        return ensureDeferred(check())

    def test_without_the_projection_everybody_uploads_as_everybody(self):
        self._start()
        self.api.people = None

        async def check() -> None:
            config = await self.api.callbacks["get_media_config_for_user"](user("chair"))
            self.assertEqual(config, {"m.upload.size": 10 * MEGABYTE})
            self.assertIs(await self._upload(PICTURE), NOT_SPAM)

        return ensureDeferred(check())

    def test_an_infected_file_is_refused_and_kept_and_what_looks_encrypted_is_scanned_too(self):
        quarantine = self.folder / "quarantine"

        async def check() -> None:
            with fake_clamd(self.folder / "clamd.ctl") as clamd:
                self._start(clamav=str(clamd.address), quarantine=str(quarantine))
                self.assertIs(await self._upload(PICTURE), NOT_SPAM)
                self.assertIs(await self._upload(bytes(range(256)) * 40), NOT_SPAM)
                self.assertEqual(clamd.scanned, [len(PICTURE), 256 * 40])
                refused = await self._refused(EICAR)
                self.assertEqual((refused.code, refused.msg), (403, rules.INFECTED))
                self.uploader = user("tro-ly")
                await self._refused(EICAR)
            (finding,) = quarantine.glob("*.json")
            self.assertIn(FOUND, finding.read_text())
            self.assertIn(user("an"), finding.read_text())

        return ensureDeferred(check())

    def test_a_silent_scanner_refuses_unless_it_is_laid_down_otherwise(self):
        nowhere = str(self.folder / "nowhere.ctl")

        async def check() -> None:
            self._start(clamav=nowhere)
            refused = await self._refused(PICTURE)
            self.assertEqual((refused.code, refused.msg), (503, rules.NOT_SCANNED))
            self._start(clamav=nowhere, unscanned_allowed=True)
            self.assertIs(await self._upload(PICTURE), NOT_SPAM)

        return ensureDeferred(check())

    def test_what_cannot_be_read_is_refused(self):
        self._start()

        async def check() -> None:
            info = SimpleNamespace(thumbnail=None, url_cache=False, file_id="abc")
            look = self.api.callbacks["check_media_file_for_spam"](SimpleNamespace(path=str(self.folder / "no")), info)
            error = await self.assertFailure(ensureDeferred(look), SynapseError)
            self.assertEqual((error.code, error.msg), (500, rules.NOT_READ))

        return ensureDeferred(check())
