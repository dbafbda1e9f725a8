"""Learning from papers of a made-up office whose habits the lexicon does not know."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from faldone.classify import train as training
from faldone.classify.features import LEAST_PERSONS, word_buckets
from faldone.classify.learned import LearnedModel, save_model
from faldone.classify.lexicon import default_lexicon
from faldone.classify.register import MemoryPersonRegister
from faldone.classify.train import Sample, TrainingReport, train
from tests.unit.classify.pages import SCANNED, page_text, person

LEXICON = default_lexicon()
REGISTER = MemoryPersonRegister([person("FERRARI", "MARIA", "1950-07-07", female=True)])
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
HABITS = {
    "diario_sociale": "oggi portato pane nonna cortile pulito",
    "relazione_sociale": "seguito detto telefono rivisto giardino",
    "consenso_privacy": "calce penna foglio timbro rosso",
}
SERVICES = {"SAD": "mattina bagno brodo calzini", "TUM": "pallone quaderno merenda maestra"}
FILLER = (
    *("mano", "casa", "giorno", "parte", "tempo", "modo", "acqua", "terra", "sera"),
    *("luce", "strada", "porta", "tavolo", "finestra", "sole", "vento"),
)


def paper(number: int, *, group: str | None = None, told: bool = True) -> Sample:
    """A paper that shows its type and service by the office's habits, or (not ``told``) by nothing."""
    chance = Random(number)
    kind = sorted(HABITS)[number % 3]
    code = sorted(SERVICES)[number % 2]
    words = [*chance.choices(FILLER, k=30), *((HABITS[kind] + " " + SERVICES[code]).split() if told else ())]
    chance.shuffle(words)
    page = page_text("\n".join(" ".join(words[start : start + 6]) for start in range(0, len(words), 6)))
    return Sample((page,), kind, code, group or f"p{number % 20}", dt.date(2020, 1, 1), SCANNED)


def learn(samples: list[Sample]) -> tuple[LearnedModel, TrainingReport]:
    return train(samples, LEXICON, REGISTER, now=NOW)


@pytest.fixture(scope="module")
def office() -> tuple[LearnedModel, TrainingReport]:
    return learn([paper(number) for number in range(90)])


@pytest.mark.slow
def test_what_the_lexicon_does_not_know_is_learnt_and_promoted(office: tuple[LearnedModel, TrainingReport]):
    model, report = office
    for part, learnt in ((report.types, model.types), (report.services, model.services)):
        assert part.promoted
        assert part.weight == learnt.weight > 0
        assert part.lexicon.right < 10
        assert part.model.right > 80
        assert part.blend.right > 80
        assert part.blend.auto == part.blend.auto_right > 0
        assert part.blend.papers == 90
        assert (part.put_right, part.put_wrong) == (part.blend.right - part.lexicon.right, 0)
        assert learnt.classes == part.classes
        assert part.why[0].startswith("aiuta")
    assert (report.offered, report.documents, report.persons) == (90, 90, 20)
    assert model.figures["type"]["blend"]["right"] == report.types.blend.right


@pytest.mark.slow
def test_the_same_papers_give_the_same_bytes(office: tuple[LearnedModel, TrainingReport], tmp_path: Path):
    again, _ = learn([paper(number) for number in range(90)])
    save_model(office[0], tmp_path / "a")
    save_model(again, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.slow
def test_words_of_few_persons_cannot_be_read_out_of_a_model():
    def with_words(number: int) -> Sample:
        made = paper(number)
        # A surname that no register knows, on all papers of four persons; a place on those of everybody; a known name.
        few = "zbigwyrmuth" if number % 20 < LEAST_PERSONS - 1 else "mano"
        page = page_text(made.pages[0].text + f"\nqui {few} abita\nvengono dalla kampinowska FERRARI GIUSEPPE")
        return Sample((page,), made.type, made.service, made.group, made.date, made.scanned_on)

    model, _ = learn([with_words(number) for number in range(90)])
    kept = set(model.columns.tolist())
    assert set(word_buckets("kampinowska").tolist()) <= kept
    assert not set(word_buckets("zbigwyrmuth").tolist()) & kept
    assert not set(word_buckets("ferrari").tolist()) <= kept
    assert not set(word_buckets("giuseppe").tolist()) <= kept


@pytest.mark.slow
def test_a_persons_habit_is_no_help_on_another_persons_papers():
    # Every person has papers of one type only, and words of that person's own: known by heart, it would be told.
    def own(number: int) -> Sample:
        group = number % 12
        words = " ".join(f"parola{'abcdefghilmn'[group]}{'qrst'[place]}" for place in range(4))
        made = paper(group, told=False)
        return Sample((page_text(words + "\n" + made.pages[0].text),), made.type, None, f"p{group}", None, SCANNED)

    model, report = learn([own(number) for number in range(96)])
    assert not report.types.promoted
    assert report.types.model.right < 48
    assert model.types.classes == ()
    assert len(model.columns) == 0


@pytest.mark.slow
def test_a_model_that_does_not_help_keeps_nothing_of_the_papers():
    titles = {"diario_sociale": "DIARIO SOCIALE", "relazione_sociale": "RELAZIONE SOCIALE", "isee": "ATTESTAZIONE ISEE"}

    def titled(number: int) -> Sample:
        kind = sorted(titles)[number % 3]
        made = paper(number, told=False)
        return Sample((page_text(titles[kind] + "\n" + made.pages[0].text),), "isee", None, made.group, None, SCANNED)

    model, report = learn([titled(number * 3 + 1) for number in range(40)])
    assert (report.types.promoted, report.types.weight) == (False, 0.0)
    assert model.types.weights.size == model.columns.size == 0
    assert "misurabile" in report.types.why[0] or "pochi" in report.types.why[0]


@pytest.mark.slow
def test_a_class_of_few_examples_is_left_to_the_lexicon():
    samples = [paper(number) for number in range(60)]
    rare = [
        Sample(item.pages, "isee", item.service, item.group, item.date, item.scanned_on)
        for item in (paper(number, told=False) for number in range(200, 204))
    ]
    model, report = learn(samples + rare)
    assert report.types.rare == ("isee",)
    assert "isee" not in model.types.classes


@pytest.mark.parametrize("count", [0, 3])
def test_too_few_papers_teach_nothing_and_say_so(count: int):
    model, report = learn([paper(number) for number in range(count)])
    assert not report.types.promoted
    assert report.types.why == ("troppo pochi documenti confermati", "too few confirmed papers")
    assert model.types.weight == 0.0


def test_papers_without_a_known_type_or_service_or_without_words_are_passed_over():
    made = paper(1)
    nobody_said = Sample(made.pages, None, None, "p1", None, SCANNED)
    of_yesterday = Sample(made.pages, "tipo_di_ieri", None, "p1", None, SCANNED)
    unread = Sample((), "isee", None, "p1", None, SCANNED)
    _, report = learn([nobody_said, of_yesterday, unread, made])
    assert report.offered == report.documents == 1


def test_of_very_many_papers_every_second_one_is_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training, "_MOST", 8)
    monkeypatch.setattr(training, "_MOST_JUDGED", 3)
    drawn: list[int] = []

    def stream() -> Iterator[Sample]:
        for number in range(3 * 8):
            drawn.append(number)
            yield paper(number)

    _, report = train(stream(), LEXICON, REGISTER, now=NOW)
    assert len(drawn) == report.offered == 24
    assert 4 <= report.documents <= 8
    assert 1 <= report.types.lexicon.papers <= 3
