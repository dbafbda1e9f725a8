"""What is fetched before it is asked for: the next three papers' first pages, and nothing that is kept closely."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import Purpose, Rights
from faldone.domain.decision import Asked
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive

HTMX = {"HX-Request": "true"}
Enter = Callable[..., TestClient]
CLOSE = Rights(None, None, Sensitivity.RAFFORZATA, intake=True)


def coming(client: TestClient) -> tuple[str, list[str]]:
    """The paper that is shown, and those whose pictures are fetched ahead."""
    shown = client.get("/revisione").headers["location"]
    bench = client.get(shown, headers=HTMX).text
    found = re.search(r'data-coming="([^"]+)"', bench)
    addresses = found[1].replace("&amp;", "&").split(" ") if found else []
    return shown.split("/")[-1], addresses


def of(address: str) -> str:
    return address.split("/")[2]


def test_the_next_three_are_fetched_and_they_are_those_that_come(enter: Enter, archive: Archive) -> None:
    import_register(archive)
    take_papers(archive, *[report("FERRARI ANNA")] * 3, report("VERDI CARLO"), report("NERI PAOLO"))
    client = enter("archivista")
    order = []
    shown, ahead = coming(client)
    for _ in range(4):
        order.append(shown)
        client.post(f"/revisione/{shown}/poi", headers=HTMX)
        shown, _ = coming(client)
    assert [of(one) for one in ahead] == order[1:4]
    # As the bench asks for it then: under the same address the browser has it already.
    bench = client.get(f"/revisione/{order[1]}", headers=HTMX).text.replace("&amp;", "&")
    assert f'src="{ahead[0]}"' in bench


def test_nothing_of_a_reinforced_dossier_is_fetched_ahead(enter: Enter, archive: Archive) -> None:
    import_register(archive)
    papers = take_papers(archive, *[report("FERRARI ANNA")] * 3)
    services = archive.ports.lexicon.services.values()
    closest = next(one.code for one in services if Sensitivity.of(one.sensitivity) is Sensitivity.RAFFORZATA)
    close = papers[1]
    service = close.proposal.service
    assert service is not None
    changed = replace(close.proposal, service=replace(service, value=closest))
    with archive.catalog.begin() as work:
        work.save_proposals(close.source, [changed], archive.clock(), {0: Asked("holder:-", frozenset())})
    client = enter("archivista", rights=CLOSE)
    assert client.post("/motivo", data={"subject": close.id, "purpose": Purpose.CASE_WORK.value}).status_code == 303
    shown, ahead = coming(client)
    if shown == close.id:
        client.post(f"/revisione/{shown}/poi", headers=HTMX)
        shown, ahead = coming(client)
    assert close.id in client.get(f"/revisione/{close.id}", headers=HTMX).text  # it can be opened now
    assert {of(one) for one in ahead} == {papers[0].id, papers[2].id} - {shown}
