"""What every section of huep.toml is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """A table of huep.toml: an unknown key is an error, and nothing changes once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def local_url(bind: str, port: int) -> str:
    """Where a process on this host reaches a listener; one that is bound to every address by loopback."""
    every = bind in ("0.0.0.0", "::")  # noqa: S104 - the operator's choice
    host = "127.0.0.1" if every else f"[{bind}]" if ":" in bind else bind
    return f"http://{host}:{port}"
