"""The whole tree of faldone's errors. This module imports nothing of ours.

    FaldoneError                 reference · exit_code · retryable · message / context / hint
    ├── ConfigError              a setting is wrong                                    stop, exit 78
    ├── DependencyError          tesseract, a language or a server is missing          stop, exit 69
    ├── InputError               permanent: the file or page is quarantined with its reason
    │   ├── UnsupportedFormatError · UnreadableFileError · EncryptedFileError
    │   ├── UnsafePathError · ImageTooLargeError · EmptyFileError · NotPermittedError
    │   ├── ExportNeededError    an UnsupportedFormatError: a spreadsheet or slides
    │   ├── EmptyContainerError · TooExpandedError · TooDeepError · OpenTimeoutError · DetachedSignatureError
    │   └── ConverterMissingError · ConversionFailedError · InvalidSidecarError
    ├── OcrError                 OcrTimeoutError · OcrCrashedError · OcrOutputError    tried again, then quarantined
    ├── UnavailableError         retryable: IndexUnavailableError · CatalogUnavailableError · HomeBusyError
    ├── SearchError              QuerySyntaxError · BulkRejectedError
    ├── BatchGapsError           a batch does not add up and is not closed
    ├── UndecidableError         a decision that lacks something, or contradicts what stands
    │   └── StaleError           what was decided on is not what it was when it was looked at
    ├── ModelError               a learned model that is not what it was, or of another faldone: never used
    ├── NotFoundError            DocumentNotFoundError · PageNotFoundError
    └── IntegrityError           never retried, always loud: DigestMismatchError

Workers read ``retryable`` and never match the text of a message. Messages are Italian first with
English beside them, because a clerk may read them; ``hint`` says what to type next.
"""

from __future__ import annotations

import struct
import zlib
from typing import ClassVar

DECODING_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    LookupError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow, by plugin, and libheif raise on damaged images."""


class FaldoneError(Exception):
    """Base of every error that faldone raises on purpose.

    Args:
        message: what happened, in words that a clerk understands («italiano / English»).
        hint: what to do or type next, in the same form; empty when there is nothing to do.
    """

    reference: ClassVar[str] = "errore"
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(FaldoneError):
    """A setting is missing, unknown or contradictory."""

    reference = "config"
    exit_code = 78


class DependencyError(FaldoneError):
    """A program, language or server that faldone needs is not there."""

    reference = "dependency"
    exit_code = 69


class InputError(FaldoneError):
    """The input itself is at fault: trying again cannot help, so it is quarantined.

    ``reason`` is the value of a :class:`faldone.domain.reasons.Reason`.
    """

    reference = "input"
    exit_code = 65
    reason: ClassVar[str] = "unreadable"


class EmptyFileError(InputError):
    """The file holds no bytes."""

    reference = reason = "empty-file"


class UnsupportedFormatError(InputError):
    """The bytes are of no format that faldone opens."""

    reference = reason = "unsupported-format"


class UnreadableFileError(InputError):
    """The format is known but the bytes are damaged or cut short."""

    reference = reason = "unreadable"


class EncryptedFileError(InputError):
    """The file wants a password."""

    reference = reason = "encrypted"


class ImageTooLargeError(InputError):
    """An image has more pixels, or a file more pages, than the limits allow."""

    reference = reason = "too-large"


class UnsafePathError(InputError):
    """The path is a symlink, a device, a FIFO, or leads out of the inbox."""

    reference = reason = "unsafe-path"


class NotPermittedError(InputError):
    """The file may not be read."""

    reference = reason = "not-permitted"


class ExportNeededError(UnsupportedFormatError):
    """A spreadsheet or slides: only its author knows how it is to look on paper."""

    reference = reason = "export-needed"


class EmptyContainerError(InputError):
    """Nothing that could be used is inside."""

    reference = reason = "empty-container"


class TooExpandedError(InputError):
    """What comes out of a container is more than the limits allow: parts, bytes, or bytes for each byte."""

    reference = reason = "too-expanded"


class TooDeepError(InputError):
    """Containers lie inside each other deeper than the limit."""

    reference = reason = "too-deep"


class OpenTimeoutError(InputError):
    """Looking into the file took longer than the limit."""

    reference = reason = "open-timeout"


class DetachedSignatureError(InputError):
    """A signature without the document that was signed."""

    reference = reason = "detached-signature"


class ConverterMissingError(InputError):
    """The document needs LibreOffice, which is not installed: an InputError, so that the rest goes on without it."""

    reference = reason = "converter-missing"


class ConversionFailedError(InputError):
    """LibreOffice could not make a PDF of the document."""

    reference = reason = "conversion-failed"


class InvalidSidecarError(InputError):
    """A data file beside the scans that cannot be understood.

    Args:
        message: see :class:`FaldoneError`; it quotes what does not fit, so that it stays out of the ledger and the log.
        fault: what is wrong, as a code.
        line: in which line of a table, or element of a list, counted from 1; None when it is the whole file.
    """

    reference = reason = "sidecar-invalid"

    def __init__(self, message: str, *, fault: str, line: int | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.line = line


class OcrError(FaldoneError):
    """The recognition engine failed on one page."""

    reference = "ocr"
    retryable = True
    reason: ClassVar[str] = "ocr-failed"


class OcrTimeoutError(OcrError):
    """The engine took longer than the page's time limit and was killed."""

    reference = "ocr-timeout"
    reason = "ocr-timeout"


