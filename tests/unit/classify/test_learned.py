"""What a model's file may hold, and what its votes may and may not do."""

import datetime as dt
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faldone.classify.document_type import document_type
from faldone.classify.features import OPTIONS, buckets, masked_words, word_buckets
from faldone.classify.laws import find_laws
from faldone.classify.learned import LearnedModel, LearnedTaxonomy, blended, load_model, save_model, sealed
from faldone.classify.lexicon import default_lexicon, given_names
from faldone.classify.service import service
from faldone.domain.attribution import Attribution
from faldone.errors import ModelError
from tests.unit.classify.pages import SCANNED, reading

LEXICON = default_lexicon()
PLAIN = "oggi siamo passati\nla nonna cucinava volentieri\nil cortile era pulito"
LIST = "ELENCO BENEFICIARI\n" + PLAIN


def model_for(
    *, types: dict[str, tuple[str, ...]], services: dict[str, tuple[str, ...]], weight: float = 0.5
) -> LearnedModel:
    """A model in which each class is told by its words and by nothing else."""
    words = {word for told in (*types.values(), *services.values()) for word in told}
    columns = np.unique(np.concatenate([word_buckets(word) for word in words]))

    def taxonomy(told: dict[str, tuple[str, ...]]) -> LearnedTaxonomy:
        if not told:
            return LearnedTaxonomy()
        weights = np.zeros((len(columns), len(told)), np.float16)
        for place, spoken in enumerate(told.values()):
            for word in spoken:
                weights[np.searchsorted(columns, word_buckets(word)), place] = 4.0
        return LearnedTaxonomy(tuple(told), weights, np.full(len(told), -5, np.float32), 1.0, 0.0, weight)

    created = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    figures = {"type": {"promoted": True}}
    return sealed(LearnedModel(columns, taxonomy(types), taxonomy(services), "1.1.1+ab", 90, 30, figures, created))


MODEL = model_for(
    types={"diario_sociale": ("nonna", "cortile"), "isee": ("patrimonio",)},
    services={"SAD": ("nonna",), "TUM": ("minore",)},
)


def type_of(text: str, learned: LearnedModel | None) -> Attribution[str] | None:
    page = reading(text)
    return document_type([page], [LEXICON.book.find(page)], [find_laws(page.folded)], LEXICON, learned)


def service_of(text: str, learned: LearnedModel | None, kind: str | None) -> Attribution[str] | None:
    page = reading(text)
    found = LEXICON.book.find(page), find_laws(page.folded)
    return service([page], [found[0]], [found[1]], LEXICON, kind=kind, date=None, scanned_on=SCANNED, learned=learned)


def test_at_weight_zero_the_lexicon_stands():
    assert blended({"a": 2.0}, {"a": 0.1, "b": 0.9}, 0.0) == {"a": 2.0}


def test_votes_and_scores_share_by_weight():
    mixed = blended({"a": 2.0, "b": 1.0}, {"a": 0.0, "b": 1.0}, 0.5)
    assert mixed == pytest.approx({"a": 1.0, "b": 2.0})


def test_the_model_never_votes_against_a_class_it_has_not_seen():
    assert blended({"rare": 0.8, "a": 0.5}, {"a": 1.0}, 0.9) == {"rare": 0.8, "a": 0.5}


def test_a_faint_hint_of_a_class_without_examples_does_not_silence_the_model():
    assert blended({"rare": 0.25}, {"a": 1.0}, 0.5) == {"rare": 0.25, "a": 1.5}


def test_without_votes_the_scores_stand():
    assert blended({"a": 0.3}, {}, 0.9) == {"a": 0.3}


def test_a_class_that_was_not_seen_keeps_its_score_beside_votes():
    assert blended({"a": 2.0, "rare": 1.0}, {"a": 1.0}, 0.5)["rare"] == 1.0


