"""Files of messages: fetched with the access token, opened with the key that came in the message."""

from urllib.parse import urlsplit

from nio.crypto.attachments import decrypt_attachment
from nio.exceptions import EncryptionError

from bots.matrix.errors import BadAnswer
from bots.matrix.port import MediaFile
from bots.matrix.transport import Transport, path_of

MOST_BYTES = 20 * 1024 * 1024


async def download(transport: Transport, file: MediaFile) -> bytes:
    """The content of `file`, decrypted and its hash compared; raises BadAnswer when they do not fit."""
    try:
        address = urlsplit(file.url)
    except ValueError as error:
        raise BadAnswer("The message names no file.") from error
    if address.scheme != "mxc" or not address.netloc:
        raise BadAnswer("The message names no file on this server.")
    path = path_of("download", address.netloc, address.path.lstrip("/"), api="/_matrix/client/v1/media")
    content = await transport.download(path, MOST_BYTES)
    if file.key is None or file.iv is None or file.sha256 is None:
        return content
    try:
        return bytes(decrypt_attachment(content, file.key, file.sha256, file.iv))
    except (EncryptionError, ValueError, TypeError) as error:
        raise BadAnswer("The file does not fit the key that came with it.") from error
