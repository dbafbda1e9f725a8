"""What was learnt from the office's confirmed decisions: its file, its votes, and how they join the lexicon's scores.

A model is numbers and nothing else: a line of digest, a line of JSON, and numpy arrays read without pickle. It is
made by :mod:`faldone.classify.train`; to use one needs numpy alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from faldone.classify import features
from faldone.classify.features import Buckets, buckets, masked_words, word_buckets
from faldone.classify.lexicon import Lexicon, given_names
from faldone.classify.ranking import choose
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution, Evidence
from faldone.errors import ModelError

TYPE: Final = "type"
SERVICE: Final = "service"
FORMAT: Final = 1

Scores = Mapping[str, tuple[float, Sequence[Evidence]]]

_MAGIC: Final = b"faldone-model"
_LARGEST: Final = 1 << 29
_LONGEST_HEADER: Final = 1 << 20
_FULL_VOTE: Final = 3.0
"""A vote without a doubt, in the lexicon's own points: a title (2.0) and three phrases."""

_CHOSEN: Final = 0.69
"""From this score on the lexicon chooses a class that has no rival (``ranking.choose`` with a floor of one half)."""

_QUOTED_WORDS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class LearnedTaxonomy:
    """The votes on one taxonomy: a linear model for each class, and how much it counts beside the lexicon.

    ``weights`` is (features, classes) in float16, ``intercept`` (classes,) in float32. A vote is
    ``sigmoid(scale * decision + offset)``: scale and offset come from held-out papers. ``weight`` is 0.0–0.9; at 0.0
    there are no classes either, and the lexicon decides alone.
    """

    classes: tuple[str, ...] = ()
    weights: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 0), np.float16))
    intercept: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    scale: float = 1.0
    offset: float = 0.0
    weight: float = 0.0

    def votes(self, columns: NDArray[np.intp]) -> dict[str, float]:
        """The probability (0.0–1.0) of each class for a page with these features; all are low for an unknown kind."""
        if not len(columns) or not self.classes:
            return {}
        found = calibrated(decide(self.weights[columns], self.intercept), self.scale, self.offset)
        return dict(zip(self.classes, found.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class LearnedModel:
    """What was learnt from ``documents`` confirmed papers of ``persons`` persons, and how well it was measured to do.

    ``columns`` are the hashed features that the rows of the weights stand for, ascending. ``figures`` is what
    cross-validation found, by taxonomy. ``version`` is the head of the file's digest: it names every number in it.
    """

    columns: Buckets
    types: LearnedTaxonomy
    services: LearnedTaxonomy
    lexicon_version: str
    documents: int
    persons: int
    figures: Mapping[str, Any]
    created_at: dt.datetime
    version: str = ""

    def taxonomy(self, name: str) -> LearnedTaxonomy:
        """The one called ``type`` or ``service``."""
        return self.types if name == TYPE else self.services


def decide(rows: NDArray[Any], intercept: NDArray[np.float32]) -> NDArray[np.float32]:
    """The decisions for a page whose features have these ``rows`` of weights; longer pages do not weigh more."""
    found: NDArray[np.float32] = rows.sum(axis=0, dtype=np.float32) / np.float32(max(len(rows), 1) ** 0.5) + intercept
    return found


def calibrated(decisions: NDArray[Any], scale: float, offset: float) -> NDArray[np.float64]:
    """Decisions as probabilities; never more than one in all, for a paper has one type and one service."""
    found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(scale * decisions.astype(np.float64) + offset, -30, 30)))
    found /= np.maximum(found.sum(axis=-1, keepdims=True), 1.0)
    return found


def blended(scores: Mapping[str, float], probabilities: Mapping[str, float], weight: float) -> dict[str, float]:
    """The lexicon's scores with the model's votes.

    The model never votes against what it has never seen: when the lexicon would choose such a class the scores stay as
    they are, and such a class keeps its whole score in any case.
    """
    best = max(scores, key=lambda code: (scores[code], code), default=None)
    if weight <= 0 or not probabilities or (best is not None and scores[best] >= _CHOSEN and best not in probabilities):
        return dict(scores)
    mixed = dict(scores)
    for code, probability in probabilities.items():
        mixed[code] = (1 - weight) * scores.get(code, 0.0) + weight * _FULL_VOTE * probability
    return mixed


