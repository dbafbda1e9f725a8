"""Few requests at once, and one that takes long keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import inspect
import threading
from dataclasses import replace

from anyio import to_thread
from fastapi.testclient import TestClient

from faldone.web.app import create_app
from faldone.web.lanes import at_length, narrow
from faldone.web.pages import audit_access, search
from faldone.web.site import Site


def test_what_takes_long_has_a_lane_of_its_own() -> None:
    ended = threading.Event()

    async def day() -> str:
        narrow(1)
        waiting = asyncio.create_task(to_thread.run_sync(ended.wait, 10))
        await asyncio.sleep(0.05)
        try:
            return await asyncio.wait_for(at_length(lambda: "done")(), 5)
        finally:
            ended.set()
            await waiting

    assert asyncio.run(day()) == "done"


def test_the_app_works_on_as_many_requests_as_the_settings_say(site: Site) -> None:
    with TestClient(create_app(replace(site, options=replace(site.options, threads=3)))) as client:
        assert client.portal is not None
        assert client.portal.call(_tokens) == 3


def test_lists_and_reports_are_in_it() -> None:
    assert inspect.iscoroutinefunction(search.export)
    assert all(inspect.iscoroutinefunction(route.endpoint) for route in audit_access.router.routes)  # type: ignore[attr-defined]


async def _tokens() -> float:
    return to_thread.current_default_thread_limiter().total_tokens
