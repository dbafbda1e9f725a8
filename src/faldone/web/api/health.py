"""Whether the service answers, and how its parts are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from faldone import __version__
from faldone.domain.account import Ability
from faldone.pipeline.office.health import health
from faldone.web.caller import Caller, Visitor
from faldone.web.rules import Anybody, Requires

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The service answers."""

    version: str


class HealthPart(BaseModel):
    """A part of the archive."""

    part: str
    well: bool
    found: str
    hint: str = Field(description="what mends it; empty where nothing is wrong")


@router.get("/alive")
def alive(visitor: Annotated[Visitor, Depends(Anybody())]) -> Alive:
    """For whoever watches the machine: says nothing but that the service answers."""
    return Alive(version=__version__)


@router.get("/health")
def parts(caller: Annotated[Caller, Depends(Requires(Ability.HEALTH))]) -> list[HealthPart]:
    """Every part of the archive."""
    return [
        HealthPart(part=one.key, well=one.well, found=one.found[1], hint="" if one.well else one.hint[1])
        for one in health(caller.site.options.inboxes, caller.site.ports)
    ]
