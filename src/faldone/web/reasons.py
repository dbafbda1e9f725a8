"""A reason as a caller gives it: only for what could be opened with one."""

from __future__ import annotations

import re

from faldone.domain.account import Ability, GivenReason, Purpose
from faldone.domain.ids import DocumentId
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.accounts.access_reasons import give
from faldone.web.caller import NOT_FOUND, Caller, ReasonNeededError
from faldone.web.dossiers import open_dossier

_DOCUMENT = re.compile(r"d-[0-9a-f]{12}", re.ASCII)


def purposes_of(caller: Caller) -> tuple[Purpose, ...]:
    """The purposes that the caller may give: scans are checked by who takes papers in."""
    return tuple(one for one in Purpose if one is not Purpose.SCAN or caller.may(Ability.INTAKE))


def give_reason(caller: Caller, subject: str, purpose: Purpose, note: str) -> GivenReason:
    """Puts on record why the caller opens a document or a person's papers.

    Raises:
        NotFoundError: there is no such thing, or a reason would not open it: which of the two is not told.
        UndecidableError: what was typed is too long, or the purpose is none of the caller's.
    """
    if purpose not in purposes_of(caller):
        raise UndecidableError("Scegli un motivo dall'elenco. / Choose a reason from the list.")
    owner = subject
    try:
        if _DOCUMENT.fullmatch(subject):
            caller.document(DocumentId(subject))
        elif subject.startswith("u-"):
            owner = open_dossier(caller, subject).person.id
        else:
            raise NotFoundError(NOT_FOUND)  # whatever was typed, it is no id
    except ReasonNeededError as needed:
        owner = needed.subject
    return give(caller.account.name, owner, purpose, note, caller.site.ports)
