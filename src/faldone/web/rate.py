"""How often somebody may ask: enough for a person who works fast, too little for a program that walks the archive."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict

_MOST_KEPT = 10_000


class Rates:
    """A bucket for each asker: ``burst`` requests at once, and ``per_second`` more as time goes on."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._guard = threading.Lock()

    def allows(self, who: str) -> bool:
        """Whether this asker may ask now; counts it."""
        key = hashlib.blake2b(who.encode(), digest_size=16).digest()  # no cookie is kept
        now = time.monotonic()
        with self._guard:
            left, since = self._buckets.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._per_second)
            allowed = left >= 1
            self._buckets[key] = (left - 1 if allowed else left, now)
            if len(self._buckets) > _MOST_KEPT:
                self._buckets.popitem(last=False)
        return allowed
