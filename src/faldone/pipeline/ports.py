"""What the steps stand on: handed in by the composition root, so that a test hands in twins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from faldone.catalog.catalog import Catalog
from faldone.classify.decide import DEFAULT_THRESHOLDS, Thresholds
from faldone.classify.learned import LearnedModel
from faldone.classify.lexicon import Lexicon
from faldone.classify.register import PersonRegister
from faldone.domain.inbox import Originals
from faldone.ingest.inspect import Limits
from faldone.ocr.engine import OcrEngine
from faldone.ocr.options import OcrOptions
from faldone.pipeline.at_hand import AtHand
from faldone.pipeline.tries import Locks
from faldone.search.index import SearchIndex
from faldone.storage.store import Store

FACTOR_KEY: Final = "second-factors.key"
"""What the file of the key of second factors is called in a home."""

_PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that the steps need.

    ``originals`` become what it says once they are sealed: ``done`` is where they move. ``patience_s`` is how long a
    file that looks cut short may still grow; with less than ``min_free_bytes`` nothing is taken in. ``work`` is a
    folder for what passes by on the way. ``copies`` is where a searchable PDF of every document is kept; ``None`` keeps
    none. ``thresholds`` are the least confidences for filing without a person's look. ``factor_key`` is the file of
    the key that the secrets of second factors are sealed under. One in ``recheck_one_in`` documents that were filed
    by themselves is asked again blind; 0: none.
    """

    limits: Limits
    ocr: OcrOptions
    done: Path
    work: Path
    attempts: int
    patience_s: float
    factor_key: Path
    originals: Originals = Originals.MOVE
    min_free_bytes: int = 0
    patch_texts: frozenset[str] = frozenset()
    copies: Path | None = None
    thresholds: Thresholds = DEFAULT_THRESHOLDS
    recheck_one_in: int = 0

    def gives_up(self, attempts: int) -> bool:
        """Whether work that was begun so often, and never came to any end, kills whoever does it.

        More patient than with failures that were seen: a machine that is switched off every day is no reason to take
        a page out of the flow.
        """
        return attempts > 2 * self.attempts + _PATIENCE

    def claim(self, pages: int = 1) -> dt.timedelta:
        """How long a step may keep pages or a file to itself: the engine's time together, alone and turned."""
        return dt.timedelta(seconds=4 * pages * self.ocr.timeout_s + 60)


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside a step. ``clock`` gives aware UTC; ``register`` and ``learned`` are as they are now.

    ``locks`` is what this process remembers of errors at the door, ``at_hand`` are pages that it has just looked at.
    """

    catalog: Catalog
    store: Store
    engine: OcrEngine
    index: SearchIndex
    register: Callable[[], PersonRegister]
    lexicon: Lexicon
    clock: Callable[[], dt.datetime]
    options: Options
    learned: Callable[[], LearnedModel | None] = lambda: None
    locks: Locks = field(default_factory=Locks)
    at_hand: AtHand = field(default_factory=AtHand)
