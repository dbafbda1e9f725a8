"""Every template, found by what it writes, and for which services."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tests.bench.otherhand.case import Case
from tests.bench.otherhand.services import SERVED

Write = Callable[[Case], None]
_MODULES = ("court", "health", "identity", "income", "social", "plans", "forms", "acts", "letters", "many")


@dataclass(frozen=True, slots=True)
class Template:
    """One template: its type, its services, the years it is written in, how often. ``who`` overrides the service's."""

    kind: str
    services: tuple[str, ...]
    since: int
    until: int
    weight: float
    who: str | None
    write: Write


_TEMPLATES: list[Template] = []


def paper(
    kind: str, services: str = "", *, since: int = 1985, until: int = 2025, weight: float = 1.0, who: str | None = None
) -> Callable[[Write], Write]:
    """Registers a template. No ``services`` means all of them."""

    def register(write: Write) -> Write:
        codes = tuple(services.split()) or tuple(SERVED)
        _TEMPLATES.append(Template(kind, codes, since, until, weight, who, write))
        return write

    return register


@cache
def templates() -> tuple[Template, ...]:
    """All of them, in a fixed order."""
    for module in _MODULES:
        importlib.import_module(f"tests.bench.otherhand.papers.{module}")
    return tuple(_TEMPLATES)
