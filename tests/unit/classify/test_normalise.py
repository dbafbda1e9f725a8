import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.classify.normalise import compact_name, expand, fold, fold_aligned, name_words
from faldone.classify.reading import read, tokenise
from tests.unit.classify.pages import page_text, reading

LATIN = st.text(st.characters(max_codepoint=0x24F) | st.sampled_from("’‘´ﬁﬂœ–"))


@given(LATIN)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(LATIN)
def test_folding_keeps_the_length_of_expanded_text(text):
    assert len(fold_aligned(expand(text))) == len(expand(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NICOLO'", "Nicolò"),
        ("D'Angelo", "D’ANGELO"),
        ("De Luca", "DELUCA"),
        ("Müller", "MULLER"),
        ("Dalla Bona", "dalla  bona"),
    ],
)
def test_spellings_of_one_name_are_one_key(one, other):
    assert compact_name(one) == compact_name(other)


def test_name_words():
    assert name_words("D'ANGELO NICOLO'") == ("dangelo", "nicolo")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("S.A.D.", ["sad"]),
        ("P. Q. M.", ["pqm"]),
        ("D E C R E T O", ["decreto"]),
        ("1'assistente", ["l", "assistente"]),
        ("art. 333 c.c.", ["art", "333", "cc"]),
    ],
)
def test_tokens(text, tokens):
    assert [token.text for token in tokenise(text)] == tokens


def test_a_word_cut_at_the_end_of_a_line_is_whole_and_a_glued_name_is_parted():
    assert "procedimento" in reading("nel proce-\ndimento relativo").folded
    assert "minori Federica" in reading("ai minoriFederica Barone").raw


def test_evidence_boxes_hold_the_words():
    page = reading("uno due\ntre quattro")
    start = page.folded.index("due")
    box = page.box(start, page.folded.index("quattro"))
    assert box is not None
    assert box.y < box.bottom
    assert page.evidence("x", start, start + 3).quote == "due"


def test_a_page_without_words_reads_as_empty():
    assert read(0, page_text("")).raw == ""
