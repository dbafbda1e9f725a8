# ruff: noqa: E501 - lines of papers stay whole
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faldone.classify.boundaries import WEIGHTS, SoFar, evidence, likely_start
from faldone.classify.lexicon import default_lexicon
from faldone.classify.page_signs import PageSigns, page_signs
from faldone.domain.attribution import Band
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import proposals, reading
from tests.unit.classify.test_propose import APPLICATION, DECREE, REGISTER, letter

LETTER = letter("GALLI FRANCESCA")
MORE = "e pertanto si ritiene opportuno proseguire il percorso avviato con la famiglia, che collabora.\nIl nucleo abita in affitto.\nSi resta a disposizione."


def spans(*texts):
    return [(item.first_page, item.last_page) for item in proposals(REGISTER, *texts)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((DECREE, APPLICATION, LETTER), [(0, 0), (1, 1), (2, 2)]),
        ((DECREE, MORE, APPLICATION), [(0, 1), (2, 2)]),
        ((DECREE, "", APPLICATION, ""), [(0, 1), (2, 3)]),
        (("", DECREE, "", "", MORE), [(0, 4)]),
        ((DECREE + "\npag. 1 di 2", MORE + "\npag. 2 di 2", APPLICATION), [(0, 1), (2, 2)]),
        (
            (DECREE + "\npag. 1 di 2", "TRIBUNALE PER I MINORENNI DI BRESCIA\nDECRETO\n" + MORE + "\npag. 2 di 2"),
            [(0, 1)],
        ),
        ((LETTER, LETTER.replace("4521", "4522")), [(0, 0), (1, 1)]),
        ((MORE, APPLICATION), [(0, 0), (1, 1)]),
    ],
)
def test_documents_of_a_file(texts, expected):
    assert spans(*texts) == expected


def test_a_blank_page_never_starts_a_document():
    found = proposals(REGISTER, "", "", DECREE)
    assert [(item.first_page, item.last_page) for item in found] == [(0, 2)]


def test_a_file_of_blank_pages_is_held():
    (found,) = proposals(REGISTER, "", "", "")
    assert (found.first_page, found.last_page, found.band) == (0, 2, Band.HOLD)
    assert found.reasons == (Reason.ALL_BLANK,)


def test_a_page_that_cannot_be_read_keeps_its_document_from_being_filed():
    found = proposals(REGISTER, DECREE, None)
    assert found[0].band is Band.REVIEW
    assert Reason.PAGE_UNREADABLE in found[0].reasons
    after = proposals(REGISTER, None, APPLICATION)
    assert all(item.band is not Band.AUTO for item in after)


def test_a_file_that_cannot_be_read_at_all_is_held():
    (found,) = proposals(REGISTER, None, None)
    assert found.band is Band.HOLD
    assert found.reasons == (Reason.PAGE_UNREADABLE,)


def test_a_page_without_words_is_held_with_its_reason():
    from tests.unit.classify.pages import page_text

    (found,) = proposals(REGISTER, page_text(""))
    assert found.band is Band.HOLD
    assert found.reasons == (Reason.NO_TEXT,)


def test_no_pages_no_documents():
    assert proposals(REGISTER) == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([DECREE, APPLICATION, LETTER, MORE, "", None]), min_size=1, max_size=8))
def test_every_page_belongs_to_exactly_one_document(texts):
    found = proposals(REGISTER, *texts)
    pages = [page for item in found for page in range(item.first_page, item.last_page + 1)]
    assert pages == list(range(len(texts)))


def test_a_page_that_proves_somebody_else_is_not_filed_along():
    from tests.unit.classify.test_propose import GALLI

    found = proposals(REGISTER, APPLICATION, f"e pertanto si allega quanto richiesto\nC.F. {GALLI.cf}\nGALLI FRANCESCA")
    assert all(item.band is not Band.AUTO for item in found)


def test_what_speaks_for_a_start_makes_it_likelier_and_what_speaks_against_less():
    before = SoFar.opened(
        PageSigns(title="relazione_sociale", holders=frozenset("a"), protocols=frozenset(["12"]), ends_sentence=False)
    )
    plain = likely_start(PageSigns(), before)
    for sign in (
        {"title": "isee"},
        {"letterhead": "comune di crema"},
        {"number": 1},
        {"holders": frozenset("b")},
        {"protocols": frozenset(["13"])},
    ):
        assert likely_start(PageSigns(**sign), before) > plain, sign
    for sign in ({"number": 2}, {"protocols": frozenset(["12"])}, {"starts_small": True}, {"goes_on": True}):
        assert likely_start(PageSigns(**sign), before) < plain, sign


def test_every_piece_of_evidence_has_a_weight():
    said = PageSigns(
        1,
        2,
        "isee",
        "comune",
        True,
        True,
        True,
        frozenset("1"),
        frozenset("a"),
        True,
        False,
        True,
        True,
        True,
        2,
        1,
        True,
        0.4,
        0.01,
        0.2,
        True,
    )
    names = {
        name
        for last in (said, PageSigns(1, 2), PageSigns(2, 2, last_item=1, closes=False, ends_sentence=False))
        for page in (said, PageSigns(), PageSigns(2, 2), PageSigns(4), PageSigns(holders=frozenset("b"), letter=0.02))
        for name in evidence(page, SoFar.opened(last))
    }
    assert names == WEIGHTS.keys()


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("pag. 2 di 5", (2, 5)),
        ("pag.ldil", (1, 1)),
        ("pag. 1 dit", (1, None)),
        ("- 3 -", (3, None)),
        ("2/5", (2, 5)),
        ("12/03/2014", (None, None)),
    ],
)
def test_printed_page_numbers_as_engines_read_them(line, number):
    page = reading("Il nucleo abita in affitto.\n\f\n" + line)
    signs = page_signs(page, [], [], frozenset(), default_lexicon())
    assert (signs.number, signs.of) == number


def test_a_numbered_list_that_goes_on_is_no_start():
    assert spans(
        APPLICATION + "\n1. chiede il servizio\n2. dichiara quanto segue",
        "3. si impegna a comunicare le variazioni\n4. autorizza il trattamento",
    ) == [(0, 1)]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("- incarica il servizio di inviare una relazione di aggiornamento", ""),
        ("Relazione di aggiornamento", "relazione_sociale"),
    ],
)
def test_a_paper_spoken_of_within_a_sentence_is_no_title(line, title):
    lexicon = default_lexicon()
    page = reading(f"{line}\nentro il 17 giugno 2010;\nprescrive ai genitori di seguire un percorso.")
    assert page_signs(page, lexicon.book.find(page), [], frozenset(), lexicon).title == title
