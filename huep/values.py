"""Values that are made by the hundred thousand."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """A dataclass that the type checker keeps frozen, and that is made in a tenth of the time of a frozen one.

    A frozen dataclass sets each field through `object.__setattr__`: for 60,000 people with posts that is a second.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
