"""Mail messages: the message as a paper, its attachments, certified and signed mail."""

import base64
import random
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from faldone.domain.reasons import Reason
from faldone.errors import EncryptedFileError, TooExpandedError, UnreadableFileError, UnsupportedFormatError
from faldone.ingest.inspect import inspect
from faldone.ingest.letter import representable
from faldone.ingest.limits import Limits
from faldone.ingest.mail import MESSAGE, of_html
from faldone.ingest.media import EML
from faldone.ingest.parts import Unpacked
from faldone.ingest.unpack import unpack
from tests.envelopes import MARIA, envelope
from tests.papers import page, png

SCAN = random.Random(1).randbytes(200_000)


def message(text: str | None = "Si trasmette quanto richiesto.", subject: str = "Relazione sociale") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Assistente Prova <assistente@esempio.invalid>"
    made["To"] = "Protocollo <protocollo@esempio.invalid>"
    made["Subject"] = subject
    made["Date"] = "Thu, 04 Mar 2021 10:30:00 +0100"
    if text is not None:
        made.set_content(text)
    return made


@pytest.fixture
def taken_apart(tmp_path: Path):
    def _taken_apart(data: bytes | EmailMessage) -> tuple[dict[str, bytes], dict[str, Reason], Unpacked]:
        path = tmp_path / "posta"
        path.write_bytes(data if isinstance(data, bytes) else data.as_bytes())
        found = inspect(path)
        assert (found.media_type, found.pages) == (EML, 0)
        with unpack(path, EML, Limits(), tmp_path / "work") as unpacked:
            parts = {part.name: part.path.read_bytes() for part in unpacked.parts}
        return parts, {one.name: one.reason for one in unpacked.ignored}, unpacked

    return _taken_apart


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(sheet.get_textpage().get_text_range() for sheet in document).replace("\r\n", "\n")


def test_the_message_is_a_paper_of_its_own(taken_apart):
    parts, ignored, unpacked = taken_apart(message("Gentile collega,\n\nla signora è stata sentita.\n", "Nota àèìòù €"))
    assert list(parts) == [MESSAGE]
    assert (ignored, unpacked.signature) == ({}, None)
    text = words(parts[MESSAGE])
    for expected in (
        "Da: Assistente Prova <assistente@esempio.invalid>",
        "A: Protocollo <protocollo@esempio.invalid>",
        "Data: 04/03/2021 10:30 +0100",
        "Oggetto: Nota àèìòù €",
        "la signora è stata sentita.",
    ):
        assert expected in text


def test_the_same_message_gives_the_same_bytes(taken_apart):
    assert taken_apart(message())[0] == taken_apart(message())[0]


def test_attachments_come_out_as_they_went_in(taken_apart):
    made = message()
    made.add_attachment(SCAN, maintype="application", subtype="pdf", filename="certificato di Niccolò.pdf")
    made.add_attachment(
        b"riga uno\r\nriga = due\r\n" * 50,
        maintype="application",
        subtype="xml",
        filename="dati.xml",
        cte="quoted-printable",
    )
    made.add_attachment(b"binario", maintype="application", subtype="pdf", filename="../../a.pdf", cte="8bit")
    parts, _, unpacked = taken_apart(made)
    assert next(part.name for part in unpacked.parts) == MESSAGE
    assert parts["certificato di Niccolò.pdf"] == SCAN
    assert parts["dati.xml"] == b"riga uno\r\nriga = due\r\n" * 50
    assert parts["a.pdf"] == b"binario"
    assert "certificato di Niccolò.pdf" in words(parts[MESSAGE])