class OcrCrashedError(OcrError):
    """The engine died on a signal or exited with an error."""

    reference = "ocr-crashed"
    reason = "ocr-crashed"


class OcrOutputError(OcrError):
    """The engine ended well but what it wrote cannot be read."""

    reference = "ocr-output"
    reason = "ocr-failed"


class UnavailableError(FaldoneError):
    """A part is away for now; the same call may go through later."""

    reference = "unavailable"
    exit_code = 75
    retryable = True


class IndexUnavailableError(UnavailableError):
    """The search index does not answer or is held by another process."""

    reference = "index-unavailable"


class CatalogUnavailableError(UnavailableError):
    """The catalog's database does not answer."""

    reference = "catalog-unavailable"


class HomeBusyError(UnavailableError):
    """Another process runs this home already."""

    reference = "home-busy"


class SearchError(FaldoneError):
    """A search or an index write was refused."""

    reference = "search"


class QuerySyntaxError(SearchError):
    """The query cannot be understood; ``column`` is 1-based."""

    reference = "query-syntax"
    exit_code = 64

    def __init__(self, message: str, *, column: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.column = column


class BulkRejectedError(SearchError):
    """The index refused some documents of a bulk; ``items`` maps document id to the engine's reason."""

    reference = "bulk-rejected"
    retryable = True

    def __init__(self, message: str, *, items: dict[str, str]) -> None:
        super().__init__(message)
        self.items = items


class BatchGapsError(FaldoneError):
    """A batch that does not add up is not closed without a reason."""

    reference = "batch-gaps"
    exit_code = 65


class UndecidableError(FaldoneError):
    """A decision lacks something or contradicts what stands: nothing is changed."""

    reference = "undecidable"
    exit_code = 65


class StaleError(UndecidableError):
    """Somebody was first, or the proposal changed: what was looked at is not what it was. Nothing was applied."""

    reference = "stale"
    exit_code = 65


class ModelError(FaldoneError):
    """A learned model is missing, damaged, altered or of another faldone: it is not used."""

    reference = "model"
    exit_code = 65


class NotFoundError(FaldoneError):
    """What was asked for is not in the archive."""

    reference = "not-found"
    exit_code = 66


class DocumentNotFoundError(NotFoundError):
    """No document has this id."""

    reference = "document-not-found"


class PageNotFoundError(NotFoundError):
    """No page has this id."""

    reference = "page-not-found"


class IntegrityError(FaldoneError):
    """Stored bytes or the ledger are not what they were: never retried, always loud."""

    reference = "integrity"
    exit_code = 76


class DigestMismatchError(IntegrityError):
    """Bytes do not hash to their digest."""

    reference = "digest-mismatch"
