"""Signed envelopes: the document inside, and what is found out about who signed it."""

import base64
import datetime as dt
from pathlib import Path

import pytest

from faldone.domain.signature import SignatureFacts
from faldone.errors import DetachedSignatureError, EncryptedFileError, OpenTimeoutError, UnreadableFileError
from faldone.ingest import signature
from faldone.ingest.inspect import inspect
from faldone.ingest.limits import Limits
from faldone.ingest.media import P7M
from faldone.ingest.unpack import unpack
from tests.envelopes import CF_MARIA, MARIA, SIGNED_AT, Person, envelope, open_lengths, person, signer_info

DOCUMENT = b"%PDF-1.4 la relazione " * 300


def pem(der: bytes, label: str = "PKCS7") -> bytes:
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(der) + f"-----END {label}-----\n".encode()


def opened(tmp_path: Path, data: bytes, name: str = "atto.pdf.p7m") -> tuple[bytes, SignatureFacts]:
    path = tmp_path / "busta"
    path.write_bytes(data)
    assert inspect(path).media_type == P7M
    with unpack(path, P7M, Limits(), tmp_path / "work", name=name) as unpacked:
        (part,) = unpacked.parts
        assert unpacked.signature is not None
        assert part.name == "atto.pdf"
        return part.path.read_bytes(), unpacked.signature


def test_the_document_comes_out_and_the_signer_is_named(tmp_path):
    content, facts = opened(tmp_path, envelope(DOCUMENT))
    assert content == DOCUMENT
    (signer,) = facts.signers
    assert (signer.common_name, signer.tax_code, signer.issuer) == (MARIA, CF_MARIA, "Autorità di Prova")
    assert signer.certificate_serial == f"{4711:x}"
    assert (signer.not_before, signer.not_after) == (
        dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2023, 1, 1, tzinfo=dt.UTC),
    )
    assert signer.claimed_at == SIGNED_AT
    assert (signer.digest_holds, signer.signature_holds, signer.timestamped) == (True, True, False)
    assert facts.intact


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("rsa", {}),
        ("rsa", {"digest": "sha1"}),
        ("rsa", {"digest": "sha512"}),
        ("rsa", {"pss": True}),
        ("rsa", {"attributes": False}),
        ("ecdsa", {}),
        ("ecdsa", {"attributes": False}),
        ("ed25519", {"digest": "sha512"}),
    ],
)
@pytest.mark.parametrize("form", [bytes, open_lengths, pem, base64.b64encode], ids=["der", "ber", "pem", "base64"])
def test_every_form_and_algorithm_is_verified(tmp_path, kind, options, form):
    content, facts = opened(tmp_path, form(envelope(DOCUMENT, [person(kind)], **options)))
    assert content == DOCUMENT
    assert facts.intact


def test_a_document_that_was_changed_is_opened_and_the_fact_says_so(tmp_path):
    made = envelope(DOCUMENT)
    at = made.index(b"relazione")
    content, facts = opened(tmp_path, made[:at] + b"relaziona" + made[at + 9 :])
    assert content.count(b"relaziona") == 1
    assert (facts.signers[0].digest_holds, facts.signers[0].signature_holds) == (False, True)
    assert not facts.intact


def test_a_signature_made_over_the_content_itself_falls_with_it(tmp_path):
    made = envelope(DOCUMENT, attributes=False)
    at = made.index(b"relazione")
    _, facts = opened(tmp_path, made[:at] + b"relaziona" + made[at + 9 :])
    assert (facts.signers[0].digest_holds, facts.signers[0].signature_holds) == (False, False)


def test_attributes_that_were_changed_break_the_signature_and_not_the_digest(tmp_path):
    made = envelope(DOCUMENT)
    moment = b"210304103000Z"
    assert made.count(moment) == 1
    _, facts = opened(tmp_path, made.replace(moment, b"200304103000Z"))
    assert (facts.signers[0].digest_holds, facts.signers[0].signature_holds) == (True, False)


def test_the_signature_of_another_key_does_not_hold(tmp_path):
    thief = Person(person("rsa", "Un altro", "X", 99).key, person().certificate)
    _, facts = opened(tmp_path, envelope(DOCUMENT, [thief]))
    assert (facts.signers[0].digest_holds, facts.signers[0].signature_holds) == (True, False)


def test_several_signers_each_have_their_own_facts(tmp_path):
    other = person("ecdsa", "Piero Prova", "IT:PRVPRI75B02D142Y", 12)
    infos = [signer_info(person(), DOCUMENT, timestamp=True), signer_info(other, b"un altro testo")]
    _, facts = opened(tmp_path, envelope(DOCUMENT, [person(), other], infos=infos))
    found = {one.common_name: (one.tax_code, one.digest_holds, one.timestamped) for one in facts.signers}
    assert found == {MARIA: (CF_MARIA, True, True), "Piero Prova": ("PRVPRI75B02D142Y", False, False)}


