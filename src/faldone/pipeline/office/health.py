"""How the archive itself is: every part of it in one line, with what mends it."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faldone.domain.events import EventType, Outcome
from faldone.domain.inbox import Inbox
from faldone.errors import FaldoneError
from faldone.pipeline.ports import Ports

_LITTLE_BYTES = 5_000_000_000
_LAG_S = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the archive: whether all is well, what was found and, where something is wrong, what mends it."""

    key: str
    name: tuple[str, str]
    well: bool
    found: tuple[str, str]
    hint: tuple[str, str] = ("", "")


def health(inboxes: Sequence[Inbox], ports: Ports) -> tuple[Part, ...]:
    """Every part, in the order in which papers go through them."""
    return (
        *(_inbox(inbox) for inbox in inboxes),
        _disk(ports),
        _engine(ports),
        _queue(ports),
        *_index(ports),
        _verification(ports),
    )


def _inbox(inbox: Inbox) -> Part:
    there = inbox.path.is_dir() and os.access(inbox.path, os.R_OK | os.W_OK | os.X_OK)
    return Part(
        "inbox",
        ("Cartella di arrivo", "Inbox"),
        there,
        (str(inbox.path), str(inbox.path)),
        ("", "")
        if there
        else (
            "La cartella non risponde: controlla la rete e i permessi. Si riprende da dove si era.",
            "The folder cannot be reached: check network and permissions. Work goes on from where it was.",
        ),
    )


def _disk(ports: Ports) -> Part:
    free = ports.store.free_bytes()
    gigabytes = f"{free / 1e9:.0f} GB"
    return Part(
        "disk",
        ("Disco", "Disk"),
        free > max(_LITTLE_BYTES, ports.options.min_free_bytes),
        (f"{gigabytes} liberi", f"{gigabytes} free"),
        ("Libera spazio: quando finisce, l'acquisizione si ferma.", "Free some space: without it intake stops."),
    )


def _engine(ports: Ports) -> Part:
    name = ("Lettura", "Recognition")
    try:
        stamp = ports.engine.stamp(ports.options.ocr)
    except FaldoneError as error:
        said = error.message.partition(" / ")
        return Part("engine", name, False, (said[0], said[2] or said[0]), ("faldone doctor", "faldone doctor"))
    said_of_it = f"{stamp.name} {stamp.version}"
    return Part("engine", name, True, (said_of_it, said_of_it))


def _queue(ports: Ports) -> Part:
    now = ports.catalog.progress()
    left = now.pages - now.pages_done
    return Part(
        "queue",
        ("Coda di lavoro", "Work queue"),
        True,
        (
            f"{now.unfinished} file in lavorazione, {left} pagine da leggere",
            f"{now.unfinished} files under way, {left} pages to be read",
        ),
    )


def _index(ports: Ports) -> Iterator[Part]:
    held = ports.index.health()
    rebuild = ("faldone index rebuild", "faldone index rebuild")
    yield Part(
        "index", ("Indice di ricerca", "Search index"), held.ready and not held.stale, (held.detail,) * 2, rebuild
    )
    lag = ports.catalog.index_lag()
    behind = (ports.clock() - lag.since).total_seconds() if lag.since is not None else 0.0
    yield Part(
        "index-lag",
        ("Ritardo dell'indice", "Index lag"),
        behind < _LAG_S and not lag.refused,
        (
            f"{lag.documents} documenti da scrivere, {lag.refused} rifiutati",
            f"{lag.documents} documents to be written, {lag.refused} refused",
        ),
        ("faldone index verify --repair", "faldone index verify --repair"),
    )


def _verification(ports: Ports) -> Part:
    name = ("Ultima verifica", "Last verification")
    last = next(iter(ports.catalog.last_events(EventType.ARCHIVE_VERIFIED, 1)), None)
    if last is None:
        return Part(
            "verification",
            name,
            False,
            ("Mai fatta da queste pagine", "Never run from these pages"),
            ("Avviala da Verifica, o con «faldone verify».", "Start it in Audit, or with “faldone verify”."),
        )
    at = dt.datetime.fromisoformat(last.record.at).astimezone()
    entries = json.loads(last.record.detail).get("entries", 0)
    return Part(
        "verification",
        name,
        last.record.outcome == Outcome.SUCCESS.value,
        (f"{at:%d/%m/%Y %H:%M}: {entries} eventi", f"{at:%d/%m/%Y %H:%M}: {entries} events"),
        ("Apri Verifica e scarica il rapporto.", "Open Audit and download the report."),
    )
