"""How well documents were filed, held against a truth: precision and coverage by band, field by field, with intervals.

Both sides are in the results' form (docs/reference/results.md), so that any labelled set can be measured. A true
document that was not found as such counts as wrong in every field.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from faldone.classify.normalise import name_words
from faldone.domain.attribution import Band, Role

Json = Mapping[str, Any]

FIELDS: Final = ("holder", "type", "service", "date", "protocol", "cf", "last_page")
_ADULT_YEARS: Final = 18
_NORMAL_95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Judged:
    """One true document and what was said of it.

    ``right`` has every field that can be judged on this document: ``cf`` only where the holder's code is printed on
    its pages. ``wrong_minor`` says that a child's paper went to somebody else or somebody else's to a child.
    """

    file: str
    first_page: int
    said: Json | None
    true: Json
    band: Band | None
    right: Mapping[str, bool]
    confidence: Mapping[str, float]
    wrong_minor: bool = False
    wrong_cf: bool = False


@dataclass(slots=True)
class Tally:
    """What was judged so far. ``starts_*`` count the documents that start inside a file, behind its first page."""

    judged: list[Judged] = field(default_factory=list)
    starts_said: int = 0
    starts_true: int = 0
    starts_same: int = 0

    def add(self, said: Json, true: Json) -> None:
        """Takes one file: what was said of it and what is true, each in the results' form."""
        empty = {page["index"] for page in true.get("pages", ()) if page.get("blank")}
        sheets = {page["index"] for page in true.get("pages", ()) if page.get("separator")}
        proposed = {
            document["first_page"]: document
            for document in (_written(document, empty) for document in said["documents"])
            if document["first_page"] not in sheets  # the cover of a folder is no document of it
        }
        real = {document["first_page"]: _written(document, empty) for document in true["documents"]}
        opening = min(real, default=0)
        inside_said, inside_true = proposed.keys() - {min(proposed, default=0)}, real.keys() - {opening}
        self.starts_said += len(inside_said)
        self.starts_true += len(inside_true)
        self.starts_same += len(inside_said & inside_true)
        printed = {page["index"]: "".join((page.get("text") or "").upper().split()) for page in true.get("pages", ())}
        for first, document in real.items():
            text = "".join(printed.get(page, "") for page in range(first, document["last_page"] + 1))
            self.judged.append(judge(true["file"], proposed.get(first), document, text))


def _written(document: Json, empty: Set[int]) -> Json:
    """The document without the blank pages behind it: whether they go along is no question of right or wrong."""
    last = document["last_page"]
    while last > document["first_page"] and last in empty:
        last -= 1
    return {**document, "last_page": last}


def judge(file: str, said: Json | None, true: Json, printed: str) -> Judged:
    """One document against its truth; ``printed`` is the text of its pages without spaces, in capitals."""
    codes = [person["cf"] for person in _holders(true) if person.get("cf")]
    on_page = bool(true["cf_printed"]) if "cf_printed" in true else any(code in printed for code in codes)
    if said is None:
        missed = {name: False for name in FIELDS if name != "cf" or on_page}
        return Judged(file, true["first_page"], None, true, None, missed, {})
    right = {name: said[name] == true[name] for name in ("type", "service", "date", "last_page")}
    right["protocol"] = _protocol(said) == _protocol(true) or _dated_by_letter(said, true)
    right["holder"] = same_persons(_holders(said), _holders(true))
    said_codes = {person["cf"] for person in _holders(said) if person.get("cf")}
    if on_page:
        right["cf"] = bool(said_codes & set(codes))
    band = Band(said["band"])
    wrong_cf = band is Band.AUTO and bool(said_codes - {person.get("cf") for person in true["persons"]} - set(codes))
    return Judged(
        file,
        true["first_page"],
        said,
        true,
        band,
        right,
        {name: value for name, value in said["confidence"].items() if value is not None},
        wrong_minor=band is Band.AUTO and not right["holder"] and _about_a_minor(said, true),
        wrong_cf=wrong_cf,
    )