def weighed(votes: Mapping[str, float], factor: Callable[[str], float]) -> dict[str, float]:
    """The votes for what can be, each times its factor; what cannot be (0.0) gets none and loses none."""
    factors = {code: factor(code) for code in votes}
    return {code: vote * factors[code] for code, vote in votes.items() if factors[code] > 0}


def choose_with(
    learned: LearnedModel | None,
    name: str,
    scores: Scores,
    pages: Sequence[Reading],
    lexicon: Lexicon,
    *,
    floor: float,
    factor: Callable[[str], float] = lambda _: 1.0,
) -> Attribution[str] | None:
    """The best code of a taxonomy by the lexicon's scores and, where it was found to help, by what was learnt.

    Args:
        learned: the model; None leaves the lexicon alone.
        name: ``type`` or ``service``.
        scores: the lexicon's scores and proofs.
        pages: the document's pages; the first one is looked at.
        lexicon: the taxonomies; a class that is no longer among them gets no vote.
        floor: the least confidence of a choice.
        factor: by how much a vote for a code counts (0.0 for what cannot be).
    """
    taxonomy = learned.taxonomy(name) if learned is not None else None
    if learned is None or taxonomy is None or not taxonomy.classes or taxonomy.weight <= 0 or not pages:
        return choose(scores, method=f"{name}-lexicon", version=lexicon.version, floor=floor)
    words = masked_words(pages[0], lexicon.book.vocabulary, given_names().__contains__)
    columns = _columns(learned.columns, buckets([word for word, _, _ in words]))
    known = lexicon.types if name == TYPE else lexicon.services
    votes = weighed({code: vote for code, vote in taxonomy.votes(columns).items() if code in known}, factor)
    mixed = blended({code: score for code, (score, _) in scores.items()}, votes, taxonomy.weight)
    found = choose(
        {code: (score, scores[code][1] if code in scores else ()) for code, score in mixed.items()},
        method=f"{name}-blend",
        version=f"{lexicon.version}/{learned.version}",
        floor=floor,
    )
    if found is None or found.value not in votes:
        return found
    quote = " · ".join(_heaviest(words, learned.columns, taxonomy, found.value, pages[0]))
    if not quote:
        return found
    proof = Evidence(f"{name}-model", pages[0].page, quote, None, round(taxonomy.weight * votes[found.value], 3))
    return replace(found, evidence=(*found.evidence, proof))


def _columns(known: Buckets, seen: Buckets) -> NDArray[np.intp]:
    """Where the features seen stand among the known ones; those that are not known are left out."""
    if not len(known):
        return np.zeros(0, np.intp)
    places = np.minimum(np.searchsorted(known, seen), len(known) - 1)
    found: NDArray[np.intp] = places[known[places] == seen]
    return found


def _heaviest(
    words: Sequence[tuple[str, int, int]], known: Buckets, taxonomy: LearnedTaxonomy, code: str, page: Reading
) -> list[str]:
    """The words, as read, that spoke most for ``code``."""
    first: dict[str, tuple[int, int]] = {}
    for word, start, end in words:
        if word.isalpha() and len(word) > 3:
            first.setdefault(word, (start, end))
    if not first:
        return []
    parts = [word_buckets(word) for word in first]
    seen = np.concatenate(parts)
    owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    places = np.minimum(np.searchsorted(known, seen), len(known) - 1)
    column = taxonomy.weights[:, taxonomy.classes.index(code)]
    spoken = np.where(known[places] == seen, column[places], 0).astype(np.float64)
    sums = np.bincount(owners, weights=spoken, minlength=len(parts))
    spans = list(first.values())
    order = np.argsort(-sums, kind="stable")[:_QUOTED_WORDS]
    return [page.raw[spans[place][0] : spans[place][1]] for place in order if sums[place] > 0]


def sealed(model: LearnedModel) -> LearnedModel:
    """The model with the version that its bytes give it."""
    return replace(model, version=_encode(model)[0])


def save_model(model: LearnedModel, path: Path) -> None:
    """Writes the model's file, whole or not at all. The same model always gives the same bytes."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(_encode(model)[1])
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def load_model(path: Path) -> LearnedModel:
    """The model in this file.

    Raises:
        ModelError: the file is missing, is no model, was altered or cut short, or was made by another faldone.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise _refused(path, "è troppo grande", "is too large")
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path, "non si può aprire", "cannot be opened") from error
    return _decode(data, path)


