"""What the steps stand on: handed in by the composition root, so that a test hands in twins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faldone import __version__
from faldone.catalog.catalog import Catalog
from faldone.classify.lexicon import Lexicon
from faldone.classify.register import PersonRegister
from faldone.ingest.inspect import Limits
from faldone.ocr.engine import OcrEngine
from faldone.ocr.options import OcrOptions
from faldone.search.index import SearchIndex
from faldone.storage.store import Store

AGENT = f"faldone/{__version__}"
"""The PREMIS agent of what faldone itself does."""


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that the steps need.

    ``done`` is where sealed originals go; ``patience_s`` is how long a file that looks cut short may still grow.
    """

    limits: Limits
    ocr: OcrOptions
    done: Path
    attempts: int
    patience_s: float

    def claim(self, pages: int = 1) -> dt.timedelta:
        """How long a step may keep pages or a file to itself: the engine's time together, alone and turned."""
        return dt.timedelta(seconds=4 * pages * self.ocr.timeout_s + 60)


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside a step. ``clock`` gives aware UTC; ``register`` the register as it is now."""

    catalog: Catalog
    store: Store
    engine: OcrEngine
    index: SearchIndex
    register: Callable[[], PersonRegister]
    lexicon: Lexicon
    clock: Callable[[], dt.datetime]
    options: Options
