"""What people settle: documents confirmed or corrected, one by one or many at a stroke, and all of it undoable.

A decision stands beside what the machine proposed and is obeyed by every later proposal. What it makes known (a person
who was only read on papers until now) sends the waiting papers that name that person to attribution again.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from faldone.catalog.catalog import Work
from faldone.catalog.records import Document
from faldone.classify.question import person_keys
from faldone.classify.settle import confirm_whole, settle
from faldone.domain.attribution import Attribution, DocumentProposal, PersonMention, Role
from faldone.domain.decision import ALONE, Decision, Settled
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import UndecidableError
from faldone.pipeline.filing.attribute import attribute_at_once
from faldone.pipeline.filing.persons import keys_of, known_person
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.boundaries import undo_boundary
from faldone.pipeline.review.stale import demand_current

_AT_ONCE = 200
"""So many files are attributed again before the command returns; the rest is for the workers."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a decision: the documents that it is about, and the files that are looked at again for it."""

    documents: tuple[DocumentId, ...]
    reconsidered: int


def accept(
    document: DocumentId,
    by: str,
    ports: Ports,
    *,
    together: bool = False,
    among: Mapping[DocumentId, int] | None = None,
    version: int | None = None,
) -> Done:
    """Everything that is proposed for a document is right; it is filed and never changes by itself again.

    Args:
        document: the document.
        by: the account of who says so.
        ports: the archive.
        together: the same answer to the same question on all documents that ask it; these are filed unless something
            else is in doubt on them.
        among: with ``together``, the documents that were looked at, with the versions of their proposals: no other is
            settled, nor one that changed since.
        version: that of the proposal that was looked at; None does not ask.

    Raises:
        UndecidableError: something is missing that must be said first.
        StaleError: the proposal is not the one that was looked at.
    """
    return assign(document, Settled(), by, ports, together=together, among=among, version=version)


def assign(
    document: DocumentId,
    said: Settled,
    by: str,
    ports: Ports,
    *,
    together: bool = False,
    among: Mapping[DocumentId, int] | None = None,
    version: int | None = None,
    blind: Settled | None = None,
) -> Done:
    """What is said of a document is so, and the rest of what is proposed for it is right too.

    Arguments and errors as :func:`accept`; ``said`` are the fields that are corrected, ``blind`` what was said in a
    re-check before the proposal was shown.
    """
    found = ports.catalog.document(document)
    question = _question(found, ports) if together else ""
    others = _same_question(found, question, ports) if together else []
    if among is not None:
        others = [other for other in others if among.get(other.id) == other.version]
    stroke = uuid.uuid4().hex[:12] if others else None
    now = ports.clock()
    register = ports.register()
    with ports.catalog.begin() as work:
        # Read again behind the one writer's door: of two who decide at once the second is told.
        demand_current(ports.catalog.document(document), found.version if version is None else version, ports)
        others = _unchanged(others, ports)
        whole = found.proposal
        if said != Settled():
            whole = settle(whole, Decision(document, by, now, found.version, said), register.by_id)
        whole, known = _with_persons(whole, by, work, ports)
        keys = frozenset().union(*map(keys_of, known), *(person_keys(item.value) for item in whole.holders if known))
        _demand_complete(whole, ports)
        made_known = tuple(person.id for person in known)
        confirmed = confirm_whole(whole, by)
        if blind is not None:
            # Nobody was asked for these, nor shown them.
            confirmed = replace(confirmed, date=whole.date, protocol=whole.protocol)
        decision = Decision(document, by, now, found.version, said, confirmed, stroke, made_known, blind)
        _record(decision, found, work)
        answer = _answer(question, decision, whole)
        for other in others:
            _record(Decision(other.id, by, now, other.version, answer, None, stroke), other, work)
        reconsidered = work.reconsider_named(keys) if keys else 0
    _attribute([found.source, *(other.source for other in others)], ports)
    return Done((document, *(other.id for other in others)), reconsidered)


def undo(document: DocumentId, by: str, ports: Ports, *, together: bool = False, version: int | None = None) -> Done:
    """Takes the last word on a document back: its decision, or else the last correction of boundaries in its file.

    With ``together`` also the other decisions that were made at the same stroke. Who was confirmed by it alone is only
    found on papers again.

    Raises:
        NotFoundError: nobody said anything.
        StaleError: the document is not the one that was looked at, or the last correction is somebody else's.
    """
    found = ports.catalog.document(document)
    if version is not None:
        demand_current(found, version, ports)
    standing = ports.catalog.decisions(found.source).get(document)
    if standing is None:
        undo_boundary(found.source, by, ports)
        return Done((document,), 0)
    taken_back = [standing]
    if together and standing.together is not None:
        same = ports.catalog.standing_decisions(standing.together)
        taken_back += [decision for decision in same if decision.document != document]
    documents = [decision.document for decision in taken_back]
    sources = []
    relied_on: frozenset[PersonId] = frozenset()
    if any(decision.made_known for decision in taken_back):
        # Few decisions make somebody known: only for them all others are looked through.
        relied_on = _relied_on(ports, besides=frozenset(documents))
    with ports.catalog.begin() as work:
        for one in documents:
            undone = work.undo_decision(one)
            if undone is not None:
                sources.append(ports.catalog.document(one).source)
                work.record(_decided(undone, None, by, ports.clock(), undone=True))
                doubted = [person for person in undone.made_known if person not in relied_on]
                for person in doubted:
                    work.doubt_person(person, ports.clock(), user_agent(by))
                work.reconsider_persons(doubted)
    _attribute(sources, ports)
    return Done(tuple(documents), 0)


