"""Names of files: on record, printed and typed."""

from __future__ import annotations

from faldone.domain.names import goes_by, one_line, shown


def test_what_steers_a_terminal_is_spelt_out_and_letters_with_accents_are_not() -> None:
    assert one_line("perché\n\x1b[31m\t\u202e.pdf") == r"perché\n\x1b[31m\t\u202e.pdf"
    assert one_line(r"perché \xe8.pdf") == r"perché \xe8.pdf"


def test_a_name_goes_by_what_is_on_record_by_what_is_printed_and_by_the_bytes_on_the_disk() -> None:
    recorded = shown("a\nb\udce8")
    assert all(goes_by(recorded, typed) for typed in ("a\nb\\xe8", r"a\nb\xe8", "a\nb\udce8"))
    assert not goes_by(recorded, "a")
