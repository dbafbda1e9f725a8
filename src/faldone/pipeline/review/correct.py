"""A value as somebody types it to put a document right, made into what is said of the document."""

from __future__ import annotations

from faldone.catalog.records import Document
from faldone.domain.attribution import Direction
from faldone.domain.decision import Settled
from faldone.domain.ids import PersonId
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.papers.open_document import Field
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.typed import typed_day, typed_protocol


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
        value: as typed: the code of a type or service, a day, a protocol (:mod:`.typed`), the id
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
        case Field.DATE:
            return Settled(date=typed_day(value, ports.clock().astimezone().date()))
        case Field.PROTOCOL:
            return Settled(protocol=typed_protocol(value, _direction(direction)))
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


def _direction(text: str) -> Direction | None:
    return Direction(text) if text in {one.value for one in Direction} else None