def _relied_on(ports: Ports, *, besides: frozenset[DocumentId]) -> frozenset[PersonId]:
    """The persons whom decisions in force on other documents name."""
    named: set[PersonId] = set()
    for decision in ports.catalog.standing_decisions():
        if decision.document not in besides:
            named.update(decision.settled.holders or ())
            held = decision.whole.holders if decision.whole is not None else ()
            named.update(holder.value.person for holder in held if holder.value.person is not None)
    return frozenset(named)


def _question(found: Document, ports: Ports) -> str:
    """What a waiting document asks; one that waits for nothing asks nothing that others could ask too."""
    waiting = next(iter(ports.catalog.waiting_documents(1, document=found.id)), None)
    return waiting.question if waiting is not None else f":{ALONE}"


def _same_question(found: Document, question: str, ports: Ports) -> list[Document]:
    """The other waiting documents that ask what this one asks."""
    if question.endswith(f":{ALONE}"):
        return []
    same = ports.catalog.waiting_documents(_AT_ONCE * 50, question=question)
    return [item.document for item in same if item.document.id != found.id]


def _unchanged(documents: Sequence[Document], ports: Ports) -> list[Document]:
    """Those that were not proposed anew since they were read."""
    now = ports.catalog.documents_with([one.id for one in documents])
    return [
        one for one in documents if one.id in now and now[one.id].version == one.version and not now[one.id].retired
    ]


def _answer(question: str, decision: Decision, whole: DocumentProposal) -> Settled:
    """What a decision on one document says of the others that ask the same: the answer to that question alone."""
    said = decision.settled
    about = question.split(":", 1)[0]
    holders = tuple(item.value.person for item in whole.holders if item.value.person is not None)
    return Settled(
        holders=said.holders if said.holders is not None else holders if about == "holder" else None,
        type=said.type or (whole.type.value if about == "type" and whole.type else None),
        service=said.service or (whole.service.value if about == "service" and whole.service else None),
    )


def _with_persons(
    proposal: DocumentProposal, by: str, work: Work, ports: Ports
) -> tuple[DocumentProposal, list[Person]]:
    """The proposal with every holder on record and confirmed, and those who became known by it."""
    new: list[Person] = []
    persons = []
    for person in proposal.persons:
        if person.value.role is Role.HOLDER:
            known, is_new = known_person(person.value, work, ports, user_agent(by))
            if is_new:
                new.append(known)
            person = _as(person, known)
        persons.append(person)
    return replace(proposal, persons=tuple(persons)), new


def _as(person: Attribution[PersonMention], known: Person) -> Attribution[PersonMention]:
    value = replace(
        person.value,
        person=known.id,
        cf=known.cf or person.value.cf,
        birth_date=known.birth_date or person.value.birth_date,
    )
    return replace(person, value=value)


def _demand_complete(proposal: DocumentProposal, ports: Ports) -> None:
    """A document is filed when it is known whose it is, what it is, and where it belongs."""
    kind = ports.lexicon.types.get(proposal.type.value) if proposal.type is not None else None
    missing: list[tuple[str, str, str]] = []
    if proposal.type is None:
        missing.append(("il tipo", "the type", "--type TIPO"))
    if not proposal.holders and not (kind is not None and kind.collective):
        missing.append(("l'intestatario", "the holder", "--person PERSONA (--nobody: di nessuno · nobody's)"))
    if proposal.service is None and not (kind is not None and kind.personal):
        missing.append(("il servizio", "the service", "--service SERVIZIO"))
    if missing:
        raise UndecidableError(
            f"Manca {', '.join(item[0] for item in missing)}: va detto prima di archiviare. / "
            f"Missing: {', '.join(item[1] for item in missing)}; it must be said before the document is filed.",
            hint="faldone review assign DOCUMENTO " + " ".join(item[2] for item in missing),
        )


def _record(decision: Decision, document: Document, work: Work) -> None:
    digest = work.decide(decision)
    work.record(_decided(decision, digest, decision.by, decision.at, undone=False, source=document.source))


def _decided(
    decision: Decision, digest: Digest | None, by: str, at: dt.datetime, *, undone: bool, source: Digest | None = None
) -> Event:
    said = decision.settled
    return Event(
        EventType.DOCUMENT_DECIDED,
        decision.document,
        at,
        user_agent(by),
        detail={
            "source": str(source) if source is not None else None,
            "decision": str(digest) if digest is not None else None,
            "judged": decision.judged,
            "whole": decision.whole is not None,
            "holders": None if said.holders is None else " ".join(said.holders),
            "type": said.type,
            "service": said.service,
            "together": decision.together,
            "blind": decision.blind is not None,
            "undone": undone,
        },
    )


def _attribute(sources: Sequence[Digest], ports: Ports) -> None:
    """Proposes the files anew at once, so that whoever decided sees what became of them."""
    attribute_at_once(list(dict.fromkeys(sources))[:_AT_ONCE], ports)
