"""The learned model as it lies in the home: read once, and again when somebody trained a new one."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from faldone.classify.learned import LearnedModel, load_model
from faldone.errors import ModelError

log = logging.getLogger(__name__)


class ModelFile:
    """The model in force, read when it is first asked for and again when somebody trained a new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._held: LearnedModel | None = None

    def __call__(self) -> LearnedModel | None:
        """The model; ``None`` when there is none, or it is not what faldone wrote: papers are filed without it then."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        stamp = (found.st_mtime_ns, found.st_size)
        with self._lock:
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._held = load_model(self._path)
                except ModelError as error:
                    log.warning("the learned model is not used: %s", error)
                    self._held = None
            return self._held
