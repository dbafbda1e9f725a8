"""Every place of a page where a person is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from faldone.classify.dates import FoundDate
from faldone.classify.lexicon import NOT_A_CUE, Lexicon
from faldone.classify.persons.acting import with_parties
from faldone.classify.persons.codes import bind_births, bind_codes, read_codes, rebuild_codes
from faldone.classify.persons.damaged import with_born_then
from faldone.classify.persons.hidden import hidden_names
from faldone.classify.persons.mention import Mention
from faldone.classify.persons.names import names_by_shape, names_of_register
from faldone.classify.persons.roles import with_roles
from faldone.classify.persons.rows import with_points
from faldone.classify.persons.words import name_words
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.classify.register import PersonRegister
from faldone.domain.attribution import Role


def find_mentions(
    reading: Reading, hits: Sequence[Hit], dates: Sequence[FoundDate], register: PersonRegister, lexicon: Lexicon
) -> tuple[Mention, ...]:
    """Every place of the page where a person is named, each with its role cue, code and birth date."""
    hits = [
        hit
        for hit in hits
        if hit.entry.code != NOT_A_CUE
        and not _is_a_name(reading, hit, register)
        and not _is_of_a_service(hit, hits, lexicon)
    ]
    codes = [code for code in read_codes(reading, register) if not register.is_staff_code(code.code)]
    words = name_words(reading, codes)
    mentions = names_of_register(reading, words, register, lexicon)
    mentions += names_by_shape(reading, words, mentions, hits, codes, register, lexicon)
    mentions.sort(key=lambda mention: (mention.start, mention.end))
    mentions = rebuild_codes(bind_births(bind_codes(reading, mentions, codes), dates))
    mentions = with_born_then(mentions, register)
    named = with_parties(reading, with_roles(reading, mentions, hits, dates, lexicon))
    named = with_points(reading, named)
    return tuple(_staff_set_apart(mention, register) for mention in named) + hidden_names(reading, hits, register)


def _staff_set_apart(mention: Mention, register: PersonRegister) -> Mention:
    """A colleague's name makes no holder, unless a code or a birth date shows that a user of that name is meant."""
    if mention.code is not None or mention.birth is not None or not register.is_staff(mention.words):
        return mention
    return replace(mention, role=Role.AUTHOR, score=0.0, cue=mention.cue or "personale")


def _is_of_a_service(hit: Hit, hits: Sequence[Hit], lexicon: Lexicon) -> bool:
    """Whether the cue of several persons is what a service is called: «comunità educativa per minori - ROSSI Luca»."""
    if hit.entry.family != "cue" or not lexicon.cues[int(hit.entry.code)].plural:
        return False
    return any(other.entry.family == "service" and other.start < hit.start and hit.end <= other.end for other in hits)


def _is_a_name(reading: Reading, hit: Hit, register: PersonRegister) -> bool:
    """Whether a cue of one word was read into a name of the register («MINORI» is a cue, «MINORA» a surname)."""
    if hit.first != hit.last or not hit.entry.family.startswith("cue"):
        return False
    text = reading.tokens[hit.first].text
    return text != hit.entry.tokens[0] and register.is_name_word(text)
