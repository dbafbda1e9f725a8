"""What each named person is to the paper: holder, parent, judge, …, by the words before and after the name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from faldone.classify.dates import FoundDate
from faldone.classify.lexicon import Lexicon, RoleCue
from faldone.classify.persons.fillers import only_fillers
from faldone.classify.persons.mention import BARE_SCORE, Mention
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.domain.attribution import Role

_CUE_REACH_TOKENS: Final = 1
_CUE_REACH_CHARS: Final = 60
_AFTER_REACH_CHARS: Final = 10
_CARRY_CHARS: Final = 170
_BLOCK_CHARS: Final = 40
_SUBJECT = re.compile(r"^\s*ogg(?:etto|\.)\s*:?")
_SUBJECT_ENDS = re.compile(
    r"^\s*(?:egregi|gentil|spett|il sottoscritt|la sottoscritt|con la presente|con riferimento|in riferimento|"
    r"vist[oai]\b|premess|si \w+|la presente|prot)"
)
_FIELD: Final = re.compile(r"^[^:]{2,30}:\s*$")
_BORN_CUE_SCORE: Final = 0.5
_FIELD_SCORE: Final = 0.74
_LABELLED_SCORE: Final = 0.74
_SUBJECT_SCORE: Final = 0.82


def with_roles(
    reading: Reading, mentions: Sequence[Mention], hits: Sequence[Hit], dates: Sequence[FoundDate], lexicon: Lexicon
) -> list[Mention]:
    """The mentions with role, holder's score, cue and group, by the cues around each and by where it stands."""
    before = sorted((hit for hit in hits if hit.entry.family == "cue"), key=lambda hit: (hit.end, hit.end - hit.start))
    after = sorted(
        (hit for hit in hits if hit.entry.family == "cue-after"), key=lambda hit: (hit.start, hit.start - hit.end)
    )
    headers = [
        hit
        for hit in hits
        if hit.entry.family == "type" and hit.entry.kind == "header" and reading.depth(hit.start) < 0.4
    ]
    subject = _subject_span(reading)
    named: list[Mention] = []
    group = 0
    carried: RoleCue | None = None
    for index, mention in enumerate(mentions):
        floor = mentions[index - 1].end if index else 0
        ceiling = mentions[index + 1].start if index + 1 < len(mentions) else len(reading.raw)
        leading = next(
            (
                hit
                for hit in reversed(before)
                if floor <= hit.start
                and hit.end <= mention.start
                and mention.start - hit.end <= _CUE_REACH_CHARS
                and only_fillers(reading.folded[hit.end : mention.start], _CUE_REACH_TOKENS)
                and not _says_of_previous(reading, mentions[index - 1] if index else None, hit, mention)
            ),
            None,
        )
        own_end = _end_of_details(mention, dates, ceiling)
        trailing = next(
            (
                hit
                for hit in after
                for end in (mention.end, own_end)
                if end <= hit.start < ceiling
                and hit.start - end <= _AFTER_REACH_CHARS
                and only_fillers(reading.folded[end : hit.start], 0)
                and _speaks_of(reading, mention, hit, end, ceiling if index + 1 < len(mentions) else None, lexicon)
            ),
            None,
        )
        role: Role | None = None
        score = BARE_SCORE
        cue_text = ""
        mention_group: int | None = None
        cue = lexicon.cues[int(leading.entry.code)] if leading else None
        if cue is None and carried is not None and index and _carries(reading, mentions[index - 1], mention, before):
            cue, mention_group, cue_text = carried, group, mentions[index - 1].cue or "e"
        if leading is not None:
            cue_text = reading.raw[leading.start : leading.end]
            if cue is not None and cue.plural:
                group += 1
                mention_group = group
        carried = cue if cue is not None and cue.plural else None
        if cue is not None:
            role, score = cue.role, cue.score
        tail = lexicon.cues[int(trailing.entry.code)] if trailing else None
        below = trailing is not None and reading.line_of(trailing.start) > reading.line_of(max(own_end - 1, 0))
        if tail is not None and not (tail.role is not Role.HOLDER and role is Role.HOLDER and (score >= 0.9 or below)):
            # «ROSSI MARIA, madre del minore LUCA»: the words after the name say more than «sig.ra» before it.
            role, score = tail.role, tail.score
            cue_text = reading.raw[trailing.start : trailing.end] if trailing else cue_text
        if role is None or (role is Role.HOLDER and score < _SUBJECT_SCORE):
            title = any(
                0 <= mention.start - hit.end <= 40 and only_fillers(reading.folded[hit.end : mention.start], 0)
                for hit in headers
            )
            if (subject and subject[0] <= mention.start < subject[1]) or title:
                role, score, cue_text = Role.HOLDER, _SUBJECT_SCORE, cue_text or "oggetto"
            elif mention.labelled and score < _LABELLED_SCORE:
                role, score = Role.HOLDER, _LABELLED_SCORE
            elif role is None and (mention.birth is not None or mention.code is not None):
                if _fills_a_field(reading, mention):
                    role, score = Role.HOLDER, _FIELD_SCORE
                else:
                    score = _BORN_CUE_SCORE
            elif role is None and reading.depth(mention.start) > 0.66 and _alone(reading, mention):
                role, score = Role.AUTHOR, 0.0
        named.append(replace(mention, role=role, score=score, group=mention_group, cue=cue_text))
    return named


