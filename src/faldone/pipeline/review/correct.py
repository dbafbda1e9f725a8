"""A value as somebody types it to put a document right, made into what is said of the document."""

from __future__ import annotations

import datetime as dt

from faldone.catalog.records import Document
from faldone.domain.attribution import Direction, Protocol
from faldone.domain.decision import Settled
from faldone.domain.ids import PersonId
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.papers.open_document import Field
from faldone.pipeline.ports import Ports

_LONGEST_NUMBER = 30

_YEAR_DIGITS = 4


def correction(
    document: Document,
    field: Field,
    value: str,
    ports: Ports,
    *,
    direction: str = "",
    instead_of: PersonId | None = None,
) -> Settled:
    """What is said of a document by one value.

    Args:
        document: the document as it is.
        field: which value is put right.
        value: as typed: the code of a type or service, a day (ISO or dd/mm/yyyy), «number/year» of a protocol, the id
            or codice fiscale of a person.
        ports: the archive.
        direction: of a protocol, empty when not known.
        instead_of: whose place the holder takes; the document's other holders stay. None: everybody's.

    Raises:
        UndecidableError: it is no value of that field.
    """
    lexicon = ports.lexicon
    match field:
        case Field.TYPE if value in lexicon.types:
            return Settled(type=value)
        case Field.SERVICE if value in lexicon.services:
            return Settled(service=value)
        case Field.DATE if (day := _day(value)) is not None:
            return Settled(date=day)
        case Field.PROTOCOL if (protocol := _protocol(value, direction)) is not None:
            return Settled(protocol=protocol)
        case Field.HOLDER:
            return Settled(holders=_holders(document, value, instead_of, ports))
    raise UndecidableError("Il valore non va bene: nulla è cambiato. / The value will not do: nothing was changed.")


def _holders(document: Document, value: str, instead_of: PersonId | None, ports: Ports) -> tuple[PersonId, ...]:
    try:
        known = ports.catalog.person(value).id
    except NotFoundError as error:
        raise UndecidableError(
            "Nessuno con questo nome o codice: scegli una persona dall'elenco. / "
            "Nobody has this name or code: choose a person from the list."
        ) from error
    if instead_of is None:
        return (known,)
    now = (holder.value.person for holder in document.proposal.holders)
    return tuple(dict.fromkeys(known if one == instead_of else one for one in now if one is not None)) or (known,)


def _protocol(text: str, direction: str) -> Protocol | None:
    number, slash, year = text.strip().partition("/")
    if not number or len(number) > _LONGEST_NUMBER or not any(sign.isdigit() for sign in number):
        return None
    if slash and not (year.isascii() and year.isdigit() and len(year) == _YEAR_DIGITS):
        return None
    return Protocol(number, None, int(year) if slash else None, _direction(direction))


def _direction(text: str) -> Direction | None:
    return Direction(text) if text in {one.value for one in Direction} else None


def _day(text: str) -> dt.date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None
