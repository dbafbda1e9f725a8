"""The number beside «Da rivedere» in the menu: under the rights of who reads it, and no page waits for it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import Rights
from faldone.pipeline.filing.persons import find_person
from faldone.pipeline.review.queue import ReviewQueue
from faldone.web.caller import key_of
from faldone.web.reviewing import room_of
from faldone.web.site import Site
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive

Enter = Callable[..., TestClient]


def told(client: TestClient) -> int | None:
    """The number in the menu of a page that has nothing to do with the review."""
    menu = client.get("/profilo").text
    found = re.search(r'<a href="/revisione"[^>]*>Da rivedere(?: <span class="count">([\d.]+)</span>)?</a>', menu)
    assert found is not None
    return int(found[1]) if found[1] else None


def counted(site: Site) -> None:
    room_of(site).counts.close()


def test_each_reader_is_told_what_waits_for_them(enter: Enter, archive: Archive, site: Site) -> None:
    import_register(archive)
    take_papers(archive, *[report("FERRARI ANNA")] * 2, report("VERDI CARLO", service="ADM"))
    everything = enter("archivista")
    protection = enter("archivista", rights=Rights(frozenset({"TUM"}), None, Sensitivity.GIUDIZIARI))
    for client, number in ((everything, 3), (protection, 2)):
        assert told(client) is None  # counted beside, not while somebody waits
        counted(site)
        assert told(client) == number
    menu = enter("revisore").get("/profilo").text
    assert "Da rivedere" not in menu


def test_no_page_waits_while_the_queue_is_looked_through(
    enter: Enter, archive: Archive, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    looked: list[str] = []
    waiting = ReviewQueue.waiting

    def slow(queue: ReviewQueue, *given: object) -> object:
        looked.append(threading.current_thread().name)
        go_on.wait(10)
        return waiting(queue, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(ReviewQueue, "waiting", slow)
    client = enter("archivista")
    for _ in range(3):
        assert told(client) is None
    assert looked == ["waiting-count"]  # one look for all that ask meanwhile, and none of them makes it
    go_on.set()
    counted(site)


def test_the_number_is_counted_again_after_fifteen_seconds(enter: Enter, archive: Archive, site: Site) -> None:
    import_register(archive)
    take_papers(archive, report("FERRARI ANNA"))
    client = enter("archivista")
    told(client)
    counted(site)
    take_papers(archive, report("FERRARI ANNA"), first=7)
    archive.clock.pass_by(seconds=14)
    assert told(client) == 1
    counted(site)
    assert told(client) == 1
    archive.clock.pass_by(seconds=2)
    for _ in range(2):  # the queue, too, answers with what it has while it looks again
        told(client)
        counted(site)
        room_of(site).queue.close()
        archive.clock.pass_by(seconds=16)
    told(client)
    counted(site)
    assert told(client) == 2


def test_a_number_of_long_ago_is_not_told(enter: Enter, archive: Archive, site: Site) -> None:
    import_register(archive)
    take_papers(archive, report("FERRARI ANNA"))
    client = enter("archivista")
    told(client)
    counted(site)
    assert told(client) == 1
    archive.clock.pass_by(minutes=6)
    assert told(client) is None


def test_at_the_counter_nothing_is_told(enter: Enter, archive: Archive, site: Site) -> None:
    import_register(archive)
    take_papers(archive, report("FERRARI ANNA"))
    client = enter("archivista", name="anna")
    told(client)
    counted(site)
    session = archive.catalog.session(key_of("secret-of-anna"), archive.clock())
    assert session is not None
    with archive.catalog.begin() as work:
        work.put_session(replace(session, pinned=find_person("ROSSI MARIO", archive.ports).id))
    assert told(client) is None
