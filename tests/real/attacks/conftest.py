"""One scene for all attacks, set once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from tests.clients.town import founded
from tests.conftest import Province
from tests.real.attacks.scene import Scene, scene_in


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def scene(stack: Province) -> AsyncIterator[Scene]:
    async with founded(stack.state) as town, scene_in(stack, town) as set_up:
        yield set_up


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def before(scene: Scene) -> dict[str, Any]:
    return await scene.stands()
