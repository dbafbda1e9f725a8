"""Trees that lead to the same answer with less to look up: for an engine that carries a plan out by itself.

None of them changes what is found or in which order. :func:`matching` is for counting, where nothing is scored.
:func:`living` leaves out what stands nowhere. :func:`ahead` finds the first documents without scoring all the others:
those with a frequent word as it was typed come before whatever its other forms can reach. :func:`spread` has documents
leapt to that would be walked through.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final

from faldone.search import analysis
from faldone.search.document import STANDING, Field
from faldone.search.plan import All, Best, Everything, Fixed, Fuzzy, Node, Phrase, Prefix, Some, Term

NOTHING: Final = Some(())
"""Finds no document."""

_ROUNDING = 1.001

_NARROWER: Final = 4
"""How many times as many documents the widest form of a word has as those that are looked for together."""

_WAYS: Final = 8
"""Into how many trees one is spread at most."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A tree that finds some of what another one finds, with the same scores: all others have ``beyond`` at most."""

    node: Node
    beyond: float


def matching(node: Node) -> Node:
    """What finds the same documents with less to look up, for counting them: nothing of it is for the score."""
    match node:
        case Fixed(of, _):
            return matching(of)
        case Best(of) | Some(of, 1) if of:
            choices: dict[Node, None] = {}
            for choice in map(matching, of):
                choices |= dict.fromkeys(choice.of if isinstance(choice, Some) and choice.minimum == 1 else (choice,))
            kept = tuple(choice for choice in choices if not any(wider in choices for wider in _wider(choice)))
            return kept[0] if len(kept) == 1 else Some(kept)
        case Some(of, minimum):
            return Some(tuple(map(matching, of)), minimum)
        case All(must, filters, without, _):
            must = tuple(dict.fromkeys(part for part in map(matching, must) if part != Everything()))
            if len(must) == 1 and not filters and not without:
                return must[0]
            return All(must, tuple(map(matching, filters)), tuple(map(matching, without)))
        case _:
            return node


def living(node: Node, stands: Callable[[Field, str], int]) -> Node:
    """What finds the same documents with the same scores, without the terms that no document has.

    ``stands`` says in how many documents a term stands; those that were taken out may be among them.
    """
    match node:
        case Term(field, value):
            return node if stands(field, value) else NOTHING
        case Phrase(field, terms):
            return node if all(stands(field, term) for term in terms) else NOTHING
        case Fixed(of, score):
            lives = living(of, stands)
            return lives if lives == NOTHING else Fixed(lives, score)
        case Best(of):
            some = _alive(of, stands)
            return some[0] if len(some) == 1 else Best(some) if some else NOTHING
        case Some(of, minimum):
            some = _alive(of, stands)
            return Some(some, minimum) if len(some) >= minimum else NOTHING
        case All(must, filters, without, bonus):
            must, filters = (tuple(living(part, stands) for part in parts) for parts in (must, filters))
            if NOTHING in must or NOTHING in filters:
                return NOTHING
            return All(must, filters, _alive(without, stands), _alive(bonus, stands))
        case _:
            return node


def spread(node: Node, stands: Callable[[Field, str], int]) -> Node:
    """What finds the same documents with the same scores, by each way through the forms of the words.

    «Any form of this word and any form of that one» has an engine walk through all documents with any form of either.
    Where single forms are asked for, it leaps from one document of the rarer to the next. The frequent forms of a word
    are ways of their own, the others are one together. The best of the sums is the sum of the best, to the last bit.
    """
    if not isinstance(node, All) or len(node.must) < 2:
        return node
    forms = [_ways(part, stands) for part in node.must]
    widths = [_breadth(part, stands) or 0 for part in node.must]
    count = 1
    for at in sorted(range(len(forms)), key=lambda at: -widths[at]):
        count *= len(forms[at])
        if count > _WAYS:
            count //= len(forms[at])
            forms[at] = (node.must[at],)
    if count == 1:
        return node
    ways = tuple(All(way) for way in product(*forms))
    return All((Best(ways),), node.filter, node.without, node.bonus)


def _ways(part: Node, stands: Callable[[Field, str], int]) -> tuple[Node, ...]:
    """The frequent forms of a word one by one, and the others."""
    if not isinstance(part, Best):
        return (part,)
    widths = {form: _breadth(form, stands) or 0 for form in part.of}
    least = max(widths.values()) / _NARROWER
    narrow = tuple(form for form in part.of if widths[form] < least)
    wide = tuple(form for form in part.of if widths[form] >= least)
    return (*wide, narrow[0] if len(narrow) == 1 else Best(narrow)) if narrow else wide


