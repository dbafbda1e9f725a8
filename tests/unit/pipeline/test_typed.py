"""What people type of a paper, in the forms that they type it."""

from __future__ import annotations

import datetime as dt

import pytest

from faldone.domain.attribution import Direction, Protocol
from faldone.errors import UndecidableError
from faldone.pipeline.review.typed import typed_day, typed_protocol

DAY, TODAY = dt.date(2014, 3, 12), dt.date(2026, 1, 2)


@pytest.mark.parametrize("text", ["2014-03-12", "12/03/2014", "12/3/2014", "12.3.2014", "12-03-2014", " 2014-03-12 "])
def test_a_day_is_understood_as_clerks_write_it(text: str) -> None:
    assert typed_day(text, TODAY) == DAY


@pytest.mark.parametrize("text", ["", "12/03/14", "31/02/2014", "2014", "marzo", "2026-01-03", "1849-12-31"])
def test_what_is_no_day_of_a_paper_is_refused(text: str) -> None:
    with pytest.raises(UndecidableError):
        typed_day(text, TODAY)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1234", Protocol("1234")),
        ("0001234 ", Protocol("0001234")),
        ("12-bis", Protocol("12-bis")),
        ("1234/2014", Protocol("1234", None, 2014)),
        ("1234 / 2014", Protocol("1234", None, 2014)),
        ("1234/2014-03-12", Protocol("1234", DAY, 2014)),
        ("1234 del 12/03/2014", Protocol("1234", DAY, 2014)),
        ("1234 del 12.3.2014", Protocol("1234", DAY, 2014)),
    ],
)
def test_a_registration_is_understood_as_clerks_write_it(text: str, meant: Protocol) -> None:
    assert typed_protocol(text) == meant


def test_a_registration_keeps_its_direction() -> None:
    assert typed_protocol("12/2014", Direction.OUTGOING).direction is Direction.OUTGOING


@pytest.mark.parametrize("text", ["", "abc", "/2014", "1234/", "1234/14", "1/31-02-2014", "abc/2014", "1 del Comune"])
def test_what_is_no_registration_is_refused(text: str) -> None:
    with pytest.raises(UndecidableError):
        typed_protocol(text)
