"""In how many documents words stand, as the cluster said a moment ago.

A question leads to some ten searches, all with its words, and so does the next page of its answer. What another process
writes meanwhile is found all the same: these numbers are for ranking.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

_FOR_S: Final = 10.0
_WORDS: Final = 10_000


class Remembered:
    """In how many documents words stand. Instances may be shared between threads."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._until = 0.0
        self._state = 0
        self._mutex = threading.Lock()

    def of(self, words: Iterable[str]) -> tuple[int, dict[str, int]]:
        """What is known of these words, and in which state of the index."""
        with self._mutex:
            if time.monotonic() >= self._until:
                self._counts.clear()
            return self._state, {word: self._counts[word] for word in words if word in self._counts}

    def add(self, counts: Mapping[str, int], state: int) -> None:
        """What the engine says of words; nothing to remember if it was asked before the last change."""
        with self._mutex:
            if state != self._state:
                return
            if len(self._counts) + len(counts) > _WORDS:
                self._counts.clear()
            if not self._counts:
                self._until = time.monotonic() + _FOR_S
            self._counts |= counts

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What is written in the block is counted afresh afterwards."""
        try:
            yield
        finally:
            with self._mutex:
                self._state += 1
                self._counts.clear()
