"""How a page stands upright, said by somebody who looks at it."""

from __future__ import annotations

from faldone.catalog.records import Page
from faldone.domain.events import Event, EventType, user_agent
from faldone.errors import UndecidableError
from faldone.pipeline.ports import Ports


def turn_page(page: Page, turn: int, by: str, ports: Ports) -> None:
    """Puts on record how far a page in its file is turned clockwise to stand upright; its words stay as they were read.

    Raises:
        UndecidableError: it is no quarter turn.
    """
    if turn not in (0, 90, 180, 270):
        raise UndecidableError("Una pagina si gira di 90 gradi alla volta. / A page is turned by quarters.")
    now = ports.clock()
    with ports.catalog.begin() as work:
        work.turn_page(page.id, turn, by, now)
        work.record(Event(EventType.PAGE_TURNED, page.id, now, user_agent(by), detail={"turn": turn}))
