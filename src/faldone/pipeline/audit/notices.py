"""What those who answer for the archive are told of until they say that they know: emergencies, from the ledger itself.

A notice is an entry of the ledger that no entry of the reader says to be known: both can be proved, and nothing else
has to be kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from faldone.domain.account import Ability, Account
from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.domain.ids import PersonId
from faldone.errors import NotFoundError
from faldone.pipeline.ports import Ports
from faldone.provenance.chain import LedgerEntry

_BACK: Final = dt.timedelta(days=365)
"""How far back emergencies are looked for."""
_AT_ONCE: Final = 1_000
_AGENT: Final = "user:"


@dataclass(frozen=True, slots=True)
class Notice:
    """An emergency: ``account`` opened the papers of ``person``. ``number`` is that of the ledger's entry.

    ``full_name`` is how the account's owner is called, ``note`` what they typed.
    """

    number: int
    at: dt.datetime
    account: str
    full_name: str
    person: PersonId
    note: str

    @property
    def subject(self) -> str:
        """By what the ledger knows the notice."""
        return _subject(self.number)


def notices(account: Account, ports: Ports) -> tuple[Notice, ...]:
    """The emergencies that somebody who may read the ledger has not taken note of yet, the newest first."""
    if Ability.AUDIT not in account.abilities:
        return ()
    broken = list(_broken(ports))
    if not broken:
        return ()
    known = ports.catalog.events([_subject(entry.sequence) for entry in broken])
    own = {entry.record.subject for entry in known if entry.record.agent == user_agent(account.name)}
    new = [entry for entry in reversed(broken) if _subject(entry.sequence) not in own]
    names = {one.name: one.full_name for one in ports.catalog.accounts()} if new else {}
    return tuple(_notice(entry, names, ports) for entry in new)


def acknowledge(number: int, account: Account, ports: Ports) -> None:
    """Puts on record that somebody has taken note of an emergency; a second time changes nothing.

    Raises:
        NotFoundError: there is no such notice for this account.
    """
    if Ability.AUDIT not in account.abilities or number not in {entry.sequence for entry in _broken(ports)}:
        raise NotFoundError("Questo avviso non c'è. / There is no such notice.")
    agent, subject = user_agent(account.name), _subject(number)
    if any(entry.record.agent == agent for entry in ports.catalog.events([subject])):
        return
    with ports.catalog.begin() as work:
        work.record(Event(EventType.LEDGER_READ, subject, ports.clock(), agent, detail={"noted": True}))


def _broken(ports: Ports) -> Iterator[LedgerEntry]:
    """The emergencies on record, oldest first."""
    since, after = ports.clock() - _BACK, 0
    while True:
        some: Sequence[LedgerEntry] = ports.catalog.events_of(
            {EventType.GLASS_BROKEN}, since=since, limit=_AT_ONCE, after=after
        )
        yield from (entry for entry in some if entry.record.outcome == Outcome.SUCCESS.value)
        if len(some) < _AT_ONCE:
            return
        after = some[-1].sequence


def _notice(entry: LedgerEntry, names: dict[str, str], ports: Ports) -> Notice:
    record = entry.record
    at, account = dt.datetime.fromisoformat(record.at), record.agent.removeprefix(_AGENT)
    given = ports.catalog.reasons_given(frozenset({record.subject}), at, at + dt.timedelta(seconds=1))
    note = next((reason.note for reason in given if reason.glass and reason.account == account), "")
    return Notice(entry.sequence, at, account, names.get(account, account), PersonId(record.subject), note)


def _subject(number: int) -> str:
    return f"notice:{number}"