def test_a_model_that_says_nothing_of_a_paper_lets_it_stay_unknown():
    assert type_of("parole qualsiasi su un foglio", MODEL) is None


def test_what_the_lexicon_does_not_know_is_told_by_the_votes_and_their_words_are_shown():
    assert type_of(PLAIN, None) is None
    found = type_of(PLAIN, MODEL)
    assert found is not None
    assert (found.value, found.method) == ("diario_sociale", "type-blend")
    assert found.version == f"{LEXICON.version}/{MODEL.version}"
    assert [(proof.kind, proof.page) for proof in found.evidence] == [("type-model", 0)]
    assert set(found.evidence[0].quote.split(" · ")) == {"nonna", "cortile"}


def test_the_lexicons_quotes_stay_beside_the_words_of_the_model():
    text = "DIARIO SOCIALE\n" + PLAIN
    alone, both = type_of(text, None), type_of(text, MODEL)
    assert alone is not None
    assert both is not None
    assert both.evidence[: len(alone.evidence)] == alone.evidence
    assert [proof.kind for proof in both.evidence[len(alone.evidence) :]] == ["type-model"]


def test_without_a_model_the_method_is_the_lexicons():
    found = type_of("DIARIO SOCIALE\n" + PLAIN, None)
    assert found is not None
    assert (found.method, found.version) == ("type-lexicon", LEXICON.version)


def test_a_taxonomy_that_was_not_promoted_has_no_vote():
    quiet = model_for(types={}, services={"SAD": ("nonna",)})
    assert type_of("DIARIO SOCIALE\n" + PLAIN, quiet) == type_of("DIARIO SOCIALE\n" + PLAIN, None)


def test_a_list_of_many_persons_is_never_voted_into_one_persons_paper():
    voting = model_for(
        types={"diario_sociale": ("nonna", "cortile"), "elenco": ("patrimonio",)}, services={}, weight=0.9
    )
    alone, both = type_of(LIST, None), type_of(LIST, voting)
    assert alone is not None
    assert both is not None
    assert (both.value, both.confidence) == (alone.value, alone.confidence) == ("elenco", alone.confidence)


def test_a_cover_is_never_made_by_votes():
    cover = next(code for code, kind in LEXICON.types.items() if kind.cover)
    assert type_of(PLAIN, model_for(types={cover: ("nonna",)}, services={})) is None


def test_a_class_that_the_lexicon_has_no_more_gets_no_vote():
    assert type_of(PLAIN, model_for(types={"tipo_di_ieri": ("nonna",)}, services={})) is None


def test_a_service_is_voted_for_but_not_on_a_persons_own_card():
    personal = next(code for code, kind in LEXICON.types.items() if kind.personal)
    voted = service_of(PLAIN, MODEL, None)
    assert voted is not None
    assert (voted.value, voted.method, voted.evidence[0].kind) == ("SAD", "service-blend", "service-model")
    assert service_of(PLAIN, MODEL, personal) is None


def test_a_measure_that_did_not_exist_yet_is_not_voted_for():
    code = max(
        (item for item in LEXICON.services.values() if item.valid_from), key=lambda item: item.valid_from or dt.date.min
    ).code
    page = reading(PLAIN)
    early = service(
        [page], [()], [()], LEXICON, kind=None, date=dt.date(1999, 1, 1), scanned_on=SCANNED,
        learned=model_for(types={}, services={code: ("nonna",)}),
    )  # fmt: skip
    assert early is None


def test_names_codes_and_numbers_leave_nothing_behind():
    def seen(text: str) -> set[int]:
        words = masked_words(reading(text), LEXICON.book.vocabulary, lambda word: word in given_names() | {"ferrari"})
        return set(buckets([word for word, _, _ in words]).tolist())

    named = seen("si attesta che\nFERRARI MARIA FRRMRA50L47D150X n. 47\nabita qui")
    other = seen("si attesta che\nFERRARI GIUSEPPE FRRGPP50L07D150X n. 93\nabita qui")
    assert named == other
    assert not seen("Ferrari Maria FRRMRA50L47D150X")