def test_a_countersignature_is_told_as_one(tmp_path):
    other = person("ecdsa", "Piero Prova", "IT:PRVPRI75B02D142Y", 12)
    _, facts = opened(tmp_path, envelope(DOCUMENT, counter=other))
    assert [(one.common_name, one.countersigns) for one in facts.signers] == [(MARIA, False), ("Piero Prova", True)]
    assert facts.intact


def test_an_envelope_in_an_envelope_is_a_part_with_its_own_signature(tmp_path):
    inner = envelope(DOCUMENT)
    path = tmp_path / "busta"
    path.write_bytes(envelope(inner, [person("ecdsa", "Piero Prova", "X", 12)]))
    with unpack(path, P7M, Limits(), tmp_path / "work", name="atto.pdf.p7m.p7m") as unpacked:
        (part,) = unpacked.parts
        assert part.name == "atto.pdf.p7m"
        assert inspect(part.path).media_type == P7M
        assert unpacked.signature is not None
        assert [one.common_name for one in unpacked.signature.signers] == ["Piero Prova"]
        assert part.path.read_bytes() == inner


def test_a_signer_without_a_certificate_stays_nameless(tmp_path):
    content, facts = opened(tmp_path, envelope(DOCUMENT, certificates=False))
    assert content == DOCUMENT
    assert (facts.signers[0].common_name, facts.signers[0].digest_holds, facts.signers[0].signature_holds) == (
        "",
        True,
        None,
    )
    assert not facts.intact


def test_a_signer_that_cannot_be_parsed_does_not_close_the_document(tmp_path):
    made = envelope(DOCUMENT)
    info = signer_info(person(), DOCUMENT)["digest_algorithm"].dump()
    at = made.rindex(info)
    content, facts = opened(tmp_path, made[:at] + b"\x04" + made[at + 1 :])
    assert content == DOCUMENT
    assert [one.signature_holds for one in facts.signers] == [None]
    assert not facts.intact


def refused(tmp_path: Path, data: bytes, error: type[Exception]) -> None:
    path = tmp_path / "busta"
    path.write_bytes(data)
    with pytest.raises(error):
        inspect(path)
    with pytest.raises(error), unpack(path, P7M, Limits(), tmp_path / "work"):
        pass
    assert not list((tmp_path / "work").iterdir()), "nothing is left behind"


@pytest.mark.parametrize("form", [bytes, pem], ids=["der", "pem"])
def test_a_detached_signature_is_refused_as_one(tmp_path, form):
    made = form(envelope(DOCUMENT, detached=True))
    path = tmp_path / "busta"
    path.write_bytes(made)
    with pytest.raises(DetachedSignatureError), unpack(path, P7M, Limits(), tmp_path / "work"):
        pass


@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
@pytest.mark.parametrize("form", [bytes, open_lengths], ids=["der", "ber"])
def test_an_envelope_cut_short_is_refused(tmp_path, form, share):
    made = form(envelope(DOCUMENT))
    refused(tmp_path, made[: int(len(made) * share)], UnreadableFileError)


def test_a_pem_cut_short_is_refused(tmp_path):
    made = pem(envelope(DOCUMENT))
    refused(tmp_path, made[: len(made) // 2], UnreadableFileError)


def test_an_encrypted_envelope_is_refused_as_one(tmp_path):
    made = envelope(DOCUMENT).replace(bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010703"), 1)
    refused(tmp_path, made, EncryptedFileError)


def test_lengths_left_open_inside_each_other_without_end_are_refused(tmp_path):
    head = bytes.fromhex("308006092a864886f70d010702")
    refused(tmp_path, head + b"\xa0\x80" + b"\x30\x80" * 5000, UnreadableFileError)


def test_opening_ends_at_the_deadline(tmp_path):
    path = tmp_path / "busta"
    path.write_bytes(envelope(DOCUMENT))
    with pytest.raises(OpenTimeoutError), unpack(path, P7M, Limits(open_timeout_s=0), tmp_path / "work"):
        pass


def test_names_do_not_reach_the_log(tmp_path, caplog):
    caplog.set_level("DEBUG")
    opened(tmp_path, envelope(DOCUMENT))
    assert "Prova" not in caplog.text
    assert CF_MARIA not in caplog.text


@pytest.mark.parametrize("head", [b"MIME-Version: 1.0\r\n", b"M" * 200, b"0\x82\x01\x00 qualcosa", b"%PDF-1.7"])
def test_other_beginnings_are_no_envelope(head):
    assert not signature.is_envelope(head)
