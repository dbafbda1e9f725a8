"""Acquisizione: what comes in, while the paper is still on the table."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from faldone.domain.account import Ability
from faldone.errors import UnavailableError
from faldone.pipeline.intake.board import Snapshot, first_alarm, newest_row, seen_by
from faldone.pipeline.intake.inbox_doors import Away
from faldone.pipeline.intake.quarantine import stopped_counts
from faldone.pipeline.intake.suspects import Suspect
from faldone.web.caller import Caller
from faldone.web.intake_seen import DOOR_S, access_of, away_of, feed_of, suspects_of
from faldone.web.pages import intake_batches, intake_desk
from faldone.web.render import fragment, is_htmx, page
from faldone.web.rules import Requires
from faldone.web.stopping import stopping
from faldone.web.uploading import inboxes_of

router = APIRouter()
router.include_router(intake_batches.router)
router.include_router(intake_desk.router)

Taker = Annotated[Caller, Depends(Requires(Ability.INTAKE))]
LastSeen = Annotated[str, Query(max_length=60)]

_SWAP_S: Final = 0.25
_LOOK_S: Final = 0.5
_STREAM_S: Final = 60.0
"""A stream ends after so long and is taken up again by its reader: rights that were taken away end with it."""
_BEAT_S: Final = 15.0
_ALERT: Final = "avviso"


@router.get("/acquisizione")
def show_board(request: Request, caller: Taker) -> Response:
    """The batches, the first page to be fed again, the newest pages, quarantine and disk."""
    access = access_of(caller)
    snapshot = seen_by(feed_of(caller.site).read(), access)
    template = "intake/_board.html" if is_htmx(request) else "intake/page.html"
    inboxes = inboxes_of(caller.site.options.inboxes, access)
    return page(request, caller, template, inboxes=inboxes, **_board(snapshot, caller, _Doors.of(caller, DOOR_S)))


@router.get("/acquisizione/eventi")
async def stream_board(request: Request, caller: Taker, last: LastSeen = "") -> Response:
    """What changes on the board, as it changes: server-sent events, of which ``last`` is the last one that was seen."""
    seen = request.headers.get("last-event-id", "") or last
    headers = {"X-Accel-Buffering": "no"}  # a server in between keeps no event back
    return StreamingResponse(_stream(request, caller, seen), media_type="text/event-stream", headers=headers)


@dataclass(frozen=True, slots=True)
class _Doors:
    """What is to be said of the inboxes: those that do not answer, and files that wait because they look damaged."""

    away: tuple[Away, ...] = ()
    suspects: tuple[Suspect, ...] = ()

    @classmethod
    def of(cls, caller: Caller, wait_s: float = 0.0) -> _Doors:
        return cls(away_of(caller, wait_s), suspects_of(caller))


def _board(snapshot: Snapshot, caller: Caller, doors: _Doors) -> dict[str, Any]:
    return DRAWING | {
        "away": doors.away,
        "suspects": doors.suspects,
        "rows": snapshot.rows,
        "newest": newest_row(snapshot),
        "alarm": first_alarm(snapshot),
        "red": sum(row.red for row in snapshot.rows if row.batch.closed_at is None),
        "stopped": stopped_counts(snapshot.standing.stopped, access_of(caller)),
        "standing": snapshot.standing,
        "mark": f"{snapshot.run}-{snapshot.version}",
    }


DRAWING: Final = intake_batches.DRAWING


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the board, and the version of the board in which it changed."""

    name: str
    version: int
    template: str
    context: dict[str, Any]
    first_version: int = 0


def _parts(snapshot: Snapshot, caller: Caller, doors: _Doors) -> Iterator[_Part]:
    board = _board(snapshot, caller, doors)
    newest = board["newest"]
    changed = max((row.version for row in snapshot.rows), default=0)
    yield _Part(_ALERT, changed, "intake/_alert.html", board)
    if newest is not None:
        yield _Part(f"pagine-{newest.batch.id}", newest.version, "intake/_strip.html", board)
    for row in snapshot.rows:
        context = board | {"row": row}
        yield _Part(f"lotto-{row.batch.id}", row.version, "intake/_row.html", context, row.first_version)
    yield _Part("piede", max(snapshot.standing.version, changed), "intake/_foot.html", board)


async def _stream(request: Request, caller: Caller, last: str) -> AsyncIterator[str]:
    """Sends one part at a time, and looks again before the next: a red page never waits for the rest."""
    feed, access, stops = feed_of(caller.site), access_of(caller), stopping(caller.site)
    run, _, number = last.rpartition("-")
    since = int(number) if number.isascii() and number.isdecimal() and len(number) < 18 else 0
    sent: dict[str, _Sent] = {}
    told = _Doors()
    began = beat = time.monotonic()
    yield "retry: 1000\n\n"
    while not stops and time.monotonic() < began + _STREAM_S and not await request.is_disconnected():
        try:
            snapshot = seen_by(await feed.watch(), access)
        except UnavailableError:
            return  # the reader comes again by itself
        if run != snapshot.run:
            run, since = snapshot.run, 0
        doors = _Doors.of(caller)
        if doors != told:
            told, sent[_ALERT] = doors, _Sent(-1)  # it is told though no batch changed
        parts = [(part, sent.get(part.name, _Sent(since))) for part in _parts(snapshot, caller, doors)]
        due = [(part, before) for part, before in parts if part.version > before.version]
        if not due:
            if time.monotonic() > beat + _BEAT_S:
                beat = time.monotonic()
                yield ": \n\n"
            await asyncio.sleep(_LOOK_S)
            continue
        part, before = min(due, key=lambda one: (one[0].name != _ALERT, one[1].at_s))
        text = bytes(fragment(request, caller, part.template, **part.context).body).decode()
        new = part.first_version > since and part.name not in sent
        sent[part.name] = _Sent(part.version, time.monotonic(), text)
        if text != before.text:
            # Whoever is cut off before a version was told in full hears all of it again.
            mark = f"id: {run}-{snapshot.version}\n" if len(due) == 1 else ""
            yield f"{mark}event: {'nuovo' if new else part.name}\n{_lines(text)}\n"
            beat = time.monotonic()
            await asyncio.sleep(_SWAP_S)


@dataclass(frozen=True, slots=True)
class _Sent:
    """Up to which version of the board a part was sent, when, and as what."""

    version: int
    at_s: float = 0.0
    text: str | None = None


def _lines(text: str) -> str:
    return "".join(f"data: {line}\n" for line in text.splitlines() if line.strip()) or "data:\n"
