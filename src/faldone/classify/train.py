"""Learning from confirmed decisions: what is learnt, how it is judged, and whether it may vote.

The papers are gone through once; of each only hashed features are kept (some kilobytes). Whether a model helps is
asked of papers whose persons it has never seen; where it does not help, it keeps nothing and the lexicon decides alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from faldone.classify import document_type, service
from faldone.classify.decide import DEFAULT_THRESHOLDS, Thresholds
from faldone.classify.features import BUCKETS, LEAST_PERSONS, Buckets, buckets, masked_words
from faldone.classify.laws import find_laws
from faldone.classify.learned import (
    SERVICE,
    TYPE,
    LearnedModel,
    LearnedTaxonomy,
    blended,
    calibrated,
    decide,
    sealed,
    weighed,
)
from faldone.classify.lexicon import Lexicon, given_names
from faldone.classify.ranking import choose
from faldone.classify.reading import Reading, read
from faldone.classify.register import PersonRegister
from faldone.domain.page import PageText

LEAST_EXAMPLES: Final = 5
WEIGHTS: Final = tuple(round(step / 10, 1) for step in range(1, 10))
_FOLDS: Final = 4
_MOST: Final = 30_000
_MOST_JUDGED: Final = 5_000
_MOST_IN_A_FOLD: Final = 8_000
_EPOCHS: Final = 3
_CHUNK: Final = 2_048
_PENALTY: Final = 1e-5
_SURE: Final = 4.0
"""Put right less put wrong, squared, over their sum: two standard errors of a coin."""

_OTHER: Final = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A document that a person settled: its pages that have words, in order, and what it truly is.

    ``group`` names its holder (any key of a person will do): the papers of one are never both learnt from and judged
    on. None as a type or service means that nobody said. ``date`` is the document's own, ``scanned_on`` the scan's.
    """

    pages: Sequence[PageText]
    type: str | None
    service: str | None
    group: str
    date: dt.date | None
    scanned_on: dt.date


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of ``papers`` how many were ``right``; ``auto`` were sure enough to be filed, ``auto_right`` of them right."""

    papers: int
    right: int
    auto: int
    auto_right: int


@dataclass(frozen=True, slots=True)
class TaxonomyReport:
    """How one taxonomy fared on papers of persons that the model had not seen.

    ``classes`` are those that may get votes, ``rare`` those with too few examples. ``blend`` is at ``weight`` if it was
    ``promoted``, else at the best weight tried (0.0 if none was). ``put_right`` and ``put_wrong`` count what the blend
    changed. ``why`` says it in a sentence, Italian and English.
    """

    name: str
    classes: tuple[str, ...]
    rare: tuple[str, ...]
    lexicon: Accuracy
    model: Accuracy
    blend: Accuracy
    weight: float
    promoted: bool
    put_right: int
    put_wrong: int
    why: tuple[str, str]


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What was learnt from (``documents`` of ``persons`` persons, out of ``offered``) and how each taxonomy fared."""

    offered: int
    documents: int
    persons: int
    features: int
    types: TaxonomyReport
    services: TaxonomyReport


@dataclass(frozen=True, slots=True)
class _Question:
    """What the lexicon says of a paper on one taxonomy, and by how much votes would count."""

    scores: Mapping[str, float]
    factor: Callable[[str], float]


@dataclass(slots=True)
class _Paper:
    """A paper as kept: its features, its person, its labels by taxonomy, and, when it is to judge, the questions."""

    row: Buckets
    group: str
    labels: Mapping[str, str]
    questions: Mapping[str, _Question] | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    right: bool
    auto: bool


@dataclass(frozen=True, slots=True)
class _Heard:
    """A judged paper with the decisions of a model that did not know its person."""

    question: _Question
    truth: str
    classes: tuple[str, ...]
    decisions: NDArray[np.float32]


class _Support:
    """How many persons' papers have each feature, by fold, so that the persons of a fold can be left out."""

    def __init__(self, papers: Iterable[_Paper], folds: Mapping[str, int]) -> None:
        rows: dict[str, list[Buckets]] = {}
        for paper in papers:
            rows.setdefault(paper.group, []).append(paper.row)
        self._counts = np.zeros((_FOLDS, BUCKETS), np.int32)
        for group, parts in rows.items():
            self._counts[folds[group], np.unique(np.concatenate(parts))] += 1

    def columns(self, without: int | None = None) -> Buckets:
        """The features that at least :data:`LEAST_PERSONS` persons share, those of a fold not counted."""
        total = self._counts.sum(axis=0)
        if without is not None:
            total -= self._counts[without]
        return np.flatnonzero(total >= LEAST_PERSONS).astype(np.uint32)


