"""Verifica: the whole archive held against its ledger, beside the pages; a run can be left and found again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import anyio
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from faldone.domain.events import EventType
from faldone.errors import UndecidableError
from faldone.pipeline.audit.reports import Tongue, verification_report
from faldone.pipeline.audit.story import story
from faldone.pipeline.audit.verification import ARCHIVE, NOT_RECORDED
from faldone.web import auditing as the
from faldone.web.caller import Caller
from faldone.web.lanes import AtLength
from faldone.web.render import language, page
from faldone.web.stopping import stopping

router = APIRouter(route_class=AtLength)

_TICK_S: Final = 0.5
_STREAM_S: Final = 300.0
"""A stream ends after so long and the browser asks for the next: who was shut out meanwhile does not go on reading."""
_KEPT: Final = 20
"""Verifications of the past that are listed."""


@router.get("/verifica/prove")
def runs(request: Request, caller: the.Auditor) -> HTMLResponse:
    """What verifications found, and those under way."""
    past = story(caller.site.ports.catalog.last_events(EventType.ARCHIVE_VERIFIED, _KEPT))
    caller.record(EventType.LEDGER_READ, ARCHIVE)
    return page(request, caller, "audit/runs.html", past=past, own=the.verifications(caller))


@router.post("/verifica/prove")
def start(caller: the.Auditor) -> Response:
    """Begins a verification, or goes to the one under way."""
    return RedirectResponse(f"/verifica/prove/{the.start_verification(caller).id}", 303)


@router.get("/verifica/prove/{run}")
def run(request: Request, caller: the.Auditor, run: the.RunId) -> HTMLResponse:
    """How far a run is, or what it found."""
    return page(request, caller, "audit/run.html", **_view(the.verification(run, caller), caller))


@router.get("/verifica/prove/{run}/stato")
def state(request: Request, caller: the.Auditor, run: the.RunId) -> HTMLResponse:
    """The same without the page around it."""
    return page(request, caller, "audit/_run.html", **_view(the.verification(run, caller), caller))


@router.get("/verifica/prove/{run}/eventi")
async def events(
    request: Request,
    caller: the.Auditor,
    run: the.RunId,
    last: Annotated[str, Query(max_length=60)] = "",
) -> StreamingResponse:
    """The same again and again while it changes."""
    the.verification(run, caller)
    return StreamingResponse(
        _stream(request, caller, run, last),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.post("/verifica/prove/{run}/ferma")
def stop(caller: the.Auditor, run: the.RunId) -> Response:
    """Breaks a run off; it can be resumed."""
    the.stop_verification(run, caller)
    return RedirectResponse(f"/verifica/prove/{run}", 303)


@router.post("/verifica/prove/{run}/riprendi")
def resume(caller: the.Auditor, run: the.RunId) -> Response:
    """Goes on with a run that broke off, from the last event and file that it had proved."""
    return RedirectResponse(f"/verifica/prove/{the.resume_verification(run, caller).id}", 303)


@router.get("/verifica/prove/{run}/rapporto")
def run_file(request: Request, caller: the.Auditor, run: the.RunId, forma: the.Form = "pdf") -> Response:
    """What a run found, in full, as a file.

    Raises:
        UndecidableError: it has not ended.
    """
    made = the.verification(run, caller).run.result
    if made is None:
        raise UndecidableError("La verifica non ha ancora un esito. / The verification has no result yet.")
    report = verification_report(made, Tongue(language(request) == "en"))
    return the.delivered(report, forma, ARCHIVE, caller)


def _view(proof: the.Proof, caller: Caller) -> dict[str, Any]:
    home = caller.site.options.home
    return {"proof": proof, "result": proof.run.result, "not_recorded": NOT_RECORDED, "home": home}


async def _stream(request: Request, caller: Caller, run: str, last: str) -> AsyncIterator[bytes]:
    stops = stopping(caller.site)
    for _ in range(int(_STREAM_S / _TICK_S)):
        if stops or await request.is_disconnected():
            return
        proof = await anyio.to_thread.run_sync(the.verification, run, caller)
        key = f"{proof.state.value}-{proof.done}-{proof.total}"
        if key != last:
            last = key
            made = await anyio.to_thread.run_sync(_part, request, caller, proof)
            yield _event("stato", key, made)
        if proof.ended:
            yield _event("fine", key, "")
            return
        await anyio.sleep(_TICK_S)


def _part(request: Request, caller: Caller, proof: the.Proof) -> str:
    return bytes(page(request, caller, "audit/_run.html", **_view(proof, caller)).body).decode()


def _event(name: str, id_: str, html: str) -> bytes:
    lines = "\n".join(f"data: {line}" for line in html.splitlines() or [""])
    return f"event: {name}\nid: {id_}\n{lines}\n\n".encode()
