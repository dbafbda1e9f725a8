"""What people type of a paper: a day, a registration. Wherever they type it, the same is understood. Pure."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from faldone.domain.attribution import Direction, Protocol
from faldone.errors import UndecidableError

_OLDEST: Final = dt.date(1850, 1, 1)
_ITALIAN: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_NUMBER: Final = re.compile(r"(?=[^/]*\d)[0-9A-Za-z][0-9A-Za-z ._\-]{0,38}")
_PROTOCOL: Final = re.compile(rf"({_NUMBER.pattern}?)(?:\s*/\s*|\s+del\s+)(.+)")
_YEAR: Final = re.compile(r"(?:19|20)\d{2}")


def typed_day(text: str, today: dt.date) -> dt.date:
    """A day of a paper or of a birth: 2014-03-12, 12/03/2014, 12.3.2014.

    Raises:
        UndecidableError: it is no day, or none that papers can be of.
    """
    found = _day(text.strip())
    if found is None:
        raise UndecidableError(f"«{text}» non è un giorno. / “{text}” is no day.", hint="2014-03-12 · 12/03/2014")
    return past_day(found, today)


def past_day(found: dt.date, today: dt.date) -> dt.date:
    """The day, if papers can be of it.

    Raises:
        UndecidableError: it is to come, or before there were such papers.
    """
    if not _OLDEST <= found <= today:
        raise UndecidableError("Il giorno non è un giorno passato. / The day is no day in the past.")
    return found


def typed_protocol(text: str, direction: Direction | None = None) -> Protocol:
    """A registration: *1234*, *1234/2014*, *1234/2014-03-12*, *1234 del 12/03/2014*.

    Raises:
        UndecidableError: it is none.
    """
    written = text.strip()
    if (parts := _PROTOCOL.fullmatch(written)) is not None:
        number, when = parts.groups()
        if _YEAR.fullmatch(when):
            return Protocol(number, None, int(when), direction)
        if (on := _day(when)) is not None:
            return Protocol(number, on, on.year, direction)
    elif _NUMBER.fullmatch(written):
        return Protocol(written, direction=direction)
    raise UndecidableError(
        f"«{text}» non è un protocollo. / “{text}” is no registration number.",
        hint="1234 · 1234/2014 · 1234/2014-03-12",
    )


def _day(text: str) -> dt.date | None:
    written = _ITALIAN.fullmatch(text)
    try:
        if written is None:
            return dt.date.fromisoformat(text)
        day, month, year = map(int, written.groups())
        return dt.date(year, month, day)
    except ValueError:
        return None
