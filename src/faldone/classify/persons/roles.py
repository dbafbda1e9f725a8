"""What each named person is to the paper: holder, parent, judge, …, by the words before and after the name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from faldone.classify.dates import FoundDate
from faldone.classify.lexicon import Lexicon, RoleCue
from faldone.classify.persons.fillers import only_fillers
from faldone.classify.persons.mention import Mention
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.domain.attribution import Role

_CUE_REACH_TOKENS: Final = 1
_CUE_REACH_CHARS: Final = 60
_AFTER_REACH_CHARS: Final = 10
_CARRY_CHARS: Final = 170
_BLOCK_CHARS: Final = 40
_FOR: Final = re.compile(r"(?:\bper[ \n]+|(?:^|\n)(?:per|caso): )(?:(?:il|la|l|lo) )?(?:sig\S{0,8} )?$")
"""«… per il sig. Rossi», and the field of a form («Per: …») or of minutes («Caso: …»)."""

_ADDRESS: Final = re.compile(r"\s*(?:(?:il|la|lo|l)\s+)?")
"""What stands between «si attesta che» and the «sig.ra» of whom it is said."""

_FOR_CHARS: Final = 24
_FOR_SCORE: Final = 0.78
_WHOLE_WORDS: Final = frozenset(
    {"madre", "padre", "genitori", "genitore", "mamma", "papa", "sorella", "fratello", "nonna"}
)
"""Others are abbreviated and have a full stop of their own («sig.», «avv.», «dott.»)."""

_SENTENCE_END: Final = re.compile(r"(?<!fisc)(?<!c\.f)(?<!\bcod)\.\s*\n|(?<!fisc)\.\s+[a-z]{4,}\s")
"""A full stop, but for that of «C.F.» or «cod. fisc.» at the end of a line."""

_FAMILY: Final = "familiare"
_JOINED: Final = re.compile(r"(?:\b(?:e|ed)|,)\s+$")
_OTHER_SENTENCE: Final = re.compile(
    r"\.\s+(?!nat[oaie]\b)[a-z]{4,}|:|\bfigli[oae]?\b|\bgenitor|\bsignori\b|\bconiugi\b"
)
"""The comma before «nato» is often read as a full stop."""

_TITLE_REACH_CHARS: Final = 40
_HEAD_DEPTH: Final = 0.4
_FOOT_DEPTH: Final = 0.66
_SURE_CUE: Final = 0.9
_SUBJECT = re.compile(r"^\s*ogg(?:etto|\.)\s*:?")
_SUBJECT_LABEL: Final = re.compile(r"\n\s*ogg(?:etto|\.)\s*:")
"""«RELAZIONE DELL'ASSISTENTE SOCIALE / Oggetto: ROSSI Maria»: what stands above says nothing of the name behind it."""

_SUBJECT_ENDS = re.compile(
    r"^\s*(?:egregi|gentil|spett|il sottoscritt|la sottoscritt|con la presente|con riferimento|in riferimento|"
    r"vist[oai]\b|premess|si \w+|la presente|prot|[^:]{2,30}:\s*$)"
)
_FIELD: Final = re.compile(r"^[^:]{2,30}:\s*$")
_BORN_CUE_SCORE: Final = 0.5
_ADDRESS_SCORE: Final = 0.5
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
    titles = [hit for hit in hits if _is_title(reading, hit)]
    subject = subject_span(reading)
    named: list[Mention] = []
    group = 0
    carried: RoleCue | None = None
    for index, mention in enumerate(mentions):
        previous = mentions[index - 1] if index else None
        following = mentions[index + 1].start if index + 1 < len(mentions) else None
        leading = _before_an_address(reading, _cue_before(reading, previous, mention, before), before, lexicon)
        cue = lexicon.cues[int(leading.entry.code)] if leading else None
        if cue is not None and leading is not None and _is_of_the_title(reading, leading, mention, cue):
            cue = None
        said = mention
        if cue is not None and leading is not None:
            group += cue.plural
            said = replace(
                mention,
                role=cue.role,
                score=cue.score,
                cue=reading.raw[leading.start : leading.end],
                group=group if cue.plural else None,
            )
        elif (lost := _plural_over_a_lost_name(reading, previous, mention, before, lexicon)) is not None:
            group += 1
            cue = lexicon.cues[int(lost.entry.code)]
            said = replace(mention, role=cue.role, score=cue.score, cue=reading.raw[lost.start : lost.end], group=group)
        elif carried is not None and previous is not None and _carries(reading, named[-1], mention, before):
            cue = carried
            said = replace(mention, role=cue.role, score=cue.score, cue=previous.cue or "e", group=group)
        carried = cue if cue is not None and cue.plural else None
        said = _with_cue_behind(reading, said, following, after, dates, lexicon)
        named.append(_by_place(reading, said, subject, titles))
    return named


