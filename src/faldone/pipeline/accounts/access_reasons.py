"""Why somebody opens what is kept closely, and the emergency in which one person's papers are opened without a right.

A reason is on record before anything is shown by it. The ledger has its purpose and a digest of what was typed; the
words themselves stay in the catalog.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from faldone.classify.codice_fiscale import is_valid
from faldone.classify.normalise import name_words
from faldone.domain.access import EVERYTHING
from faldone.domain.account import GivenReason, Purpose
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.domain.person import Person
from faldone.errors import FaldoneError, NotFoundError, UndecidableError
from faldone.pipeline.papers.dossier_papers import permitted_papers
from faldone.pipeline.ports import Ports

REASON_HOLDS: Final = dt.timedelta(hours=8)
GLASS_HOLDS: Final = dt.timedelta(minutes=60)
GLASS_TRIES: Final = 5
"""Tries of one account in an hour: who looks for a person in an emergency knows who it is."""
LONGEST_NOTE: Final = 500
SHORTEST_GLASS_NOTE: Final = 10

_TRIED: Final = "glass"
"""The subject of a try that found nobody: whom it meant is told nowhere."""
_TRYING = threading.Lock()
"""One try at a time, so that many at once are not each counted as the first."""


class TooManyTriesError(FaldoneError):
    """An account has tried to break the glass too often within the hour."""

    reference = "too-many-tries"
    exit_code = 75


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom somebody looks for in an emergency: by the code, or by surname, name and day of birth together."""

    cf: str = ""
    surname: str = ""
    name: str = ""
    birth_date: dt.date | None = None

    @property
    def complete(self) -> bool:
        """Whether it says enough to mean one person."""
        return bool(self.cf.strip()) or bool(self.surname.strip() and self.name.strip() and self.birth_date)


def give(account: str, subject: str, purpose: Purpose, note: str, ports: Ports) -> GivenReason:
    """Puts on record why an account opens a document or a person's papers; it holds for some hours.

    Whether the account may see the subject at all is not asked here.

    Raises:
        UndecidableError: what was typed is too long.
    """
    now = ports.clock()
    reason = GivenReason(_new_id(), account, subject, purpose, _checked(note), now, now + REASON_HOLDS)
    with ports.catalog.begin() as work:
        work.give_reason(reason)
        work.record(_event(EventType.REASON_GIVEN, reason))
    return reason


def in_force(reasons: Iterable[GivenReason], subjects: Iterable[str]) -> GivenReason | None:
    """The last of the reasons that is about one of the subjects."""
    wanted = frozenset(subjects)
    about = [reason for reason in reasons if reason.subject in wanted]
    return max(about, key=lambda reason: reason.at, default=None)


def break_glass(account: str, sought: Sought, note: str, ports: Ports) -> GivenReason:
    """Opens one person's papers to an account for an hour. The person in charge and the DPO are told of it.

    Raises:
        UndecidableError: it is not said whom, or not why.
        TooManyTriesError: the account has tried too often within the hour.
        NotFoundError: nobody who has papers, or more than one person, answers to what was said.
    """
    checked = _checked(note)
    if not sought.complete or len(checked) < SHORTEST_GLASS_NOTE:
        raise UndecidableError(
            "Servono il codice fiscale, oppure cognome, nome e data di nascita; e il motivo, in parole. / "
            "The codice fiscale is needed, or surname, name and day of birth; and the reason, in words."
        )
    with _TRYING:
        _demand_tries_left(account, ports)
        person = _meant(sought, ports)
        now = ports.clock()
        if person is None:
            with ports.catalog.begin() as work:
                detail = {"rule": "glass"}
                refused = Event(EventType.ACCESS_REFUSED, _TRIED, now, user_agent(account), Outcome.FAILURE, detail)
                work.record(refused)
            raise NotFoundError(
                "Nessun fascicolo aperto: questi dati non portano a una persona sola. Il tentativo è nel registro. / "
                "No dossier opened: these data do not lead to one person. The try is on record."
            )
        reason = GivenReason(
            _new_id(), account, person.id, Purpose.URGENCY, checked, now, now + GLASS_HOLDS, glass=True
        )
        with ports.catalog.begin() as work:
            work.give_reason(reason)
            work.record(_event(EventType.GLASS_BROKEN, reason))
    return reason


def note_digest(reason: GivenReason) -> Digest:
    """What the ledger keeps of the words of a reason; equal words of two reasons do not show."""
    return Digest.of(f"{reason.id}\0{reason.note}".encode())


def _demand_tries_left(account: str, ports: Ports) -> None:
    since, agent = ports.clock() - dt.timedelta(hours=1), user_agent(account)
    broken = ports.catalog.events_of({EventType.GLASS_BROKEN}, agent=agent, since=since, limit=GLASS_TRIES)
    missed = ports.catalog.events_of(
        {EventType.ACCESS_REFUSED}, agent=agent, subjects={_TRIED}, since=since, limit=GLASS_TRIES
    )
    if len(broken) + len(missed) >= GLASS_TRIES:
        raise TooManyTriesError(
            f"Più di {GLASS_TRIES} tentativi in un'ora: chiama il responsabile. / "
            f"More than {GLASS_TRIES} tries within an hour: call the person in charge."
        )


def _meant(sought: Sought, ports: Ports) -> Person | None:
    """The one person who answers to all that was said and has papers."""
    register = ports.register()
    code = "".join(sought.cf.split()).upper()
    if code:
        found = register.by_cf(code) if is_valid(code) else ()
    else:
        match = register.by_name(name_words(f"{sought.surname} {sought.name}"))
        found = () if match.partial else match.persons
        found = tuple(person for person in found if person.birth_date == sought.birth_date)
    persons = {person.id for person in found}
    if len(persons) != 1:
        return None
    (one,) = persons
    record = ports.catalog.persons_with([one]).get(one)
    return record if record is not None and permitted_papers(record, EVERYTHING, ports) else None


def _event(type_: EventType, reason: GivenReason) -> Event:
    return Event(
        type_,
        reason.subject,
        reason.at,
        user_agent(reason.account),
        detail={
            "reason": reason.id,
            "purpose": reason.purpose.value,
            "note": str(note_digest(reason)) if reason.note else None,
            "until": reason.until.isoformat(timespec="seconds"),
        },
    )


def _checked(note: str) -> str:
    text = " ".join("".join(char if char.isprintable() else " " for char in note).split())
    if len(text) > LONGEST_NOTE:
        raise UndecidableError(
            f"Il motivo è più lungo di {LONGEST_NOTE} lettere. / The reason is longer than {LONGEST_NOTE} letters."
        )
    return text


def _new_id() -> str:
    return "r-" + secrets.token_hex(6)
