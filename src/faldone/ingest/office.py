"""Text documents (docx, odt, doc, rtf): a PDF rendition made by LibreOffice, shut off from everything.

LibreOffice runs with a profile of its own that allows no macro, follows no link and reaches no network: a document
that names a picture of another machine, or a file of this one, does not get it. It is killed with all its children at
the deadline.

A letter whose date is a field shows today's date whenever it is opened. A rendition that did so would put a false date
on record, so the fields of docx, odt and rtf are frozen at what the document shows since it was last saved; in the
binary ``.doc`` they cannot be reached.

The same document on the same machine gives the same bytes: what LibreOffice writes of the moment is replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from faldone.errors import ConversionFailedError, ConverterMissingError, OpenTimeoutError
from faldone.ingest import archive
from faldone.ingest.limits import Budget
from faldone.ingest.media import DOC, DOCX, ODT, RTF

_PROGRAMS = ("soffice", "libreoffice")
_IMPORT = {
    DOCX: ("docx", "MS Word 2007 XML"),
    ODT: ("odt", "writer8"),
    DOC: ("doc", "MS Word 97"),
    RTF: ("rtf", "Rich Text Format"),
}
"""Suffix and import filter by media type: the filter is named, so that nothing else is tried on the bytes."""

_COMMON, _WRITER, _NETWORK = (
    "/org.openoffice.Office.Common/Security/Scripting",
    "/org.openoffice.Office.Writer/Content/Update",
    "/org.openoffice.Inet/Settings",
)
_SETTINGS = (
    (_COMMON, "MacroSecurityLevel", "3"),
    (_COMMON, "DisableMacrosExecution", "true"),
    (_COMMON, "DisableActiveContent", "true"),
    (_COMMON, "BlockUntrustedRefererLinks", "true"),
    (_WRITER, "Link", "0"),
    (_WRITER, "Field", "false"),
    # a proxy where nobody listens (port 9, discard)
    (_NETWORK, "ooInetProxyType", "2"),
    (_NETWORK, "ooInetHTTPProxyName", "127.0.0.1"),
    (_NETWORK, "ooInetHTTPProxyPort", "9"),
    (_NETWORK, "ooInetHTTPSProxyName", "127.0.0.1"),
    (_NETWORK, "ooInetHTTPSProxyPort", "9"),
    (_NETWORK, "ooInetNoProxy", ""),
)

_DOCX_FIELD = re.compile(rb"""(<w:instrText[^>]*>\s*|w:instr=["']\s*)(?=(?:DATE|TIME)\b)""", re.IGNORECASE)
_ODT_FIELD = re.compile(rb"</?text:(?:date|time)\b[^>]*>")
_RTF_FIELD = re.compile(rb"(\\fldinst\b[^}]{0,200}?[\s{])(?=(?:DATE|TIME)\b)", re.IGNORECASE)
_FROZEN = rb"\1X"
"""In front of the field's name: LibreOffice knows no such field and shows what the document has stored of it."""

_MOMENT = re.compile(rb"/CreationDate\(D:[^)]*\)|/ID \[[^\]]*\]|/DocChecksum /[0-9A-F]{32}")
_HEXADECIMAL = re.compile(rb"(?<=[</])[0-9A-F]{32}\b")
_DATE = re.compile(rb"(?<=D:)\d{14}")
_FIRST_MOMENT = b"20000101000000"


def converter() -> str | None:
    """Where LibreOffice is; ``None`` when it is not installed."""
    return next((found for program in _PROGRAMS if (found := shutil.which(program))), None)


def rendition(path: Path, media_type: str, folder: Path, budget: Budget) -> Path:
    """A PDF of the document at ``path``, made within ``folder``.

    Raises:
        ConverterMissingError: LibreOffice is not installed.
        ConversionFailedError: it could not make a PDF of the document.
        OpenTimeoutError: it took too long and was killed.
        UnreadableFileError: the document is damaged or cut short.
        TooExpandedError: the document, or its PDF, is too large.
    """
    program = converter()
    if program is None:
        raise ConverterMissingError(
            "Serve LibreOffice per aprire questo documento / LibreOffice is needed to open this document",
            hint="installarlo o convertire il file in PDF / install it or convert the file to PDF",
        )
    suffix, import_filter = _IMPORT[media_type]
    source, made = folder / f"document.{suffix}", folder / "made"
    made.mkdir()
    _copy(path, source, media_type, budget)
    profile = _profile(folder / "profile")
    _run(
        [
            program,
            f"-env:UserInstallation={profile.as_uri()}",
            *("--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault"),
            f"--infilter={import_filter}",
            *("--convert-to", "pdf:writer_pdf_Export", "--outdir", str(made), str(source)),
        ],
        profile,
        budget,
    )
    result = made / "document.pdf"
    if not result.is_file() or not result.stat().st_size:
        raise ConversionFailedError(
            "LibreOffice non riesce a convertire il documento / LibreOffice cannot convert the document",
            hint="esportarlo in PDF con il programma che lo ha scritto / export it to PDF where it was written",
        )
    budget.take(result.stat().st_size)
    with path.open("rb") as stream:
        _forget_moment(result, hashlib.file_digest(stream, "sha256").hexdigest())
    return result


def _copy(path: Path, target: Path, media_type: str, budget: Budget) -> None:
    """A copy whose fields are frozen. Copying a zip tests it: LibreOffice would repair a damaged one without a word."""
    if media_type == DOCX:
        archive.rewrite(path, target, budget, lambda _name, data: _DOCX_FIELD.sub(_FROZEN, data), ".xml")
    elif media_type == ODT:
        archive.rewrite(path, target, budget, lambda _name, data: _ODT_FIELD.sub(b"", data), "content.xml")
    elif media_type == RTF:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = 0
            with target.open("xb") as copy:
                for found in _RTF_FIELD.finditer(data):
                    copy.write(data[at : found.end()] + b"X")
                    at = found.end()
                copy.write(data[at:])
    else:
        shutil.copyfile(path, target)


def _profile(folder: Path) -> Path:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>'
    )
    return folder


def _run(command: list[str], profile: Path, budget: Budget) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(profile),
        "TMPDIR": str(profile),
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
        "SOURCE_DATE_EPOCH": "946684800",
    }
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=profile,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(budget.deadline.remaining())
    except subprocess.TimeoutExpired as error:
        raise OpenTimeoutError(
            "La conversione del documento ha superato il tempo massimo / Converting the document took too long"
        ) from error
    finally:
        with contextlib.suppress(ProcessLookupError):  # soffice is a script: its children outlive it
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _forget_moment(pdf: Path, digest: str) -> None:
    """Replaces the moment of conversion and what was derived from it, in place and of the same length."""
    identifier = digest[:32].upper().encode()

    def timeless(found: re.Match[bytes]) -> bytes:
        return _DATE.sub(_FIRST_MOMENT, _HEXADECIMAL.sub(identifier, found[0]))

    data = pdf.read_bytes()
    start = max(0, len(data) - 4096)  # the information and the trailer come last
    pdf.write_bytes(data[:start] + _MOMENT.sub(timeless, data[start:]))
