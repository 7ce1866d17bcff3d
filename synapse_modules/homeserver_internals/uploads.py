"""Files that are being uploaded, where they lie on the disk."""

from pathlib import Path

from synapse.logging.context import ContextRequest, current_context
from synapse.media.media_storage import ReadableFileWrapper

from synapse_modules.homeserver_internals.parts import made_with


class Uploads:
    """Whose upload is being checked, and where it lies: `check_media_file_for_spam` is told of neither.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute that is needed.
    """

    def __init__(self) -> None:
        for name in ("requester", "request_id"):
            made_with(ContextRequest, name)
        made_with(ReadableFileWrapper, "path")

    def uploader(self) -> str | None:
        """User ID of whoever sent the request that is being served; None outside of one."""
        request = current_context().request
        return None if request is None else request.requester

    def request(self) -> str:
        """What tells the request that is being served from the others under way; empty outside of one."""
        request = current_context().request
        return "" if request is None else str(request.request_id)

    def path_of(self, file: ReadableFileWrapper) -> Path:
        """The file on disk; a thread reads it without stopping the reactor between chunks."""
        return Path(file.path)
