"""The description of the API (OpenAPI): what holds for every call is said here once, not in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, Field

from faldone.web.rules import Anybody, Requires, rule_of

_SCHEME: Final = "token"


class Problem(BaseModel):
    """What went wrong, and what to do now."""

    code: str = Field(description="For programs; it stays what it is")
    message: str = Field(description="For people, «italiano / English»")
    hint: str = Field(description="What to do next; empty where there is nothing to do")


class ErrorSaid(BaseModel):
    """Any answer from 400 on."""

    error: Problem


_CLOSED: Final[Mapping[int, str]] = {
    401: "No token, or one that serves no more",
    403: "The role does not allow it, or a reason is owed first (POST /reasons)",
}
_ALWAYS: Final[Mapping[int, str]] = {
    400: "What was sent cannot be understood",
    404: "Not there, or not to be seen: which of the two is not told",
    409: "It contradicts what stands: nothing is changed",
    413: "More bytes or files than are heard at once",
    422: "A value of the wrong form; the fields are named, not what was in them",
    429: "Too many requests: come again after Retry-After seconds",
    503: "A part is away for now: the same call may go through later",
}


def describe(app: FastAPI) -> None:
    """Completes the description of the API that FastAPI makes of the routes."""
    made: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(made(), app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way of changing it


def _completed(said: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    rules = {
        (context.path, method.lower()): rule_of(context.original_route)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.original_route.methods or ()
    }
    parts = said.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    whole = ErrorSaid.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= whole.pop("$defs") | {ErrorSaid.__name__: whole}
    for gone in ("HTTPValidationError", "ValidationError"):
        schemas.pop(gone, None)  # FastAPI's own, which this API does not answer with
    parts["securitySchemes"] = {
        _SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of an account, made in Profilo: it may do and see what the account may.",
        }
    }
    for path, calls in said["paths"].items():
        for method, call in calls.items():
            rule = rules[path, method]
            problems = dict(_ALWAYS)
            if not isinstance(rule, Anybody):
                call["security"] = [{_SCHEME: []}]
                problems |= _CLOSED
            if isinstance(rule, Requires):
                call["description"] = f"{call['description']}\n\nAbility: `{rule.ability.value}`."
            call["responses"] |= {str(status): _answer(status, words) for status, words in sorted(problems.items())}
    return said


def _answer(status: int, words: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": words,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorSaid.__name__}"}}},
    }
    if status == 429:
        answer["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    return answer
