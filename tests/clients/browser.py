"""A real Chromium the size of a small phone, without JavaScript."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import BrowserContext, async_playwright

SMALL_PHONE = {"width": 360, "height": 640}
EXECUTABLE = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""The system's own; None where there is none."""


@asynccontextmanager
async def phone() -> AsyncIterator[BrowserContext]:
    """A fresh profile: no cookies, no history, Vietnamese first, scripts off."""
    async with async_playwright() as playwright:
        # Without its sandbox, for it may be root who runs the tests; it is shown our own pages alone.
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=["--no-sandbox"])
        try:
            yield await browser.new_context(
                viewport=SMALL_PHONE,  # type: ignore[arg-type]
                device_scale_factor=2,
                is_mobile=True,
                has_touch=True,
                java_script_enabled=False,
                locale="vi-VN",
            )
        finally:
            await browser.close()
