"""The media types that faldone opens: pages, and containers whose parts become files of their own."""

from __future__ import annotations

PDF, TIFF, JPEG, PNG = "application/pdf", "image/tiff", "image/jpeg", "image/png"
WEBP, HEIC, AVIF = "image/webp", "image/heic", "image/avif"

ZIP = "application/zip"
P7M = "application/pkcs7-mime"
"""A CAdES envelope: CMS signed data with the document inside, DER or base64."""
EML = "message/rfc822"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
DOC = "application/msword"
RTF = "application/rtf"

OFFICE = frozenset({DOCX, ODT, DOC, RTF})
"""Containers of exactly one part: the PDF that LibreOffice makes of them."""

CONTAINERS = frozenset({ZIP, P7M, EML}) | OFFICE


def is_container(media_type: str) -> bool:
    """Whether a file of this type has no pages of its own, but parts that become files of their own."""
    return media_type in CONTAINERS
