"""How often somebody may ask: enough for a person who works fast, too little for a program that walks the archive."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict

_MOST_KEPT = 10_000


class Rates:
    """A bucket for each asker: ``burst`` requests at once, and ``per_second`` more as time goes on.

    An asker is a secret that somebody was once let in by. Until then, the line that they ask from is counted too: a
    secret that is made up anew each time is no new asker.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._guard = threading.Lock()

    def allows(self, secret: str, line: str) -> bool:
        """Whether who shows this secret, if any, may ask now from this line; counts it."""
        key, at = _key("secret", secret), _key("line", line)
        with self._guard:
            if secret and key in self._known:
                return self._takes(key)
            return self._takes(at) and (not secret or self._takes(key))

    def knows(self, secret: str) -> None:
        """Somebody was let in by this secret: from now on it is counted by itself."""
        key = _key("secret", secret)
        with self._guard:
            self._known[key] = None
            self._known.move_to_end(key)
            if len(self._known) > _MOST_KEPT:
                self._known.popitem(last=False)

    def _takes(self, key: bytes) -> bool:
        now = time.monotonic()
        left, since = self._buckets.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _MOST_KEPT:
            self._buckets.popitem(last=False)
        return allowed


def _key(kind: str, text: str) -> bytes:
    """No cookie is kept; and a cookie that reads like an address takes nothing from it."""
    return hashlib.blake2b(f"{kind}:{text}".encode(), digest_size=16).digest()
