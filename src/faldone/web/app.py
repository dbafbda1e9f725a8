"""The app: routes, each with its rule, behind one guard."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import Scope

from faldone import __version__
from faldone.domain.access import EVERYTHING
from faldone.errors import UnavailableError
from faldone.pipeline.review.queue import Order
from faldone.web.api import accounts as api_accounts
from faldone.web.api import audit as api_audit
from faldone.web.api import documents as api_documents
from faldone.web.api import dossiers as api_dossiers
from faldone.web.api import health as api_health
from faldone.web.api import intake as api_intake
from faldone.web.api import review as api_review
from faldone.web.api import search as api_search
from faldone.web.api import statistics as api_statistics
from faldone.web.api_description import describe
from faldone.web.lanes import narrow
from faldone.web.pages import (
    administration,
    administration_accounts,
    audit,
    documents,
    dossiers,
    entering,
    home,
    intake,
    presence,
    reasons,
    review,
    search,
    statistics,
)
from faldone.web.pages import help as help_pages
from faldone.web.problems import add_handlers
from faldone.web.rate import Rates
from faldone.web.render import STATIC
from faldone.web.reviewing import room_of
from faldone.web.rules import Rule, cookie_name, rule_of
from faldone.web.security import Guard
from faldone.web.site import Site

_PAGES: tuple[APIRouter, ...] = (
    home.router,
    entering.router,
    presence.router,
    help_pages.router,
    intake.router,
    review.router,
    search.router,
    dossiers.router,
    documents.router,
    reasons.router,
    audit.router,
    statistics.router,
    administration.router,
    administration_accounts.router,
)

_API: tuple[APIRouter, ...] = (
    api_search.router,
    api_documents.router,
    api_dossiers.router,
    api_review.router,
    api_intake.router,
    api_audit.router,
    api_statistics.router,
    api_accounts.router,
    api_health.router,
)

_API_PREFIX = "/api/v1"
_DESCRIPTION = "/api/openapi.json"
_BIG: Final[Mapping[str, int | None]] = {
    "/acquisizione/carica": None,
    "/api/v1/upload": None,
    "/amministrazione/persone/importa": 50_000_000,  # a whole register
}
_PER_SECOND = 50.0
_BURST = 300


def create_app(site: Site, *, per_second: float = _PER_SECOND, burst: int = _BURST) -> FastAPI:
    """The web app of a site.

    Args:
        site: what its requests share.
        per_second: how many requests a second are heard from one asker in the long run.
        burst: how many are heard at once.

    Raises:
        RuntimeError: a route has no rule.
    """
    list(routes())  # each has its rule, or nothing is served
    app = _with_routes()
    app.state.site = site
    app.mount("/static", _Static(directory=STATIC, check_dir=False), "static")
    add_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Guard, url=site.options.url, rates=Rates(per_second, burst), cookie=cookie_name(site), big=_BIG)
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    """What is begun with the app and ends with it."""
    site: Site = app.state.site
    narrow(site.options.threads)
    reading = threading.Thread(target=_read_ahead, args=(site,), name="read-ahead", daemon=True)
    reading.start()
    yield
    reading.join()
    site.close()


def _read_ahead(site: Site) -> None:
    """Who types ahead or reviews first does not wait for 200 000 names and for all that waits to be read."""
    with contextlib.suppress(UnavailableError):  # whoever asks first reads it then, or is told
        site.book.read()
        room_of(site).queue.waiting(EVERYTHING, Order.USEFUL, site.ports)


def _with_routes() -> FastAPI:
    app = FastAPI(
        title="faldone",
        version=__version__,
        description="Le carte di un servizio sociale, con le stesse regole delle pagine · the same rules as the pages",
        openapi_url=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_life,
    )
    for router in _PAGES:
        app.include_router(router, include_in_schema=False)
    for router in _API:
        app.include_router(router, prefix=_API_PREFIX)
    describe(app)
    return app


@dataclass(frozen=True, slots=True)
class RuledRoute:
    """A route and who may call it."""

    path: str
    method: str
    rule: Rule


def routes() -> Iterator[RuledRoute]:
    """All routes but the app's own files and the description of the API.

    Raises:
        RuntimeError: one has no rule.
    """
    for context in iter_route_contexts(_with_routes().routes):
        route = context.original_route
        if context.path == _DESCRIPTION:
            continue
        if not isinstance(route, APIRoute) or context.path is None:
            raise RuntimeError(f"{context.path} is no route that can have a rule")
        for method in sorted(route.methods or ()):
            yield RuledRoute(context.path, method, rule_of(route))


class _Static(StaticFiles):
    """The app's own files: their address changes when they do, so that they may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
