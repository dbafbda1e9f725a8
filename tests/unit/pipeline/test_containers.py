"""Mails, archives and signed envelopes: sealed whole, and every part a file of its own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from faldone.catalog.records import FileState, SourceState
from faldone.domain.digest import Digest
from faldone.domain.reasons import Reason
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.intake.batches import count_batch
from faldone.pipeline.intake.open_source import open_source
from faldone.pipeline.intake.quarantine import quarantined, retry
from tests.papers import noise, tiff
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default="Relazione sociale sulla famiglia e sui minori"))
    yield made
    made.close()


def zipped(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


def states(archive: Archive) -> dict[str, FileState]:
    return {report.intake.path: report.state for report in archive.catalog.files()}


def test_a_zip_of_scans_gives_its_scans_and_nothing_is_counted_twice(archive: Archive) -> None:
    archive.take("lotto-1/invio.zip", zipped(**{"a.tif": tiff(noise(1)), "b.tif": tiff(noise(2), noise(3))}))
    archive.work_off()
    assert set(states(archive)) == {"lotto-1/invio.zip", "lotto-1/invio.zip/a.tif", "lotto-1/invio.zip/b.tif"}
    assert len(count_batch(archive.catalog.batch("lotto-1"), archive.ports).account.pages) == 3
    assert verify(archive.ports).findings == ()


def test_a_scan_that_is_in_the_archive_already_is_a_duplicate_inside_a_zip_too(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    archive.work_off()
    archive.take("lotto-2/invio.zip", zipped(**{"a.tif": tiff(noise(1))}))
    archive.work_off()
    assert states(archive)["lotto-2/invio.zip/a.tif"] is FileState.DUPLICATE


def test_a_crash_between_the_parts_and_their_record_leaves_no_half_container(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    archive.take("invio.zip", zipped(**{"a.tif": tiff(noise(1)), "b.tif": tiff(noise(2))}))
    (source,) = archive.catalog.sources()
    with monkeypatch.context() as patch:
        patch.setattr("faldone.pipeline.intake.open_source._unpacked", die)
        with pytest.raises(Killed):
            open_source(source.digest, archive.ports)
    assert set(states(archive)) == {"invio.zip"}
    with archive.catalog.begin() as work:
        work.reset_claims()
    archive.work_off()
    assert len(states(archive)) == 3
    assert verify(archive.ports).findings == ()


def test_a_mail_gives_its_words_and_its_attachments(archive: Archive) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@esempio.it", "b@esempio.it", "Relazione"
    mail["Date"] = "Mon, 03 Mar 2014 10:00:00 +0100"
    mail.set_content("In allegato la relazione richiesta.")
    mail.add_attachment(tiff(noise(1)), maintype="image", subtype="tiff", filename="relazione.tif")
    archive.take("posta.eml", mail.as_bytes())
    archive.work_off()
    assert set(states(archive)) == {"posta.eml", "posta.eml/messaggio.pdf", "posta.eml/relazione.tif"}
    texts = [
        text.text for source in archive.catalog.sources() for text in archive.catalog.page_texts(source.digest).values()
    ]
    assert any("relazione richiesta" in text for text in texts)


def test_a_pdf_gives_its_pages_and_what_is_attached_to_it(archive: Archive) -> None:
    letter = io.BytesIO()
    document = pikepdf.open(io.BytesIO(written()))
    document.attachments["decreto.tif"] = pikepdf.AttachedFileSpec(document, tiff(noise(1)), filename="decreto.tif")
    document.save(letter)
    archive.take("lotto-1/lettera.pdf", letter.getvalue())
    archive.work_off()
    assert states(archive).keys() == {"lotto-1/lettera.pdf", "lotto-1/lettera.pdf/decreto.tif"}
    assert len(count_batch(archive.catalog.batch("lotto-1"), archive.ports).account.pages) == 2
    assert {source.state for source in archive.catalog.sources()} == {SourceState.PROPOSED}
    assert verify(archive.ports).findings == ()


def test_containers_too_deep_inside_each_other_are_refused(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.ports = replace(
        archive.ports, options=replace(archive.ports.options, limits=replace(archive.limits, max_depth=2))
    )
    inner = zipped(**{"a.tif": tiff(noise(1))})
    archive.take("a.zip", zipped(**{"b.zip": zipped(**{"c.zip": inner})}))
    archive.work_off()
    refused = [report for report in archive.catalog.files() if report.state is FileState.QUARANTINED]
    assert [report.intake.path for report in refused] == ["a.zip/b.zip/c.zip"]
    archive.close()


def written() -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data)
    canvas.drawString(72, 700, "Si trasmette in allegato il decreto del Tribunale")
    canvas.save()
    return data.getvalue()


def encrypted(password: str) -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data, encrypt=password)
    canvas.drawString(72, 700, "Relazione sociale")
    canvas.save()
    return data.getvalue()


def test_a_protected_pdf_is_opened_once_its_password_is_on_the_list_and_it_is_tried_again(archive: Archive) -> None:
    archive.take("a.pdf", encrypted("segreta"))
    archive.work_off()
    assert [(one.file, one.reason) for one in quarantined(archive.ports)] == [("a.pdf", Reason.ENCRYPTED)]
    limits = replace(archive.limits, pdf_passwords=("sbagliata", "segreta"))
    archive.ports = replace(archive.ports, options=replace(archive.ports.options, limits=limits))
    assert retry(Reason.UNREADABLE, archive.ports) == (0, 0)
    assert retry(Reason.ENCRYPTED, archive.ports) == (1, 0)
    archive.work_off()
    assert list(quarantined(archive.ports)) == []
    (source,) = archive.catalog.sources()
    assert source.state is SourceState.PROPOSED
    assert verify(archive.ports).findings == ()


def test_a_table_that_is_no_sidecar_is_named_with_its_reason(archive: Archive) -> None:
    archive.take("lotto-1/bilancio.csv", b"voce;importo\nluce;12\n")
    archive.work_off()
    assert [one.reason for one in quarantined(archive.ports)] == [Reason.SIDECAR_INVALID]
    assert next(archive.catalog.sources()).digest == Digest.of(b"voce;importo\nluce;12\n")
