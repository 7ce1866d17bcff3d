"""The section `[push]` of huep.toml: through whom phones learn that there is something new."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from huep.push.addresses import gateway_address, origin
from huep.sections import Port, Section, local_url


class PushException(Section):
    """One `[[push.exceptions]]`: a gateway outside that the operator lets through, such as a phone maker's."""

    gateway: str
    reason: Annotated[str, Field(min_length=10)]
    """Who needs it and who decided; `huep doctor` prints it."""

    @field_validator("gateway")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return gateway_address(value)


class PushSettings(Section):
    """`[push]` (docs/closed.md)."""

    enabled: bool = True
    """HueP's own gateway, which speaks to the ntfy app on phones."""
    bind: str = "127.0.0.1"
    """The address of the plain listener, where Synapse comes in too; widen it only behind a TLS proxy of your own."""
    port: Port = 8015
    public_url: str | None = None
    """What phones use, `https://push.hue.gov.vn`; by default the address the gateway listens on."""
    tls_bind: str = "::"
    tls_port: Port = 8444
    """Where `synapse.tls_certificate` is set the gateway speaks https there, with that certificate."""
    keep_hours: Annotated[int, Field(ge=1, le=72)] = 12
    """A phone that was off so long still gets what it missed; kept in memory alone."""
    allowed: tuple[str, ...] = ()
    """Further gateways that stand inside the building."""
    exceptions: tuple[PushException, ...] = ()

    @field_validator("allowed")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(gateway_address, value))

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str | None) -> str | None:
        if value is not None and origin(value) != value.rstrip("/").lower():
            raise ValueError(f"{value!r} must be scheme and host alone, such as 'https://push.hue.gov.vn'")
        return value and origin(value)

    @model_validator(mode="after")
    def _is_inside_or_outside(self) -> Self:
        both = set(self.allowed) & {exception.gateway for exception in self.exceptions}
        if both:
            raise ValueError(f"{min(both)!r} is among allowed and among exceptions: it is inside or outside")
        return self

    @property
    def local_url(self) -> str:
        """Where a process on this host reaches the gateway."""
        return local_url(self.bind, self.port)
