"""Synapse in several processes: which there are, what each is for, and where it listens on loopback."""

from dataclasses import dataclass
from enum import StrEnum

from huep.settings import Settings

REDIS_OFFSET, MAIN_OFFSET, REPLICATION_OFFSET, FIRST_WORKER_OFFSET = range(4)
"""From the first port of `[workers]`."""


class WorkerKind(StrEnum):
    """What a worker is for."""

    PERSISTER = "persister"
    """Writes every event; no client reaches it."""
    MEDIA = "media"
    """Uploads, downloads and thumbnails."""
    GENERIC = "generic"
    """Syncs, messages, reads and searches."""


@dataclass(frozen=True)
class Worker:
    """One process beside Synapse's main one."""

    name: str
    """Synapse's `worker_name`; in the names of its files too."""
    kind: WorkerKind
    port: int

    @property
    def local_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def resources(self) -> tuple[str, ...]:
        """What Synapse calls the parts of its API that are served there."""
        return {
            WorkerKind.PERSISTER: ("replication",),
            WorkerKind.MEDIA: ("media",),
            WorkerKind.GENERIC: ("client",),
        }[self.kind]


@dataclass(frozen=True)
class Layout:
    """All of Synapse's processes, and Redis between them."""

    redis_port: int
    main_port: int
    """The main process, where the proxy leads what no worker serves."""
    replication_port: int
    """The main process, for workers alone."""
    persister: Worker
    media: Worker
    generic: tuple[Worker, ...]

    @property
    def workers(self) -> tuple[Worker, ...]:
        return (self.persister, self.media, *self.generic)

    @property
    def main_url(self) -> str:
        return f"http://127.0.0.1:{self.main_port}"

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port but the proxy's."""
        return (self.redis_port, self.main_port, self.replication_port, *(worker.port for worker in self.workers))


def layout_of(settings: Settings) -> Layout | None:
    """The processes that `[workers]` asks for; None where Synapse is one process."""
    if not settings.workers.enabled:
        return None
    first = settings.workers.port
    port = first + FIRST_WORKER_OFFSET
    persister = Worker("persister", WorkerKind.PERSISTER, port)
    media = Worker("media", WorkerKind.MEDIA, port + 1)
    generic = (
        Worker(f"generic-{number}", WorkerKind.GENERIC, port + 1 + number)
        for number in range(1, settings.workers.generic + 1)
    )
    return Layout(
        redis_port=first + REDIS_OFFSET,
        main_port=first + MAIN_OFFSET,
        replication_port=first + REPLICATION_OFFSET,
        persister=persister,
        media=media,
        generic=tuple(generic),
    )
