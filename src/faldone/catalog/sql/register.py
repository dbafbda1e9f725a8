"""The persons on record, on the catalog's tables: imported, found on papers, confirmed, merged."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from faldone.catalog.records import Change, Document, FieldChange, ImportReport, PersonChange
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.base import FETCH_ROWS, SqlRead, SqlWrite, at_once
from faldone.catalog.sql.rows import (
    Row,
    from_person,
    in_force,
    person_digest,
    register_digest,
    time_text,
    to_document,
    to_person,
)
from faldone.domain.digest import Digest
from faldone.domain.discovery import Found, SeveralAlikeError, completed, on_record, spoken
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.ids import DocumentId, PersonId, new_person_id
from faldone.domain.person import Origin, Person
from faldone.errors import NotFoundError, UndecidableError

_DATE_IN_CODE = (7, 5)
"""Where a codice fiscale has the day of birth: the first character, counted from one, and how many."""


class RegisterWork(SqlWrite):
    """The part of one transaction that is about persons; see :class:`faldone.catalog.catalog.Work`."""

    _register_version: int | None = None

    def save_persons(
        self, persons: Iterable[Person], on_change: Callable[[PersonChange], None] = lambda _: None
    ) -> ImportReport:
        """See :meth:`Work.save_persons`."""
        self._lock_register()
        known = _KnownPersons(self._connection)
        counts = dict.fromkeys(Change, 0)
        adopted: list[PersonId] = []
        for some in at_once(persons):
            same = [known.same(given) for given in some]
            held = self._persons_with(found for found in same if found)
            stored = dict(held)
            grown = False
            for given, told in zip(some, same, strict=True):
                # Asked again once an earlier one of these added or named somebody: it may be this person.
                found = known.same(given) if grown else told
                if found == _SEVERAL:
                    change = PersonChange(given.id, Change.REFUSED)
                else:
                    if found is not None and found not in held:
                        more = self._persons_with([found])
                        stored |= more
                        held |= more
                    before = held[PersonId(found)] if found is not None else None
                    person = _taken_over(before, given)
                    held[person.id] = person
                    if before != person:
                        known.add(person)
                        grown = True
                    change = _change(before, person)
                    if before is not None and before.origin is not Origin.REGISTER:
                        adopted.append(person.id)
                counts[change.what] += 1
                on_change(change)
            self._write(stored, held)
        return ImportReport(
            counts[Change.ADDED],
            counts[Change.CHANGED],
            counts[Change.UNCHANGED],
            register_digest(self._connection),
            refused=counts[Change.REFUSED],
            adopted=tuple(adopted),
        )

    def find_or_add(self, found: Found, at: dt.datetime, agent: str = AGENT) -> tuple[Person, bool] | None:
        """See :meth:`Work.find_or_add`."""
        try:
            known = self._on_record(found)
            if known is None or completed(known, found) != known:
                self._lock_register()  # on a server somebody else may be adding the same person just now
                known = self._on_record(found)
        except SeveralAlikeError:
            return None
        if known is None:
            person = Person(new_person_id(), found.surname, found.name, found.cf, found.birth_date, origin=Origin.FOUND)
            self._write({}, {person.id: person})
        elif completed(known, found) != known:
            before = self._persons_with([known.id])
            person = completed(before[known.id], found)
            self._write(before, {person.id: person})
        else:
            return known, False
        self.record(
            Event(
                EventType.PERSON_FOUND,
                person.id,
                at,
                agent,
                detail={"record": self._digest(person.id), "completed": known is not None},
            )
        )
        return (person if known is None else completed(known, found)), True

    def confirm_person(self, person: PersonId, at: dt.datetime, agent: str) -> Person:
        """See :meth:`Work.confirm_person`."""
        self._lock_register()
        before = self._one(person)
        if before.origin is not Origin.FOUND:
            raise UndecidableError(f"{person} è già in anagrafe. / {person} is in the register already.")
        after = replace(before, origin=Origin.CONFIRMED)
        self._write({person: before}, {person: after})
        self.record(Event(EventType.PERSON_CONFIRMED, person, at, agent, detail={"record": self._digest(person)}))
        return after

    def doubt_person(self, person: PersonId, at: dt.datetime, agent: str) -> None:
        """See :meth:`Work.doubt_person`."""
        self._lock_register()
        before = self._one(person)
        if before.origin is not Origin.CONFIRMED:
            return
        self._write({person: before}, {person: replace(before, origin=Origin.FOUND)})
        self.record(Event(EventType.PERSON_DOUBTED, person, at, agent, detail={"record": self._digest(person)}))

    def merge_persons(self, keep: PersonId, gone: PersonId, because: str, at: dt.datetime, agent: str) -> None:
        """See :meth:`Work.merge_persons`."""
        self._lock_register()
        for person in (keep, gone):
            self._one(person)
        if keep == gone:
            raise UndecidableError(
                "Una persona non si unisce a sé stessa. / A person cannot be merged with itself.",
            )
        into = _Merges(self._connection).into
        for person in (keep, gone):
            if person in into:
                raise UndecidableError(
                    f"{person} è già unita a {into[person]}. / {person} is merged into {into[person]} already.",
                    hint=f"faldone persons unmerge {person}",
                )
        self._touch([keep, gone], merged_into={gone: keep})
        row = {"gone": gone, "keep": keep, "because": because, "at": time_text(at), "undone": False}
        self._connection.execute(sa.insert(t.merges).values(**row))
        self.record(Event(EventType.PERSON_MERGED, gone, at, agent, detail={"into": keep}))

    def unmerge_person(self, gone: PersonId, at: dt.datetime, agent: str) -> PersonId:
        """See :meth:`Work.unmerge_person`."""
        self._lock_register()
        self._one(gone)
        keep = _Merges(self._connection).into.get(gone)
        if keep is None:
            raise UndecidableError(f"{gone} non è unita a nessuno. / {gone} is merged with nobody.")
        self._touch([keep, gone], merged_into={gone: None})
        m = t.merges.c
        self._connection.execute(sa.update(t.merges).where(m.gone == gone, ~m.undone).values(undone=True))
        self.record(Event(EventType.PERSON_UNMERGED, gone, at, agent, detail={"from": keep}))
        return keep

    def reconsider_persons(self, persons: Collection[PersonId]) -> int:
        """See :meth:`Work.reconsider_persons`."""
        documents = [DocumentId(row.id) for row in self._connection.execute(_documents_of(persons))]
        for some in at_once(documents):
            # The same proposal again is no new version, but the index holds names of the person.
            statement = sa.update(t.documents).where(t.documents.c.id.in_(some))
            self._connection.execute(statement.values(indexed_version=0, index_error=None))
        return self.attribute_again(documents)

    def _lock_register(self) -> None:
        self._connection.execute(sa.select(t.state.c.id).with_for_update())

    def _next_version(self) -> int:
        """The register's version that this transaction makes."""
        if self._register_version is None:
            self._connection.execute(sa.update(t.state).values(register_version=t.state.c.register_version + 1))
            self._register_version = self._connection.scalar(sa.select(t.state.c.register_version)) or 0
        return self._register_version

    def _on_record(self, found: Found) -> Person | None:
        p = t.persons.c
        merges = _Merges(self._connection)
        days = [day.isoformat() for day in found.days]
        undated = p.birth_date.is_(None) & sa.func.substr(p.cf, *_DATE_IN_CODE).in_(found.code_days)

        def people(wanted: sa.ColumnElement[bool]) -> list[Person]:
            rows = self._connection.execute(sa.select(t.persons).where(wanted).order_by(p.id))
            roots = dict.fromkeys(merges.root(row.id) for row in rows)
            found = self._connection.execute(sa.select(t.persons).where(p.id.in_(list(roots))).order_by(p.id))
            return [merges.present(row) for row in found]

        of_code = people(p.cf == found.cf) if found.cf is not None else []
        return on_record(found, of_code, people(p.birth_date.in_(days) | undated))

    def _one(self, person: PersonId) -> Person:
        found = self._persons_with([person])
        if person not in found:
            raise unknown_person(person)
        return found[person]

    def _digest(self, person: PersonId) -> str:
        found = self._connection.execute(sa.select(t.persons).where(t.persons.c.id == person)).one()
        return str(person_digest(found))

    def _persons_with(self, ids: Iterable[str]) -> dict[PersonId, Person]:
        """Their own records, without what was merged into them."""
        rows = self._connection.execute(sa.select(t.persons).where(t.persons.c.id.in_(list(ids))))
        return {PersonId(row.id): to_person(row) for row in rows}

    def _write(self, stored: Mapping[PersonId, Person], held: Mapping[PersonId, Person]) -> None:
        """Stores those of ``held`` that are not ``stored`` as they are."""
        new = [person for person in held.values() if person.id not in stored]
        changed = [person for person in held.values() if person.id in stored and stored[person.id] != person]
        if not new and not changed:
            return
        version = {"changed": self._next_version()}
        if new:
            rows = [from_person(person) | version | {"salt": _salt(person)} for person in new]
            self._connection.execute(sa.insert(t.persons), rows)
        if changed:
            rows = [from_person(person) | version | {"which": person.id} for person in changed]
            statement = sa.update(t.persons).where(t.persons.c.id == sa.bindparam("which"))
            named: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name not in ("id", "which")}
            self._connection.execute(statement.values(named), rows)

    def _touch(self, persons: Sequence[PersonId], merged_into: Mapping[PersonId, PersonId | None]) -> None:
        version = self._next_version()
        for person in persons:
            values: dict[str, object] = {"changed": version}
            if person in merged_into:
                values["merged_into"] = merged_into[person]
            self._connection.execute(sa.update(t.persons).where(t.persons.c.id == person).values(**values))


