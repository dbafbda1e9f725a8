"""Errors as people and programs are told of them: what, which one, what now; never more than the asker may know."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from faldone.errors import (
    BatchGapsError,
    ConfigError,
    DependencyError,
    FaldoneError,
    InputError,
    IntegrityError,
    ModelError,
    NotFoundError,
    OcrError,
    QuerySyntaxError,
    SearchError,
    UnavailableError,
    UndecidableError,
)
from faldone.pipeline.accounts.access_reasons import TooManyTriesError
from faldone.pipeline.accounts.entering import NoAccountAtProviderError, NotRecognisedError
from faldone.pipeline.accounts.factor_key import FactorUnreadableError
from faldone.web.caller import NOT_FOUND, ForbiddenError, NotEnteredError, ReasonNeededError
from faldone.web.oidc import ProviderError
from faldone.web.paths import with_next
from faldone.web.render import is_htmx, page, spoken
from faldone.web.uploading import TooManyFilesError

_log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[FaldoneError], int], ...] = (
    (NotEnteredError, 401),
    (NotRecognisedError, 401),
    (ForbiddenError, 403),
    (ReasonNeededError, 403),
    (NoAccountAtProviderError, 403),
    (NotFoundError, 404),
    (UndecidableError, 409),
    (BatchGapsError, 409),
    (QuerySyntaxError, 400),
    (ModelError, 409),
    (TooManyFilesError, 413),
    (InputError, 422),
    (ConfigError, 409),
    (TooManyTriesError, 429),
    (UnavailableError, 503),
    (DependencyError, 503),
    (OcrError, 503),
    (SearchError, 503),
    (ProviderError, 503),
    (FactorUnreadableError, 503),
    (IntegrityError, 500),
)
"""By the first kind that an error is of."""


_OF_A_TERMINAL = ("faldone ", "--")
"""How hints begin that are commands, or options of one."""


def status_of(error: type[FaldoneError]) -> int | None:
    """The status with which an error is answered; None where nobody has said which, which tests do not let pass."""
    return next((status for kind, status in _STATUS if issubclass(error, kind)), None)


def add_handlers(app: FastAPI) -> None:
    """Teaches the app how to tell of errors."""
    app.add_exception_handler(FaldoneError, _faldone)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _faldone(request: Request, error: Exception) -> Response:
    assert isinstance(error, FaldoneError)
    status = status_of(type(error)) or 500
    if isinstance(error, NotEnteredError) and not _is_api(request):
        return _to_the_door(request)
    if isinstance(error, ReasonNeededError) and not _is_api(request):
        from faldone.web.pages.reasons import ask_reason

        return ask_reason(request, error.subject)
    # What is to be typed in a terminal is of no use to who reads a page.
    hint = "" if error.hint.startswith(_OF_A_TERMINAL) and not _is_api(request) else error.hint
    return _answer(request, status, error.reference, error.message, hint)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    where = ", ".join(sorted({".".join(str(part) for part in one["loc"][1:]) or "body" for one in error.errors()}))
    # What was typed is not repeated: it may be a name, and this text reaches logs of programs.
    words = f"Valori non validi: {where}. / Not valid: {where}."
    return _answer(request, 422, "not-valid", words, "")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = NOT_FOUND if error.status_code == 404 else f"Richiesta rifiutata ({error.status_code}). / Refused."
    answer = _answer(request, error.status_code, "http", words, "")
    answer.headers.update(error.headers or {})
    return answer


def _unexpected(request: Request, error: Exception) -> Response:
    # The error's own words may hold what was on a page; its type and place do not.
    _log.error("unexpected error in %s: %s", request.scope.get("path", ""), type(error).__name__)
    words = "Qualcosa non ha funzionato. Non si è perso nulla: riprova. / Something went wrong. Nothing is lost."
    return _answer(request, 500, "unexpected", words, "")


def _answer(request: Request, status: int, code: str, message: str, hint: str) -> Response:
    if _is_api(request):
        body = {"error": {"code": code, "message": message, "hint": hint}}
        return JSONResponse(body, status, headers={"WWW-Authenticate": "Bearer"} if status == 401 else None)
    caller = getattr(request.state, "caller", None)
    said = {"status_code": status, "message": spoken(request, message), "hint": spoken(request, hint)}
    if is_htmx(request):
        answer: Response = page(request, caller, "_problem.html", status=status, **said)
        answer.headers.update({"HX-Retarget": "#messaggi", "HX-Reswap": "innerHTML"})
        return answer
    return page(request, caller, "problem.html", status=status, **said)


def _to_the_door(request: Request) -> Response:
    door = with_next("/accedi", request.url.path if request.method == "GET" else "/")
    if is_htmx(request):
        return Response(status_code=401, headers={"HX-Redirect": door})
    return RedirectResponse(door, 303)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
