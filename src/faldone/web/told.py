"""What the journal has been told already, so that turning a page to and fro is one event and not twenty."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_REMEMBERED: Final = 200_000


class Told:
    """What was put on record in a session. What is forgotten is told once more: never less than was shown."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._keys: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def once(self, key: tuple[str, ...], tell: Callable[[], None]) -> None:
        """Tells, unless it was told under this key before; a failure counts as not told."""
        with self._guard:
            if key in self._keys:
                self._keys.move_to_end(key)
                return
        tell()
        with self._guard:
            self._keys[key] = None
            if len(self._keys) > _REMEMBERED:
                self._keys.popitem(last=False)

    def has(self, key: tuple[str, ...]) -> bool:
        """Whether it was told."""
        with self._guard:
            return key in self._keys
