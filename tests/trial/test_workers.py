"""What each module leaves to Synapse's main process, where there are several."""

from pathlib import Path

from twisted.trial.unittest import TestCase

from synapse_modules.account_lifecycle.config import AccountLifecycleConfig
from synapse_modules.account_lifecycle.module import AccountLifecycle
from synapse_modules.activation.config import ActivationConfig
from synapse_modules.activation.module import Activation
from synapse_modules.directory_rules.config import parse as directory_config
from synapse_modules.directory_rules.module import DirectoryRules
from synapse_modules.directory_rules.search import SEARCH_PATH
from synapse_modules.room_rules.config import parse as room_config
from synapse_modules.room_rules.module import RoomRules
from tests.trial.fake_api import FakeApi

NAMES_OF_WORKERS = ("persister", "media", "generic-1", "generic-2")


class WorkerApi(FakeApi):
    """As a worker sees it: nothing private of the main process is there."""

    def should_run_background_tasks(self) -> bool:
        return False


class WorkerTests(TestCase):
    def setUp(self) -> None:
        self.api = WorkerApi(worker_app="synapse.app.generic_worker", worker_name="generic-1")

    def test_the_provisioners_endpoints_and_the_tables_are_the_main_processs(self):
        config = AccountLifecycleConfig(service_token_path=Path("/nowhere"), room_owner="huep")
        AccountLifecycle(config, self.api)  # type: ignore[arg-type]
        self.assertEqual((self.api.resources, self.api.background), ({}, []))

    def test_the_page_of_activation_is_the_main_processs(self):
        Activation(ActivationConfig(), self.api)  # type: ignore[arg-type]
        self.assertEqual(self.api.resources, {})

    def test_the_search_is_served_by_every_process_and_titles_are_put_back_by_one(self):
        DirectoryRules(directory_config({}), self.api)  # type: ignore[arg-type]
        self.assertEqual(list(self.api.resources), [SEARCH_PATH])
        self.assertEqual(self.api.background, [])
        self.assertIn("check_username_for_spam", self.api.callbacks)

    def test_everybody_is_read_where_searches_arrive_and_nowhere_else(self):
        config = directory_config({"searches_on": ["generic-1", "generic-2"]})
        reading = {}
        for api in (
            FakeApi(),
            *(WorkerApi(worker_app="synapse.app.generic_worker", worker_name=name) for name in NAMES_OF_WORKERS),
        ):
            DirectoryRules(config, api)  # type: ignore[arg-type]
            reading[api.worker_name] = "huep_directory_first" in dict(api.background)
        self.assertEqual(
            reading, {None: False, "persister": False, "media": False, "generic-1": True, "generic-2": True}
        )

    def test_everybody_is_read_by_the_one_process_where_there_is_no_other(self):
        api = FakeApi()
        DirectoryRules(directory_config({}), api)  # type: ignore[arg-type]
        self.assertIn("huep_directory_first", dict(api.background))

    def test_rooms_are_kept_by_one_process_and_their_rules_asked_in_all(self):
        RoomRules(room_config({"room_owner": "huep"}), self.api)  # type: ignore[arg-type]
        self.assertEqual(self.api.background, [])
        self.assertIn("check_event_for_spam", self.api.callbacks)