def breadths(node: Node, stands: Callable[[Field, str], int]) -> list[int]:
    """How many documents each thing that must be found has at most, where that can be told from its terms alone."""
    parts = (*node.must, *node.filter) if isinstance(node, All) else (node,)
    return [at_most for at_most in (_breadth(part, stands) for part in parts) if at_most is not None]


def ahead(node: Node, least: float, most: Callable[[Field, str], float]) -> Ahead | None:
    """Some of the documents, with the better forms of each word; None where nothing can be left out.

    Left out are the forms that cannot reach ``least``: what a holder's name gives, or a word as it was typed. Those are
    the frequent ones, as the stem of a common word has many documents and little rarity. Whoever finds as many as are
    wanted, the last of them scored higher than ``beyond``, has what the whole tree would put first. ``most`` is the
    highest score that a term by itself gives to any document.
    """
    if not isinstance(node, All) or any(isinstance(part, Some) for part in node.must):
        return None  # a sum of forms has no form to be left out, and reaches too high for the others
    halves = [_split(part, least, most) for part in node.must]
    if not any(others for _, others in halves):
        return None
    reach = [_ceiling(part, most) for part in node.must]
    left = [max((_ceiling(other, most) for other in others), default=-math.inf) for _, others in halves]
    beyond = max(sum(reach) - high + low for high, low in zip(reach, left, strict=True))
    beyond += sum(_ceiling(part, most) for part in node.bonus)
    if not math.isfinite(beyond):
        return None
    kept = tuple(better for better, _ in halves)
    return Ahead(All(kept, node.filter, node.without, node.bonus), beyond * (1 + STANDING) * _ROUNDING)


def _split(part: Node, least: float, most: Callable[[Field, str], float]) -> tuple[Node, list[Node]]:
    """The tiers of a word that may reach so high, and the others; all of it where none may."""
    if not isinstance(part, Best):
        return part, []
    kept: list[Node] = []
    left: list[Node] = []
    for tier in part.of:
        if isinstance(tier, Best):
            better, others = _split(tier, least, most)
            (kept if _ceiling(better, most) >= least else left).append(better)
            left += others
        else:
            (kept if _ceiling(tier, most) >= least else left).append(tier)
    return (kept[0] if len(kept) == 1 else Best(tuple(kept)), left) if kept else (part, [])


def _ceiling(node: Node, most: Callable[[Field, str], float]) -> float:
    """What a node gives at most."""
    match node:
        case Term(field, value):
            return most(field, value)
        case Phrase(field, terms):
            return sum(most(field, term) for term in terms)
        case Fixed(_, score):
            return score
        case Best(of):
            return max((_ceiling(choice, most) for choice in of), default=0.0)
        case Some(of, _):
            return sum(_ceiling(choice, most) for choice in of)
        case All(must, _, _, bonus):
            return sum(_ceiling(part, most) for part in (*must, *bonus))
        case _:
            return math.inf  # any score


def _breadth(node: Node, stands: Callable[[Field, str], int]) -> int | None:
    match node:
        case Term(field, value):
            return stands(field, value)
        case Phrase(field, terms):
            return min(stands(field, term) for term in terms)
        case Fixed(of, _):
            return _breadth(of, stands)
        case Best(of) | Some(of, _):  # what is misspelt beside the word has few
            known = [at_most for at_most in (_breadth(choice, stands) for choice in of) if at_most is not None]
            return sum(known) if known else None
        case All():
            return min(breadths(node, stands), default=None)
        case _:
            return None


def _alive(nodes: Iterable[Node], stands: Callable[[Field, str], int]) -> tuple[Node, ...]:
    return tuple(node for node in (living(one, stands) for one in nodes) if node != NOTHING)


def _wider(node: Node) -> Iterable[Node]:
    """What finds all that this finds, and more: beside it this need not be looked for."""
    match node:
        case Term(Field.WORDS, word) if (stem := analysis.stem(word)) is not None:
            yield Term(Field.TEXT, stem)
        case Term(Field.HOLDERS, word):
            yield Term(Field.NAMES, word)
        case Phrase(Field.HOLDERS, terms):
            yield Phrase(Field.NAMES, terms)
        case Fuzzy(Field.HOLDERS, word):
            yield Fuzzy(Field.NAMES, word)
        case Prefix(Field.HOLDERS, beginning):
            yield Prefix(Field.NAMES, beginning)
