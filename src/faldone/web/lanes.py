"""How many requests are worked on at once: few, and what takes long in a lane of its own.

Pages cost the interpreter's time, which is one. With forty at once each of them waits for thirty-nine; with four, fifty
people at work wait a quarter as long (``make bench-web``). A list of all documents or a provider that does not answer
must not keep those four: whoever asks for such a thing waits among their like.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from inspect import iscoroutinefunction
from typing import Any, Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi.routing import APIRoute

P = ParamSpec("P")
T = TypeVar("T")

_AT_LENGTH: Final = 4
_long: Final[RunVar[CapacityLimiter]] = RunVar("faldone_at_length")


def narrow(threads: int) -> None:
    """Lets so many requests be worked on at once, in the loop that runs."""
    to_thread.current_default_thread_limiter().total_tokens = threads


def at_length(handler: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A handler that may take seconds: it has a thread beside those of all others."""

    @functools.wraps(handler)
    async def beside(*args: P.args, **named: P.kwargs) -> T:
        return await to_thread.run_sync(functools.partial(handler, *args, **named), limiter=_lane())

    return beside


class AtLength(APIRoute):
    """A route whose handler may take seconds: for the screens that read through much, a ledger or all documents."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **named: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else at_length(endpoint), **named)


def _lane() -> CapacityLimiter:
    try:
        return _long.get()
    except LookupError:
        made = CapacityLimiter(_AT_LENGTH)
        _long.set(made)
        return made
