"""That the app is about to stop: answers that have no end of their own end by themselves."""

from __future__ import annotations

import threading

from faldone.web.site import Site


class Stopping:
    """Whether the app stops; set once, by whoever serves it."""

    def __init__(self) -> None:
        self._stops = threading.Event()

    def __bool__(self) -> bool:
        return self._stops.is_set()

    def set(self) -> None:
        """Says that it does."""
        self._stops.set()


def stopping(site: Site) -> Stopping:
    """The sign of this site."""
    return site.part(Stopping, lambda _: Stopping())
