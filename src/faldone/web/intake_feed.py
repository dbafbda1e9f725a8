"""The board of intake for many screens at once: however many watch, it is looked at twice a second and no more."""

from __future__ import annotations

import time

from starlette.concurrency import run_in_threadpool

from faldone.pipeline.intake.board import Board, Snapshot
from faldone.web.site import Site

_FRESH_S = 0.5


class Feed:
    """The last look at the board of a site, and who takes the next one."""

    def __init__(self, site: Site) -> None:
        self._board = Board(site.ports)
        self._last: tuple[float, Snapshot] | None = None
        self._looking = False

    def read(self) -> Snapshot:
        """The board as it is now, or was a moment ago."""
        if self._last is not None and time.monotonic() - self._last[0] < _FRESH_S:
            return self._last[1]
        return self.look()

    def look(self) -> Snapshot:
        """The board as it is now."""
        found = self._board.look()
        self._last = (time.monotonic(), found)
        return found

    async def watch(self) -> Snapshot:
        """The same as :meth:`read` for streams: one of them has a thread look, the others take what is there."""
        last = self._last
        if last is not None and (self._looking or time.monotonic() - last[0] < _FRESH_S):
            return last[1]
        self._looking = True
        try:
            return await run_in_threadpool(self.look)
        finally:
            self._looking = False