def train(
    samples: Iterable[Sample],
    lexicon: Lexicon,
    register: PersonRegister,
    *,
    now: dt.datetime,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> tuple[LearnedModel, TrainingReport]:
    """What can be learnt from these papers. The same papers, in order, and the same ``now`` give the same bytes.

    Of more than 30 000 papers every second one is kept (then every fourth…), so memory has a bound.

    Args:
        samples: the papers, gone through once.
        lexicon: the taxonomies and the scores to do better than.
        register: the office's persons, whose names are masked.
        now: when the model was made.
        thresholds: the confidences from which a type or service is filed without a look.
    """
    papers, offered = _collect(samples, lexicon, register)
    groups = sorted({paper.group for paper in papers}, key=lambda group: (crc32(group.encode()), group))
    folds = {group: place % _FOLDS for place, group in enumerate(groups)}
    support = _Support(papers, folds)
    columns = support.columns()
    taxonomies: dict[str, LearnedTaxonomy] = {}
    reports: dict[str, TaxonomyReport] = {}
    for name, floor, auto in (
        (TYPE, document_type.TYPE_FLOOR, thresholds.type),
        (SERVICE, service.SERVICE_FLOOR, thresholds.service),
    ):
        labelled = [paper for paper in papers if name in paper.labels]
        heard = _cross_validate(name, labelled, folds, support)
        scale, offset = _calibrate(heard)
        reports[name] = report = _judge(name, labelled, heard, scale, offset, floor=floor, auto=auto)
        taxonomies[name] = LearnedTaxonomy()
        if report.promoted:
            weights, intercept = _fit(labelled, name, report.classes, columns)
            taxonomies[name] = LearnedTaxonomy(
                report.classes, weights.astype(np.float16), intercept, scale, offset, report.weight
            )
    if not any(taxonomy.classes for taxonomy in taxonomies.values()):
        columns = columns[:0]  # a model without votes keeps nothing of the papers
    model = LearnedModel(
        columns,
        taxonomies[TYPE],
        taxonomies[SERVICE],
        lexicon.version,
        documents=len(papers),
        persons=len(groups),
        figures={name: _figures(report) for name, report in reports.items()},
        created_at=now,
    )
    return sealed(model), TrainingReport(
        offered, len(papers), len(groups), len(columns), reports[TYPE], reports[SERVICE]
    )


def _figures(report: TaxonomyReport) -> dict[str, Any]:
    """The report as a model's file keeps it."""
    kept = asdict(report)
    return {key: kept[key] for key in ("rare", "lexicon", "model", "blend", "promoted", "put_right", "put_wrong")}


def _collect(samples: Iterable[Sample], lexicon: Lexicon, register: PersonRegister) -> tuple[list[_Paper], int]:
    """The papers to learn from, thinned evenly, some of them with the lexicon's answers; and how many were offered."""

    def is_name(word: str) -> bool:
        return word in given_names() or register.is_name_word(word)

    papers: list[_Paper] = []
    stride, judged_stride, judged, offered = 1, 1, 0, 0
    for sample in samples:
        labels = _labels(sample, lexicon)
        if not labels or not sample.pages:
            continue
        place, offered = offered, offered + 1
        if place % stride:
            continue
        first = read(0, sample.pages[0])
        row = buckets([word for word, _, _ in masked_words(first, lexicon.book.vocabulary, is_name)])
        questions = (
            _ask([first, *map(read, range(1, len(sample.pages)), sample.pages[1:])], sample, lexicon)
            if (place % judged_stride == 0)
            else None
        )
        judged += questions is not None
        papers.append(_Paper(row, sample.group, labels, questions))
        if len(papers) > _MOST:
            papers, stride = papers[::2], stride * 2
        if judged > _MOST_JUDGED:
            judged_stride *= 2
            judged = 0
            for kept, paper in enumerate(papers):
                if (kept * stride) % judged_stride:
                    paper.questions = None
                judged += paper.questions is not None
    return papers, offered


def _labels(sample: Sample, lexicon: Lexicon) -> dict[str, str]:
    said = {TYPE: (sample.type, lexicon.types), SERVICE: (sample.service, lexicon.services)}
    return {name: code for name, (code, known) in said.items() if code is not None and code in known}


def _ask(pages: Sequence[Reading], sample: Sample, lexicon: Lexicon) -> dict[str, _Question]:
    """What the lexicon alone says of the paper, as :func:`faldone.classify.propose.propose` would ask it."""
    hits = [lexicon.book.find(page) for page in pages]
    laws = [find_laws(page.folded) for page in pages]
    types = document_type.special_first(document_type.score_types(pages, hits, laws, lexicon), lexicon)
    kind = document_type.document_type(pages, hits, laws, lexicon)
    code = kind.value if kind is not None else None
    services = service.score_services(
        pages, hits, laws, lexicon, kind=code, date=sample.date, scanned_on=sample.scanned_on
    )
    type_scores = {key: score for key, (score, _) in types.items()}
    return {
        TYPE: _Question(type_scores, document_type.vote_factor(type_scores, lexicon)),
        SERVICE: _Question(
            {key: score for key, (score, _) in services.items()},
            service.vote_factor(lexicon, kind=code, date=sample.date, scanned_on=sample.scanned_on),
        ),
    }


def _classes(papers: Iterable[_Paper], name: str) -> tuple[str, ...]:
    counted = Counter(paper.labels[name] for paper in papers)
    return tuple(sorted(code for code, count in counted.items() if count >= LEAST_EXAMPLES))


def _cross_validate(name: str, papers: Sequence[_Paper], folds: Mapping[str, int], support: _Support) -> list[_Heard]:
    """The judged papers, each with what a model says that has seen none of its person's papers."""
    heard: list[_Heard] = []
    for fold in range(_FOLDS):
        others = [paper for paper in papers if folds[paper.group] != fold]
        others = others[:: -(-len(others) // _MOST_IN_A_FOLD) or 1]
        classes, columns = _classes(others, name), support.columns(without=fold)
        weights, intercept = _fit(others, name, classes, columns)
        places = _places(columns)
        for paper in papers:
            if folds[paper.group] == fold and paper.questions is not None:
                seen = places[paper.row]
                said = decide(weights[seen[seen >= 0]], intercept)
                heard.append(_Heard(paper.questions[name], paper.labels[name], classes, said))
    return heard


def _places(columns: Buckets) -> NDArray[np.int32]:
    """The column of each bucket, -1 for one that has none."""
    places = np.full(BUCKETS, -1, np.int32)
    places[columns] = np.arange(len(columns), dtype=np.int32)
    return places


def _fit(
    papers: Sequence[_Paper], name: str, classes: tuple[str, ...], columns: Buckets
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (features, classes) and intercepts. Papers of rare classes teach what is none of the others."""
    # Loading scikit-learn takes over a second and 100 MiB: only who trains pays for it.
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import SGDClassifier

    empty = np.zeros((len(columns), len(classes)), np.float32), np.zeros(len(classes), np.float32)
    labels = np.array([paper.labels[name] if paper.labels[name] in classes else _OTHER for paper in papers])
    wanted = np.unique(labels)
    if len(wanted) < 2 or not len(columns):
        return empty
    places = _places(columns)
    model = SGDClassifier(loss="log_loss", alpha=_PENALTY, random_state=0)
    shuffled = np.random.default_rng(0)
    for _ in range(_EPOCHS):
        order = shuffled.permutation(len(papers))
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            rows = [seen[seen >= 0] for seen in (places[papers[index].row] for index in chunk)]
            sizes = np.array([len(row) for row in rows])
            values = np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes)
            ends = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
            matrix = csr_matrix((values, np.concatenate(rows), ends), shape=(len(chunk), len(columns)))
            model.partial_fit(matrix, labels[chunk], classes=wanted)
    weights, intercept = np.asarray(model.coef_), np.asarray(model.intercept_)
    if len(wanted) == 2:
        weights, intercept = np.vstack([-weights, weights]), np.concatenate([-intercept, intercept])
    kept = [int(np.flatnonzero(wanted == code)[0]) for code in classes]
    return np.ascontiguousarray(weights[kept].T, np.float32), intercept[kept].astype(np.float32)


def _calibrate(heard: Collection[_Heard]) -> tuple[float, float]:
    """Scale and offset that make decisions on held-out papers probabilities (Platt's sigmoid, all classes alike).

    The scale is 0.0 when there is nothing to tell apart.
    """
    from sklearn.linear_model import LogisticRegression

    decisions = [item.decisions for item in heard if len(item.decisions)]
    truths = [np.array(item.classes) == item.truth for item in heard if len(item.decisions)]
    if len(np.unique(np.concatenate([np.zeros(0, bool), *truths]))) < 2:
        return 0.0, 0.0
    found = LogisticRegression(C=1e6).fit(np.concatenate(decisions).reshape(-1, 1), np.concatenate(truths))
    # Rounded, so that another library's last bits do not change the model.
    return round(float(found.coef_[0, 0]), 4), round(float(found.intercept_[0]), 4)


def _judge(
    name: str,
    papers: Sequence[_Paper],
    heard: Sequence[_Heard],
    scale: float,
    offset: float,
    *,
    floor: float,
    auto: float,
) -> TaxonomyReport:
    """Lexicon, model and blends on the same papers, and which of them is to decide."""
    classes = _classes(papers, name)
    rare = tuple(sorted({paper.labels[name] for paper in papers} - set(classes)))
    votes = [dict(zip(item.classes, calibrated(item.decisions, scale, offset).tolist(), strict=True)) for item in heard]
    counted = [weighed(said, item.question.factor) for said, item in zip(votes, heard, strict=True)]

    def outcome(scores: Mapping[str, float], truth: str) -> _Outcome:
        found = choose({code: (score, ()) for code, score in scores.items()}, method=name, version="", floor=floor)
        return _Outcome(found is not None and found.value == truth, found is not None and found.confidence >= auto)

    def blend(weight: float) -> list[_Outcome]:
        return [
            outcome(blended(item.question.scores, said, weight), item.truth)
            for item, said in zip(heard, counted, strict=True)
        ]

    alone = blend(0.0)
    model = [outcome(blended({}, said, 1.0), item.truth) for item, said in zip(heard, votes, strict=True)]
    lexicon = _accuracy(alone)
    tried = {weight: blend(weight) for weight in WEIGHTS} if classes and scale > 0 else {}
    good = [weight for weight, outcomes in tried.items() if _may_vote(alone, outcomes)]
    counts = {weight: _accuracy(outcomes) for weight, outcomes in tried.items()}
    weight = max(good or tried, key=lambda item: (counts[item].right, counts[item].auto_right, -item), default=0.0)
    chosen = tried.get(weight, alone)
    put_right, put_wrong = _changes(alone, chosen)
    return TaxonomyReport(
        name,
        classes,
        rare,
        lexicon,
        _accuracy(model),
        _accuracy(chosen),
        weight if good else 0.0,
        bool(good),
        put_right,
        put_wrong,
        _why(bool(good), bool(tried), put_right, put_wrong, lexicon, _accuracy(chosen)),
    )


def _accuracy(outcomes: Sequence[_Outcome]) -> Accuracy:
    return Accuracy(
        len(outcomes),
        sum(item.right for item in outcomes),
        sum(item.auto for item in outcomes),
        sum(item.auto and item.right for item in outcomes),
    )


def _changes(before: Sequence[_Outcome], after: Sequence[_Outcome]) -> tuple[int, int]:
    """How many papers were put right, and how many wrong."""
    pairs = list(zip(before, after, strict=True))
    return (
        sum(new.right and not old.right for old, new in pairs),
        sum(old.right and not new.right for old, new in pairs),
    )


def _auto_holds(before: Accuracy, after: Accuracy) -> bool:
    """Whether what would be filed without a look is as often right as before; always, where nothing was filed."""
    if not before.auto:
        return after.auto_right == after.auto
    return after.auto_right * before.auto >= before.auto_right * after.auto


def _may_vote(alone: Sequence[_Outcome], blend: Sequence[_Outcome]) -> bool:
    """Whether the blend is better by more than chance, and no worse where nobody looks."""
    gained, lost = _changes(alone, blend)
    measurable = gained > lost and (gained - lost) ** 2 >= _SURE * (gained + lost)
    return measurable and _auto_holds(_accuracy(alone), _accuracy(blend))


def _why(
    promoted: bool, tried: bool, put_right: int, put_wrong: int, before: Accuracy, after: Accuracy
) -> tuple[str, str]:
    changed = (
        f"corregge {put_right} documenti e ne sbaglia {put_wrong}",
        f"it puts {put_right} papers right and {put_wrong} wrong",
    )
    if not tried:
        return "troppo pochi documenti confermati", "too few confirmed papers"
    if promoted:
        return f"aiuta: {changed[0]}", f"it helps: {changed[1]}"
    if put_right > put_wrong and not _auto_holds(before, after):
        return f"{changed[0]}, ma archivia da solo con più errori", f"{changed[1]}, but would file with more errors"
    return f"non aiuta in modo misurabile: {changed[0]}", f"no measurable help: {changed[1]}"
