from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape

from faldone.domain.account import AccountRole
from faldone.domain.events import EventType
from faldone.pipeline.office.statistics import work
from faldone.pipeline.review.blank_page import say_blank
from faldone.pipeline.search.index import index_pending
from tests.papers import noise, tiff
from tests.small_archive import Paper, put
from tests.twins import Archive

Enter = Callable[..., TestClient]


@pytest.fixture
def filled(archive: Archive) -> Archive:
    papers = [
        Paper("decreto", service="TUM", type="decreto_tm", date=dt.date(2014, 3, 1), comune="Crema") for _ in range(7)
    ]
    papers += [Paper("relazione", service="ADM", type="relazione", date=dt.date(2015, 1, 1), comune="Soncino")] * 2
    papers += [Paper("lettera", service="TUM", date=dt.date(2015, 5, 1), comune="Crema") for _ in range(9)]
    put(archive, papers)
    index_pending(archive.ports)
    return archive


def test_a_small_cell_is_withheld_on_the_page_in_the_api_and_in_the_files(filled: Archive, enter: Enter) -> None:
    client = enter(AccountRole.AUDITOR)
    page = client.get("/statistiche?rows=servizio&columns=anno").text
    assert "<abbr" in page
    said = client.get("/api/v1/statistics/documents?rows=servizio&columns=anno").json()
    assert said["columns"] == ["2014", "2015", "Totale"]
    row = said["cells"][said["rows"].index("ADM")]
    assert row[1] is None  # two documents of one service in one year
    csv = client.get("/statistiche/tabella.csv?rows=servizio&columns=anno")
    assert csv.headers["content-disposition"] == 'attachment; filename="documenti-servizio-anno.csv"'
    adm = next(line for line in csv.text.splitlines() if line.startswith("ADM"))
    assert "*" in adm
    assert ";2" not in adm
    ods = client.get("/statistiche/tabella.ods?rows=servizio&columns=anno")
    assert "ADM" in zipfile.ZipFile(io.BytesIO(ods.content)).read("content.xml").decode()


def test_rows_and_columns_are_called_in_the_readers_language_and_not_by_code(filled: Archive, enter: Enter) -> None:
    client = enter(AccountRole.AUDITOR)
    page = client.get("/statistiche?rows=servizio&columns=tipo").text
    name = filled.ports.lexicon.services["TUM"].name
    assert f'<th scope="row">TUM · {name}</th>' in page
    assert f'<option value="TUM">TUM · {name}</option>' in page
    assert f'<th scope="col" class="num">{escape(filled.ports.lexicon.types["decreto_tm"].name)}</th>' in page
    assert "decreto_tm" not in page
    assert {"non noto", "Totale"} <= set(re.findall(r"<th[^>]*>([^<]*)</th>", page))
    client.cookies.set("faldone-lang", "en")
    page = client.get("/statistiche?rows=servizio&columns=tipo").text
    assert {"not known", "Total"} <= set(re.findall(r"<th[^>]*>([^<]*)</th>", page))
    assert "non noto" not in page


def test_what_a_person_says_of_a_page_is_no_page_read(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    (document, *_) = archive.catalog.documents(next(archive.catalog.sources()).digest)
    page = archive.catalog.pages(document.source, range(1))[0]
    assert sum(work(archive.ports).pages_read) == 2
    say_blank(page, True, document.id, "anna", archive.ports)
    assert sum(work(archive.ports).pages_read) == 2


def test_what_is_exported_is_on_record(filled: Archive, enter: Enter) -> None:
    enter(AccountRole.AUDITOR, name="rosa").get("/statistiche/tabella.csv")
    (entry,) = filled.catalog.last_events(EventType.STATISTICS_EXPORTED, 5)
    assert entry.record.agent == "user:rosa"


@pytest.mark.parametrize("rows", ["servizio", "tipo", "anno", "comune", "sub-ambito"])
@pytest.mark.parametrize("columns", ["servizio", "tipo", "anno", "comune", "sub-ambito"])
def test_every_table_adds_up_to_all_documents(filled: Archive, enter: Enter, rows: str, columns: str) -> None:
    said = enter(AccountRole.AUDITOR).get(f"/api/v1/statistics/documents?rows={rows}&columns={columns}").json()
    assert said["cells"][-1][-1] == 18


def test_a_service_narrows_the_table(filled: Archive, enter: Enter) -> None:
    client = enter(AccountRole.AUDITOR)
    said = client.get("/api/v1/statistics/documents?service=TUM&columns=comune&first=2015&last=2015").json()
    assert said["cells"][-1][-1] == 9


def test_the_work_is_counted(filled: Archive, enter: Enter) -> None:
    said = enter(AccountRole.MANAGER).get("/api/v1/statistics/work").json()
    assert said["documents"] == 18
    assert said["waiting"] == 0


def test_an_empty_archive_has_its_statistics(enter: Enter) -> None:
    page = enter(AccountRole.AUDITOR).get("/statistiche")
    assert page.status_code == 200
    assert "Nessun documento" in page.text
