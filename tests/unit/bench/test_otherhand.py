"""The papers from another hand: their truth must stand on their pages, or what they measure means nothing."""

import itertools
from collections import Counter
from random import Random

import pytest
from codicefiscale import codicefiscale

from faldone.classify.lexicon import default_lexicon
from tests.bench.otherhand.catalogue import templates
from tests.bench.otherhand.generate import archive, compose
from tests.bench.otherhand.noise import LEVELS, Level, recognised
from tests.bench.otherhand.persons import population
from tests.bench.otherhand.services import SERVED
from tests.bench.otherhand.voice import DATE_STYLES, day

CLEAN = Level("clean", 1.0, 0.0, 0.0, 0.95)


@pytest.fixture(scope="module")
def made():
    return archive(3, 120)


@pytest.fixture(scope="module")
def cases():
    rng = Random(5)
    people = population(rng, 400)
    return [compose(rng, people) for _ in range(200)]


def written(case):
    rng = Random(1)
    return "\n".join(recognised(page, rng, CLEAN).text for page in case.paper.pages())


def test_the_same_seed_gives_the_same_archive_and_another_seed_another(made):
    assert archive(3, 120) == made
    assert archive(4, 40).files[0].truth != made.files[0].truth


def test_every_code_of_a_person_is_valid_and_nobody_has_two_of_them(made):
    codes = list(made.people.by_cf)
    assert all(codicefiscale.is_valid(code) for code in codes)
    assert len(codes) == len(set(codes))
    assert any(codicefiscale.is_omocode(code) for code in population(Random(1), 900).by_cf)


def test_there_are_namesakes_and_people_whom_the_register_does_not_know(made):
    names = Counter(person.full for person in made.people.by_cf.values())
    assert names.most_common(1)[0][1] > 1
    known = {person.id for person in made.people.register}
    unknown = [cf for cf in made.people.by_cf if "u-" + cf.lower() not in known]
    assert 0.15 < len(unknown) / len(made.people.by_cf) < 0.30


def test_types_and_services_are_those_of_the_taxonomies():
    lexicon = default_lexicon()
    assert {template.kind for template in templates()} <= lexicon.types.keys()
    assert {code for template in templates() for code in template.services} <= lexicon.services.keys()
    assert SERVED.keys() <= lexicon.services.keys()


def test_documents_cover_their_files_without_holes(made):
    for file in made.files:
        documents = file.truth["documents"]
        assert documents[0]["first_page"] == 0
        assert documents[-1]["last_page"] == len(file.pages) - 1
        assert all(b["first_page"] == a["last_page"] + 1 for a, b in itertools.pairwise(documents))


def test_the_day_that_counts_stands_on_the_paper(cases):
    for case in cases:
        if not case.undated:
            text = " ".join(written(case).split()).lower()
            styles = {*DATE_STYLES, "stamp"}
            assert any(day(case.date, style).lower() in text for style in styles), (case.kind, case.date)


def test_a_printed_code_stands_on_the_paper_and_another_does_not(cases):
    for case in cases:
        text = written(case)
        for holder in case.holders:
            assert (holder.cf in text) == (holder.cf in case.coded), case.kind


def test_the_holders_surname_stands_on_the_paper_unless_it_is_veiled(cases):
    for case in cases:
        if case.shown not in ("initials", "number"):
            text = " ".join(written(case).split()).lower().replace("'", "")
            for holder in case.holders:
                assert holder.surname.lower().replace("'", "").replace("ò", "o").replace("ñ", "n") in text.replace(
                    "ò", "o"
                ).replace("ñ", "n"), case.kind


def test_the_papers_own_number_stands_on_it(cases):
    for case in cases:
        for numbered in (case.own, case.stamped):
            assert numbered is None or numbered[0] in written(case)


def test_a_person_known_by_birth_date_or_code_is_told_so_in_the_truth(cases):
    for case in cases:
        assert (case.shown == "cf") == any(holder.cf in case.coded for holder in case.holders), case.kind


def test_harder_scans_are_read_worse(cases):
    pages = [page for case in cases[:80] for page in case.paper.pages()]
    clean = [recognised(page, Random(1), CLEAN).text.split() for page in pages]
    shares = []
    for level in LEVELS:
        read = [recognised(page, Random(7), level).text.split() for page in pages]
        kept = sum(len(set(a) & set(b)) for a, b in zip(clean, read, strict=True))
        shares.append(1 - kept / sum(len(set(words)) for words in clean))
    assert 0 < shares[0] < 0.05 < shares[1] + 0.03 < shares[2] < 0.5


def test_words_lie_on_the_page_from_top_to_bottom(made):
    for file in made.files[:60]:
        for page in file.pages:
            assert all(
                word.box.x >= 0 and word.box.right < page.width + 60 and word.box.bottom < page.height
                for word in page.words
            )
            lines = [line[0].box.y for line in page.lines()]
            assert lines == sorted(lines)
