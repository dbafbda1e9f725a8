"""How an engine's end is told."""

import pytest

from faldone.ocr.ended import crashed, timed_out


@pytest.mark.parametrize(
    ("status", "words"), [(-11, "SIGSEGV"), (-9, "SIGKILL"), (-99, "segnale 99"), (3, "codice 3"), (0, "codice 0")]
)
def test_a_crash_says_how_the_process_ended(status, words):
    assert words in crashed(status).message


def test_a_time_out_says_after_how_long():
    assert "0.5 secondi" in timed_out(0.5).message
