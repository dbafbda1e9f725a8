"""Persons on record: looked up, made known by people, confirmed, merged and unmerged."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faldone.catalog.catalog import Work
from faldone.catalog.records import Document
from faldone.classify.codice_fiscale import birth_dates, fits_name, is_valid
from faldone.classify.discover import as_found
from faldone.classify.normalise import name_words
from faldone.classify.question import person_keys
from faldone.domain.attribution import PersonMention, Role
from faldone.domain.discovery import Found
from faldone.domain.events import AGENT, user_agent
from faldone.domain.ids import PersonId
from faldone.domain.person import Origin, Person
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.ports import Ports

_LONGEST_NAME = 120

Told = Callable[[list[Document]], list[Document]]
"""Those of some documents that somebody may be told of."""

_ALL: Told = list


def find_person(text: str, ports: Ports) -> Person:
    """The person with this id, codice fiscale or name.

    Raises:
        NotFoundError: there is none.
        UndecidableError: several bear the name.
    """
    try:
        return ports.catalog.person(text.strip())
    except NotFoundError:
        match = ports.register().by_name(name_words(text))
        if not match.persons:
            raise
    if len(match.persons) > 1 or match.partial:
        raise UndecidableError(
            f"Il nome «{text}» può essere di più persone. / Several persons may bear the name “{text}”.",
            hint=" ".join(person.id for person in match.persons[:8]),
        )
    return match.persons[0]


def new_person(surname: str, name: str, cf: str | None, birth_date: dt.date | None, by: str, ports: Ports) -> Person:
    """The person that somebody names by hand, confirmed; one that is on record already is not made again.

    Of old papers often nothing but the name is known: that is enough as long as nobody on record bears it.

    Raises:
        UndecidableError: code and day of birth contradict each other, the code is not valid, two on record are alike,
            or there is neither code nor day of birth and somebody of the name is on record.
    """
    code = cf.strip().upper() if cf else None
    if code is not None and not is_valid(code):
        raise UndecidableError(f"Il codice fiscale «{code}» non è valido. / The code “{code}” is not valid.")
    if code is not None and not fits_name(code, name_words(f"{surname} {name}")):
        raise UndecidableError(
            f"Il codice fiscale {code} non è di chi si chiama {surname} {name}. / "
            f"The code {code} is not that of somebody called {surname} {name}."
        )
    if len(surname) + len(name) > _LONGEST_NAME:
        raise UndecidableError("Il nome è troppo lungo. / The name is too long.")
    if not name_words(surname):
        raise UndecidableError("Manca il cognome. / The surname is missing.", hint="--new-person «COGNOME, NOME»")
    if code is None and birth_date is None:
        _demand_no_namesake(surname, name, ports)
        found = Found(surname.upper(), name.upper())
    else:
        said = as_found(PersonMention(Role.HOLDER, f"{surname} {name}", code, birth_date=birth_date))
        if said is None:
            raise _unproven()
        found = Found(surname.upper(), name.upper(), said.cf, said.birth_date, said.days, said.code_days)
    with ports.catalog.begin() as work:
        person, is_new = _known(found, work, user_agent(by), ports)
        if is_new:
            work.reconsider_named(keys_of(person))
    return person


def known_person(mention: PersonMention, work: Work, ports: Ports, agent: str = AGENT) -> tuple[Person, bool]:
    """The person on record whom somebody says a paper names, confirmed; and whether that was not known before.

    Raises:
        UndecidableError: the paper has neither code nor day of birth, or two on record are alike.
    """
    if mention.person is not None:
        person = ports.catalog.person(mention.person)
        if person.origin is not Origin.FOUND:
            return person, False
        return work.confirm_person(person.id, ports.clock(), agent), True
    found = as_found(mention)
    if found is None:
        raise _unproven()
    return _known(found, work, agent, ports)


def _known(found: Found, work: Work, agent: str, ports: Ports) -> tuple[Person, bool]:
    known = work.find_or_add(found, ports.clock(), agent)
    if known is None:
        raise UndecidableError(
            "Due persone hanno questo nome e questa data di nascita. / Two persons have this name and day of birth.",
            hint="faldone persons list; --person ID",
        )
    person, is_news = known
    if person.origin is not Origin.FOUND:
        return person, is_news
    return work.confirm_person(person.id, ports.clock(), agent), True


def _demand_no_namesake(surname: str, name: str, ports: Ports) -> None:
    match = ports.register().by_name(name_words(f"{surname} {name}"))
    if match.persons:
        raise UndecidableError(
            "C'è già chi si chiama così: indicarlo, o dire quando è nata la persona nuova. / "
            "Somebody of this name is on record: name that person, or say when the new one was born.",
            hint=" ".join(f"--person {person.id}" for person in match.persons[:4]) + " · --born AAAA-MM-GG",
        )


def _unproven() -> UndecidableError:
    return UndecidableError(
        "Di questa persona non si sa né codice fiscale né data di nascita, o non vanno d'accordo. / "
        "Neither code nor day of birth of this person is known, or they do not agree.",
        hint="--person ID, --new-person «COGNOME, NOME» --born AAAA-MM-GG",
    )


def keys_of(person: Person) -> frozenset[str]:
    """What the person may be known by on papers that wait: every code and every name."""
    names = (f"{person.surname} {person.name}".strip(), *person.aliases)
    codes = (person.cf, *person.other_codes)
    mentions = (PersonMention(Role.HOLDER, name, code) for name in names for code in codes)
    return frozenset().union(*map(person_keys, mentions))


def confirm(text: str, by: str, ports: Ports) -> tuple[Person, int]:
    """Notes that somebody found on papers is who they say; and how many waiting files are looked at again.

    Raises:
        NotFoundError: there is no such person.
        UndecidableError: there is nothing to confirm.
    """
    person = find_person(text, ports)
    with ports.catalog.begin() as work:
        confirmed = work.confirm_person(person.id, ports.clock(), user_agent(by))
        return confirmed, work.reconsider_named(keys_of(person)) + work.reconsider_persons([person.id])


@dataclass(frozen=True, slots=True)
class Merge:
    """Who stands for whom, and how many documents in force are in the dossier of each."""

    keep: Person
    gone: Person
    documents_of_keep: int
    documents_of_gone: int


def compare(keep: str, gone: str, ports: Ports, told: Told = _ALL) -> Merge:
    """What a merge would put together; nothing is changed. ``told`` picks the documents that are counted.

    Raises:
        NotFoundError: one of them is not on record.
        UndecidableError: they were born on different days, are one already, or are merged into somebody.
    """
    kept, going = (_own(text, ports) for text in (keep, gone))
    if kept.id == going.id:
        raise UndecidableError("È la stessa persona. / It is the same person.")
    if not _may_be_one(kept, going):
        raise UndecidableError(
            f"{kept.id} e {going.id} sono nate in giorni diversi: sono due persone. / "
            f"{kept.id} and {going.id} were born on different days: they are two persons."
        )
    counts = (sum(documents_by_service(person, ports, told).values()) for person in (kept, going))
    return Merge(kept, going, *counts)


def merge(keep: str, gone: str, because: str, by: str, ports: Ports) -> Merge:
    """Puts one person in the place of two; what names either is looked at again. Errors as :func:`compare`."""
    merged = compare(keep, gone, ports)
    with ports.catalog.begin() as work:
        work.merge_persons(merged.keep.id, merged.gone.id, because, ports.clock(), user_agent(by))
        _look_again(merged.keep, merged.gone, work)
    return merged


def unmerge(gone: str, by: str, ports: Ports) -> Merge:
    """Takes a merge back; what names either is looked at again.

    Raises:
        NotFoundError: there is no such person.
        UndecidableError: the person is merged with nobody.
    """
    with ports.catalog.begin() as work:
        kept = work.unmerge_person(PersonId(gone), ports.clock(), user_agent(by))
        keep, alone = (ports.catalog.own_record(person) for person in (kept, PersonId(gone)))
        _look_again(keep, alone, work)
    return Merge(keep, alone, *(sum(documents_by_service(person, ports).values()) for person in (keep, alone)))


def _look_again(keep: Person, gone: Person, work: Work) -> None:
    work.reconsider_named(keys_of(keep) | keys_of(gone))
    both = [keep.id, gone.id, *keep.absorbed, *gone.absorbed]
    work.reconsider_persons(both)
    work.index_persons_again(both)


def _own(text: str, ports: Ports) -> Person:
    """The person; of a merged one, named by its id, not who stands for it: that is what is refused."""
    person = find_person(text, ports)
    if text.strip() in person.absorbed:
        raise UndecidableError(
            f"{text} è già unita a {person.id}. / {text} is merged into {person.id} already.",
            hint=f"faldone persons unmerge {text}",
        )
    return person


def _may_be_one(one: Person, other: Person) -> bool:
    """Whether no day of birth of one, on record or in a code, contradicts one of the other."""
    return all(days & others for days in _births(one) for others in _births(other))


def _births(person: Person) -> Iterator[frozenset[dt.date]]:
    if person.birth_date is not None:
        yield frozenset({person.birth_date})
    for code in (person.cf, *person.other_codes):
        if code is not None and (days := birth_dates(code)):
            yield frozenset(days)


def documents_by_service(person: Person, ports: Ports, told: Told = _ALL) -> Counter[str | None]:
    """How many documents in force are in the person's dossier at each service; of those that may be told of alone."""
    counts: Counter[str | None] = Counter()
    for one in (person.id, *person.absorbed):
        for document in told(list(ports.catalog.documents_of(one))):
            counts[document.proposal.service.value if document.proposal.service is not None else None] += 1
    return counts
