# ruff: noqa: E501 - lines of papers stay whole
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faldone.domain.attribution import Band
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import proposals
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
