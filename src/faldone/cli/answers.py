"""How an answer is shown: persons first, then documents with the words in their place; and the same as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from faldone.classify.lexicon import Lexicon
from faldone.cli.console import out, plain
from faldone.cli.words import BANDS, FACETS, type_name
from faldone.domain.attribution import Band
from faldone.pipeline.filing.results import document_json
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.asking import facet_labels
from faldone.pipeline.search.dossier import PersonCard
from faldone.pipeline.search.find import Answer, Found
from faldone.search.index import Bucket, Facet
from faldone.search.marking import PageHit

_PAGES_SHOWN = 2
_VALUES_SHOWN = 6


def print_cards(cards: Sequence[PersonCard]) -> None:
    """The persons whom a query may be about, a line each."""
    for card in cards:
        born = card.birth_date.strftime("nato/a il %d/%m/%Y") if card.birth_date else ""
        years = "" if card.years is None else "–".join(str(year) for year in dict.fromkeys(card.years))
        services = ", ".join(f"{bucket.value.upper()} {bucket.count}" for bucket in card.services[:_VALUES_SHOWN])
        count = f"{card.documents} documenti" if card.documents != 1 else "1 documento"
        said = [born, card.comune or "", card.cf or "", f"{count} ({services})" if services else count, years]
        mark = " [yellow](omonimi · namesakes)[/yellow]" if card.namesakes else ""
        known = card.id or "non in anagrafe · not on record"
        out.print(
            f"[bold cyan]{plain(card.name)}[/bold cyan]{mark} · "
            + plain(" · ".join(part for part in said if part))
            + f" [dim]· {known}[/dim]"
        )
    if cards:
        out.print()


def print_documents(found: Sequence[Found], lexicon: Lexicon, first: int = 1) -> None:
    """Documents, each with its best pages; the first has the number ``first``."""
    for place, one in enumerate(found, first):
        _print(place, one, lexicon)


def print_hits(pages: Sequence[PageHit]) -> None:
    """Pages with the words on them."""
    for page in pages:
        snippet = plain(page.snippet).replace("«", "[bold yellow]«").replace("»", "»[/bold yellow]")
        out.print(f"   p. {page.index + 1}: {snippet}")


def print_facets(facets: Mapping[Facet, tuple[Bucket, ...]], ports: Ports) -> None:
    """What the documents of an answer are, a line a facet."""
    for facet, buckets in facets.items():
        if buckets:
            labels = _labels(facet, buckets, ports)
            shown = ", ".join(f"{plain(label)} {count}" for label, count in labels[:_VALUES_SHOWN])
            more = " …" if len(labels) > _VALUES_SHOWN else ""
            italian, english = FACETS[facet]
            out.print(f"[bold]{italian}[/bold] [dim]· {english}:[/dim] {shown}{more}")


def summary_json(answer: Answer, cards: Sequence[PersonCard], ports: Ports) -> dict[str, Any]:
    """What an answer tells besides its documents."""
    return {
        "total": answer.total,
        "relaxed": answer.relaxed,
        "next": answer.after,
        "facets": {
            facet.value: [
                {"value": bucket.value, "label": label, "count": bucket.count}
                for bucket, (label, _) in zip(buckets, _labels(facet, buckets, ports), strict=True)
            ]
            for facet, buckets in answer.facets.items()
        },
        "persons": [card_json(card) for card in cards],
    }


def card_json(card: PersonCard) -> dict[str, Any]:
    """A person's card."""
    return {
        "person": card.id,
        "name": card.name,
        "cf": card.cf,
        "birth_date": card.birth_date.isoformat() if card.birth_date else None,
        "comune": card.comune,
        "documents": card.documents,
        "services": {bucket.value.upper(): bucket.count for bucket in card.services},
        "years": list(card.years) if card.years else None,
        "namesakes": card.namesakes,
    }


def found_json(found: Found) -> dict[str, Any]:
    """A document that answers a query."""
    document = document_json(found.document.id, found.document.proposal)
    return {
        "document": found.document.id,
        "file": found.file,
        "first_page": document["first_page"],
        "last_page": document["last_page"],
        "score": round(found.score, 4),
        "type": document["type"],
        "service": document["service"],
        "date": document["date"],
        "band": document["band"],
        "persons": document["persons"],
        "protocol": document["protocol"],
        "pages": [
            {
                "index": page.index,
                "snippet": page.snippet,
                "boxes": [[box.x, box.y, box.width, box.height] for box in page.boxes],
                "size": found.sizes[page.index],
            }
            for page in found.pages
        ],
    }


def _print(place: int, found: Found, lexicon: Lexicon) -> None:
    proposal = found.document.proposal
    holders = ", ".join(holder.value.name for holder in proposal.holders) or "persona da stabilire · person unknown"
    service = proposal.service.value if proposal.service else "servizio da stabilire · service unknown"
    kind = type_name(lexicon, proposal.type.value) if proposal.type else "tipo da stabilire · type unknown"
    date = proposal.date.value.strftime("%d/%m/%Y") if proposal.date else "senza data · no date"
    said = f"{plain(kind)} — {plain(service)} — {date}"
    out.print(f"[bold]{place}. {plain(holders)}[/bold] — {said}")
    first, last = proposal.first_page + 1, proposal.last_page + 1
    pages = f"pagina {first}" if first == last else f"pagine {first}–{last}"
    where = f"{found.document.id} · {plain(found.file)} · {pages} · {BANDS[proposal.band][0]}"
    out.print(f"   [dim]{where}[/dim]")
    print_hits(found.pages[:_PAGES_SHOWN])


def _labels(facet: Facet, buckets: Sequence[Bucket], ports: Ports) -> list[tuple[str, int]]:
    """The values of a facet as people call them, with their counts."""
    if facet is Facet.BAND:
        names = {band.value: BANDS[band][0] for band in Band}
    else:
        names = facet_labels(facet, [bucket.value for bucket in buckets], ports)
    return [(names.get(bucket.value, bucket.value), bucket.count) for bucket in buckets]
