"""Where documents are after a word on them was said or taken back: waiting for a person, or filed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from faldone.catalog.records import Document
from faldone.domain.attribution import Band
from faldone.domain.ids import DocumentId, PersonId
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.bench_words import Words


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Those that wait for a person, and those that are filed; what is no document any more is in neither."""

    waiting: tuple[Document, ...]
    filed: tuple[Document, ...]

    @property
    def dossiers(self) -> tuple[PersonId, ...]:
        """Into whose dossiers the filed ones went."""
        holders = (one.value.person for document in self.filed for one in document.proposal.holders)
        return tuple(dict.fromkeys(person for person in holders if person is not None))


def whereabouts(documents: Sequence[DocumentId], ports: Ports) -> Whereabouts:
    """Where these documents are now."""
    known = ports.catalog.documents_with(documents)
    found = [known[one] for one in documents if one in known and not known[one].retired]
    return Whereabouts(
        tuple(one for one in found if one.proposal.band is not Band.AUTO),
        tuple(one for one in found if one.proposal.band is Band.AUTO),
    )


def come_back(where: Whereabouts) -> Words:
    """What became of documents on which a word was taken back; dossiers by their ids, for no name is to be logged."""
    italian, english = [], []
    if waiting := len(where.waiting):
        italian.append(f"{waiting} {'torna' if waiting == 1 else 'tornano'} da rivedere")
        english.append(f"{waiting} to review again")
    if filed := len(where.filed):
        dossiers = where.dossiers
        kept = ", ".join(dossiers[:3]) + ("…" if len(dossiers) > 3 else "")
        into = (f", {'fascicolo' if len(dossiers) == 1 else 'fascicoli'} {kept}", f", dossier {kept}")
        italian.append(
            ("1 non torna: è archiviato" if filed == 1 else f"{filed} non tornano: sono archiviati")
            + (into[0] if kept else "")
        )
        english.append(f"{filed} not: filed" + (into[1] if kept else ""))
    return ("; ".join(italian) or "i fogli sono di nuovo com'erano", "; ".join(english) or "sheets as they were")