@pytest.mark.parametrize(
    "name",
    [
        'filename="=?utf-8?B?{}?="'.format(base64.b64encode("perché.pdf".encode()).decode()),
        "filename*=UTF-8''perch%C3%A9.pdf",
        'filename="perché.pdf"',
    ],
    ids=["rfc2047", "rfc2231", "raw"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_name_with_accents_is_read_however_it_is_written(taken_apart, name, encoding):
    raw = (
        "From: a@b.invalid\nMessage-ID: <1@b>\nContent-Type: application/pdf\n"
        f"Content-Disposition: attachment; {name}\n\nqui\n"
    )
    parts, _, _ = taken_apart(raw.encode(encoding))
    assert parts["perché.pdf"] == b"qui\n"


def test_an_empty_body_still_gives_a_paper_with_the_headers(taken_apart):
    made = message(None)
    made.add_attachment(SCAN, maintype="application", subtype="pdf", filename="scan.pdf")
    parts, _, _ = taken_apart(made)
    assert list(parts) == [MESSAGE, "scan.pdf"]
    assert "Oggetto: Relazione sociale" in words(parts[MESSAGE])


def test_a_scanner_that_mails_nothing_but_a_pdf(taken_apart):
    made = message(None)
    made.set_content(SCAN, maintype="application", subtype="pdf")
    parts, _, _ = taken_apart(made)
    assert parts["allegato.pdf"] == SCAN


def test_of_two_forms_of_the_text_one_is_shown_and_the_other_told(taken_apart):
    made = message("La signora è stata sentita.")
    made.add_alternative("<p>La signora è stata <b>sentita</b>.</p>", subtype="html")
    parts, ignored, _ = taken_apart(made)
    assert ignored == {"messaggio.pdf/text/html": Reason.SAME_TEXT}
    assert words(parts[MESSAGE]).count("La signora è stata sentita.") == 1


def test_a_plain_form_that_says_nothing_gives_way_to_the_other(taken_apart):
    made = message("Vedere in HTML.")
    made.add_alternative("<p>La signora Prova è stata sentita il 4 marzo alla presenza del figlio.</p>", subtype="html")
    parts, ignored, _ = taken_apart(made)
    assert "alla presenza del figlio" in words(parts[MESSAGE])
    assert ignored == {"messaggio.pdf/text/plain": Reason.SAME_TEXT}


def test_html_becomes_the_lines_that_are_seen():
    html = (
        "<html><head><title>no</title><style>p {}</style></head><body><p>Gentile&nbsp;Maria,<br>prima\n riga</p>"
        "<ul><li>uno<li>due</ul><script>no()</script><table><tr><td>a</td><td>b &amp; c</td></tr></table></body>"
    )
    assert of_html(html).replace("\xa0", " ").split("\n") == [
        "Gentile Maria,", "prima riga", "", "- uno", "- due", "", "a  b & c",
    ]  # fmt: skip


def test_letters_that_the_fonts_lack_are_not_lost_without_a_word(taken_apart):
    assert representable("Ștefan Łukasz e Дмитрий") == ("Stefan Lukasz e ???????", 7)
    assert "[7 caratteri non riprodotti" in words(taken_apart(message("Дмитрий"))[0][MESSAGE])


def test_a_long_message_has_many_pages_and_a_long_word_is_cut(taken_apart):
    parts, _, _ = taken_apart(message("\n".join(f"riga {number}" for number in range(200)) + "\n" + "W" * 300))
    assert words(parts[MESSAGE]).count("W") == 300
    with pypdfium2.PdfDocument(parts[MESSAGE]) as document:
        assert len(document) == 4


def test_pictures_in_the_text_are_parts_and_logos_are_told(taken_apart):
    sheet, logo = png(page("Verbale di visita")), png(Image.new("L", (120, 40), 200))
    made = message(None)
    made.set_content("<p>Ecco il verbale <img src='cid:a'> <img src='cid:b'></p>", subtype="html")
    made.add_related(sheet, maintype="image", subtype="png", cid="<a>", disposition="inline", filename="verbale.png")
    made.add_related(logo, maintype="image", subtype="png", cid="<b>", disposition="inline", filename="logo.png")
    parts, ignored, _ = taken_apart(made)
    assert parts["verbale.png"] == sheet
    assert ignored == {"logo.png": Reason.ORNAMENT}


def test_a_small_picture_that_was_attached_on_purpose_is_a_part(taken_apart):
    made = message()
    made.add_attachment(png(Image.new("L", (120, 40), 200)), maintype="image", subtype="png", filename="firma.png")
    assert list(taken_apart(made)[0]) == [MESSAGE, "firma.png"]


def certified(inner: EmailMessage) -> bytes:
    """As a certified mail provider delivers it: multipart/signed around text, postacert.eml and daticert.xml."""
    outer = MIMEMultipart("signed", protocol="application/pkcs7-signature")
    outer["From"] = "Per conto di: a@pec.invalid <posta-certificata@gestore.invalid>"
    outer["Date"] = "Thu, 04 Mar 2021 10:30:00 +0100"
    outer["Subject"] = "POSTA CERTIFICATA: Relazione sociale"
    mixed = MIMEMultipart("mixed")
    mixed.attach(MIMEText("Messaggio di posta certificata del 04/03/2021", "plain", "utf-8"))
    dati = MIMEApplication(b"<postacert/>", "xml")
    dati.add_header("Content-Disposition", "attachment", filename="daticert.xml")
    mixed.attach(dati)
    carrier = EmailMessage()
    carrier.set_content(inner)
    carrier["Content-Disposition"] = 'inline; filename="postacert.eml"'
    mixed.attach(carrier)
    outer.attach(mixed)
    signature = MIMEApplication(b"0\x80", "pkcs7-signature", name="smime.p7s")
    signature.add_header("Content-Disposition", "attachment", filename="smime.p7s")
    outer.attach(signature)
    return outer.as_bytes()


def test_certified_mail_gives_the_message_and_tells_of_its_own_data(taken_apart, tmp_path):
    inner = message()
    inner.add_attachment(SCAN, maintype="application", subtype="pdf", filename="scan.pdf")
    parts, ignored, _ = taken_apart(certified(inner))
    assert list(parts) == [MESSAGE, "postacert.eml"]
    assert ignored == {"daticert.xml": Reason.PEC_DATA, "smime.p7s": Reason.DETACHED_SIGNATURE}
    inside, _, _ = taken_apart(parts["postacert.eml"])
    assert inside["scan.pdf"] == SCAN


def smime(body: bytes, kind: str = "signed-data") -> bytes:
    head = (
        "From: a@b.invalid\nDate: Thu, 04 Mar 2021 10:30:00 +0100\nSubject: Relazione\nMIME-Version: 1.0\n"
        f'Content-Type: application/pkcs7-mime; smime-type={kind}; name="smime.p7m"\n'
        "Content-Transfer-Encoding: base64\n\n"
    )
    return head.encode() + base64.encodebytes(body)


def test_signed_mail_is_opened_and_its_signer_told(taken_apart):
    inner = MIMEMultipart("mixed")
    inner.attach(MIMEText("Si trasmette la relazione.", "plain", "utf-8"))
    scan = MIMEApplication(SCAN, "pdf")
    scan.add_header("Content-Disposition", "attachment", filename="scan.pdf")
    inner.attach(scan)
    parts, _, unpacked = taken_apart(smime(envelope(inner.as_bytes())))
    assert list(parts) == [MESSAGE, "scan.pdf"]
    assert parts["scan.pdf"] == SCAN
    assert "Si trasmette la relazione." in words(parts[MESSAGE])
    assert unpacked.signature is not None
    assert [one.common_name for one in unpacked.signature.signers] == [MARIA]
    assert unpacked.signature.intact


def test_a_signed_document_that_is_attached_stays_an_envelope(taken_apart):
    made, signed = message(), envelope(SCAN)
    made.add_attachment(signed, maintype="application", subtype="pkcs7-mime", filename="atto.pdf.p7m")
    parts, _, unpacked = taken_apart(made)
    assert parts["atto.pdf.p7m"] == signed
    assert unpacked.signature is None


def refused(tmp_path: Path, data: bytes, error: type[Exception], limits: Limits | None = None) -> None:
    path = tmp_path / "posta"
    path.write_bytes(data)
    with pytest.raises(error), unpack(path, EML, limits or Limits(), tmp_path / "work"):
        pass
    assert not list((tmp_path / "work").iterdir())


def test_encrypted_mail_is_refused_as_such(tmp_path):
    body = envelope(SCAN).replace(bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010703"), 1)
    refused(tmp_path, smime(body, "enveloped-data"), EncryptedFileError)


@pytest.mark.parametrize("share", [0.4, 0.9, 0.999])
def test_a_message_cut_short_is_refused_rather_than_losing_attachments(tmp_path, share):
    made = message()
    made.add_attachment(SCAN, maintype="application", subtype="pdf", filename="scan.pdf")
    data = made.as_bytes()
    data = data[: int(len(data) * share)]
    path = tmp_path / "posta"
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError):
        inspect(path)
    refused(tmp_path, data, UnreadableFileError)


def test_damaged_base64_is_refused(tmp_path):
    raw = "From: a@b.invalid\nDate: x\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
    refused(tmp_path, raw.encode() + b"QUJD" * 30 + b"Q\n", UnreadableFileError)
    refused(tmp_path, raw.encode() + b"QQ==" + b"QUJD" * 30, UnreadableFileError)


def test_base64_without_padding_and_with_foreign_letters_is_read(taken_apart):
    raw = "From: a@b.invalid\nDate: x\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
    parts, _, _ = taken_apart(raw.encode() + b"QU!JD\r\n  QUI\n")
    assert parts["allegato.pdf"] == b"ABCAB"


def test_a_message_of_too_many_parts_is_refused(tmp_path):
    made = message()
    for number in range(4):
        made.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{number}.pdf")
    refused(tmp_path, made.as_bytes(), TooExpandedError, Limits(max_parts=4))


def test_multiparts_inside_each_other_without_end_are_refused(tmp_path):
    head = b"From: a@b.invalid\nDate: x\n"
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(60))
    closing = b"\n--b0--\n"
    refused(tmp_path, head + nested + b"\nx" + closing, TooExpandedError)


@pytest.mark.parametrize(
    "text",
    [
        "Gentile signora,\n\nsi trasmette la relazione.\n",
        "Oggetto: relazione\nFrom: Maria\n\ntesto",
        "From: Maria\n\nsolo un mittente",
        "From: a@b.invalid\nuna riga che non e' un campo\nDate: x\n\ntesto",
    ],
)
def test_a_text_with_a_colon_is_no_mail(tmp_path, text):
    path = tmp_path / "nota.eml"
    path.write_text(text)
    with pytest.raises(UnsupportedFormatError):
        inspect(path)
