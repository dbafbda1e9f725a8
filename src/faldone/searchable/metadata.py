"""What a searchable PDF says about itself: XMP, and nothing personal but the title that the caller gives."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from faldone.domain.digest import Digest

PRODUCER: Final = "faldone"


@dataclass(frozen=True, slots=True)
class About:
    """What a searchable PDF says about itself.

    Attributes:
        document: the document's id.
        source: the digest of the sealed file that its pages come from.
        made: the date that it bears, aware. The same inputs give the same bytes, so this is none of the clock's
            business: the date of the words, say.
        title: shown by viewers; empty for none. It leaves the archive with the file.
        language: of the words (RFC 5646).
    """

    document: str
    source: Digest
    made: dt.datetime
    title: str = ""
    language: str = "it-IT"

    def __post_init__(self) -> None:
        if self.made.tzinfo is None:
            raise ValueError("a date without its zone")


def xmp(about: About) -> bytes:
    """The XMP packet: PDF/A-2, conformance B (ISO 19005-2, 6.6)."""
    made = about.made.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    title = f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_text(about.title)}</rdf:li></rdf:Alt></dc:title>'
    return f"""\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
{title if about.title else ""}
<dc:identifier>{_text(about.document)}</dc:identifier><dc:source>{about.source}</dc:source>
<dc:language><rdf:Bag><rdf:li>{_text(about.language)}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{made}</xmp:CreateDate><xmp:ModifyDate>{made}</xmp:ModifyDate>
<pdf:Producer>{PRODUCER}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>""".encode()


def _text(text: str) -> str:
    """Escaped, and without the controls that XML cannot hold."""
    return escape("".join(char for char in text if char.isprintable()))
