"""activation: the page where people turn an activation code into their own password."""

from synapse.module_api import JsonDict, ModuleApi

from synapse_modules.activation.config import ActivationConfig, parse
from synapse_modules.activation.desk import Desk
from synapse_modules.activation.page import PAGE_PATH, Pages
from synapse_modules.activation.resource import ActivationPages
from synapse_modules.homeserver_internals import Passwords


class Activation:
    """Serves the pages from Synapse's main process; a worker would count failed attempts for itself."""

    def __init__(self, config: ActivationConfig, api: ModuleApi) -> None:
        if api.worker_app is not None:
            return
        pages = Pages(api.public_baseurl.rstrip("/"), config.minimum_length)
        api.register_web_resource(PAGE_PATH, ActivationPages(pages, Desk(config, api, Passwords(api))))

    @staticmethod
    def parse_config(content: JsonDict) -> ActivationConfig:
        return parse(content)
