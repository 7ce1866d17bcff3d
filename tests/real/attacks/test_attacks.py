"""The attack list: each attempt by somebody without the right, over HTTP, is refused and stands in refused.log.

docs/attacks.md is the same list for people. `test_the_page_and_the_list_are_equal` keeps both together.
"""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.real.attacks.attack import Attack, fill
from tests.real.attacks.scene import Scene
from tests.real.attacks.table import ATTACKS

WRITTEN_WITHIN_S = 10.0


async def tried(scene: Scene, attack: Attack) -> httpx.Response:
    for _ in range(attack.before):
        await scene.sends(attack.request, attack.by)
    return await scene.sends(attack.request, attack.by, mark=f"attack/{attack.name}")


async def written(holds: Any, what: str) -> None:
    deadline = time.monotonic() + WRITTEN_WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"no line in the log: {what}"
        await asyncio.sleep(0.05)


async def assert_refused_and_logged(scene: Scene, attack: Attack, answer: httpx.Response) -> None:
    assert (answer.status_code, errcode_of(answer)) == (attack.status, attack.errcode), answer.text
    who = scene.names[attack.by] if attack.is_known else "nobody"
    says = f" refused {attack.status} {attack.request.method} ", f" by {who} from ", f" with attack/{attack.name}: "
    await written(lambda: any(all(word in line for word in says) for line in scene.refusals()), " ".join(says))


def errcode_of(answer: httpx.Response) -> str | None:
    """None of a page and of an answer that has no code."""
    try:
        return str(answer.json()["errcode"])
    except (ValueError, KeyError, TypeError):
        return None


async def assert_without_effect(scene: Scene, attack: Attack, answer: httpx.Response) -> None:
    assert answer.status_code == attack.status, answer.text
    assert attack.then is not None
    after = await scene.sends(attack.then, attack.by)
    assert after.status_code == 200, after.text
    assert fill(attack.without, scene.names) not in after.text
    if attack.logged:
        words, log = fill(attack.logged, scene.names), scene.province.state.logs
        await written(lambda: any(words in file.read_text() for file in log.glob("synapse*.log")), words)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_is_refused_and_logged(scene: Scene, before: dict[str, Any], attack: Attack) -> None:
    answer = await tried(scene, attack)
    if attack.refused:
        await assert_refused_and_logged(scene, attack, answer)
    else:
        await assert_without_effect(scene, attack, answer)


async def test_after_all_of_them_everything_is_as_before(scene: Scene, before: dict[str, Any]) -> None:
    assert await scene.stands() == before


async def test_no_session_stands_in_the_log_of_refusals(scene: Scene) -> None:
    lines = "\n".join(scene.refusals())
    assert lines
    assert not any(token in lines for token in scene.tokens.values())
