"""What is said of pages and batches at the scanner, in a word or two."""

from __future__ import annotations

from collections.abc import Mapping

from faldone.domain.batch import Despite, PageFate
from faldone.domain.verdict import Flaw

Words = tuple[str, str]
"""In Italian and in English."""

FLAWS: Mapping[Flaw, Words] = {
    Flaw.BLANK: ("bianca", "blank"),
    Flaw.SKEWED: ("storta", "askew"),
    Flaw.SIDEWAYS: ("di traverso", "sideways"),
    Flaw.UPSIDE_DOWN: ("capovolta", "upside down"),
    Flaw.BLURRED: ("sfocata", "blurred"),
    Flaw.FAINT: ("troppo chiara", "too faint"),
    Flaw.DARK: ("troppo scura", "too dark"),
    Flaw.LOW_RESOLUTION: ("risoluzione bassa", "too coarse"),
    Flaw.CUT_EDGE: ("tagliata", "cut"),
    Flaw.DOUBLE_FEED: ("due fogli?", "two sheets?"),
}
"""What is wrong with a page, in a word under its picture."""

AT_THE_DOOR: Words = (
    "Mettere a posto il nome o i permessi nella cartella di arrivo: il file si ripresenta da solo, e se non c'è più il "
    "rifiuto si toglie da solo. Altrimenti va escluso dal lotto.",
    "Mend the name or the rights in the inbox: the file comes again by itself, and if it is gone it is no longer told "
    "of. Otherwise exclude it from its batch.",
)
"""What helps with what was refused at the door of an inbox."""

FATES: Mapping[PageFate, Words] = {
    PageFate.FILED: ("archiviate", "filed"),
    PageFate.REVIEW: ("da rivedere", "to review"),
    PageFate.HELD: ("trattenute", "held"),
    PageFate.UNDERWAY: ("in lettura", "being read"),
    PageFate.BLANK: ("bianche", "blank"),
    PageFate.SEPARATOR: ("separatori", "separators"),
    PageFate.DUPLICATE: ("doppie", "duplicates"),
    PageFate.REJECTED: ("non leggibili", "not readable"),
    PageFate.EXCLUDED: ("escluse", "excluded"),
    PageFate.UNACCOUNTED: ("senza sorte", "unaccounted for"),
}
"""What became of pages, as the sum of a batch says it, in that order."""

DESPITE: Mapping[Despite, Words] = {
    Despite.RESCANNED: ("i fogli sono stati ripassati", "the sheets were fed again"),
    Despite.COUNTED_WRONG: ("i fogli erano stati contati male", "the sheets had been counted wrong"),
    Despite.PAPER_DAMAGED: ("la carta è rovinata: meglio di così non viene", "the paper is damaged: it gets no better"),
    Despite.PAPER_MISSING: ("la carta non si trova", "the paper cannot be found"),
    Despite.LOOKED_AT: ("le pagine sono state guardate: vanno bene così", "the pages were looked at and are fine"),
}
"""Why a batch is closed although it has gaps, or its declared sheets are put right."""
