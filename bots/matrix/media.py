"""Files of messages: encrypted before they are kept, and believed only where hash, size and kind agree."""

import asyncio
from urllib.parse import urlencode, urlsplit

from nio.crypto.attachments import decrypt_attachment, encrypt_attachment
from nio.exceptions import EncryptionError

from bots.matrix.errors import BadAnswer, FileRefused
from bots.matrix.file_kinds import UNKNOWN, kind_of
from bots.matrix.port import Limits, MediaFile
from bots.matrix.transport import Transport, path_of

MEDIA_API = "/_matrix/media/v3"
AUTHENTICATED_MEDIA_API = "/_matrix/client/v1/media"
_OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}
"""What some programs call a kind."""


async def upload(transport: Transport, content: bytes, kind: str, *, encrypted: bool) -> MediaFile:
    """Keep `content`; where it is `encrypted` the server learns its size and nothing else.

    Raises:
        RequestRefused: 413 where the server takes no file so large.
    """
    size_bytes = len(content)
    if not encrypted:
        return MediaFile(await _put(transport, content, kind), size_bytes=size_bytes, kind=kind)
    sealed, keys = await asyncio.to_thread(encrypt_attachment, content)
    url = await _put(transport, sealed, UNKNOWN)
    return MediaFile(url, keys["key"]["k"], keys["iv"], keys["hashes"]["sha256"], size_bytes, kind)


async def _put(transport: Transport, content: bytes, kind: str) -> str:
    path = f"{path_of('upload', api=MEDIA_API)}?{urlencode({'filename': 'file'})}"
    answer = await transport.request("POST", path, content, kind=kind)
    url = answer.get("content_uri")
    if not isinstance(url, str):
        raise BadAnswer("Synapse does not say where it keeps the file.")
    return url


async def download(transport: Transport, file: MediaFile, limits: Limits) -> bytes:
    """The content of `file`, decrypted.

    Raises:
        FileRefused: by its sender's word, or in fact, it is larger or of another kind than the limits allow, or it is
            not what its sender hashed.
    """
    _check_claims(file, limits)
    content = await transport.download(_path_to(file), limits.most_bytes)
    if file.key is not None and file.iv is not None and file.sha256 is not None:
        try:
            content = await asyncio.to_thread(decrypt_attachment, content, file.key, file.sha256, file.iv)
        except (EncryptionError, ValueError, TypeError, OverflowError) as error:
            raise FileRefused("The file does not fit the key and hash that came with it.") from error
    if limits.kinds is not None and kind_of(content) not in limits.kinds:
        raise FileRefused("The file is not of a kind that is taken here.")
    return content


def _check_claims(file: MediaFile, limits: Limits) -> None:
    if file.size_bytes is not None and file.size_bytes > limits.most_bytes:
        raise FileRefused.larger_than(limits.most_bytes)
    claimed = _OTHER_NAMES.get(file.kind or UNKNOWN, file.kind or UNKNOWN)
    if limits.kinds is not None and claimed != UNKNOWN and claimed not in limits.kinds:
        raise FileRefused("The file is not of a kind that is taken here, so it was not fetched.")


def _path_to(file: MediaFile) -> str:
    try:
        address = urlsplit(file.url)
    except ValueError as error:
        raise FileRefused("The message names no file.") from error
    if address.scheme != "mxc" or not address.netloc:
        raise FileRefused("The message names no file on this server.")
    return path_of("download", address.netloc, address.path.lstrip("/"), api=AUTHENTICATED_MEDIA_API)
