"""How many requests are worked on at once: few, and what takes long in a lane of its own.

Pages cost the interpreter's time, which is one. With forty at once each of them waits for thirty-nine; with four, fifty
people at work wait a quarter as long (``make bench-web``). A list of all documents, a share that is gone or a provider
that does not answer must not keep those four: whoever asks for such a thing waits among their like.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from enum import Enum
from inspect import iscoroutinefunction
from typing import Any, Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi.routing import APIRoute

P = ParamSpec("P")
T = TypeVar("T")

_IN_EACH: Final = 4


class Lane(Enum):
    """Where requests wait that do not wait among all others."""

    LONG = "long"
    """What reads or writes much."""
    FILES = "files"
    """Files that are handed in, and the share that they are written to."""
    PROVIDER = "provider"
    """The office's provider: whoever is at the door may have it asked, and it may not answer."""


_lanes: Final[RunVar[dict[Lane, CapacityLimiter]]] = RunVar("faldone_lanes")


def narrow(threads: int) -> None:
    """Lets so many requests be worked on at once, in the loop that runs."""
    to_thread.current_default_thread_limiter().total_tokens = threads


def at_length(handler: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A handler that may take seconds: it has a thread beside those of all others."""
    return _in(Lane.LONG, handler)


def at_provider(handler: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A handler that asks the office's provider: who has entered does not wait for it."""
    return _in(Lane.PROVIDER, handler)


async def run_in(lane: Lane, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Has this done by a thread of this lane."""
    return await to_thread.run_sync(functools.partial(work, *args, **named), limiter=_limiter(lane))


class AtLength(APIRoute):
    """A route whose handler may take seconds: for the screens that read through much, a ledger or all documents."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **named: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else at_length(endpoint), **named)


def _in(lane: Lane, handler: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    @functools.wraps(handler)
    async def beside(*args: P.args, **named: P.kwargs) -> T:
        return await run_in(lane, handler, *args, **named)

    return beside


def _limiter(lane: Lane) -> CapacityLimiter:
    try:
        limiters = _lanes.get()
    except LookupError:
        limiters = {one: CapacityLimiter(_IN_EACH) for one in Lane}
        _lanes.set(limiters)
    return limiters[lane]
