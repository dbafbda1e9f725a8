"""An inbox: a folder that scans arrive in, and what is known of everything that arrives there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal


class Originals(StrEnum):
    """What becomes of an original once its bytes are sealed and on record."""

    MOVE = "move"
    STAY = "stay"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Inbox:
    """One watched folder with its rules.

    Attributes:
        path: the folder, absolute.
        polling: the system says nothing of changes in it (a network share): only looking tells.
        batch: what makes a batch: each folder directly below the inbox, or each day.
        service: the service that everything here belongs to, by its code.
        comune: the municipality whose office scans here.
        box: the box that the papers come from.
    """

    path: Path
    polling: bool = False
    batch: Literal["folder", "day"] = "folder"
    service: str | None = None
    comune: str | None = None
    box: str | None = None
