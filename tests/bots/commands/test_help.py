"""The commands that every bot has; docs/commands.md names these tests."""

from tests.bots.desk import Desk


async def test_help() -> None:
    desk = Desk()
    said = await desk.says("an", "trợ giúp")
    assert "tôi là ai" in said
    assert "giờ yên lặng" in said
    assert "bao nhiêu người" not in said, "what one may not use is not in the help"
    assert "‹đơn vị› có bao nhiêu người" in await desk.says("giam-doc", "?")


async def test_help_with() -> None:
    desk = Desk()
    said = await desk.says("an", "trợ giúp giờ yên lặng")
    assert "giờ yên lặng từ ‹giờ bắt đầu› đến ‹giờ kết thúc›" in said
    assert "Ví dụ: giờ yên lặng từ 22h đến 6h" in said
    assert "sau khi bạn đồng ý" in said
    assert "did not understand" in await desk.says("an", "help me delete")