def _is_title(reading: Reading, hit: Hit) -> bool:
    """Whether the words are the paper's own title, at its head and not within a sentence («…, DELEGA la sig.ra …»)."""
    if hit.entry.family != "type" or hit.entry.kind != "header" or reading.depth(hit.start) >= _HEAD_DEPTH:
        return False
    start, _ = reading.line_span(reading.line_of(hit.start))
    return "," not in reading.folded[start : hit.start]


def _cue_before(reading: Reading, previous: Mention | None, mention: Mention, cues: Sequence[Hit]) -> Hit | None:
    """The nearest cue in front of a name that says something of it."""
    floor = previous.end if previous is not None else 0
    return next(
        (
            hit
            for hit in reversed(cues)
            if floor <= hit.start
            and hit.end <= mention.start
            and mention.start - hit.end <= _CUE_REACH_CHARS
            and only_fillers(reading.folded[hit.end : mention.start].lstrip(" ;"), _CUE_REACH_TOKENS)
            and not _says_of_previous(reading, previous, hit, mention)
            and not _ends_a_sentence(reading, hit, mention)
            and not _is_adjective(reading, hit)
            and _SUBJECT_LABEL.search(reading.folded, hit.end, mention.start) is None
        ),
        None,
    )


def _before_an_address(reading: Reading, nearest: Hit | None, cues: Sequence[Hit], lexicon: Lexicon) -> Hit | None:
    """The cue that «la sig.ra» stands behind and that says what she is to the paper, or the nearest one itself."""
    if nearest is None or not _is_an_address(nearest, lexicon):
        return nearest
    return next(
        (
            hit
            for hit in reversed(cues)
            if hit.end <= nearest.start
            and lexicon.cues[int(hit.entry.code)].role is Role.HOLDER
            and not _is_an_address(hit, lexicon)
            and _ADDRESS.fullmatch(reading.folded, hit.end, nearest.start) is not None
        ),
        nearest,
    )


def _is_an_address(hit: Hit, lexicon: Lexicon) -> bool:
    """Whether the cue is a mere «sig.ra», which anybody may be called."""
    cue = lexicon.cues[int(hit.entry.code)]
    return cue.role is Role.HOLDER and cue.score <= _ADDRESS_SCORE


def _is_of_the_title(reading: Reading, hit: Hit, mention: Mention, cue: RoleCue) -> bool:
    """Whether a professional's word ends the line above a form's field («… DELL'ASSISTENTE SOCIALE / Nome …»)."""
    apart = reading.line_of(hit.end - 1) < reading.line_of(mention.start)
    return mention.labelled and apart and cue.role not in (Role.HOLDER, Role.PARENT, Role.GUARDIAN, Role.CITED)


def _ends_a_sentence(reading: Reading, cue: Hit, mention: Mention) -> bool:
    """Whether a full stop stands between a whole word and the name («lo sguardo della madre. Luca chiede …»)."""
    whole = reading.folded[cue.start : cue.end].rsplit(" ", 1)[-1] in _WHOLE_WORDS
    return whole and re.match(r"\.\s", reading.folded[cue.end : mention.start]) is not None


def _is_adjective(reading: Reading, cue: Hit) -> bool:
    """Whether «familiare» says what something is and means nobody: «STORIA FAMILIARE / Luca non ha parenti …»."""
    if reading.folded[cue.start : cue.end] != _FAMILY:
        return False
    line, _ = reading.line_span(reading.line_of(cue.start))
    before = re.findall(r"[a-z0-9]+", reading.folded[line : cue.start])
    return bool(before) and not only_fillers(before[-1], 0)


