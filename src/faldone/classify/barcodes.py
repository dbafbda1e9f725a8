"""Codici fiscali printed on a page as bar codes, as proof of whom it names. Pure.

Bars do not misread as letters do: what they say stands as a code that was read without a mistake, and wins over a
damaged reading of the same code among the words. Where on the page they stand is not known, so that a name is theirs
only when there can be no doubt which one; otherwise the code is a mention of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from faldone.classify import codice_fiscale as cf
from faldone.classify.persons.mention import CodeReading, Mention
from faldone.classify.reading import Reading
from faldone.classify.register import PersonRegister
from faldone.domain.attribution import Role
from faldone.domain.page import Box, Word

_CARDS: Final = frozenset({"tessera_sanitaria", "documento_identita"})
_CARD_SCORE: Final = 0.9
_CODED_SCORE: Final = 0.5
"""What a name with its code and without a cue has among the words, too."""
_MOST_MISREAD: Final = 3
"""Characters of a code that scanners get wrong; the codes of two persons differ in eleven or so."""


def with_bar_codes(
    mentions: Sequence[Mention], reading: Reading, codes: Sequence[str], register: PersonRegister
) -> tuple[Mention, ...]:
    """The mentions of a page with the codes of its bars among them.

    Args:
        mentions: what was found among the page's words.
        reading: the page.
        codes: the codici fiscali in its bar codes, form and check character right. One that cannot have been issued
            counts only when the register has it, a colleague's not at all.
        register: the persons known to the office.
    """
    believed = [
        code
        for code in dict.fromkeys(codes)
        if (cf.is_valid(code) or register.by_cf(code)) and not register.is_staff_code(code)
    ]
    kept = list(mentions)
    if not believed:
        return tuple(kept)
    shown = _with_lines(reading, believed)
    tokens = {token.start: token.text for token in cf.code_tokens(reading)}
    for index, code in enumerate(believed):
        if not any(_is_read(mention, code) for mention in kept):
            start = shown.line_starts[index - len(believed)]
            said = CodeReading(code, code, start, start + cf.LENGTH, 0, register.by_cf(code))
            kept = _told(kept, said, shown, tokens)
    return tuple(sorted(kept, key=lambda mention: (mention.start, mention.end)))


def with_card_holder(
    mentions: Sequence[Mention], kind: str | None, codes: Mapping[int, Sequence[str]]
) -> tuple[Mention, ...]:
    """The mentions of a document, on a health or identity card with the person of its bar code as the holder.

    Only when no other code stands on the document, and nothing says that the person is something else or somebody
    else the holder.

    Args:
        mentions: those of all its pages.
        kind: its type.
        codes: by 0-based page the codici fiscali in bar codes.
    """
    named = {mention.code.code for mention in mentions if mention.code is not None}
    if kind not in _CARDS or len(named) != 1:
        return tuple(mentions)
    (code,) = named
    own = [mention for mention in mentions if mention.code is not None]
    barred = any(code in codes.get(mention.reading.page, ()) and _is_read(mention, code) for mention in own)
    disowned = any(mention.role not in (Role.HOLDER, None) for mention in own)
    others = any(
        mention.role is Role.HOLDER and mention.code is None and not cf.fits_name(code, mention.words)
        for mention in mentions
    )
    if not barred or disowned or others:
        return tuple(mentions)
    return tuple(
        replace(mention, role=Role.HOLDER, score=max(mention.score, _CARD_SCORE))
        if mention.code is not None and _is_read(mention, code)
        else mention
        for mention in mentions
    )


def _with_lines(reading: Reading, codes: Sequence[str]) -> Reading:
    """The page with the codes as lines below its last, so that a proof can quote them; their place is all the page."""
    raw, starts = reading.raw, []
    for code in codes:
        raw += "\n" if raw else ""
        starts.append(len(raw))
        raw += code
    place = Box(0, 0, reading.width, reading.height)
    return replace(
        reading,
        raw=raw,
        folded=reading.folded + raw[len(reading.raw) :].lower(),
        words=(*reading.words, *(Word(code, place, 1.0, reading.line_count + line) for line, code in enumerate(codes))),
        starts=(*reading.starts, *starts),
        line_starts=(*reading.line_starts, *starts),
    )


def _is_read(mention: Mention, code: str) -> bool:
    """Whether the mention has just this code, without a repair."""
    read = mention.code
    return read is not None and read.code == code and read.changes == 0 and not read.alternatives


def _told(mentions: Sequence[Mention], said: CodeReading, shown: Reading, tokens: Mapping[int, str]) -> list[Mention]:
    """The mentions with the code of the bars: in place of its damaged readings, else beside its name, else alone."""
    kept: list[Mention] = []
    places = [start for start, text in tokens.items() if _is_misread(text, said.code)]
    bound = False
    for mention in mentions:
        if mention.code is None or not _is_damaged(mention.code, said, tokens):
            kept.append(mention)
        elif not mention.words:
            places.append(mention.code.start)
        elif _may_be_named(mention, said):
            kept.append(_coded(mention, said, shown))
            bound = True
        else:
            kept.append(mention)
    if bound:
        return kept
    owner = _owner(kept, said, min(places, default=None))
    if owner is None:
        return [*kept, Mention(shown, said.start, said.end, "", (), code=said, score=_CODED_SCORE)]
    return [_coded(mention, said, shown) if mention is owner else mention for mention in kept]


def _is_misread(text: str, code: str) -> bool:
    count = cf.differences(text, code)
    return count is not None and count <= _MOST_MISREAD


def _is_damaged(read: CodeReading, said: CodeReading, tokens: Mapping[int, str]) -> bool:
    """Whether a repaired reading is one of the bars' code. What the register made another person's stays so."""
    if read.changes == 0:
        return False
    if said.code in (read.code, *read.alternatives):
        return True
    return not read.persons and _is_misread(tokens.get(read.start, ""), said.code)


def _may_be_named(mention: Mention, said: CodeReading) -> bool:
    """Whether the name can be the code's; where the register knows both, they have to be one person."""
    if said.persons and mention.persons:
        return any(person in said.persons for person in mention.persons)
    return cf.fits_name(said.code, mention.words)


def _owner(mentions: Sequence[Mention], said: CodeReading, place: int | None) -> Mention | None:
    """The name that the code belongs to: the nearest to where its damaged reading stands, else the strongest.

    ``None`` where no name fits it, or two different ones do.
    """
    fitting = [mention for mention in mentions if mention.code is None and _may_be_named(mention, said)]
    if len({frozenset(mention.words) for mention in fitting}) != 1:
        return None
    if place is not None:
        return min(fitting, key=lambda mention: (abs(mention.start - place), mention.start))
    return max(fitting, key=lambda mention: (mention.score, -mention.start))


def _coded(mention: Mention, said: CodeReading, shown: Reading) -> Mention:
    """The name with its code; one that stood alone as signatures do is no signature for that."""
    signed_only = mention.role is Role.AUTHOR and not mention.cue
    role = None if signed_only else mention.role
    score = max(mention.score, _CODED_SCORE) if role is None else mention.score
    return replace(mention, reading=shown, code=said, role=role, score=score)
