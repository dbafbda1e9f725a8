"""What offices save as text: UTF-8, what spreadsheets call «testo Unicode», and what older ones save."""

from __future__ import annotations

import codecs


def text_of(data: bytes, *, errors: str = "strict") -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or else Windows-1252.

    Raises:
        UnicodeDecodeError: it is none of them and ``errors`` is "strict": no text at all.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors)
