"""Answers that have no end of their own: they end when the app does, and when their account has opened too many."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

from faldone.web.site import Site

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_STREAMS: Final = 6
"""Live pages that one account has at once: as many as a browser opens to one host."""

_COME_AGAIN_MS = 30_000


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


class Streams:
    """The live answers under way, by account: where one too many is opened, the oldest ends.

    Somebody with many tabs looks at the one that they have opened last; the one that was shut comes again by itself
    after half a minute and hears what it has missed, so that no tab is cut off for good and none takes turns with the
    next every second. All of it happens in the one thread that serves requests.
    """

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._open: dict[str, list[Stream]] = {}

    @contextmanager
    def one(self) -> Iterator[Stream]:
        """One answer, which may turn out to be a live one."""
        stream = Stream(self)
        try:
            yield stream
        finally:
            if stream.account is not None:
                self._open[stream.account].remove(stream)
                if not self._open[stream.account]:
                    del self._open[stream.account]

    def opened(self, stream: Stream, account: str) -> None:
        """Counts a live answer to this account."""
        stream.account = account
        others = self._open.setdefault(account, [])
        others.append(stream)
        for old in others[: -self._most]:
            old.is_shut = True

    def count(self, account: str) -> int:
        """How many go on, those that are about to end among them."""
        return len(self._open.get(account, ()))


class Stream:
    """One answer. Once it is shut, whoever makes it hears that its reader is gone, as if the tab had been closed."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self.account: str | None = None
        self.is_shut = False
        self._told = False

    def hears(self, receive: Receive) -> Receive:
        """The request as its route hears it."""

        async def get() -> Message:
            return {"type": "http.disconnect"} if self.is_shut else await receive()

        return get

    def tells(self, scope: MutableMapping[str, Any], send: Send) -> Send:
        """The answer as its reader is sent it."""

        async def put(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_live(message):
                caller = scope["state"].get("caller")
                if caller is not None:
                    self._streams.opened(self, caller.account.name)
            elif self.is_shut and not self._told and message["type"] == "http.response.body":
                self._told = True
                message["body"] = message.get("body", b"") + f"retry: {_COME_AGAIN_MS}\n\n".encode()
            await send(message)

        return put


def _is_live(start: Message) -> bool:
    kinds = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return any(kind.startswith(b"text/event-stream") for kind in kinds)
