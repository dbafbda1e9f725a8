"""Beside the scanner: quarantine, files handed in, sheets to print."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from faldone.domain.account import Ability
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, PageId, PersonId
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.errors import ConfigError, FaldoneError, InputError, NotFoundError, UndecidableError
from faldone.pipeline.intake.print_sheets import MOST_SHEETS, print_covers, print_separators
from faldone.pipeline.intake.quarantine import quarantine, retry_class, retry_own
from faldone.pipeline.intake.rights import seen_batch
from faldone.pipeline.intake.sidecars import fault_in
from faldone.pipeline.intake.unlock import unlock
from faldone.pipeline.intake.words import AT_THE_DOOR
from faldone.web.caller import NOT_FOUND, Caller
from faldone.web.downloads import Kind, download
from faldone.web.intake_seen import access_of, agent_of
from faldone.web.lanes import at_length
from faldone.web.render import is_htmx, page, spoken
from faldone.web.rules import Requires
from faldone.web.uploading import HandedIn, inboxes_of, receive

router = APIRouter()

Taker = Annotated[Caller, Depends(Requires(Ability.INTAKE))]

_SOME, _MANY = 10, 100


@router.get("/acquisizione/quarantena")
def show_quarantine(
    request: Request,
    caller: Taker,
    motivo: Annotated[Reason | None, Query()] = None,
    pagina: Annotated[int, Query(ge=1, le=10_000)] = 1,
    riprovati: Annotated[int | None, Query(ge=0, le=10_000_000)] = None,
) -> Response:
    """What was taken out of the flow, by reason."""
    return _quarantine_page(request, caller, motivo, pagina, riprovati)


def _quarantine_page(
    request: Request,
    caller: Caller,
    motivo: Reason | None = None,
    pagina: int = 1,
    riprovati: int | None = None,
    error: FaldoneError | None = None,
) -> Response:
    limit = _SOME if motivo is None else _MANY
    classes = quarantine(access_of(caller), caller.site.ports, limit, (pagina - 1) * limit if motivo else 0)
    shown = [one for one in classes if motivo is None or one.reason is motivo]
    codes = {batch.id: batch.code for batch in caller.site.ports.catalog.batches()}
    numbers = max(1, -(-shown[0].count // limit)) if motivo is not None and shown else 1
    told: dict[str, Any] = {"classes": shown, "only": motivo, "codes": codes, "number": pagina, "numbers": numbers}
    stopped = (one for each in shown for one in each.some if one.page is None)
    faults = {one.source: fault_in(one.path, one.source, one.reason, caller.site.ports) for one in stopped}
    told["faults"] = {source: spoken(request, fault) for source, fault in faults.items() if fault}
    told["at_the_door"] = AT_THE_DOOR
    told["error"] = spoken(request, error.message) if error is not None else ""
    status = 200 if error is None else 409
    return page(request, caller, "intake/quarantine.html", status=status, again=riprovati, **told)


@router.post("/acquisizione/quarantena/riprova")
@at_length
def retry(
    caller: Taker,
    motivo: Annotated[Reason | None, Form()] = None,
    file: Annotated[str, Form(pattern=r"^(sha256:[0-9a-f]{64})?$")] = "",
    foglio: Annotated[str, Form(pattern=r"^(p-[0-9a-f]{16}-[0-9]{1,6})?$")] = "",
    altre: Annotated[bool, Form()] = False,
) -> Response:
    """Sends a class, a file or a page on its way again; ``altre``, with the other settings of recognition alone."""
    access, ports, agent = access_of(caller), caller.site.ports, agent_of(caller)
    if foglio or file:
        what = PageId(foglio) if foglio else Digest.parse(file)
        count = retry_own(what, access, ports, agent, otherwise=altre)
    else:
        count = retry_class(motivo, access, ports, agent, otherwise=altre) if motivo is not None else 0
    return RedirectResponse(f"/acquisizione/quarantena?riprovati={count}", 303)


@router.post("/acquisizione/quarantena/password")
@at_length
def unlock_file(
    request: Request,
    caller: Taker,
    file: Annotated[str, Form(pattern=r"^sha256:[0-9a-f]{64}$")],
    password: Annotated[str, Form(min_length=1, max_length=200)],
) -> Response:
    """Opens a PDF that wants a password; the password is kept nowhere."""
    try:
        unlock(Digest.parse(file), password, access_of(caller), caller.site.ports, agent_of(caller))
    except (UndecidableError, InputError) as error:
        return _quarantine_page(request, caller, error=error)
    return RedirectResponse("/acquisizione/quarantena?riprovati=1", 303)


@router.get("/acquisizione/carica")
def show_upload(request: Request, caller: Taker) -> Response:
    """Where files are handed in."""
    return _upload_page(request, caller)


@router.post("/acquisizione/carica")
async def upload(request: Request, caller: Taker) -> Response:
    """Takes files in, each written to the inbox as it comes."""
    site = caller.site
    inboxes = inboxes_of(site.options.inboxes, access_of(caller))
    handed = await receive(request, inboxes, caller.account.name, site.ports)
    if is_htmx(request):
        return page(request, caller, "intake/_handed.html", handed=handed)
    return _upload_page(request, caller, handed=handed)


def _upload_page(request: Request, caller: Caller, handed: Sequence[HandedIn] = ()) -> Response:
    inboxes = inboxes_of(caller.site.options.inboxes, access_of(caller))
    limit = caller.site.ports.options.limits.max_bytes
    return page(request, caller, "intake/upload.html", inboxes=inboxes, limit=limit, handed=handed)


@router.get("/acquisizione/copertine")
def show_sheets(request: Request, caller: Taker) -> Response:
    """Where covers and separators are made."""
    return page(request, caller, "intake/sheets.html", error="", most=MOST_SHEETS)


@router.post("/acquisizione/copertine")
@at_length
def print_them(
    request: Request,
    caller: Taker,
    persona: Annotated[list[str] | None, Form(max_length=MOST_SHEETS)] = None,
    codici: Annotated[str, Form(max_length=20_000)] = "",
    servizio: Annotated[str, Form(max_length=50)] = "",
    separatori: Annotated[str, Form(pattern=r"^\s*[0-9]{0,3}\s*$")] = "",
    lotto: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """The sheets as a PDF: a cover for each person, or so many separators."""
    try:
        return sheets(persona or [], codici.split(), servizio or None, int(separatori.strip() or 0), lotto, caller)
    except FaldoneError as error:
        said = spoken(request, error.message)
        return page(request, caller, "intake/sheets.html", status=409, error=said, most=MOST_SHEETS)


def sheets(
    persons: list[str], codes: list[str], service: str | None, separators: int, batch: str, caller: Caller
) -> Response:
    """Covers for persons by id or codice fiscale, or so many separators; as a PDF to print.

    Raises:
        ConfigError: nothing is asked for, or both, or too much; or there is no such service.
        NotFoundError: somebody is not on record, or there is no such batch.
    """
    ports, agent = caller.site.ports, agent_of(caller)
    wanted = len(persons) + len(codes)
    if bool(wanted) == bool(separators) or max(wanted, separators) > MOST_SHEETS:
        raise ConfigError(
            f"Scegli le persone oppure il numero di separatori, al massimo {MOST_SHEETS} fogli. / "
            f"Choose persons or the number of separators, {MOST_SHEETS} sheets at most."
        )
    at = _batch(batch, caller) if batch else None
    target = BytesIO()
    if wanted:
        made = print_covers(_persons(persons, codes, caller), service, at, target, ports, agent)
    else:
        made = print_separators(separators, at, target, ports, agent)
    return download(target.getvalue(), Kind.PDF, f"fogli-{made[0].run}")


def _batch(code: str, caller: Caller) -> BatchId:
    try:
        return seen_batch(code, access_of(caller), caller.site.ports).id
    except NotFoundError:
        raise NotFoundError(
            "Campo «Lotto in cui devono tornare»: nessun lotto visibile con questo codice. / "
            "Field “Batch in which they must come back”: no visible batch has this code."
        ) from None


def _persons(ids: list[str], codes: list[str], caller: Caller) -> list[Person]:
    ports = caller.site.ports
    known = ports.catalog.persons_with([PersonId(one) for one in ids])
    register = ports.register() if codes else None
    found = [known.get(PersonId(one)) for one in ids]
    if register is not None:
        found += [next(iter(register.by_cf(code.upper())), None) for code in codes]
    each = {record.id: record for record in found if record is not None}
    if caller.pinned is not None and set(each) != {caller.pinned}:
        raise NotFoundError(NOT_FOUND)
    if None in found:
        raise NotFoundError(
            "Qualcuna delle persone richieste non è in anagrafe. / One of those persons is not on record."
        )
    return list(each.values())
