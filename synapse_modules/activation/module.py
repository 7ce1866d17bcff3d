"""activation: the page where people turn a code into their own password, and the passwords that they choose later."""

from synapse.module_api import JsonDict, ModuleApi

from synapse_modules.activation.choosing import Choices
from synapse_modules.activation.config import ActivationConfig, parse
from synapse_modules.activation.desk import Desk
from synapse_modules.activation.judging import Judges
from synapse_modules.activation.page import PAGE_PATH, Pages
from synapse_modules.activation.resource import ActivationPages
from synapse_modules.homeserver_internals.passwords import PasswordChanges, Passwords


class Activation:
    """Serves the pages from Synapse's main process; a worker would count failed attempts for itself."""

    def __init__(self, config: ActivationConfig, api: ModuleApi) -> None:
        if api.worker_app is not None:
            return
        pages = Pages(api.public_baseurl.rstrip("/"), config.minimum_length)
        judges = Judges(api)
        api.register_web_resource(PAGE_PATH, ActivationPages(pages, Desk(config, api, Passwords(api), judges)))
        PasswordChanges(api).ask(Choices(api, judges).check)

    @staticmethod
    def parse_config(content: JsonDict) -> ActivationConfig:
        return parse(content)
