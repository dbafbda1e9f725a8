"""The ledger's chain: whatever is done to a stored entry is reported at its sequence."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.domain.events import Event, EventType, Outcome
from faldone.provenance.canonical import Record, encode
from faldone.provenance.chain import GENESIS, LedgerEntry, link, verify_chain

NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)


def chain(length: int) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    head = GENESIS
    for sequence in range(1, length + 1):
        event = Event(EventType.FILE_SEALED, f"sha256:{sequence:064x}", NOON, "faldone/0", detail={"size": sequence})
        entries.append(link(sequence, head, Record.of(event)))
        head = entries[-1].hash
    return entries


def test_an_untouched_ledger_holds() -> None:
    entries = chain(5)
    report = verify_chain(entries, length=5)
    assert not report.faults
    assert (report.entries, report.head) == (5, entries[-1].hash)


def test_a_ledger_holds_whose_first_entries_have_no_salt() -> None:
    entries = chain(2)  # as an earlier version wrote them
    event = Event(EventType.FILE_SEALED, "sha256:00", NOON, "faldone/0", detail={"size": 3})
    entries.append(link(3, entries[-1].hash, Record.of(event, "5a17")))
    assert entries[-1].record.detail == '{"salt": "5a17", "size": 3}'
    assert not verify_chain(entries, length=3).faults


def test_an_empty_ledger_holds() -> None:
    assert verify_chain([], length=0).head == GENESIS


@given(
    length=st.integers(1, 6),
    place=st.integers(0, 5),
    name=st.sampled_from([f.name for f in dataclasses.fields(Record)]),
    junk=st.text(max_size=5),
)
def test_an_edited_entry_is_named_whatever_field_was_edited(length: int, place: int, name: str, junk: str) -> None:
    entries, place = chain(length), place % length
    edited = entries[place]
    record = dataclasses.replace(edited.record, **{name: getattr(edited.record, name) + "x" + junk})
    entries[place] = dataclasses.replace(edited, record=record)
    assert [fault.sequence for fault in verify_chain(entries).faults] == [place + 1]


@pytest.mark.parametrize("field", ["previous", "hash"])
def test_a_link_changed_to_no_hash_at_all_is_named(field: str) -> None:
    entries = chain(3)
    entries[1] = dataclasses.replace(entries[1], **{field: "non sono un'impronta"})
    assert 2 in [fault.sequence for fault in verify_chain(entries).faults]


def test_an_edit_that_was_hashed_again_breaks_the_next_entry() -> None:
    entries = chain(3)
    record = dataclasses.replace(entries[1].record, subject="altro")
    entries[1] = link(2, entries[1].previous, record)
    assert [fault.sequence for fault in verify_chain(entries).faults] == [3]


def test_a_missing_entry_is_named() -> None:
    entries = chain(4)
    del entries[1]
    assert [fault.sequence for fault in verify_chain(entries).faults] == [2]


def test_a_ledger_cut_at_its_end_is_noticed() -> None:
    assert [fault.sequence for fault in verify_chain(chain(3), length=5).faults] == [4]


def test_a_ledger_that_ends_otherwise_than_it_was_written_is_noticed() -> None:
    entries = chain(3)
    assert [fault.sequence for fault in verify_chain(entries, length=3, head="0" * 64).faults] == [3]


def test_two_entries_that_changed_places_are_both_named() -> None:
    entries = chain(4)
    entries[1], entries[2] = entries[2], entries[1]
    assert verify_chain(entries).faults


def test_the_canonical_form_does_not_change_by_accident() -> None:
    event = Event(EventType.PAGE_RECOGNISED, "p-1", NOON, "tesseract/5.3.0", Outcome.WARNING, {"b": 1, "a": "è"})
    assert encode(7, Record.of(event)).decode() == (
        '{"agent":"tesseract/5.3.0","at":"2026-01-02T12:00:00.000000+00:00",'
        '"detail":"{\\"a\\": \\"è\\", \\"b\\": 1}","format":1,"outcome":"warning","sequence":7,'
        '"subject":"p-1","type":"page:text:recognised"}'
    )


def test_an_event_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Event(EventType.FILE_SEALED, "x", dt.datetime(2026, 1, 1), "a")  # noqa: DTZ001
