"""The blind re-check: one in so many documents that were filed by themselves is asked again, without what is proposed.

Whoever is asked sees the paper alone. What they say first is kept with their decision, so that the error rate of what
files itself is measured, and not guessed from papers that somebody happened to doubt. A document that waits for its
re-check is filed and found like any other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from faldone.catalog.records import Document
from faldone.classify.register import PersonRegister
from faldone.domain.attribution import Band
from faldone.domain.decision import Settled
from faldone.domain.ids import PersonId, document_id_below
from faldone.errors import UndecidableError
from faldone.pipeline.ports import Ports
from faldone.pipeline.review import bench_words as words
from faldone.pipeline.review.bench import Doubt, shown_name
from faldone.pipeline.review.bench_words import Words
from faldone.pipeline.review.settle import Done, assign

BETWEEN: Final = 9
"""So many documents that wait are decided between two re-checks, as long as any wait."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value on which somebody and the archive do not agree, as either has it."""

    doubt: Doubt
    said: Words
    archive: Words


def is_due(document: Document, ports: Ports) -> bool:
    """Whether a document is to be asked again: drawn, filed by itself, and nobody spoke of it."""
    one_in = ports.options.recheck_one_in
    return (
        bool(one_in)
        and document.id < document_id_below(one_in)
        and document.proposal.band is Band.AUTO
        and not document.retired
        and document.id not in ports.catalog.decisions(document.source)
    )


def differences(document: Document, said: Settled, ports: Ports) -> tuple[Difference, ...]:
    """Where what was said blind is not what the archive has. A service that was not said is not compared.

    Raises:
        UndecidableError: the document is not to be asked again, or the answer is not whole.
    """
    if not is_due(document, ports):
        raise UndecidableError(
            "Questo documento non è da ricontrollare. / This document is not to be checked again.",
            hint="/revisione",
        )
    kind = ports.lexicon.types.get(said.type or "")
    if said.holders is None or kind is None or not (said.service or kind.personal):
        raise UndecidableError(
            "Di' di chi è, che cos'è e di quale servizio: poi si confronta. / "
            "Say whose it is, what it is and of which service: then it is compared."
        )
    proposal, register, lexicon = document.proposal, ports.register(), ports.lexicon
    found: list[Difference] = []
    named = [holder.value for holder in proposal.holders]
    if {_in_force(one.person, register) for one in named} != {_in_force(one, register) for one in said.holders}:
        mine = ", ".join(person.display_name for one in said.holders if (person := register.by_id(one)) is not None)
        theirs = ", ".join(shown_name(one, register) for one in named)
        found.append(Difference(Doubt.HOLDER, _or_nobodys(mine), _or_nobodys(theirs)))
    if proposal.type is None or proposal.type.value != said.type:
        theirs = lexicon.types[proposal.type.value].name if proposal.type is not None else "—"
        found.append(Difference(Doubt.TYPE, (kind.name, kind.name), (theirs, theirs)))
    if said.service is not None and (proposal.service is None or proposal.service.value != said.service):
        mine = lexicon.services[said.service].name
        theirs = lexicon.services[proposal.service.value].name if proposal.service is not None else "—"
        found.append(Difference(Doubt.SERVICE, (mine, mine), (theirs, theirs)))
    return tuple(found)


def settle_recheck(
    document: Document, said: Settled, mine: Collection[Doubt], by: str, ports: Ports, version: int
) -> Done:
    """Puts a re-check on record: what was said blind, and what is right.

    Args:
        document: the document, as it is now.
        said: what was said blind, of persons on record.
        mine: of the values that differ those on which the archive was wrong.
        by: the account of who says so.
        ports: the archive.
        version: that of the proposal that was compared.

    Raises:
        UndecidableError: as :func:`differences`.
        StaleError: the proposal is not the one that was compared.
    """
    wrong = {one.doubt for one in differences(document, said, ports)} & set(mine)
    corrected = Settled(
        holders=said.holders if Doubt.HOLDER in wrong else None,
        type=said.type if Doubt.TYPE in wrong else None,
        service=said.service if Doubt.SERVICE in wrong else None,
    )
    return assign(document.id, corrected, by, ports, version=version, blind=said)


def _in_force(person: PersonId | None, register: PersonRegister) -> PersonId | None:
    """Who somebody is now: one that was merged is the person it was merged into."""
    known = register.by_id(person) if person is not None else None
    return known.id if known is not None else person


def _or_nobodys(names: str) -> Words:
    return (names, names) if names else words.NOBODYS
