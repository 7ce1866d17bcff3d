"""What kind a file is, by its first bytes: what its sender says of it is only a claim.

Known are the kinds that bots ask for: pictures, and documents by their container. Signatures as in RFC 2083 (PNG), ITU
T.81
(JPEG), RFC 9649 (WebP), ISO 14496-12 (MP4 and HEIC), ISO 32000 (PDF).
"""

_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
)

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/heic"})
UNKNOWN = "application/octet-stream"


def kind_of(content: bytes) -> str:
    """The media type of a file; office documents are `application/zip`, and UNKNOWN stands for every other kind."""
    return next((kind for at, signature, kind in _SIGNATURES if content.startswith(signature, at)), UNKNOWN)
