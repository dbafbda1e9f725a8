"""What the first look at a page tells, while the paper is still on the table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from faldone.domain.verdict import Flaw, PageMeasures, Verdict


class Separator(StrEnum):
    """What a page is when it is no paper of a dossier.

    DOUBTFUL bears signs of a separator that cannot be read: what lies around it goes to a person.
    """

    COVER = "cover"
    DOCUMENT = "document"
    PATCH = "patch"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Mark:
    """That a page is, or may be, a separator; ``token`` names the printed sheet when it could be read."""

    separator: Separator
    token: str | None = None


@dataclass(frozen=True, slots=True)
class PageLook:
    """The verdict on a scan, what it rests on, and whether the page is a separator.

    ``fingerprint`` is the digest of the pixels looked at; ``image_hash`` how the page looks, for what was scanned
    twice; ``mark`` is set on a separator; ``person_codes`` are the codici fiscali printed on the page as bar codes.
    """

    verdict: Verdict
    flaws: tuple[Flaw, ...]
    measures: PageMeasures
    fingerprint: str
    image_hash: str
    mark: Mark | None = None
    person_codes: tuple[str, ...] = ()