def test_a_saved_model_comes_back_the_same_and_saves_to_the_same_bytes(tmp_path: Path):
    save_model(MODEL, tmp_path / "a")
    loaded = load_model(tmp_path / "a")
    save_model(loaded, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert loaded.version == MODEL.version
    assert re.fullmatch("[0-9a-f]{12}", loaded.version)
    assert (loaded.documents, loaded.persons, loaded.created_at) == (90, 30, MODEL.created_at)
    assert type_of(PLAIN, loaded) == type_of(PLAIN, MODEL)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_another_weight_is_another_version():
    assert model_for(types={"isee": ("nonna",)}, services={}, weight=0.4).version != MODEL.version


def test_a_flipped_bit_anywhere_is_refused(tmp_path: Path):
    path = tmp_path / "model"
    save_model(MODEL, path)
    data = path.read_bytes()
    for place in range(0, len(data), 11):
        path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        with pytest.raises(ModelError):
            load_model(path)


@pytest.mark.parametrize("kept", [0, 5, 100, -1])
def test_a_file_cut_short_is_refused_in_both_languages(tmp_path: Path, kept: int):
    path = tmp_path / "model"
    save_model(MODEL, path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelError, match=r"Il modello .* / The model .*") as refused:
        load_model(path)
    assert "classify train" in refused.value.hint


def test_a_missing_model_is_told(tmp_path: Path):
    with pytest.raises(ModelError, match="non si può aprire"):
        load_model(tmp_path / "none")


def forged(path: Path, weights: bytes, **said: object) -> None:
    """A file whose digests hold and whose content is somebody's own."""
    save_model(MODEL, path)
    header = json.loads(path.read_bytes().split(b"\n", 2)[1]) | {"sha256": hashlib.sha256(weights).hexdigest(), **said}
    line = json.dumps(header).encode()
    path.write_bytes(b"faldone-model 1 %s\n%s\n%s" % (hashlib.sha256(line).hexdigest().encode(), line, weights))


def true_weights(path: Path) -> bytes:
    save_model(MODEL, path)
    return path.read_bytes().split(b"\n", 2)[2]


def test_a_pickle_is_never_opened(tmp_path: Path):
    path = tmp_path / "model"
    with (tmp_path / "array").open("wb") as file:
        np.lib.format.write_array(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    forged(path, (tmp_path / "array").read_bytes())
    with pytest.raises(ModelError, match="non si capisce"):
        load_model(path)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"features": OPTIONS | {"buckets": 1 << 10}}, "un altro faldone"),
        ({"kind": "forest"}, "un altro faldone"),
        ({"taxonomies": {}}, "non si capisce"),
        ({"figures": None}, "non si capisce"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path: Path, said: dict[str, object], words: str):
    path = tmp_path / "model"
    forged(path, true_weights(path), **said)
    with pytest.raises(ModelError, match=words):
        load_model(path)


def test_what_follows_the_last_array_is_refused(tmp_path: Path):
    path = tmp_path / "model"
    forged(path, true_weights(path) + b"x")
    with pytest.raises(ModelError, match="non si capisce"):
        load_model(path)


def test_a_weight_that_is_no_number_is_refused(tmp_path: Path):
    path = tmp_path / "model"
    weights = MODEL.types.weights.copy()
    weights[0, 0] = np.nan
    save_model(replace(MODEL, types=replace(MODEL.types, weights=weights)), path)
    with pytest.raises(ModelError, match="non si capisce"):
        load_model(path)


def test_a_format_of_tomorrow_is_named(tmp_path: Path):
    path = tmp_path / "model"
    save_model(MODEL, path)
    path.write_bytes(path.read_bytes().replace(b"faldone-model 1", b"faldone-model 2", 1))
    with pytest.raises(ModelError, match="un'altra versione"):
        load_model(path)