class RegisterRead(SqlRead):
    """What the catalog tells of persons; see :class:`faldone.catalog.catalog.Catalog`."""

    def persons(self, since: int | None = None) -> Iterator[Person]:
        """See :meth:`Catalog.persons`."""
        p = t.persons.c
        query = sa.select(t.persons).order_by(p.id)
        with self._engine.connect() as connection:
            merges = _Merges(connection)
            changed = connection.scalars(sa.select(p.id).where(p.changed > since)) if since is not None else ()
            roots = sorted({merges.root(person) for person in changed})
        if since is None:
            yield from map(merges.present, self._stream(query.where(p.merged_into.is_(None))))
        for some in at_once(roots):
            yield from map(merges.present, self._stream(query.where(p.id.in_(some))))

    def person(self, name: str) -> Person:
        """See :meth:`Catalog.person`."""
        p = t.persons.c
        with self._engine.connect() as connection:
            merges = _Merges(connection)
            named = connection.scalar(
                sa.select(p.id)
                .where((p.id == name) | (p.cf == name.upper()))
                .order_by(p.merged_into.is_not(None), p.id)
            )
            if named is None:
                raise unknown_person(name)
            return merges.present(connection.execute(sa.select(t.persons).where(p.id == merges.root(named))).one())

    def own_record(self, person: PersonId) -> Person:
        """See :meth:`Catalog.own_record`."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(t.persons).where(t.persons.c.id == person)).first()
        if row is None:
            raise unknown_person(person)
        return to_person(row)

    def documents_of(self, person: PersonId) -> Iterator[Document]:
        """See :meth:`Catalog.documents_of`."""
        for row in self._stream(_documents_of([person])):
            document = to_document(row)
            if any(holder.value.person == person for holder in document.proposal.holders):
                yield document

    def persons_with(self, persons: Collection[PersonId]) -> Mapping[PersonId, Person]:
        """See :meth:`Catalog.persons_with`."""
        p = t.persons.c
        with self._engine.connect() as connection:
            merges = _Merges(connection)
            roots = {person: merges.root(person) for person in persons}
            wanted = sorted(set(roots.values()))
            found: dict[PersonId, Person] = {}
            for some in at_once(wanted):
                rows = connection.execute(sa.select(t.persons).where(p.id.in_(some)))
                found |= {row.id: merges.present(row) for row in rows}
        return {person: found[root] for person, root in roots.items() if root in found}

    def register_version(self) -> int:
        """See :meth:`Catalog.register_version`."""
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(t.state.c.register_version)) or 0

    def register_digest(self) -> Digest:
        """See :meth:`Catalog.register_digest`."""
        with self._engine.connect() as connection:
            return register_digest(connection)

    def person_digests(self) -> Iterator[tuple[PersonId, Digest]]:
        """See :meth:`Catalog.person_digests`."""
        for row in self._stream(sa.select(t.persons).where(t.persons.c.origin != Origin.REGISTER)):
            yield PersonId(row.id), person_digest(row)

    def merge_standings(self) -> Iterator[tuple[PersonId, PersonId]]:
        """See :meth:`Catalog.merge_standings`."""
        with self._engine.connect() as connection:
            yield from _Merges(connection).into.items()


def unknown_person(name: str) -> NotFoundError:
    """The error about somebody who is not on record."""
    return NotFoundError(f"Nessuna persona {name}. / No person {name}.", hint="faldone persons list")


def _documents_of(persons: Collection[PersonId]) -> sa.Select[Any]:
    """The documents in force whose proposal names one of these ids."""
    named = sa.or_(sa.false(), *(t.proposals.c.body.contains(f'"{person}"') for person in persons))
    return sa.select(t.documents, t.proposals.c.body).join(t.proposals, in_force()).where(~t.documents.c.retired, named)


class _Merges:
    """Which records were merged into which. They are few: all of them are held."""

    def __init__(self, connection: sa.Connection) -> None:
        p = t.persons.c
        # Asked as a range and put in order here: SQLite would look through everybody.
        found = connection.execute(sa.select(t.persons).where(p.merged_into > ""))
        rows = sorted(found, key=lambda row: str(row.id))
        self.into = {PersonId(row.id): PersonId(row.merged_into) for row in rows}
        self._under: dict[str, list[Person]] = defaultdict(list)
        for row in rows:
            self._under[self.root(row.id)].append(to_person(row))

    def root(self, person: str) -> PersonId:
        """Who stands for the record; a ring, which only an altered catalog can have, ends where it began."""
        passed = {person}
        while (into := self.into.get(PersonId(person))) is not None and into not in passed:
            passed.add(into)
            person = into
        return PersonId(person)

    def present(self, row: Row) -> Person:
        """The person of a record that stands for itself, with the names, codes and ids of what was merged into it."""
        person = to_person(row)
        under = self._under.get(row.id)
        if not under:
            return person
        names = (*person.aliases, *(name for gone in under for name in (f"{gone.surname} {gone.name}", *gone.aliases)))
        own = f"{person.surname} {person.name}"
        codes = dict.fromkeys(one.cf for one in (person, *under) if one.cf is not None)
        cf = next(iter(codes), None)
        return replace(
            person,
            cf=cf,
            birth_date=next((one.birth_date for one in (person, *under) if one.birth_date is not None), None),
            aliases=tuple(dict.fromkeys(name for name in names if name != own)),
            other_codes=tuple(code for code in codes if code != cf),
            absorbed=tuple(gone.id for gone in under),
        )


def _salt(person: Person) -> str | None:
    return secrets.token_hex(16) if person.origin is not Origin.REGISTER else None


_SEVERAL: Final = ""
"""Stands for a name that several bear."""


class _KnownPersons:
    """The ids on record by what tells that a given person is the same. The records themselves stay in the tables."""

    def __init__(self, connection: sa.Connection) -> None:
        self._by_cf: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._by_words: dict[str, str] = {}  # of those found on papers, where surname and name may be swapped
        self._coded: set[str] = set()
        p = t.persons.c
        query = sa.select(p.id, p.surname, p.name, p.cf, p.birth_date, p.origin).order_by(p.id)
        for row in connection.execute(query, execution_options={"yield_per": FETCH_ROWS}):
            born = dt.date.fromisoformat(row.birth_date) if row.birth_date else None
            self.add(Person(PersonId(row.id), row.surname, row.name, row.cf, born, origin=Origin(row.origin)))

    def add(self, person: Person) -> None:
        """Knows a person from now on, or by more than before."""
        if person.cf is not None:
            self._by_cf[person.cf] = person.id
            self._coded.add(person.id)
        if person.origin is Origin.REGISTER:
            self._put(self._by_name, _name_key(person), person.id)
        elif person.birth_date is not None:
            self._put(self._by_words, _words_key(person), person.id)

    def same(self, given: Person) -> str | None:
        """The id of the person on record; empty when there are several and no code tells which."""
        if given.cf is not None and given.cf in self._by_cf:
            return self._by_cf[given.cf]
        keyed = ((self._by_name, _name_key(given)), (self._by_words, _words_key(given)))
        for table, key in keyed if given.birth_date is not None else keyed[:1]:
            namesake = table.get(key)
            if namesake == _SEVERAL and given.cf is None:
                return _SEVERAL
            # Two codes are two persons, whatever they are called.
            if namesake and not (given.cf is not None and namesake in self._coded):
                return namesake
        return None

    @staticmethod
    def _put(table: dict[str, str], key: str, person: str) -> None:
        table[key] = person if table.get(key, person) == person else _SEVERAL


def _name_key(person: Person) -> str:
    names = ("".join(spoken(name)) or name.casefold() for name in (person.surname, person.name))
    return "|".join((*names, str(person.birth_date)))


def _words_key(person: Person) -> str:
    return " ".join((*sorted(spoken(person.surname, person.name)), str(person.birth_date)))


def _taken_over(before: Person | None, given: Person) -> Person:
    """The record that an imported line makes; what tells a person from others is not lost by a line without it."""
    if before is None:
        return given
    return replace(given, id=before.id, cf=given.cf or before.cf, birth_date=given.birth_date or before.birth_date)


def _change(before: Person | None, after: Person) -> PersonChange:
    if before is None:
        return PersonChange(after.id, Change.ADDED, (FieldChange("", "", after.display_name),))
    if before == after:
        return PersonChange(after.id, Change.UNCHANGED)
    old, new = _fields(before), _fields(after)
    fields = tuple(
        FieldChange(name, old.get(name, ""), new.get(name, ""))
        for name in dict.fromkeys((*old, *new))
        if old.get(name, "") != new.get(name, "")
    )
    return PersonChange(after.id, Change.CHANGED, fields)


def _fields(person: Person) -> dict[str, str]:
    return {
        "surname": person.surname,
        "name": person.name,
        "cf": person.cf or "",
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "birth_place": person.birth_place or "",
        "residence": person.residence or "",
        "aliases": "; ".join(person.aliases),
        "origin": person.origin.value,
        **dict(person.extra),
    }
