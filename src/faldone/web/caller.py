"""Who asks: the one door through which pages and API reach a paper, so that no rule can be forgotten."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from faldone.catalog.records import Document
from faldone.domain.access import EVERYTHING, Access, Sensitivity
from faldone.domain.account import Ability, Account, GivenReason, Session
from faldone.domain.attribution import Role
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import DocumentNotFoundError, FaldoneError, NotFoundError
from faldone.pipeline.papers.dossier_papers import is_doubted
from faldone.pipeline.search.dossier import has_papers
from faldone.pipeline.search.projection import may_see, permitted
from faldone.search.document import SearchDocument
from faldone.web.site import Site

_DOCUMENT = re.compile(r"d-[0-9a-f]{12}", re.ASCII)
_PERSON = re.compile(r"u-[0-9a-f]{12}", re.ASCII)


class ReasonNeededError(FaldoneError):
    """What was asked for is kept closely: whoever opens it says why first. ``subject`` is its id."""

    reference = "reason-needed"

    def __init__(self, subject: str) -> None:
        super().__init__(
            "Fascicolo a tutela rafforzata. Scrivi perché ti serve: il motivo resta nel registro. / "
            "A reinforced dossier. Say why you need it: the reason stays on record."
        )
        self.subject = subject


class ForbiddenError(FaldoneError):
    """The account's role does not let it do this."""

    reference = "forbidden"


class NotEnteredError(FaldoneError):
    """Nobody has entered, or the session has run out."""

    reference = "not-entered"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the door: with an account if one has entered, without a right in any case."""

    site: Site
    account: Account | None
    session: Session | None
    address: str


@dataclass(frozen=True, slots=True)
class Caller:
    """An account that has entered, and what it may see now.

    ``session`` is None for a program that shows a token. ``reasons`` are those that hold now.
    """

    site: Site
    account: Account
    session: Session | None
    address: str
    access: Access
    reasons: tuple[GivenReason, ...]

    @property
    def pinned(self) -> PersonId | None:
        """The one person that may appear, while somebody sits at the counter."""
        return self.session.pinned if self.session is not None else None

    @property
    def glass(self) -> frozenset[PersonId]:
        """The persons whose papers were opened in an emergency, for as long as it lasts."""
        return frozenset(PersonId(reason.subject) for reason in self.reasons if reason.glass)

    def may(self, ability: Ability) -> bool:
        """Whether the account may do this."""
        return ability in self.account.abilities

    def access_to(self, person: PersonId) -> Access:
        """What may be seen of one person's papers; of nobody else while a person is pinned."""
        if self.pinned is not None and self.pinned != person:
            return Access()
        return EVERYTHING if person in self.glass else self.access

    def document(self, document: DocumentId) -> Document:
        """The document, for its content to be shown.

        Raises:
            DocumentNotFoundError: there is none, or it may not be seen: which of the two is not told.
            ReasonNeededError: somebody has to say first why it is opened.
        """
        if not _DOCUMENT.fullmatch(document):
            raise DocumentNotFoundError(NOT_FOUND)  # it is no id, and may be a name: it goes on no record
        found = self.site.ports.catalog.documents_with([document]).get(document)
        seen = self._seen(found) if found is not None else None
        if found is None or seen is None:
            self.record(EventType.ACCESS_REFUSED, document, outcome=Outcome.FAILURE, rule="document")
            raise DocumentNotFoundError(NOT_FOUND)
        if self.needs_reason(seen):
            self.record(EventType.ACCESS_REFUSED, document, outcome=Outcome.WARNING, rule="reason")
            raise ReasonNeededError(document)
        return found

    def documents(self, documents: list[Document]) -> list[Document]:
        """Those of these documents that may be opened at once: seen, and no reason owed. Nothing is recorded."""
        shown = []
        for document in documents:
            seen = self._seen(document)
            if seen is not None and not self.needs_reason(seen):
                shown.append(document)
        return shown

    def owes_reason(self, document: Document) -> bool:
        """Whether a reason would open the document, and is not given yet. Nothing is recorded."""
        seen = self._seen(document)
        return seen is not None and self.needs_reason(seen)

    def person(self, person: PersonId) -> Person:
        """The person, for the dossier to be shown.

        Raises:
            NotFoundError: nobody has this id, or nothing of the dossier may be seen: which of the two is not told.
        """
        if not _PERSON.fullmatch(person):
            raise NotFoundError(NOT_FOUND)  # as above
        ports = self.site.ports
        record = ports.catalog.persons_with([person]).get(person)
        if record is None or not has_papers(record.id, self.access_to(record.id), ports):
            self.record(EventType.ACCESS_REFUSED, person, outcome=Outcome.FAILURE, rule="person")
            raise NotFoundError(NOT_FOUND)
        return record

    def needs_reason(self, document: SearchDocument) -> bool:
        """Whether a reason is owed before anything of the document is shown."""
        if document.sensitivity < Sensitivity.RAFFORZATA:
            return False
        given = {reason.subject for reason in self.reasons}
        return not given & {document.id, *_holders(document)}

    def record(
        self,
        type_: EventType,
        subject: str,
        *,
        outcome: Outcome = Outcome.SUCCESS,
        **detail: str | int | float | bool | None,
    ) -> None:
        """Puts what the account does on record; returns when it is there."""
        self.site.journal.record(self.event(type_, subject, outcome=outcome, **detail))

    def event(
        self,
        type_: EventType,
        subject: str,
        *,
        outcome: Outcome = Outcome.SUCCESS,
        **detail: str | int | float | bool | None,
    ) -> Event:
        """An event of the account, to be recorded with others."""
        return Event(type_, subject, self.site.ports.clock(), user_agent(self.account.name), outcome, detail)

    def _seen(self, document: Document) -> SearchDocument | None:
        """What the index holds of the document, if it may be seen."""
        for _, record in permitted([document], EVERYTHING, self.site.ports):
            holders = _holders(record)
            if self.pinned is not None and (self.pinned not in holders or is_doubted(document)):
                return None
            access = EVERYTHING if holders & self.glass else self.access
            return record if may_see(access, record) else None
        return None


NOT_FOUND = (
    "Non trovato, o non visibile con i tuoi permessi. Se ti serve per un caso, chiedi al responsabile. / "
    "Not found, or not visible with your rights. If a case needs it, ask the person in charge."
)
"""Said of what is not there and of what may not be seen alike."""


def _holders(document: SearchDocument) -> frozenset[PersonId]:
    """Whose dossier it is in, by the ids of those who stand for merged persons."""
    return frozenset(PersonId(one.id) for one in document.persons if one.role is Role.HOLDER and one.id is not None)


def caller_of(site: Site, account: Account, session: Session | None, address: str, now: dt.datetime) -> Caller:
    """Who asks, with the rights and reasons of this moment."""
    local = now.astimezone().date()
    return Caller(site, account, session, address, account.access(local), site.ports.catalog.reasons(account.name, now))


def key_of(secret: str) -> Digest:
    """What is kept of the secret of a cookie, a link or a token."""
    return Digest.of(secret.encode())