def _with_cue_behind(
    reading: Reading,
    mention: Mention,
    following: int | None,
    cues: Sequence[Hit],
    dates: Sequence[FoundDate],
    lexicon: Lexicon,
) -> Mention:
    """The mention with what the words behind it, or behind its birth date and code, say of it."""
    ceiling = len(reading.raw) if following is None else following
    own_end = _end_of_details(mention, dates, ceiling)
    hit = next(
        (
            hit
            for hit in cues
            for end in (mention.end, own_end)
            if end <= hit.start < ceiling
            and hit.start - end <= _AFTER_REACH_CHARS
            and only_fillers(reading.folded[end : hit.start], 0)
            and _speaks_of(reading, mention, hit, end, following, lexicon)
        ),
        None,
    )
    if hit is None:
        return mention
    tail = lexicon.cues[int(hit.entry.code)]
    below = reading.line_of(hit.start) > reading.line_of(max(own_end - 1, 0))
    if tail.role is not Role.HOLDER and mention.role is Role.HOLDER and (mention.score >= _SURE_CUE or below):
        return mention
    # «ROSSI MARIA, madre del minore LUCA»: the words after the name say more than «sig.ra» before it.
    return replace(mention, role=tail.role, score=tail.score, cue=reading.raw[hit.start : hit.end])


def _by_place(reading: Reading, mention: Mention, subject: tuple[int, int] | None, titles: Sequence[Hit]) -> Mention:
    """The mention with the role that its place on the page gives it, where no cue said it surely."""
    if mention.role is not None and not (mention.role is Role.HOLDER and mention.score < _SUBJECT_SCORE):
        return mention
    if _FOR.search(reading.folded, max(mention.start - _FOR_CHARS, 0), mention.start) is not None:
        return replace(mention, role=Role.HOLDER, score=max(mention.score, _FOR_SCORE), cue="per")
    titled = any(
        0 <= mention.start - hit.end <= _TITLE_REACH_CHARS and only_fillers(reading.folded[hit.end : mention.start], 0)
        for hit in titles
    )
    if (subject and subject[0] <= mention.start < subject[1]) or titled:
        return replace(mention, role=Role.HOLDER, score=_SUBJECT_SCORE, cue=mention.cue or "oggetto")
    if mention.labelled and mention.score < _LABELLED_SCORE:
        return replace(mention, role=Role.HOLDER, score=_LABELLED_SCORE)
    if mention.role is not None:
        return mention
    if mention.birth is not None or mention.code is not None:
        if _fills_a_field(reading, mention):
            return replace(mention, role=Role.HOLDER, score=_FIELD_SCORE)
        return replace(mention, score=_BORN_CUE_SCORE)
    if reading.depth(mention.start) > _FOOT_DEPTH and _alone(reading, mention):
        return replace(mention, role=Role.AUTHOR, score=0.0)
    return mention


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
    if previous.role is not Role.HOLDER and re.search(r"\bogg[a-z]{2,5}:|\n[^\n:]*:", between):
        return False  # «c.a. Assistente sociale A. Sartori / Oggetto: informazioni su …»
    if re.search(r"\bfigli[oae]?\b|\bgenitor|\bsignori\b|\bconiugi\b", between):
        return False
    return _SENTENCE_END.search(between) is None


def _plural_over_a_lost_name(
    reading: Reading, previous: Mention | None, mention: Mention, cues: Sequence[Hit], lexicon: Lexicon
) -> Hit | None:
    """The plural cue of a sentence whose first name was not read: «i minori R0s-si Ugo, nato il …, e Luca ROSSI»."""
    floor = max(previous.end if previous is not None else 0, mention.start - _CARRY_CHARS)
    hit = next((hit for hit in reversed(cues) if floor <= hit.start and hit.end <= mention.start), None)
    if hit is None:
        return None
    cue = lexicon.cues[int(hit.entry.code)]
    between = reading.folded[hit.end : mention.start]
    if not cue.plural or cue.role is not Role.HOLDER or _JOINED.search(between) is None:
        return None
    return hit if _OTHER_SENTENCE.search(between) is None else None


def subject_span(reading: Reading) -> tuple[int, int] | None:
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