def same_persons(said: Sequence[Json], true: Sequence[Json]) -> bool:
    """Whether two sets of holders are the same persons: by code, and by name and birth date where one has no code."""
    left = list(true)
    for person in said:
        match = next((other for other in left if _same_person(person, other)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _same_person(one: Json, other: Json) -> bool:
    if one.get("cf") and other.get("cf"):
        return bool(one["cf"] == other["cf"])
    births = {person["birth_date"] for person in (one, other) if person.get("birth_date")}
    return len(births) < 2 and _words(one) == _words(other)


def _words(person: Json) -> list[str]:
    """The words of a name; who has one name alone has «X» for the other in some registers."""
    return sorted(word for word in name_words(person["name"]) if word.strip("x"))


def _holders(document: Json) -> list[Json]:
    return [person for person in document["persons"] if person["role"] == Role.HOLDER.value]


def _protocol(document: Json) -> tuple[str, str | None] | None:
    found = document["protocol"]
    return (found["number"].lstrip("0"), found["date"]) if found else None


def _dated_by_letter(said: Json, true: Json) -> bool:
    """Whether a number that is printed without a day was given that of its letter: the day it was registered."""
    ours, theirs = _protocol(said), _protocol(true)
    return (
        ours is not None
        and theirs is not None
        and ours[0] == theirs[0]
        and theirs[1] is None
        and ours[1] is not None
        and ours[1] == true["date"]
    )


def _about_a_minor(said: Json, true: Json) -> bool:
    if not true["date"]:
        return False
    on = dt.date.fromisoformat(true["date"])
    births = [
        dt.date.fromisoformat(person["birth_date"])
        for document in (said, true)
        for person in _holders(document)
        if person.get("birth_date")
    ]
    return any(
        on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day)) < _ADULT_YEARS for birth in births
    )


# ---- figures


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the 95 % interval of Wilson (1927)."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share; 1.0 of nothing."""
        return self.hits / self.of if self.of else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound of the true share."""
        if not self.of:
            return 0.0, 1.0
        share, count, square = self.value, self.of, _NORMAL_95**2
        centre = (share + square / (2 * count)) / (1 + square / count)
        half = _NORMAL_95 * math.sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
        return max(centre - half, 0.0), min(centre + half, 1.0)


def share(judged: Iterable[Judged], holds: Callable[[Judged], bool]) -> Share:
    """How many of the documents ``holds`` is true of."""
    answers = [holds(item) for item in judged]
    return Share(sum(answers), len(answers))


def fields_right(judged: Iterable[Judged]) -> dict[str, Share]:
    """Field by field how many are right, of those on which the field can be judged."""
    held = list(judged)
    return {
        name: share((item for item in held if name in item.right), lambda item, name=name: item.right[name])  # type: ignore[misc]
        for name in FIELDS
    }


@dataclass(frozen=True, slots=True)
class Bin:
    """The documents of a confidence from ``low`` to ``high``: the mean that they claim, and the share that is right."""

    low: float
    high: float
    claimed: float
    right: Share


_BINS: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0001)


def reliability(judged: Iterable[Judged], name: str) -> list[Bin]:
    """The reliability table of a field's confidence: what it claims against what holds, bin by bin."""
    pairs = [(item.confidence[name], item.right[name]) for item in judged if name in item.confidence]
    table = []
    for low, high in pairwise(_BINS):
        inside = [pair for pair in pairs if low <= pair[0] < high]
        if inside:
            claimed = sum(confidence for confidence, _ in inside) / len(inside)
            table.append(Bin(low, min(high, 1.0), claimed, Share(sum(right for _, right in inside), len(inside))))
    return table


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least confidence that keeps the error among what it lets through at ``error`` or less.

    ``proven`` says that also the upper bound of the 95 % interval keeps it: with few documents none can.
    """

    error: float
    least: float | None
    passed: Share
    wrong: Share

    @property
    def proven(self) -> bool:
        """Whether the sample is large enough to be sure."""
        return self.least is not None and self.wrong.interval[1] <= self.error


def threshold_for(judged: Iterable[Judged], name: str, error: float) -> Threshold:
    """The threshold on a field's confidence for a wanted error rate, on this sample.

    Args:
        judged: the sample.
        name: the field.
        error: the wanted share of wrong ones among those let through (0.0–1.0).
    """
    pairs = sorted(
        ((item.confidence[name], item.right[name]) for item in judged if name in item.confidence), reverse=True
    )
    best: tuple[float, int, int] | None = None
    wrong = 0
    for count, (confidence, right) in enumerate(pairs, start=1):
        wrong += not right
        last_of_its_kind = count == len(pairs) or pairs[count][0] < confidence
        if last_of_its_kind and wrong <= error * count:
            best = confidence, count, wrong
    if best is None:
        return Threshold(error, None, Share(0, len(pairs)), Share(0, 0))
    least, count, mistakes = best
    return Threshold(error, least, Share(count, len(pairs)), Share(mistakes, count))


def f1(same: int, said: int, true: int) -> float:
    """The harmonic mean of precision and recall; 1.0 when there was nothing to find and nothing was said."""
    return 2 * same / (said + true) if said + true else 1.0