def _speaks_of(reading: Reading, mention: Mention, cue: Hit, end: int, following: int | None, lexicon: Lexicon) -> bool:
    """Whether a cue behind a name (or behind its birth date and code) says what that name is.

    «ROSSI Mario, C.F. … / IL DIRETTORE», «segue: ROSSI Mario / L'assistente sociale / dott. Neri» and «… nato il
    3.3.2008 / Madre: …» do not: on a line of its own the cue is a heading, or goes with the name below.
    """
    gap = reading.folded[end : cue.start]
    if re.search(r"[.;]\s", gap) or reading.folded[cue.end : cue.end + 2].strip(" ")[:1] == ":":
        return False
    if "\n" not in gap:
        role = lexicon.cues[int(cue.entry.code)].role
        return role is not Role.HOLDER or reading.line_of(cue.start) == reading.line_of(mention.start)
    if end > mention.end or mention.labelled or lexicon.cues[int(cue.entry.code)].role is Role.HOLDER:
        # A sentence goes on over the line («…, C.F. …, / in qualità di genitore»), a heading has no comma before it.
        return "," in gap
    return following is None or following - cue.end > _BLOCK_CHARS


def _fills_a_field(reading: Reading, mention: Mention) -> bool:
    """Whether the name stands behind a label of its own line («Per: Anna Neri, nata il …»)."""
    start, _ = reading.line_span(reading.line_of(mention.start))
    return _FIELD.match(reading.folded[start : mention.start]) is not None


def _says_of_previous(reading: Reading, previous: Mention | None, cue: Hit, mention: Mention) -> bool:
    """Whether a word stands behind a name in its row of a table and so says nothing of the name on the next row.

    «GHIDINI Elena  intestatario  1975 / RUGGERI Mattia  figlio  1984»: the household tables of forms read so.
    """
    if previous is None:
        return False
    row = reading.line_of(cue.start)
    return reading.line_of(previous.end - 1) == row and reading.line_of(mention.start) > row


def _end_of_details(mention: Mention, dates: Sequence[FoundDate], ceiling: int) -> int:
    """Where the name's own birth date and code end: «ROSSI ANNA nata a Crema il 4.5.1978, in qualità di genitore»."""
    end = mention.end
    if mention.birth is not None:
        end = next((found.end for found in dates if found.birth and mention.end <= found.start < ceiling), end)
    if mention.code is not None and mention.code.start >= end:
        end = mention.code.end
    return end


def _alone(reading: Reading, mention: Mention) -> bool:
    """Whether the name has its line to itself, as in a block of signatures."""
    start, end = reading.line_span(reading.line_of(mention.start))
    rest = reading.folded[start : mention.start] + reading.folded[mention.end : end]
    return only_fillers(rest, 1)


def _carries(reading: Reading, previous: Mention, mention: Mention, cues: Iterable[Hit]) -> bool:
    """Whether a plural cue goes on from one name to the next: «i minori A, nato il…, e B, nata il…»."""
    gap = mention.start - previous.end
    if gap > _CARRY_CHARS:
        return False
    between = reading.folded[previous.end : mention.start]
    if any(previous.end <= hit.start < mention.start and hit.end - hit.start > 3 for hit in cues):
        return False
    if re.search(r"\bfigli[oae]?\b|\bgenitor|\bsignori\b|\bconiugi\b", between):
        return False
    return re.search(r"\.\s*\n|\.\s+[a-z]{4,}\s", between) is None


def _subject_span(reading: Reading) -> tuple[int, int] | None:
    """The span of the subject («Oggetto: …») with its following lines."""
    for line in range(reading.line_count):
        start, end = reading.line_span(line)
        if _SUBJECT.match(reading.folded[start:end]):
            for following in range(line + 1, min(line + 4, reading.line_count)):
                next_start, next_end = reading.line_span(following)
                if _SUBJECT_ENDS.match(reading.folded[next_start:next_end]):
                    break
                end = next_end
            return start, end
    return None
