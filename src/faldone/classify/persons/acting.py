"""Who acts for whom: «X in qualità di caregiver di Y» is Y's paper, «X delega Y» is X's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from faldone.classify.persons.fillers import only_fillers
from faldone.classify.persons.mention import BARE_SCORE, Mention
from faldone.classify.reading import Reading
from faldone.domain.attribution import Role

_ACTED_FOR: Final = 0.94
"""Surer than any cue of a name alone: the sentence says both what X is and whose paper it is."""

_DELEGATES: Final = 0.93
_REACH_CHARS: Final = 260
_LOST_CHARS: Final = 90
_PROXY_CHARS: Final = 32
_SIDE: Final = r"(?:d[il1]|dell[aoe]?|de[il]|del/la|al|alla|per|per conto di|[ao] favore (?:di|del|della|del/la)|"
_SIDE_ENDS: Final = r"in favore (?:di|del|della)|nell.interesse (?:di|del|della))"
_QUALITY: Final = (
    r"\b(?:in|n?ella(?: sua)?) q(?:[a-z0-9]{3,6}|[a-z0-9]{2,4} [a-z0-9]{0,4}t)[a4o]['’]?\s?d[il1][\s,]*|\bquale\s"
)
_OFFICE: Final = (
    r"\b(?:amm[a-z0-9]{6,12}e (?:di )?[s5]os[a-z0-9]{4,6}|a\.?\s?d\.?\s?s\b\.?|(?:pro)?tut(?:ore|rice)|"
    r"curat(?:ore|rice)(?: speciale)?|caregiver|persona di riferimento|familiare di riferimento|delegat[oa])"
)
_NOT_OF_AN_OFFICE: Final = r"(?!\s+[s5][o0][s5][a-z0-9]{3,7}\b)"
"""«amministratore di sostegno» is the office, whoever is named behind it."""

_FOR_OTHER: Final = re.compile(
    rf"(?:(?:{_QUALITY})(?P<relation>[^;:]{{2,60}}?)|(?P<office>{_OFFICE}))[\s,]+{_SIDE}{_SIDE_ENDS}"
    rf"{_NOT_OF_AN_OFFICE}(?P<rest>[^;:]{{0,40}})$"
)
_IS_APPOINTED: Final = re.compile(
    rf"\bquale\s+(?P<office>{_OFFICE}(?: provvisori[oa])?)\s+(?P<rest>(?:il|la|lo|l['’]|sig|dott|avv)[^;:]*)$"
)
"""«nomina quale amministratore di sostegno il sig. …»: the words go with the name behind them."""

_OPENS_FOR_OTHER: Final = re.compile(rf"(?:{_QUALITY})(?P<relation>[^;:.]{{2,60}})")
_OWN_QUALITY: Final = re.compile(
    r"\b(?:richiedent|interessat|beneficiari|titolar|dichiarant|intestatari|propri[oa]|diretto|conduttor)"
)
_PROXY: Final = re.compile(r"\bd[eo]l[eo]g(?:a|o|ano|hi|are)\b(?P<rest>[^;:]{0,60})$")
_PARENT: Final = re.compile(r"\b(?:genit|madre|padre|mamma)")
_GUARDIAN: Final = re.compile(r"\b(?:tut(?:ore|rice)|curat|amm[a-z0-9]+e (?:di )?[s5]os|a\.?\s?d\.?\s?s\b)")


def with_parties(reading: Reading, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions with the roles of those who act for others and of those whom they act for."""
    named = list(mentions)
    for index, one in enumerate(named):
        if not one.words:
            continue
        if _is_proxy(reading, one):
            # Also where the name of who delegates was lost.
            named[index] = one = replace(one, role=Role.CITED, score=0.0, group=None, cue="delega")
        follows = index + 1 < len(named)
        until = named[index + 1].start if follows else len(reading.folded)
        if until - one.end <= _REACH_CHARS and follows:
            gap = " ".join(reading.folded[one.end : until].split())
            other = named[index + 1]
            proxy = _PROXY.search(gap)
            if proxy is not None and only_fillers(proxy["rest"], 0):
                if one.role in (None, Role.HOLDER):
                    named[index] = replace(one, role=Role.HOLDER, score=max(one.score, _DELEGATES), group=None)
                named[index + 1] = replace(other, role=Role.CITED, score=0.0, group=None, cue="delega")
                continue
            appointed = _IS_APPOINTED.search(gap)
            if appointed is not None and only_fillers(appointed["rest"], 1):
                named[index + 1] = _acting(other, appointed["office"])
                continue
            acting = _FOR_OTHER.search(gap)
            if acting is not None and only_fillers(acting["rest"], 1) and other.words:
                said = acting["relation"] or acting["office"] or ""
                if not _OWN_QUALITY.search(said):
                    named[index] = _acting(one, said)
                    named[index + 1] = replace(other, role=Role.HOLDER, score=_ACTED_FOR, cue=said.strip())
                    continue
        gap = " ".join(reading.folded[one.end : min(until, one.end + _REACH_CHARS)].split())
        opened = _OPENS_FOR_OTHER.search(gap)
        if opened is not None and opened.start() <= _LOST_CHARS and one.role in (None, Role.HOLDER):
            said = opened["relation"]
            # For whom, was not read: the paper is still not of the one who acts.
            if _OWN_QUALITY.search(said):
                continue
            if re.search(r"\bd[il1]\b|\bdel|\bfavore\b", said):
                named[index] = _acting(one, said)
            elif not opened[0].startswith("quale"):
                # Nor is it surely, where not even the quality was read as one of the declarant's own.
                named[index] = replace(one, role=None, score=BARE_SCORE, group=None)
    return named


def _is_proxy(reading: Reading, mention: Mention) -> bool:
    """Whether the sentence says in front of the name that its bearer is delegated."""
    line, _ = reading.line_span(reading.line_of(mention.start))
    before = " ".join(reading.folded[max(mention.start - _PROXY_CHARS, 0) : mention.start].split())
    said = _PROXY.search(before)
    heading = reading.folded[line : mention.start].lstrip().startswith("deleg")
    return said is not None and only_fillers(said["rest"], 0) and not heading


def _acting(mention: Mention, said: str) -> Mention:
    role = Role.PARENT if _PARENT.search(said) else Role.GUARDIAN if _GUARDIAN.search(said) else Role.CITED
    return replace(mention, role=role, score=0.0, group=None, cue=said.strip())
