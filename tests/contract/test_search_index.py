"""What every search index must do: one suite over the twin, the embedded engine and a real Elasticsearch node."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faldone.domain.attribution import Band, Role
from faldone.domain.ids import DocumentId
from faldone.search.document import SearchDocument, SearchPerson
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.index import SearchIndex
from faldone.search.memory import MemoryIndex
from faldone.search.query import Query, parse
from faldone.search.tantivy import TantivyIndex

Find = Callable[..., list[str]]


@pytest.fixture(params=["memory", "tantivy", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    made: SearchIndex
    if request.param == "memory":
        made = MemoryIndex()
    elif request.param == "tantivy":
        made = TantivyIndex(tmp_path / "index")
    else:
        made = ElasticsearchIndex(request.getfixturevalue("elasticsearch_url"), alias="contract-documents")
        made.reset()
    yield made
    made.close()


def document(key: str, *pages: str, **given: Any) -> SearchDocument:
    values: dict[str, Any] = {
        "id": DocumentId(key),
        "version": 1,
        "file": f"lotto-3/{key}.tif",
        "first_page": 0,
        "last_page": max(len(pages) - 1, 0),
        "pages": pages,
        **given,
    }
    return SearchDocument(**values)


def holder(name: str, cf: str | None = None, *aliases: str) -> tuple[SearchPerson, ...]:
    return (SearchPerson(Role.HOLDER, name, cf, aliases),)


@pytest.fixture
def find(index: SearchIndex) -> Find:
    def ask(text: str, **options: Any) -> list[str]:
        answer = index.search(replace(parse(text), **options))
        return [str(hit.id) for hit in answer.hits]

    return ask


class TestWords:
    def test_plural_finds_singular_and_back(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("one", "un decreto del giudice"), document("many", "i decreti dei giudici")])
        assert find("decreti") == ["many", "one"]
        assert find("decreto") == ["one", "many"]
        assert set(find("giudice")) == {"one", "many"}

    @pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "`", "´"])
    def test_elided_article_does_not_hide_the_word(self, index: SearchIndex, find: Find, apostrophe: str) -> None:
        index.upsert(
            [document("plain", "intervento educativo"), document("elided", f"costo dell{apostrophe}intervento")]
        )
        assert set(find("intervento")) == {"plain", "elided"}
        assert set(find("dell'intervento")) == {"plain", "elided"}
        assert set(find(f"l{apostrophe}intervento")) == {"plain", "elided"}

    def test_accents_and_capitals_do_not_count(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("accent", "inserimento in comunità"),
                document("capital", "INSERIMENTO IN COMUNITA'"),
                document("bare", "inserimento in comunita"),
                document("marks", "inserimento in comunita\u0300"),
            ]
        )
        for spelling in ("comunita", "comunità", "COMUNITÀ", "comunita'", "comunita\u0300"):
            assert set(find(spelling)) == {"accent", "capital", "bare", "marks"}

    def test_all_words_on_different_pages(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [document("both", "affidamento", "vuota", "pensione"), document("half", "affidamento", "affidamento")]
        )
        assert find("affidamento pensione") == ["both"]

    def test_words_over_text_person_type_service_and_file(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document(
                    "all",
                    "contributo economico",
                    persons=holder("ROSSI MARIA"),
                    type="decreto_tm",
                    type_name="Decreto del Tribunale per i minorenni",
                    service="TUM",
                    service_name="Tutela minori",
                ),
                document("text", "contributo economico"),
            ]
        )
        assert find("contributo rossi decreti tutela tum lotto") == ["all"]
        assert find("tribunali") == ["all"]
        assert set(find("lotto-3")) == {"all", "text"}

    def test_broken_word_and_dotted_acronym(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "decreto di affida-\nmento al S.A.D. comunale")])
        assert find("affidamento") == ["d"]
        assert find("sad") == find("S.A.D.") == ["d"]

    def test_stop_words_are_not_required_but_can_be_asked_alone(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "relazione sociale"), document("lo", "altro", persons=holder("LO MEI"))])
        assert find("la relazione della") == ["d"]
        assert find("lo") == ["lo"]

    def test_most_words_when_none_has_all(self, index: SearchIndex) -> None:
        index.upsert(
            [
                document("two", "assegno cura"),
                document("one", "assegno"),
                document("three", "assegno cura anziani"),
            ]
        )
        strict = index.search(parse("assegno cura anziani"))
        assert [hit.id for hit in strict.hits] == ["three"]
        assert not strict.relaxed
        relaxed = index.search(parse("assegno cura anziani zebra"))
        assert [hit.id for hit in relaxed.hits] == ["three"]
        assert relaxed.relaxed
        assert index.search(parse("assegno zebra")).total == 0
        assert index.search(parse('assegno cura zebra "cura anziani"')).total == 1
        assert index.search(parse("cavallo zebra leone")) == type(strict)(0)


class TestNames:
    def test_misspelt_surname_comes_below_the_exact_one(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("near", persons=holder("BIANCHO ANNA")),
                document("exact", persons=holder("BIANCHI ANNA")),
                document("far", persons=holder("BRANCHO ANNA")),
            ]
        )
        assert find("bianchi") == ["exact", "near"]
        assert find("biancih") == ["exact"]
        assert find("bianchhi") == ["exact"]
        assert find("banchi") == ["exact"]

    def test_short_words_and_numbers_are_never_guessed(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "protocollo 123456", persons=holder("RIVA UGO"))])
        assert find("rivo") == []
        assert find("123457") == []

    @pytest.mark.parametrize("registered", ["'", "’", "`", "' ", ""])
    def test_names_with_an_apostrophe(self, index: SearchIndex, find: Find, registered: str) -> None:
        index.upsert(
            [
                document("orto", persons=holder(f"DELL{registered}ORTO LUCA")),
                document("angelo", persons=holder(f"D{registered}ANGELO RITA")),
                document("other", persons=holder("ESPOSITO CIRO")),
            ]
        )
        for typed in ("'", "’", "‘", "`", "´", ""):
            assert find(f"dell{typed}orto") == find(f"utente:Dell{typed}Orto") == ["orto"]
            assert find(f"d{typed}angelo") == find(f"utente:D{typed}Angelo") == ["angelo"]

    def test_apostrophe_typed_as_a_space(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [document("orto", persons=holder("DELL'ORTO LUCA")), document("other", persons=holder("DELLA CIRO"))]
        )
        assert find("dell orto") == find("dell' orto") == find("orto") == ["orto"]

    def test_the_whole_name_outranks_its_part(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [document("angelo", persons=holder("ANGELO RITA")), document("d", persons=holder("D'ANGELO RITA"))]
        )
        assert find("d'angelo") == ["d", "angelo"]

    def test_codice_fiscale(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("page", "il sig. Rossi (C.F. RSS MRA 80A01 F205X) dichiara"),
                document("person", persons=holder("ROSSI MARIO", "RSSMRA80A01F205X")),
                document("other", persons=holder("ROSSI MARIA", "RSSMRA80A41F205B")),
            ]
        )
        assert find("RSSMRA80A01F205X") == ["person", "page"]
        assert find("cf:rssmra80a01f205x") == ["person", "page"]
        assert find("utente:RSSMRA80A01F205X") == ["person"]

    def test_alias_finds_the_person(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", persons=holder("VERDI ANNA", None, "NERI ANNA"))])
        assert find("neri") == find("utente:neri") == ["d"]

    def test_holder_before_others_before_text(self, index: SearchIndex, find: Find) -> None:
        rare = " ".join(f"parola{number}" for number in range(40))
        index.upsert(
            [
                document("text", "Ferri Ferri Ferri Ferri Ferri " * 20),
                document("judge", rare, persons=(SearchPerson(Role.JUDGE, "FERRI LAURA"),)),
                document("holder", rare, persons=holder("FERRI PIO")),
                *(document(f"noise-{number}", "relazione sociale") for number in range(30)),
            ]
        )
        assert find("ferri") == ["holder", "judge", "text"]

    def test_spelled_before_stem_before_misspelt(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("misspelt", "affidanento " * 30),
                document("stem", "affidamenti " * 5),
                document("spelled", "affidamento e molte altre parole di contorno che allungano il testo"),
            ]
        )
        assert find("affidamento") == ["spelled", "stem", "misspelt"]

    def test_two_words_of_one_name_before_two_names(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("two", persons=(*holder("ROSSI LUCA"), *holder("BIANCHI MARIO"))),
                document("one", persons=(*holder("ROSSI MARIO"), *holder("BIANCHI LUCA"))),
            ]
        )
        assert find("mario rossi") == find("rossi mario") == ["one", "two"]


class TestNumbers:
    @pytest.mark.parametrize("typed", ["1234/2014", "001234/2014", "1234/14", "prot:001234/2014", "prot. n. 1234/2014"])
    def test_protocol_in_all_its_forms(self, index: SearchIndex, find: Find, typed: str) -> None:
        index.upsert(
            [
                document("cites", "in risposta alla nota prot. n. 001234/2014 del comune"),
                document("bears", protocol_number="0001234", protocol_date=dt.date(2014, 3, 12)),
                document("other", "prot. 1234/2015", protocol_number="1235/2014"),
            ]
        )
        assert find(typed) == ["bears", "cites"]

    def test_number_without_year(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("bears", protocol_number="1234/2014"), document("other", protocol_number="4321/2014")])
        assert find("prot:1234") == find("1234") == find("01234") == ["bears"]

    def test_mixed_codes_survive_whole(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("this", "DSU INPS-ISEE-2019-01234567A-00 del"),
                document("that", "DSU INPS-ISEE-2019-01234567B-00 del"),
            ]
        )
        assert find("INPS-ISEE-2019-01234567A-00") == ["this"]
        assert find("01234567b") == ["that"]


class TestFilters:
    @pytest.fixture(autouse=True)
    def _documents(self, index: SearchIndex) -> None:
        common = {"type_name": "Decreto del Tribunale", "service_name": "Tutela minori"}
        index.upsert(
            [
                document("a", "x", service="TUM", type="decreto_tm", date=dt.date(2014, 3, 12), **common),
                document(
                    "b",
                    "x",
                    service="TUM",
                    type="relazione_sociale",
                    date=dt.date(2015, 1, 1),
                    service_name="Tutela minori",
                ),
                document("c", "x", service="SAD", service_name="Assistenza domiciliare", date=dt.date(2014, 12, 31)),
                document("d", "x", persons=holder("ROSSI MARIA"), band=Band.REVIEW, batch="lotto-3"),
            ]
        )

    def test_service(self, find: Find) -> None:
        assert find("servizio:TUM") == find("service:tum x") == ["b", "a"]
        assert find("servizio:domiciliare") == ["c"]
        assert find('servizio:"tutela minori"') == ["b", "a"]
        assert find("servizio:XYZ") == []

    def test_type(self, find: Find) -> None:
        assert find("tipo:decreto_tm") == find("type:decreti") == ["a"]

    def test_person(self, find: Find) -> None:
        assert find('utente:"maria rossi"') == find("person:ROSSI") == ["d"]
        assert find("utente:rosso") == []

    def test_dates_are_inclusive_and_leave_out_the_undated(self, find: Find) -> None:
        assert find("dal:2014 al:2014") == ["c", "a"]
        assert find("dal:12/03/2014 al:12/03/2014") == ["a"]
        assert find("al:2014-03-11") == []
        assert find("dal:2015") == ["b"]

    def test_nothing_asked_gives_everything_latest_first(self, index: SearchIndex, find: Find) -> None:
        assert find("") == ["b", "c", "a", "d"]
        assert index.search(Query(limit=0)).total == 4
        assert index.search(Query(limit=0)).hits == ()

    def test_filters_are_not_relaxed(self, find: Find) -> None:
        assert find("x zebra leone tigre servizio:SAD") == []


class TestPhrasesAndExclusion:
    @pytest.fixture(autouse=True)
    def _documents(self, index: SearchIndex) -> None:
        index.upsert(
            [
                document("phrase", "assegno di cura per anziani", persons=holder("DE LUCA RITA")),
                document("words", "cura degli anziani con assegno"),
                document("pages", "richiesta di assegno di", "cura"),
            ]
        )

    def test_phrase_stands_as_typed_on_one_page(self, find: Find) -> None:
        assert find('"assegno di cura"') == ["phrase"]
        assert find("«Assegno di cura»") == ["phrase"]
        assert find('"assegno cura"') == []
        assert set(find('"cura" anziani')) == {"phrase", "words"}

    def test_phrase_of_a_name(self, find: Find) -> None:
        assert find('"de luca"') == ["phrase"]

    def test_excluded_word_in_any_form(self, find: Find) -> None:
        assert set(find("assegno -anziano")) == {"pages"}
        assert set(find("assegno -luca")) == {"words", "pages"}

    def test_excluded_phrase(self, find: Find) -> None:
        assert set(find('assegno -"assegno di cura"')) == {"words", "pages"}

    def test_exclusion_alone(self, find: Find) -> None:
        assert set(find("-richiesta")) == {"phrase", "words"}


class TestPaging:
    def test_pages_are_disjoint_and_complete(self, index: SearchIndex) -> None:
        index.upsert([document(f"d-{number:02}", "relazione") for number in range(25)])
        seen: list[str] = []
        for offset in range(0, 30, 10):
            answer = index.search(parse("relazione", limit=10, offset=offset))
            assert answer.total == 25
            seen += [hit.id for hit in answer.hits]
        assert len(seen) == 25
        assert set(seen) == {f"d-{number:02}" for number in range(25)}
        assert index.search(parse("relazione", limit=10, offset=25)).hits == ()

    def test_beyond_ten_thousand(self, index: SearchIndex) -> None:
        index.upsert([document("d", "relazione")])
        assert index.search(parse("relazione", offset=25_000)) == index.search(parse("relazione", offset=1))

    def test_scores_fall(self, index: SearchIndex) -> None:
        index.upsert([document(f"d-{number}", "relazione " * number) for number in range(1, 6)])
        scores = [hit.score for hit in index.search(parse("relazione")).hits]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) == 5


class TestWriting:
    def test_upsert_twice_is_once(self, index: SearchIndex, find: Find) -> None:
        for _ in range(2):
            index.upsert([document("d", "relazione"), document("e", "relazione")])
        assert index.count() == 2
        assert sorted(find("relazione")) == ["d", "e"]

    def test_newer_version_replaces(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "vecchio testo")])
        index.upsert([document("d", "nuova pagina", version=2)])
        assert find("vecchio") == []
        assert find("nuova") == ["d"]
        assert index.count() == 1

    def test_older_version_does_not_come_back(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "nuova", version=2)])
        index.upsert([document("d", "vecchia", version=1)])
        assert find("nuova") == ["d"]
        assert find("vecchia") == []

    def test_same_id_twice_in_one_call(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "nuova", version=3), document("d", "vecchia", version=2)])
        assert find("nuova") == ["d"]
        assert index.count() == 1

    def test_delete(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "relazione"), document("e", "relazione")])
        index.delete([DocumentId("d"), DocumentId("never-there")])
        assert find("relazione") == ["e"]
        assert index.count() == 1

    def test_deleted_document_can_come_back_at_once(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "relazione", version=7)])
        index.delete([DocumentId("d")])
        index.upsert([document("d", "relazione", version=7)])
        assert find("relazione") == ["d"]

    def test_reset_empties_and_can_be_written_again(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "relazione")])
        index.reset()
        assert index.count() == 0
        assert find("relazione") == []
        index.upsert([document("d", "relazione")])
        assert find("relazione") == ["d"]

    def test_nothing_to_write(self, index: SearchIndex) -> None:
        index.upsert([])
        index.delete([])
        assert index.count() == 0

    def test_a_document_without_anything(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d")])
        assert find("") == ["d"]

    def test_noise_of_recognition_is_taken(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("d", "x" * 70_000 + " relazione \x00\ufffd ﷽ 𝒳 " + "è" * 40_000)])
        assert find("relazione") == ["d"]

    def test_health(self, index: SearchIndex) -> None:
        index.upsert([document("d", "relazione")])
        health = index.health()
        assert (health.name, health.ready, health.documents, health.stale) == (index.name, True, 1, False)
        assert health.detail
