"""What every search index must do: one suite over the twin, the embedded engine and a real Elasticsearch node."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faldone.domain.access import EVERYTHING, NOTHING, Access, Sensitivity
from faldone.domain.attribution import Band, Role
from faldone.domain.ids import DocumentId
from faldone.errors import IndexUnavailableError, QuerySyntaxError
from faldone.search.document import SearchDocument, SearchPerson, fingerprint
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.index import FACET_VALUES, Bucket, Facet, SearchIndex
from faldone.search.memory import MemoryIndex
from faldone.search.query import Query, Sort, parse
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
        answer = index.search(replace(parse(text), **options), EVERYTHING)
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

    def test_a_word_that_begins_others_finds_them_besides_its_own(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("name", "lettera", persons=holder("BIANCHI LUCA")),
                document("text", "lettera alla famiglia bianchini"),
                document("near", "foglio bianco"),
                document("other", "foglio nero"),
            ]
        )
        (first, *others) = find("bianc", begun=("bianc",))
        assert (first, set(others)) == ("name", {"text", "near"})
        assert find("bianc lettera", begun=("bianc",)) == ["name", "text"]
        assert find("bianc") == ["near"]

    def test_most_words_when_none_has_all(self, index: SearchIndex) -> None:
        index.upsert(
            [
                document("two", "assegno cura"),
                document("one", "assegno"),
                document("three", "assegno cura anziani"),
            ]
        )
        strict = index.search(parse("assegno cura anziani"), EVERYTHING)
        assert [hit.id for hit in strict.hits] == ["three"]
        assert not strict.relaxed
        relaxed = index.search(parse("assegno cura anziani zebra"), EVERYTHING)
        assert [hit.id for hit in relaxed.hits] == ["three"]
        assert relaxed.relaxed
        assert index.search(parse("assegno zebra"), EVERYTHING).total == 0
        assert index.search(parse('assegno cura zebra "cura anziani"'), EVERYTHING).total == 1
        assert index.search(parse("cavallo zebra leone"), EVERYTHING) == type(strict)(0)


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
        assert index.search(Query(limit=0), EVERYTHING).total == 4
        assert index.search(Query(limit=0), EVERYTHING).hits == ()

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
            answer = index.search(parse("relazione", limit=10, offset=offset), EVERYTHING)
            assert answer.total == 25
            seen += [hit.id for hit in answer.hits]
        assert len(seen) == 25
        assert set(seen) == {f"d-{number:02}" for number in range(25)}
        assert index.search(parse("relazione", limit=10, offset=25), EVERYTHING).hits == ()

    def test_beyond_ten_thousand(self, index: SearchIndex) -> None:
        index.upsert([document("d", "relazione")])
        beyond = index.search(parse("relazione", offset=25_000), EVERYTHING)
        assert beyond == index.search(parse("relazione", offset=1), EVERYTHING)

    def test_scores_fall(self, index: SearchIndex) -> None:
        index.upsert([document(f"d-{number}", "relazione " * number) for number in range(1, 6)])
        scores = [hit.score for hit in index.search(parse("relazione"), EVERYTHING).hits]
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


def walk(index: SearchIndex, query: Query, access: Access = EVERYTHING) -> list[str]:
    """All that a query finds, a page after the other by cursor."""
    seen: list[str] = []
    while True:
        answer = index.search(query, access)
        seen += [str(hit.id) for hit in answer.hits]
        if answer.after is None:
            assert len(seen) == answer.total
            return seen
        assert answer.hits
        query = replace(query, after=answer.after)


class TestAccess:
    @pytest.fixture(autouse=True)
    def _documents(self, index: SearchIndex) -> None:
        base, court = Sensitivity.BASE, Sensitivity.GIUDIZIARI
        index.upsert(
            [
                document("sad", "relazione", service="SAD", comune="Noto", sensitivity=base),
                document("tum", "relazione", service="TUM", comune="Noto", sensitivity=court),
                document("avola", "relazione", service="SAD", comune="Avola", sensitivity=base),
                document("nowhere", "relazione", service="SAD", sensitivity=base),
                document("unfiled", "relazione", comune="Noto", sensitivity=base),
                document("unknown", "relazione", service="SAD", comune="Noto"),
            ]
        )

    @pytest.mark.parametrize(
        ("access", "seen"),
        [
            (NOTHING, set()),
            (EVERYTHING, {"sad", "tum", "avola", "nowhere", "unfiled", "unknown"}),
            (Access(frozenset({"SAD"}), None, Sensitivity.BASE), {"sad", "avola", "nowhere"}),
            (Access(frozenset({"SAD"}), frozenset({"noto"}), Sensitivity.BASE), {"sad"}),
            (Access(frozenset({"SAD", "TUM"}), frozenset({"noto"}), Sensitivity.GIUDIZIARI), {"sad", "tum"}),
            (Access(None, frozenset({"avola"}), Sensitivity.RAFFORZATA), {"avola"}),
            (Access(None, None, Sensitivity.BASE), {"sad", "avola", "nowhere"}),
            (Access(frozenset(), frozenset(), Sensitivity.BASE, intake=True), set()),
            (Access(frozenset(), None, Sensitivity.BASE, intake=True), {"unfiled"}),
            (Access(frozenset(), frozenset({"avola"}), Sensitivity.BASE, intake=True), set()),
            (Access(frozenset({"SAD"}), frozenset({"noto"}), intake=True), {"sad", "nowhere", "unfiled"}),
            (Access(frozenset({"XYZ"}), None, Sensitivity.RAFFORZATA), set()),
        ],
    )
    def test_what_is_not_permitted_does_not_exist(self, index: SearchIndex, access: Access, seen: set[str]) -> None:
        for query in (parse("relazione"), Query(), parse("-zebra"), parse("relazioni zebra relazione noto")):
            answer = index.search(query, access, [Facet.SERVICE, Facet.COMUNE])
            if query.words[-1:] == ("noto",):
                assert {str(hit.id) for hit in answer.hits} <= seen
                continue
            assert {str(hit.id) for hit in answer.hits} == seen
            assert answer.total == len(seen)
            counted = {bucket.value for bucket in answer.facets[Facet.SERVICE]}
            assert counted == {"tum" if key == "tum" else "sad" for key in seen - {"unfiled"}}

    def test_pages_and_orders_stay_inside_the_rule(self, index: SearchIndex) -> None:
        access = Access(frozenset({"SAD"}), None, Sensitivity.BASE)
        for sort in Sort:
            assert set(walk(index, Query(limit=1, sort=sort), access)) == {"sad", "avola", "nowhere"}


class TestFacets:
    def test_are_counted_over_the_whole_answer(self, index: SearchIndex) -> None:
        index.upsert(
            [
                document(
                    f"d-{number:02}",
                    "relazione" if number < 20 else "decreto",
                    service="SAD" if number % 3 else "TUM",
                    type="relazione_sociale",
                    date=dt.date(2010 + number % 2, 1, 1),
                    persons=(SearchPerson(Role.HOLDER, "ROSSI MARIA", id=f"P-{number % 4}"),),
                    comune="Noto",
                    batch="b-1",
                    band=Band.AUTO,
                )
                for number in range(25)
            ]
        )
        answer = index.search(parse("relazione tipo:relazione_sociale", limit=3), EVERYTHING, tuple(Facet))
        assert answer.facets[Facet.SERVICE] == (Bucket("sad", 16), Bucket("tum", 9))
        assert answer.facets[Facet.YEAR] == (Bucket("2010", 13), Bucket("2011", 12))
        assert answer.facets[Facet.PERSON][0] == Bucket("p-0", 7)
        assert answer.facets[Facet.PERSON][1:] == tuple(Bucket(f"p-{key}", 6) for key in (1, 2, 3))
        for facet, value in ((Facet.TYPE, "relazione_sociale"), (Facet.COMUNE, "noto"), (Facet.BATCH, "b-1")):
            assert answer.facets[facet] == (Bucket(value, 25),)
        assert answer.facets[Facet.BAND] == (Bucket("auto", 25),)
        later = index.search(parse("decreto", limit=2, offset=2), EVERYTHING, [Facet.SERVICE])
        assert later.facets == {Facet.SERVICE: (Bucket("sad", 3), Bucket("tum", 2))}

    def test_none_asked_none_given_and_none_found_none_counted(self, index: SearchIndex) -> None:
        index.upsert([document("d", "relazione", service="SAD")])
        assert index.search(parse("relazione"), EVERYTHING).facets == {}
        assert index.search(parse("zebra"), EVERYTHING, [Facet.SERVICE]).facets == {Facet.SERVICE: ()}

    def test_of_many_values_the_most_frequent_then_the_first_are_told(self, index: SearchIndex) -> None:
        twice = [document(f"t-{number}", "relazione", batch="lotto-zz") for number in range(2)]
        index.upsert(
            [*twice, *(document(f"d-{number}", "x", batch=f"lotto-{number:03}") for number in range(FACET_VALUES + 20))]
        )
        buckets = index.search(Query(), EVERYTHING, [Facet.BATCH]).facets[Facet.BATCH]
        assert buckets[0] == Bucket("lotto-zz", 2)
        assert buckets[1:] == tuple(Bucket(f"lotto-{number:03}", 1) for number in range(FACET_VALUES - 1))

    def test_follow_what_was_written(self, index: SearchIndex) -> None:
        index.upsert([document("d", "relazione", service="SAD")])
        assert index.search(Query(), EVERYTHING, [Facet.SERVICE]).facets[Facet.SERVICE] == (Bucket("sad", 1),)
        index.upsert([document("d", "relazione", service="TUM", version=2)])
        assert index.search(Query(), EVERYTHING, [Facet.SERVICE]).facets[Facet.SERVICE] == (Bucket("tum", 1),)


class TestOrder:
    @pytest.fixture(autouse=True)
    def _documents(self, index: SearchIndex) -> None:
        index.upsert(
            [
                document("a", "relazione", date=dt.date(2012, 5, 1), persons=holder("ZETA UGO")),
                document("b", "relazione " * 9, date=dt.date(2014, 5, 1), persons=holder("ÀBATE RITA")),
                document("c", "relazione", date=dt.date(2013, 5, 1), persons=holder("ABATE RITA")),
                document("d", "relazione", persons=holder("DE LUCA PIO")),
                document("e", "relazione", date=dt.date(2012, 5, 2), persons=holder("DEL BO ADA")),
                document("f", "relazione", date=dt.date(2020, 1, 1)),
                document("g", "relazione", persons=holder("ABATE RITA")),
            ]
        )

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            (Sort.NEWEST, ["f", "b", "c", "e", "a", "dg"]),
            (Sort.OLDEST, ["a", "e", "c", "b", "f", "dg"]),
            (Sort.DOSSIER, ["b", "c", "g", "d", "e", "a", "f"]),
        ],
    )
    @pytest.mark.parametrize("text", ["relazione", ""])
    def test_is_as_asked(self, index: SearchIndex, sort: Sort, order: list[str], text: str) -> None:
        asked = replace(parse(text), sort=sort)
        answer = [str(hit.id) for hit in index.search(asked, EVERYTHING).hits]
        whole = [key for keys in order for key in (answer[-2:] if keys == "dg" else keys)]
        assert answer == whole
        assert set(answer) == set("abcdefg")
        assert walk(index, replace(asked, limit=2)) == answer
        assert [str(hit.id) for hit in index.search(replace(asked, offset=3), EVERYTHING).hits] == answer[3:]


class TestStanding:
    def test_of_equal_documents_the_recent_and_the_confirmed_come_first(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("undated", "relazione"),
                document("old", "relazione", date=dt.date(1995, 1, 1)),
                document("confirmed", "relazione", date=dt.date(2014, 1, 1), confirmed=True),
                document("recent", "relazione", date=dt.date(2014, 1, 1)),
            ]
        )
        assert find("relazione") == ["confirmed", "recent", "old", "undated"]

    def test_never_upsets_the_tiers(self, index: SearchIndex, find: Find) -> None:
        index.upsert(
            [
                document("near", persons=holder("BIANCHO ANNA"), date=dt.date(2024, 1, 1), confirmed=True),
                document("exact", persons=holder("BIANCHI ANNA"), date=dt.date(1960, 1, 1)),
                document("text", "anna bianchi", date=dt.date(2024, 1, 1), confirmed=True),
            ]
        )
        assert find("bianchi anna")[0] == "exact"
        assert find("bianchi") == ["exact", "text", "near"]


class TestCursor:
    @pytest.mark.parametrize("sort", list(Sort))
    def test_walks_all_once(self, index: SearchIndex, sort: Sort) -> None:
        documents = [
            document(
                f"d-{number:03}",
                "relazione " * (1 + number % 5),
                date=None if number % 4 == 0 else dt.date(2014, 1 + number % 2, 1),
                persons=holder(f"ROSSI {'AB'[number % 2]}") if number % 3 else (),
            )
            for number in range(130)
        ]
        index.upsert(documents[:70])
        index.upsert(documents[70:])
        seen = walk(index, Query(words=("relazione",), sort=sort, limit=7))
        assert len(seen) == len(set(seen)) == 130
        assert seen == walk(index, Query(words=("relazione",), sort=sort, limit=50))

    def test_tells_the_whole_count_and_facets_on_each_page(self, index: SearchIndex) -> None:
        index.upsert([document(f"d-{number}", "relazione", service="SAD") for number in range(9)])
        for sort in Sort:
            query = Query(words=("relazione",), sort=sort, limit=4)
            first = index.search(query, EVERYTHING)
            second = index.search(replace(query, after=first.after), EVERYTHING, [Facet.SERVICE])
            assert (first.total, second.total) == (9, 9)
            assert second.facets[Facet.SERVICE] == (Bucket("sad", 9),)

    def test_there_is_none_at_the_end(self, index: SearchIndex) -> None:
        index.upsert([document(f"d-{number}", "relazione") for number in range(4)])
        for sort in Sort:
            assert index.search(Query(sort=sort, limit=4), EVERYTHING).after is None
            assert index.search(Query(sort=sort, limit=3), EVERYTHING).after is not None

    @pytest.mark.parametrize("wrong", ["x", "%%%", "e30", "W10", "bnVsbA"])
    def test_that_is_none_of_ours_is_refused(self, index: SearchIndex, wrong: str) -> None:
        index.upsert([document("d", "relazione")])
        with pytest.raises(QuerySyntaxError):
            index.search(Query(after=wrong), EVERYTHING)


class TestHeld:
    def test_tells_every_document_in_the_order_of_ids(self, index: SearchIndex) -> None:
        documents = [document(key, "relazione", version=3) for key in ("d-b", "d-a", "D-c", "d-10", "d-9", "è", "d")]
        index.upsert(documents)
        held = list(index.held())
        assert [one.id for one in held] == sorted(one.id for one in documents)
        assert {one.id: one.digest for one in held} == {one.id: fingerprint(one) for one in documents}
        assert {one.version for one in held} == {3}

    def test_follows_changes(self, index: SearchIndex) -> None:
        index.upsert([document("d", "relazione"), document("e", "relazione")])
        index.upsert([document("d", "decreto", version=2)])
        index.delete([DocumentId("e")])
        assert [(one.id, one.version) for one in index.held()] == [("d", 2)]
        assert next(iter(index.held())).digest == fingerprint(document("d", "decreto"))

    def test_of_nothing_is_nothing(self, index: SearchIndex) -> None:
        assert list(index.held()) == []


class TestFrequencies:
    def test_count_the_documents_of_a_word(self, index: SearchIndex) -> None:
        index.upsert([document("d", "relazione relazione sociale"), document("e", "relazione")])
        assert dict(index.frequencies(["relazione", "sociale", "zebra"])) == {
            "relazione": 2,
            "sociale": 1,
            "zebra": 0,
        }
        assert dict(index.frequencies([])) == {}


class TestRebuilding:
    def test_puts_the_fresh_index_in_place_at_the_end(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("old", "relazione")])
        with index.rebuilding() as fresh:
            fresh.upsert([document("new", "relazione", version=2)])
            fresh.upsert([document("new", "relazione vecchia")])
            fresh.upsert([document("more", "relazione")])
            assert find("relazione") == ["old"]
            index.upsert([document("meanwhile", "decreto")])
            assert find("decreto") == ["meanwhile"]
        assert set(find("relazione")) == {"new", "more"}
        assert find("vecchia") == find("decreto") == []
        assert index.count() == 2
        index.upsert([document("later", "decreto")])
        assert find("decreto") == ["later"]

    def test_that_fails_leaves_all_as_it_was(self, index: SearchIndex, find: Find) -> None:
        index.upsert([document("old", "relazione")])
        with pytest.raises(ZeroDivisionError), index.rebuilding() as fresh:
            fresh.upsert([document("new", "relazione")])
            raise ZeroDivisionError
        assert find("relazione") == ["old"]
        with index.rebuilding() as fresh:
            fresh.upsert([document("new", "relazione")])
        assert find("relazione") == ["new"]

    def test_of_nothing_empties(self, index: SearchIndex) -> None:
        index.upsert([document("old", "relazione")])
        with index.rebuilding():
            pass
        assert index.count() == 0

    def test_one_at_a_time(self, index: SearchIndex, find: Find) -> None:
        with index.rebuilding() as fresh:
            fresh.upsert([document("new", "relazione")])
            with pytest.raises(IndexUnavailableError) as caught, index.rebuilding():
                pass
            assert caught.value.retryable
        assert find("relazione") == ["new"]


VOCABULARY = (
    *("relazione", "relazioni", "decreto", "decreti", "affidamento", "affidamenti", "affidanento", "sociale", "minore"),
    *("minori", "assegno", "cura", "anziano", "anziani", "rossi", "bianchi", "bianco", "luca", "della", "di", "123"),
    *("2014", "comunità", "dell'orto"),
)


def random_document(chance: random.Random, number: int) -> SearchDocument:
    def words(least: int, most: int) -> str:
        return " ".join(chance.choices(VOCABULARY, k=chance.randint(least, most)))

    return document(
        f"d-{number:03}",
        *(words(0, 12) for _ in range(chance.randint(0, 3))),
        service=chance.choice([None, "SAD", "TUM", "ADE"]),
        type=chance.choice([None, "decreto_tm", "relazione_sociale"]),
        date=chance.choice([None, dt.date(chance.randint(1990, 2024), 1, chance.randint(1, 28))]),
        persons=holder(chance.choice(["ROSSI LUCA", "BIANCHI ANNA", "DELL'ORTO LUCA"])) if number % 3 else (),
        protocol_number=chance.choice([None, "123/2014"]),
        comune=chance.choice([None, "Noto", "Avola"]),
        sensitivity=chance.choice(list(Sensitivity)),
        confirmed=chance.random() < 0.3,
        band=chance.choice([None, *Band]),
    )


def random_query(chance: random.Random) -> Query:
    def some(most: int) -> tuple[str, ...]:
        return tuple(chance.choices(VOCABULARY, k=chance.randint(0, most)))

    return Query(
        words=some(3),
        phrases=(" ".join(chance.choices(VOCABULARY, k=2)),) if chance.random() < 0.15 else (),
        excluded=some(1),
        person=chance.choice([None, None, None, "rossi", "luca rossi"]),
        service=chance.choice([None, None, None, "SAD"]),
        date_from=chance.choice([None, None, dt.date(2005, 1, 1)]),
        sort=chance.choice(list(Sort)),
        limit=chance.choice([5, 50, 500]),
    )


def random_access(chance: random.Random) -> Access:
    return Access(
        chance.choice([None, frozenset(), frozenset({"SAD"}), frozenset({"SAD", "TUM"})]),
        chance.choice([None, frozenset(), frozenset({"noto"})]),
        chance.choice(list(Sensitivity)),
        chance.random() < 0.5,
    )


class TestRandomQuestions:
    def permitted(self, documents: Sequence[SearchDocument], access: Access) -> set[str]:
        return {
            one.id
            for one in documents
            if access.permits(one.service, one.comune.lower() if one.comune else None, one.sensitivity)
        }

    def test_find_what_the_twin_finds_and_only_what_is_permitted(self, index: SearchIndex) -> None:
        chance = random.Random(20_140_312)
        documents = [random_document(chance, number) for number in range(150)]
        twin = MemoryIndex()
        for one in (index, twin):
            one.upsert(documents[:90])
            one.upsert(documents[90:])
        found = 0
        for _ in range(120):
            query, access = random_query(chance), random_access(chance)
            ours, theirs = (one.search(query, access, tuple(Facet)) for one in (index, twin))
            assert (ours.total, ours.relaxed, ours.facets) == (theirs.total, theirs.relaxed, theirs.facets), query
            counted = index.search(replace(query, limit=0), access, tuple(Facet))
            assert counted == replace(ours, hits=(), after=None), query
            under = walk(index, query, access)
            assert set(under) == set(walk(twin, query, access)), query
            free = index.search(query, EVERYTHING)
            if free.relaxed == ours.relaxed:
                assert set(under) == set(walk(index, query)) & self.permitted(documents, access), query
            found += bool(under)
        assert found > 30
