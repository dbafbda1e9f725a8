"""Ricerca: what each account is told, and that no name leaves the page."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import GivenReason, Purpose, Rights
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PersonId, page_id
from faldone.domain.person import Person
from faldone.pipeline.search.index import index_pending
from tests.small_archive import Paper, put
from tests.twins import Archive
from tests.web.conftest import Enter

BIANCHI = Person(
    PersonId("u-000000000001"), "Bianchi", "Luca", "BNCLCU03E01D142T", dt.date(2003, 5, 1), residence="Crema"
)
NAMESAKE = Person(PersonId("u-000000000002"), "Bianchi", "Luca", birth_date=dt.date(1971, 2, 3), residence="Lodi")
SISTER = Person(PersonId("u-000000000003"), "Bianchi", "Serafina", residence="Crema")
HIDDEN = Person(PersonId("u-000000000004"), "Nascosti", "Norma", residence="Crema")
NAMES = re.compile("bianchi|luca|serafina|nascosti|norma", re.IGNORECASE)

PAPERS = [
    Paper(
        ["foglio senza nulla", "il servizio dispone l'affidamento del minore <script>alert(1)</script>"],
        [BIANCHI, SISTER],
        "TUM",
        "relazione_sociale",
        dt.date(2014, 3, 12),
        "12345/2014",
        "Crema",
        "B-12",
    ),
    Paper("contributo affidamento mensa", [NAMESAKE], "SAD", "relazione_sociale", dt.date(2016, 1, 1)),
    Paper("affidamento e percorso protetto", [HIDDEN], "CAV", "relazione_sociale", dt.date(2015, 1, 1)),
    Paper("domanda di affidamento", [SISTER], "SAD", "relazione_sociale", dt.date(2018, 1, 1)),
]
OPEN = Rights(None, None, Sensitivity.GIUDIZIARI)
HOME_CARE = Rights(frozenset({"SAD"}), None, Sensitivity.GIUDIZIARI)
REINFORCED = Rights(None, None, Sensitivity.RAFFORZATA)


@pytest.fixture
def documents(archive: Archive) -> list[DocumentId]:
    with archive.catalog.begin() as work:
        work.save_persons([BIANCHI, NAMESAKE, SISTER, HIDDEN])
    made = put(archive, PAPERS)
    index_pending(archive.ports)
    return made


def ask(client: TestClient, text: str, more: str = "") -> Any:
    sent = client.post("/ricerca", data={"q": text})
    assert sent.status_code == 303, sent.text
    return client.get(sent.headers["location"] + more)


def rows(answer: Any) -> list[str]:
    return re.findall(r'<li id="(d-[0-9a-f]+)"', answer.text)


def events(archive: Archive, type_: EventType) -> list[dict[str, object]]:
    return [json.loads(entry.record.detail) for entry in archive.catalog.ledger() if entry.record.type == type_]


def test_before_a_question_nothing_personal_is_there(enter: Enter, documents: list[DocumentId]) -> None:
    client = enter("operatore", rights=OPEN)
    ask(client, "serafina")
    shown = client.get("/ricerca").text
    assert "autofocus" in shown
    assert "serafina" not in shown.lower()


def test_words_stay_out_of_addresses_titles_headers_and_the_ledger(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    client = enter("operatore", rights=OPEN)
    sent = client.post("/ricerca", data={"q": "bianchi luca affidamento"})
    shown = client.get(sent.headers["location"])
    assert "BIANCHI LUCA" in shown.text
    addresses = re.findall(r'(?:href|src|action|hx-get)="([^"]*)"', shown.text)
    assert any("persona=u-" in one or "/fascicoli/u-" in one for one in addresses)
    for text in [
        *addresses,
        *sent.headers.values(),
        *shown.headers.values(),
        *re.findall("<title>.*</title>", shown.text),
    ]:
        assert not NAMES.search(text)
    assert not NAMES.search(str(list(archive.catalog.ledger())))
    (told,) = events(archive, EventType.SEARCH_RUN)
    assert (told["documents"], told["persons"]) == (2, 3)


def test_the_order_of_dossiers_puts_no_name_into_the_address_of_what_follows(enter: Enter, archive: Archive) -> None:
    with archive.catalog.begin() as work:
        work.save_persons([BIANCHI])
    put(archive, [Paper(f"domanda numero {number}", [BIANCHI], "SAD", "relazione_sociale") for number in range(23)])
    index_pending(archive.ports)
    client = enter("operatore", rights=OPEN)
    for order in ("dossier", "newest", "relevance"):
        first = ask(client, "domanda", f"?ordine={order}")
        (following,) = re.findall(r'href="(/ricerca/[^"]*dopo=[^"]*)"', first.text)
        assert ("dopo=20" in following) is (order == "dossier")
        second = client.get(following.replace("&amp;", "&"))
        assert len(rows(first)) == 20
        assert len(rows(second)) == 3
        assert not set(rows(first)) & set(rows(second))


def test_each_account_is_told_of_its_own_papers_alone(enter: Enter, documents: list[DocumentId]) -> None:
    everything, home_care = enter("operatore", rights=OPEN), enter("operatore", rights=HOME_CARE)
    assert set(rows(ask(everything, "affidamento"))) == {documents[0], documents[1], documents[3]}
    shown = ask(home_care, "affidamento")
    assert set(rows(shown)) == {documents[1], documents[3]}
    assert 'id="f-servizio-sad"' in shown.text
    assert "f-servizio-tum" not in shown.text
    assert "u-000000000001" not in ask(home_care, "bianchi").text
    assert "u-000000000001" in ask(everything, "bianchi").text


def test_a_role_that_does_not_search_is_refused(enter: Enter, documents: list[DocumentId]) -> None:
    for role in ("amministratore", "revisore"):
        client = enter(role, rights=OPEN)
        assert client.get("/ricerca").status_code == 403
        assert client.post("/ricerca", data={"q": "bianchi"}).status_code == 403
        assert client.post("/ricerca/suggerimenti", data={"q": "bianchi"}).status_code == 403


def test_the_search_of_another_account_is_not_there(enter: Enter, documents: list[DocumentId]) -> None:
    mine, other = enter("operatore", rights=OPEN), enter("operatore", rights=OPEN)
    address = mine.post("/ricerca", data={"q": "affidamento"}).headers["location"]
    assert mine.get(address).status_code == 200
    assert other.get(address).status_code == 404
    assert other.post(f"{address}/elenco").status_code == 404


def test_a_search_is_known_for_eight_hours(enter: Enter, archive: Archive, documents: list[DocumentId]) -> None:
    client = enter("operatore", rights=OPEN)
    address = client.post("/ricerca", data={"q": "affidamento"}).headers["location"]
    archive.clock.pass_by(hours=7, minutes=59)
    assert enter("operatore", name="operatore0", rights=OPEN).get(address).status_code == 200
    archive.clock.pass_by(minutes=2)
    assert enter("operatore", name="operatore0", rights=OPEN).get(address).status_code in (303, 404)


def test_text_of_a_page_is_text_in_the_answer(enter: Enter, documents: list[DocumentId]) -> None:
    shown = ask(enter("operatore", rights=OPEN), "minore script").text
    assert "<script>alert" not in shown
    assert "&lt;" in shown
    assert '<mark><span class="visually-hidden">parola cercata </span>minore</mark>' in shown


def test_a_hit_opens_at_its_page_with_its_search(enter: Enter, documents: list[DocumentId]) -> None:
    client = enter("operatore", rights=OPEN)
    shown = ask(client, "minore").text
    (address,) = re.findall(rf'href="(/documenti/{documents[0]}[^"]*)"', shown)
    assert re.fullmatch(rf"/documenti/{documents[0]}\?p=2&amp;h=1&amp;r=q-[0-9a-f]+&amp;l=n%3D1", address)
    assert f"/documenti/{documents[0]}/pagine/2/immagine?w=200" in shown
    assert "pag. 2" in re.sub(r"\s+", " ", shown)
    assert "Scatola B-12" in shown


def test_reinforced_papers_are_one_line_without_anything_of_them(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    client = enter("operatore", rights=REINFORCED, name="tutela")
    assert documents[2] not in rows(ask(client, "affidamento"))
    shown = ask(client, "norma")
    assert rows(shown) == [documents[2]]
    assert "Documento a tutela rafforzata" in shown.text
    assert f"/documenti/{documents[2]}/pagine" not in shown.text
    assert "f-servizio-cav" not in shown.text
    assert "f-anno-2015" not in shown.text
    assert not re.search("nascosti|protetto", shown.text, re.IGNORECASE)
    assert rows(ask(client, "norma affidamento")) == []
    assert "u-000000000004" not in ask(client, "nascosti").text
    assert "NASCOSTI" not in client.post("/ricerca/suggerimenti", data={"q": "nasc"}).text
    assert "protetto" not in client.post("/ricerca/suggerimenti", data={"q": "prote"}).text
    now = archive.clock()
    with archive.catalog.begin() as work:
        work.give_reason(
            GivenReason("r-1", "tutela", documents[2], Purpose.INTERVIEW, "", now, now + dt.timedelta(hours=1))
        )
    assert "NASCOSTI NORMA" in ask(client, "affidamento").text


def test_facets_narrow_by_codes_and_count_their_neighbours(enter: Enter, documents: list[DocumentId]) -> None:
    client = enter("operatore", rights=OPEN)
    shown = ask(client, "affidamento", "?servizio=tum")
    assert rows(shown) == [documents[0]]
    (home_care,) = re.findall(r'<label for="f-servizio-sad">.*?</label>', shown.text)
    assert '<span class="muted">2</span>' in home_care
    assert re.search(r'id="f-servizio-tum"[^>]* checked', shown.text)
    both = ask(client, "affidamento", "?servizio=tum&servizio=sad&anno=2018")
    assert rows(both) == [documents[3]]
    assert rows(ask(client, "affidamento", "?persona=u-000000000003&servizio=sad")) == [documents[3]]
    assert len(rows(ask(client, "affidamento", "?persona=bianchi"))) == 3


def test_an_address_made_by_hand_names_nobody(enter: Enter, documents: list[DocumentId]) -> None:
    shown = ask(enter("operatore", rights=HOME_CARE), "affidamento", f"?persona={HIDDEN.id}")
    assert rows(shown) == []
    assert "NASCOSTI" not in shown.text


def test_the_fragment_is_the_list_alone_and_says_its_count(enter: Enter, documents: list[DocumentId]) -> None:
    client = enter("operatore", rights=OPEN)
    address = client.post("/ricerca", data={"q": "affidamento"}).headers["location"]
    part = client.get(f"{address}?servizio=tum", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'data-announce="1 documento"' in part.text
    assert "HX-Request" in part.headers["vary"]


def test_a_misspelt_name_is_found_and_said(enter: Enter, documents: list[DocumentId]) -> None:
    shown = " ".join(ask(enter("operatore", rights=OPEN), "bianki mensa").text.split())
    assert "«bianki» cercato come «bianchi»" in shown
    assert "u-000000000002" in shown


def test_the_beginning_of_a_name_opens_at_the_words_it_began(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    put(archive, [Paper("lettera alla famiglia bianchini", service="SAD")], first=len(PAPERS))
    index_pending(archive.ports)
    client = enter("operatore", rights=HOME_CARE)
    shown = ask(client, "bianc")
    assert "Nessuna parola «bianc»: mostro le parole che iniziano così." in shown.text
    (mine,) = [one for one in rows(shown) if one not in documents]
    assert set(rows(shown)) == {documents[1], documents[3], mine}
    (address,) = re.findall(rf'href="(/documenti/{mine}\?[^"]*)"', shown.text)
    opened = client.get(address.replace("&amp;", "&")).text
    assert "1 di 1" in opened
    listed = client.post(shown.request.url.path + "/elenco").text
    assert all(one in listed for one in rows(shown))
    api = client.post("/api/v1/search", json={"q": "bianc"}).json()
    assert (api["begun"], api["total"]) == (["bianc"], 3)


def test_a_stem_that_found_a_word_of_a_text_says_which(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    put(archive, [Paper("depositato dal funzionario marchetti", service="SAD")], first=len(PAPERS))
    index_pending(archive.ports)
    client = enter("operatore", rights=HOME_CARE)
    shown = " ".join(ask(client, "marchett").text.split())
    assert "«marchett» cercato come «marchetti»" in shown
    assert "cercato come" not in ask(client, "domande").text  # another form of a whole word


def test_a_code_of_nothing_that_is_seen_is_no_matter_of_fewer_words(enter: Enter, documents: list[DocumentId]) -> None:
    shown = ask(enter("operatore", rights=OPEN), "d-ffffffffffff").text
    assert "Nessun documento visibile con questo codice." in shown
    assert "meno parole" not in shown
    assert "Salva questa ricerca" not in shown


def test_at_the_counter_nothing_found_says_whose_papers_are_searched(enter: Enter, documents: list[DocumentId]) -> None:
    client = enter("operatore", rights=OPEN)
    client.post("/sportello", data={"person": BIANCHI.id})
    shown = ask(client, "nascosti").text
    assert "Allo sportello si cerca solo fra le carte di chi è allo sportello." in shown
    assert "meno parole" not in shown


def test_a_code_opens_what_it_is_of_for_who_may_see_it(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    source = archive.catalog.document(documents[0]).source
    batch = next(one.id for one in archive.catalog.batches() if one.facts.box == "B-12")
    codes = {
        documents[0]: f"/documenti/{documents[0]}?p=1",
        f" {documents[0].upper()}/2 ": f"/documenti/{documents[0]}?p=2",
        page_id(source, 1): f"/documenti/{documents[0]}?p=2",
    }
    everything, home_care = enter("operatore", rights=OPEN), enter("operatore", rights=HOME_CARE)
    unknown = ask(home_care, "d-000000000000")
    assert unknown.status_code == 200
    for code, address in codes.items():
        assert everything.post("/ricerca", data={"q": code}).headers["location"] == address
        hidden = ask(home_care, code)
        assert rows(hidden) == []
        assert hidden.text.count("Nessun documento visibile") == unknown.text.count("Nessun documento visibile") == 1
    assert rows(ask(everything, batch)) == [documents[0]]
    assert rows(ask(home_care, batch)) == []
    archivist = enter("responsabile", rights=replace(REINFORCED, intake=True))
    assert archivist.post("/ricerca", data={"q": batch}).headers["location"] == f"/acquisizione/lotti/{batch}"
    (reinforced,) = [archivist.post("/ricerca", data={"q": documents[2]}).headers["location"]]
    assert "motivo" in archivist.get(reinforced).text.lower()
    refused = {one["rule"] for one in events(archive, EventType.ACCESS_REFUSED)}
    assert refused == {"document", "reason"}


def test_a_wrong_question_says_where_and_keeps_the_text(enter: Enter, documents: list[DocumentId]) -> None:
    answer = enter("operatore", rights=OPEN).post("/ricerca", data={"q": 'affidamento "mensa'})
    assert answer.status_code == 400
    assert "Le virgolette aperte qui non vengono chiuse" in answer.text
    assert 'value="affidamento &#34;mensa"' in answer.text
    assert "affidamento <mark>&#34;mensa</mark>" in answer.text


@pytest.mark.parametrize("address", ["?dopo=rubbish", "?dopo=W10", "?ordine=alphabet", "?anno=%00&dopo=-1"])
def test_an_address_made_by_hand_is_no_failure(enter: Enter, documents: list[DocumentId], address: str) -> None:
    assert ask(enter("operatore", rights=OPEN), "affidamento", address).status_code in (200, 400)


def test_nothing_found_says_what_to_do(enter: Enter, documents: list[DocumentId]) -> None:
    shown = ask(enter("operatore", rights=OPEN), "affidamenro zzzzz").text
    assert "Nessun documento visibile per «affidamenro zzzzz»" in shown
    assert "affidamento zzzzz" in shown


def test_what_is_offered_while_typing_comes_from_permitted_papers(enter: Enter, documents: list[DocumentId]) -> None:
    home_care = enter("operatore", rights=HOME_CARE)
    assert "u-000000000001" not in home_care.post("/ricerca/suggerimenti", data={"q": "bianc"}).text
    assert "u-000000000002" in home_care.post("/ricerca/suggerimenti", data={"q": "luca bianc"}).text
    assert "mensa" in home_care.post("/ricerca/suggerimenti", data={"q": "men"}).text
    assert "<li" not in home_care.post("/ricerca/suggerimenti", data={"q": "dispo"}).text
    for little in ("bi", "bianchi ", '"bian', "-bian", ""):
        assert "<li" not in home_care.post("/ricerca/suggerimenti", data={"q": little}).text


def test_who_reviews_is_offered_everybody_on_record(enter: Enter, documents: list[DocumentId]) -> None:
    archivist = enter("archivista", rights=HOME_CARE)
    shown = archivist.post("/persone/suggerimenti", data={"q": "bianchi lu"}).text
    assert re.findall('data-id="([^"]*)"', shown) == ["u-000000000002", "u-000000000001"]
    assert shown.count("(omonimo)") == 2
    assert "03/02/1971 · Lodi" in shown
    assert "u-000000000001" in archivist.post("/persone/suggerimenti", data={"q": "BNCLCU03"}).text
    assert enter("operatore").post("/persone/suggerimenti", data={"q": "bianchi"}).status_code == 403


def test_the_list_is_exported_as_it_is_seen_and_that_is_on_record(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    client = enter("operatore", rights=REINFORCED)
    address = client.post("/ricerca", data={"q": "affidamento"}).headers["location"]
    sent = client.post(f"{address}/elenco?servizio=sad")
    assert re.fullmatch(r'attachment; filename="elenco-q-[0-9a-f]+\.csv"', sent.headers["content-disposition"])
    written = list(csv.DictReader(StringIO(sent.text.lstrip("\ufeff"))))
    assert {row["id"] for row in written} == {documents[1], documents[3]}
    whole = client.post(f"{address}/elenco").text
    assert "NASCOSTI" not in whole
    assert documents[2] not in whole
    assert [one["documents"] for one in events(archive, EventType.SEARCH_EXPORTED)] == [2, 3]
    manager = enter("responsabile", rights=OPEN)
    assert manager.post(f"{address}/elenco").status_code == 404


def test_kept_searches_are_of_one_account_and_come_back_when_deleted(enter: Enter, documents: list[DocumentId]) -> None:
    mine, other = enter("operatore", rights=OPEN), enter("operatore", rights=OPEN)
    kept = mine.post("/ricerca/salvate", data={"name": "mense <b>", "text": "affidamento mensa"})
    assert kept.status_code == 303
    shown = mine.get("/ricerca/salvate").text
    assert "mense &lt;b&gt;" in shown
    (search,) = set(re.findall("/ricerca/salvate/(s-[0-9a-f]+)/", shown))
    assert other.post(f"/ricerca/salvate/{search}/apri").status_code == 404
    assert search not in other.get("/ricerca/salvate").text
    opened = mine.post(f"/ricerca/salvate/{search}/apri")
    assert rows(mine.get(opened.headers["location"])) == [documents[1]]
    gone = mine.post(f"/ricerca/salvate/{search}/cancella").text
    assert "Annulla ultima" in gone
    assert f"/ricerca/salvate/{search}" not in gone


def test_documents_like_one_are_asked_for_by_its_id(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    client = enter("operatore", rights=HOME_CARE)
    assert client.get(f"/ricerca/simili/{documents[1]}").status_code == 200
    assert client.get(f"/ricerca/simili/{documents[0]}").status_code == 404


class TestCounterMode:
    """One person sits at the counter: nobody else is there."""

    @pytest.fixture
    def client(self, enter: Enter, documents: list[DocumentId]) -> TestClient:
        client = enter("responsabile", rights=OPEN)
        sent = client.post("/sportello", data={"person": BIANCHI.id})
        assert (sent.status_code, sent.headers["location"]) == (303, f"/fascicoli/{BIANCHI.id}")
        return client

    def test_searches_counts_cards_and_facets_are_hers(self, client: TestClient, documents: list[DocumentId]) -> None:
        for text in ("affidamento", "serafina", "utente:serafina", "affidamento utente:bianchi"):
            shown = ask(client, text)
            assert set(rows(shown)) <= {documents[0]}
            assert not re.search("serafina<|SERAFINA B|BIANCHI SERAFINA|u-00000000000[234]", shown.text)
            assert "f-servizio-sad" not in shown.text
            assert "f-persona" not in shown.text
        shown = ask(client, "affidamento")
        assert rows(shown) == [documents[0]]
        assert "BIANCHI LUCA, B. S." in shown.text
        assert re.findall("/fascicoli/(u-[0-9]+)", shown.text) == [BIANCHI.id]
        for other in (NAMESAKE.id, SISTER.id):
            narrowed = ask(client, "affidamento", f"?persona={other}")
            assert rows(narrowed) == []
            assert "SERAFINA" not in narrowed.text

    def test_nobody_else_is_offered_while_typing(self, client: TestClient) -> None:
        for address in ("/ricerca/suggerimenti", "/persone/suggerimenti"):
            assert "<li" not in client.post(address, data={"q": "seraf"}).text
            assert "u-000000000002" not in client.post(address, data={"q": "bianchi"}).text
            assert BIANCHI.id in client.post(address, data={"q": "bianchi"}).text

    def test_the_list_that_leaves_names_her_alone(self, client: TestClient) -> None:
        address = client.post("/ricerca", data={"q": "affidamento"}).headers["location"]
        sent = client.post(f"{address}/elenco").text
        assert "BIANCHI LUCA" in sent
        assert "SERAFINA" not in sent

    def test_documents_like_one_are_hers(self, client: TestClient, documents: list[DocumentId]) -> None:
        assert rows(client.get(f"/ricerca/simili/{documents[0]}")) == []
        assert client.get(f"/ricerca/simili/{documents[3]}").status_code == 404

    def test_earlier_searches_and_kept_ones_are_not_shown(self, enter: Enter, documents: list[DocumentId]) -> None:
        client = enter("operatore", rights=OPEN)
        before = client.post("/ricerca", data={"q": "serafina"}).headers["location"]
        client.post("/ricerca/salvate", data={"name": "Serafina", "text": "serafina"})
        client.post("/sportello", data={"person": BIANCHI.id})
        assert client.get(before).status_code == 404
        assert "serafina" not in client.get("/ricerca/salvate").text.lower()
        client.post("/sportello/chiudi")
        assert client.get(before).status_code == 200
        assert set(rows(client.get(before))) == {documents[0], documents[3]}

    def test_only_somebody_whose_papers_may_be_seen_is_pinned(
        self, enter: Enter, archive: Archive, documents: list[DocumentId]
    ) -> None:
        client = enter("operatore", rights=HOME_CARE)
        for person in (BIANCHI.id, "u-ffffffffffff", ""):
            assert client.post("/sportello", data={"person": person}).status_code in (404, 422)
        assert events(archive, EventType.ACCESS_REFUSED)
        assert set(rows(ask(client, "affidamento"))) == {documents[1], documents[3]}
