"""What a waiting document asks a person, so that one answer settles all documents that ask the same."""

from __future__ import annotations

from typing import Final

from faldone.classify.normalise import name_words
from faldone.domain.attribution import Band, DocumentProposal, PersonMention
from faldone.domain.decision import ALONE, Asked
from faldone.domain.reasons import Reason

ABOUT_HOLDER: Final = frozenset(
    {
        Reason.NO_HOLDER,
        Reason.SEVERAL_HOLDERS,
        Reason.HOLDER_NOT_IN_REGISTER,
        Reason.CF_REPAIRED,
        Reason.HOLDER_UNSURE,
        Reason.NAME_ALONE,
        Reason.INITIALS_ALONE,
        Reason.COLLECTIVE_DOCUMENT,
    }
)
"""The reasons that fall away when a person says whose paper it is."""


def asked_of(proposal: DocumentProposal) -> Asked | None:
    """The question of a document that waits; ``None`` for one that is filed."""
    if proposal.band is Band.AUTO:
        return None
    return Asked(_question(proposal), frozenset().union(*(person_keys(person.value) for person in proposal.persons)))


def person_keys(mention: PersonMention) -> frozenset[str]:
    """What a person on a paper may be known by: ``cf:<code>`` and ``name:<folded words in order of the alphabet>``."""
    words = name_words(mention.name)
    keys = {f"name:{' '.join(sorted(words))}"} if words else set()
    return frozenset(keys | ({f"cf:{mention.cf}"} if mention.cf else set()))


def _question(proposal: DocumentProposal) -> str:
    """The first field that is in doubt, with what is proposed for it."""
    reasons = set(proposal.reasons)
    if reasons & ABOUT_HOLDER:
        who = " ".join(sorted(_identity(holder.value) for holder in proposal.holders))
        return f"holder:{who or ALONE}"
    if Reason.TYPE_UNSURE in reasons:
        return f"type:{proposal.type.value if proposal.type else ALONE}"
    if Reason.SERVICE_UNSURE in reasons:
        return f"service:{proposal.service.value if proposal.service else ALONE}"
    return f"scan:{ALONE}"


def _identity(mention: PersonMention) -> str:
    """The surest name for a person: the record, the code, or name and birth date as read."""
    if mention.person is not None:
        return mention.person
    if mention.cf is not None:
        return mention.cf
    born = f"/{mention.birth_date.isoformat()}" if mention.birth_date is not None else ""
    return "-".join(sorted(name_words(mention.name))) + born
