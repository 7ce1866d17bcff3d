"""The sections `[directory]` and `[media]` of huep.toml: what the modules inside Synapse keep to."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from huep.sections import Section

Level = Annotated[int, Field(ge=-1, le=9)]
Megabytes = Annotated[int, Field(ge=1, le=1_000_000)]


class DirectorySettings(Section):
    """`[directory]`: who finds whom and begins a conversation with whom (docs/modules/directory_rules.md)."""

    open_depth: Annotated[int, Field(ge=0, le=9)] = 1
    """Whoever shares the unit so many steps below the province is open to each other."""
    hidden_units: tuple[str, ...] = ()
    """Codes of units whose people nobody outside finds; what lies below them too."""
    internal_units: tuple[str, ...] = ()
    """As hidden, and their people turn to nobody outside."""
    red_list_level: Level = 0
    """Heads and deputies of units down to this level are unlisted; 0 is the province, -1: none."""
    red_list_positions: tuple[str, ...] = ()
    """Positions (chức vụ) that are unlisted too."""
    red_list_found: bool = False
    """Whether everybody finds them, though not everybody may begin a conversation with them."""
    reaching_level: Level = 1
    """Heads and deputies of units down to this level reach the red list; -1: nobody but those on it."""
    reaching_positions: tuple[str, ...] = ()


class MediaKind(StrEnum):
    """What a file can be, by its content."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    MACRO = "macro"
    """A document that carries a program."""
    TEXT = "text"
    PAGE = "page"
    """What a browser would run: HTML, SVG."""
    ARCHIVE = "archive"
    PROGRAM = "program"
    """Programs, installers, scripts, shortcuts, disk images, and archives with one of these inside."""
    ENCRYPTED = "encrypted"
    """Cipher text as far as anybody can tell: nobody here can look inside."""
    UNKNOWN = "unknown"


OFFICE_KINDS = (
    MediaKind.IMAGE,
    MediaKind.AUDIO,
    MediaKind.VIDEO,
    MediaKind.DOCUMENT,
    MediaKind.TEXT,
    MediaKind.ARCHIVE,
    MediaKind.ENCRYPTED,
)
"""What an office needs. Without `encrypted` no file could be sent in an encrypted room."""


class MediaAllowance(Section):
    """How much may be uploaded, and of what."""

    largest_mb: Megabytes = 100
    """One file; scanned dossiers."""
    daily_mb: Megabytes = 2_000
    """One person in 24 hours."""
    kinds: tuple[MediaKind, ...] = OFFICE_KINDS


class MediaGroup(MediaAllowance):
    """One `[[media.groups]]`: people with an allowance of their own, by post, by unit or by both."""

    level: Level = -1
    """Heads and deputies of units down to this level; -1: by position alone."""
    positions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    """Codes; whoever works in one of them or below."""

    @model_validator(mode="after")
    def _says_who_belongs(self) -> Self:
        if self.level < 0 and not self.positions and not self.units:
            raise ValueError("level, positions or units must say who belongs to the group")
        return self


class MediaSettings(MediaAllowance):
    """`[media]`: what may be uploaded (docs/modules/media_rules.md)."""

    groups: tuple[MediaGroup, ...] = ()
    """The first that somebody belongs to counts."""
    clamav: str | None = None
    """Where clamd listens: the path of its socket, or `host:port`; without it nothing is scanned."""
    unscanned_allowed: bool = False
    """Whether a file is let through when clamd does not answer."""
    scan_timeout_s: Annotated[int, Field(ge=1, le=600)] = 30
    quarantine_mb: Megabytes = 1_000
    """How much of infected files is kept; the oldest are thrown out for new ones."""

    @property
    def most_mb(self) -> int:
        """The largest file that anybody may upload."""
        return max(allowance.largest_mb for allowance in (self, *self.groups))
