"""A portal on loopback that answers as a test wants: well, slowly, hugely, with a bomb, or with the way to another."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class NewsOrigin:
    """Where it is, what it says, and what it was asked."""

    url: str = ""
    pages: dict[str, Handler] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)

    def says(self, path: str, body: bytes | str, kind: str = "application/rss+xml", **headers: str) -> str:
        """Let `path` give this; returns its address."""
        content = body.encode() if isinstance(body, str) else body

        async def page(request: web.Request) -> web.Response:
            etag = headers.get("ETag")
            if etag is not None and request.headers.get("If-None-Match") == etag:
                return web.Response(status=304)
            return web.Response(body=content, headers={"Content-Type": kind, **headers})

        return self.does(path, page)

    def sends_on(self, path: str, to: str, status: int = 302) -> str:
        async def page(_: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": to})

        return self.does(path, page)

    def fails(self, path: str, status: int) -> str:
        async def page(_: web.Request) -> web.Response:
            return web.Response(status=status, text="<html>secret words of an error page</html>")

        return self.does(path, page)

    def drips(self, path: str, each_s: float) -> str:
        """One byte at a time, without end."""

        async def page(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Type": "text/xml"})
            await answer.prepare(request)
            while True:
                await answer.write(b" ")
                await asyncio.sleep(each_s)

        return self.does(path, page)

    def floods(self, path: str, of_bytes: int) -> str:
        async def page(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Type": "text/xml"})
            await answer.prepare(request)
            for _ in range(of_bytes // 65_536):
                await answer.write(b"a" * 65_536)
            return answer

        return self.does(path, page)

    def packs(self, path: str, body: bytes, packing: str = "gzip") -> str:
        return self.says(path, gzip.compress(body), **{"Content-Encoding": packing})

    def does(self, path: str, page: Handler) -> str:
        self.pages[path] = page
        return self.url + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        page = self.pages.get(request.path)
        return web.Response(status=404) if page is None else await page(request)


@asynccontextmanager
async def news_origin() -> AsyncIterator[NewsOrigin]:
    """One on a port of its own, for the block."""
    origin = NewsOrigin()
    app = web.Application()
    app.router.add_get("/{path:.*}", origin.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        origin.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield origin
    finally:
        await runner.cleanup()


def rss(*items: str, encoding: str = "UTF-8") -> str:
    """A feed of these items, the newest first."""
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>Cổng</title>'
        f"<link>https://hue.gov.vn</link>{''.join(items)}</channel></rss>"
    )


def entry(
    number: int, title: str = "Tin", text: str = "Nội dung", date: str = "Mon, 15 Jun 2026 08:00:00 +0700"
) -> str:
    """One item of a feed."""
    return (
        f"<item><guid>tin-{number}</guid><title>{title} {number}</title><link>https://hue.gov.vn/tin/{number}</link>"
        f"<description><![CDATA[<p>{text} {number}</p>]]></description><pubDate>{date}</pubDate></item>"
    )
