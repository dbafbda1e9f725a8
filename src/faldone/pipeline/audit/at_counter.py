"""The story of a paper where the person at the counter sees the screen: nobody else is named in it, not by id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from faldone.domain.ids import PersonId
from faldone.pipeline.audit.story import Line
from faldone.pipeline.audit.telling.words import Pair

_PERSON: Final = re.compile(r"\bu-[0-9a-f]{1,12}")  # a long list of them may be cut within an id


def of_one(lines: Iterable[Line], person: PersonId | None) -> tuple[Line, ...]:
    """The lines as they are while ``person`` sits at the counter; as they were where nobody does."""
    if person is None:
        return tuple(lines)

    def told(text: str) -> str:
        return _PERSON.sub(lambda found: found[0] if found[0] == person else "u-…", text)

    return tuple(
        replace(line, sentence=Pair(told(line.sentence.italian), told(line.sentence.english))) for line in lines
    )
