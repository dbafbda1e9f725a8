"""What holds for every request and every answer, whatever the route: origin, headers, sizes, rates, live pages."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from faldone.pipeline.tries import line_of
from faldone.web.rate import Rates
from faldone.web.stopping import Streams

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_Refusal = tuple[int, str, str]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; manifest-src 'self'"
)

HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
"""On every answer; a route that says otherwise (``cache-control``) keeps what it says."""

_BODY_LIMIT = 1_000_000


class Guard:
    """Refuses what comes from another site, too often or too big, and puts the headers on every answer.

    A request that changes something is believed when the browser itself says that it comes from this site
    (``Sec-Fetch-Site``, or ``Origin`` where that is not sent): nothing has to be hidden in forms, and nothing can be
    left out of one. Programs that show a token are no browsers, and no other site can make them.

    ``cookie`` is what the cookie of a session is called; ``big`` says how many bytes a path takes where that is more
    than usual, None for one that counts them itself. An answer without an end, as live pages have it, ends when the
    same account has opened too many others since.
    """

    def __init__(self, app: App, *, url: str, rates: Rates, cookie: str, big: Mapping[str, int | None]) -> None:
        self._app = app
        self._own = {_origin(url)}
        self._rates = rates
        self._cookie = cookie
        self._big = big
        self._streams = Streams()
        self._headers = dict(HEADERS)
        if url.startswith("https:"):
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)  # of one that is sent twice the first holds, as for the rules of the routes
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await self._refuse(scope, refusal, send)
            return
        limit = self._limit(scope)
        limited = receive if limit is None else _limited(receive, limit)
        scope.setdefault("state", {})  # where the rule of the route leaves who asks
        told = self._with_headers(self._learning(scope, headers, send))
        with self._streams.one() as stream:
            await self._app(scope, stream.hears(limited), stream.tells(scope, told))

    def _limit(self, scope: Scope) -> int | None:
        return self._big.get(scope["path"], _BODY_LIMIT)

    def _secret(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """By what somebody shows who they are, if by anything: what else is sent along makes nobody another one."""
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return secret.strip()
        return HTTPConnection(scope).cookies.get(self._cookie, "")

    def _learning(self, scope: Scope, headers: Mapping[str, str], send: Send) -> Send:
        """Notes whose answer begins with an account: what they showed is no made-up secret."""

        async def put(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["state"].get("recognised"):
                self._rates.knows(self._secret(scope, headers))
            await send(message)

        return put

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> _Refusal | None:
        client = scope.get("client")
        if not self._rates.allows(self._secret(scope, headers), line_of(client[0]) if client else ""):
            return 429, "too-often", "Troppe richieste: riprova fra poco. / Too many requests: try again shortly."
        if scope["method"] in _SAFE or headers.get("authorization", "").lower().startswith("bearer "):
            return None
        if not self._is_own(headers):
            return 403, "other-site", "La richiesta viene da un altro sito. / The request comes from another site."
        length, limit = headers.get("content-length", ""), self._limit(scope)
        if limit is not None and length.isdecimal() and int(length) > limit:
            return 413, "too-large", "Troppo grande. / Too large."
        return None

    def _is_own(self, headers: Mapping[str, str]) -> bool:
        fetched = headers.get("sec-fetch-site")
        if fetched is not None:
            return fetched == "same-origin"
        origin = headers.get("origin")
        if origin is None:
            return False
        try:
            return origin in self._own or urlsplit(origin).netloc == headers.get("host")
        except ValueError:  # it is no address at all
            return False

    async def _refuse(self, scope: Scope, refusal: _Refusal, send: Send) -> None:
        status, code, words = refusal
        kind, body = b"text/plain; charset=utf-8", words
        if scope["path"].startswith("/api/"):
            kind, body = b"application/json", json.dumps({"error": {"code": code, "message": words, "hint": ""}})
        headers = [(b"content-type", kind)]
        if status == 429:
            headers.append((b"retry-after", b"5"))
        put = self._with_headers(send)
        await put({"type": "http.response.start", "status": status, "headers": headers})
        await put({"type": "http.response.body", "body": body.encode()})

    def _with_headers(self, send: Send) -> Send:
        async def put(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                added = [(n.encode(), v.encode()) for n, v in self._headers.items() if n.encode() not in there]
                if b"cache-control" not in there:
                    added.append((b"cache-control", b"no-store"))  # pages hold names
                message["headers"] = [*message["headers"], *added]
            await send(message)

        return put


def _limited(receive: Receive, limit: int) -> Receive:
    """The body of a request that says nothing of its length, up to a limit."""
    seen = 0

    async def get() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            return {"type": "http.disconnect"}
        return message

    return get


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