def _encode(model: LearnedModel) -> tuple[str, bytes]:
    body = BytesIO()
    arrays: list[NDArray[Any]] = [model.columns.astype("<u4")]
    for taxonomy in (model.types, model.services):
        arrays += [taxonomy.weights.astype("<f2"), taxonomy.intercept.astype("<f4")]
    for array in arrays:
        np.lib.format.write_array(body, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    weights = body.getvalue()
    header = {
        "kind": "linear",
        "lexicon": model.lexicon_version,
        "features": features.OPTIONS,
        "documents": model.documents,
        "persons": model.persons,
        "created_at": model.created_at.isoformat(),
        "taxonomies": {
            name: {
                "classes": model.taxonomy(name).classes,
                "calibration": {"scale": model.taxonomy(name).scale, "offset": model.taxonomy(name).offset},
                "weight": model.taxonomy(name).weight,
            }
            for name in (TYPE, SERVICE)
        },
        "figures": model.figures,
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    line = json.dumps(header, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(line).hexdigest()
    return digest[:12], b"%s %d %s\n%s\n%s" % (_MAGIC, FORMAT, digest.encode(), line, weights)


def _decode(data: bytes, path: Path) -> LearnedModel:
    first, _, rest = data.partition(b"\n")
    said = first.split(b" ")
    if len(said) != 3 or said[0] != _MAGIC:
        raise _refused(path, "non è un modello di faldone", "is no model of faldone's")
    if said[1] != str(FORMAT).encode():
        raise _refused(path, "è di un'altra versione del formato", "is of another version of the format")
    line, _, weights = rest.partition(b"\n")
    digest = hashlib.sha256(line).hexdigest()
    if len(line) > _LONGEST_HEADER or digest.encode() != said[2]:
        raise _refused(path, "è stato alterato o è incompleto", "was altered or is incomplete")
    try:
        header = json.loads(line)
        if hashlib.sha256(weights).hexdigest() != header["sha256"]:
            raise _refused(path, "è stato alterato o è incompleto", "was altered or is incomplete")
        if header["kind"] != "linear" or header["features"] != features.OPTIONS:
            raise _refused(path, "è stato fatto da un altro faldone", "was made by another faldone")
        body = BytesIO(weights)
        columns = _array(body, "<u4", 1)
        types, services = (_taxonomy(body, header["taxonomies"][name], len(columns)) for name in (TYPE, SERVICE))
        if body.read(1):
            raise ValueError("something follows the last array")
        return LearnedModel(
            columns,
            types,
            services,
            lexicon_version=str(header["lexicon"]),
            documents=int(header["documents"]),
            persons=int(header["persons"]),
            figures=dict(header["figures"]),
            created_at=dt.datetime.fromisoformat(header["created_at"]),
            version=digest[:12],
        )
    except (ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise _refused(path, "non si capisce", "makes no sense") from error


def _taxonomy(body: BytesIO, said: Mapping[str, Any], columns: int) -> LearnedTaxonomy:
    weights, intercept = _array(body, "<f2", 2), _array(body, "<f4", 1)
    classes = tuple(str(code) for code in said["classes"])
    rows = columns if classes else 0
    if weights.shape != (rows, len(classes)) or intercept.shape != (len(classes),):
        raise ValueError(f"{weights.shape} weights for {len(classes)} classes and {columns} features")
    numbers = [float(said["calibration"]["scale"]), float(said["calibration"]["offset"]), float(said["weight"])]
    if not (np.isfinite(numbers).all() and np.isfinite(weights).all() and np.isfinite(intercept).all()):
        raise ValueError("a weight is no number")
    return LearnedTaxonomy(classes, weights, intercept, *numbers)


def _array(body: BytesIO, kind: str, dimensions: int) -> NDArray[Any]:
    array: NDArray[Any] = np.lib.format.read_array(body, allow_pickle=False)
    if array.dtype != np.dtype(kind) or array.ndim != dimensions:
        raise ValueError(f"an array of {array.dtype} in {array.ndim} dimensions where {kind} was expected")
    return array


def _refused(path: Path, italian: str, english: str) -> ModelError:
    return ModelError(
        f"Il modello {path} {italian}. / The model {path} {english}.",
        hint="Addestrarlo di nuovo: faldone classify train / train it again: faldone classify train",
    )
