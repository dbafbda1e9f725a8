"""The verdict on a page while its paper is still on the table: from plain measures to flaws, by pure rules.

The bounds come from made-up dossiers of every level of damage and from worse damage done on purpose; `tests.bench.gate`
measures them again. Error rates (CER) are Tesseract's on three of those pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from statistics import median


class Verdict(StrEnum):
    """What the operator is to do: nothing, look at the image, scan again."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"

    @property
    def italian(self) -> str:
        """The word on the screen."""
        return _VERDICTS[self][0]

    @property
    def english(self) -> str:
        """The same in English."""
        return _VERDICTS[self][1]


_VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.GOOD: ("Buona", "Good"),
    Verdict.DOUBTFUL: ("Da guardare", "Look at it"),
    Verdict.BAD: ("Da rifare", "Scan again"),
}


class Severity(IntEnum):
    """How much a flaw weighs in the verdict; information weighs nothing."""

    INFORMATION = 0
    DOUBTFUL = 1
    BAD = 2


class Flaw(StrEnum):
    """The code of a flaw; :meth:`italian` and :meth:`english` are its sentences."""

    BLANK = "blank"
    SKEWED = "skewed"
    SIDEWAYS = "sideways"
    UPSIDE_DOWN = "upside-down"
    BLURRED = "blurred"
    FAINT = "faint"
    DARK = "dark"
    LOW_RESOLUTION = "low-resolution"
    CUT_EDGE = "cut-edge"
    DOUBLE_FEED = "double-feed"

    @property
    def italian(self) -> str:
        """The sentence that an operator reads."""
        return _SENTENCES[self][0]

    @property
    def english(self) -> str:
        """The same in English."""
        return _SENTENCES[self][1]


_SENTENCES: dict[Flaw, tuple[str, str]] = {
    Flaw.BLANK: (
        "La pagina sembra bianca.",
        "The page seems blank.",
    ),
    Flaw.SKEWED: (
        "Il foglio è storto.",
        "The sheet lies askew.",
    ),
    Flaw.SIDEWAYS: (
        "Il foglio è di traverso: viene raddrizzato da solo.",
        "The sheet lies on its side: it is turned by itself.",
    ),
    Flaw.UPSIDE_DOWN: (
        "Il foglio è capovolto: viene raddrizzato da solo.",
        "The sheet lies upside down: it is turned by itself.",
    ),
    Flaw.BLURRED: (
        "L'immagine è sfocata o mossa: controllare il vetro e che il foglio stia fermo.",
        "The image is out of focus or moved: check the glass, and that the sheet keeps still.",
    ),
    Flaw.FAINT: (
        "Il testo è molto chiaro: aumentare il contrasto, o scansionare in toni di grigio.",
        "The text is very faint: raise the contrast, or scan in grey.",
    ),
    Flaw.DARK: (
        "L'immagine è troppo scura o ha zone nere: diminuire la densità e chiudere il coperchio.",
        "The image is too dark or has black patches: lower the density and close the lid.",
    ),
    Flaw.LOW_RESOLUTION: (
        "La risoluzione è troppo bassa per leggere bene: scansionare a 300 dpi.",
        "The resolution is too low to read well: scan at 300 dpi.",
    ),
    Flaw.CUT_EDGE: (
        "Il testo arriva al bordo dell'immagine: controllare che il foglio sia tutto dentro.",
        "Text runs into the edge of the image: check that the whole sheet is inside.",
    ),
    Flaw.DOUBLE_FEED: (
        "Forse sono passati due fogli insieme: contarli e passarli uno alla volta.",
        "Two sheets may have gone through together: count them and feed them one at a time.",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be with a page, and how much it weighs."""

    flaw: Flaw
    severity: Severity


@dataclass(frozen=True, slots=True)
class PageMeasures:
    """What a look at a page measured.

    Attributes:
        width_px, height_px: size of the scan.
        dpi: resolution of the scan.
        dpi_declared: whether the file says the resolution; else it was guessed, and sizes in mm mean little.
        bilevel: whether the scan is black and white only.
        letters: letter-like components, as recognition counts them.
        blank: whether recognition would take the page for blank.
        traces: letter-like components too pale for recognition; looked for only when ``blank``.
        traces_lined: how much better the traces lie on lines than at random: about 1.0 for grain.
        rotation: how far the page is likely to be turned clockwise to stand upright; ``None`` when not known.
        skew_deg: how far lines fall to the right, in degrees, up to 25 either way.
        letter_px: median height of a letter, in pixels of the scan; 0.0 when there is none.
        edge_px: width of the letters' edges, in pixels at 150 dpi (of the scan when that is coarser): the contrast
            of an edge over its steepest step, 1.0 being perfectly sharp; 0.0 when too few edges stand out. When
            ``blank`` it is that of the traces after smoothing.
        paper: brightness of the paper, 0 black to 255 white.
        contrast: how much darker than the paper the letters (or traces) are, 0.0-1.0.
        fill: share of ink in the boxes around the letters.
        dark_share: share of the page, without its margins, that is less than half as bright as the paper.
        cut_ends: letters that the left or right edge (as the page is read) cuts out of a word.
        cut_lines: letters that the upper or lower edge cuts.
        margin_mm: how far the first or the last line of text is from the upper or lower edge, the less of the two;
            10.0 when it is that or more.
        seam: share of the page's width across which one thin dark line runs: the edge of a second sheet runs across
            all of it, a printed rule only from margin to margin.
        stripes: how much bars as far apart as lines of text stripe the page, as a share of the paper's brightness;
            looked for only when ``blank``.
    """

    width_px: int
    height_px: int
    dpi: int
    dpi_declared: bool
    bilevel: bool
    letters: int
    blank: bool
    traces: int
    traces_lined: float
    rotation: int | None
    skew_deg: float
    letter_px: float
    edge_px: float
    paper: float
    contrast: float
    fill: float
    dark_share: float
    cut_ends: int
    cut_lines: int
    margin_mm: float
    seam: float
    stripes: float = 0.0

    @property
    def width_mm(self) -> float:
        """Width of the sheet, across the scanner's feed."""
        return self.width_px * _MM_PER_INCH / self.dpi

    @property
    def height_mm(self) -> float:
        """Height of the sheet, along the scanner's feed."""
        return self.height_px * _MM_PER_INCH / self.dpi


_MM_PER_INCH = 25.4

_TOLD_SKEW_DEG, _FAR_SKEW_DEG, _LOST_SKEW_DEG = 2.0, 5.0, 12.0
"""Recognition straightens up to 5 degrees; the engine alone still reads at 9 (CER 0.01), not well at 11 (0.05) and
nothing at 13 (0.95)."""

_SOFT_PX, _LOST_PX = 2.0, 3.0
"""Ordinary pages have 1.0-1.9; blurred at 300 dpi with sigma 2 px 2.0-2.5 (CER as before), with 3 px 2.7-3.4 (CER up to
0.09), with 4 px 3.6-5.2 (CER up to 1.0)."""

_LOST_SHARE_OF_LETTER = 0.2
"""Large print bears more blur: only edges wider than this share of a letter's height make it unreadable."""

_STRIPES, _CLEAR_STRIPES = 0.024, 0.03
"""Blank backs, whatever shows through, had up to 0.0196 (110 of the generator's, half of them medium or hard); pages of
text blurred at 200 dpi with sigma 6 px, on which no letter is left, 0.037 (half of 75), with 8 px 0.031. A page with a
few lines has less: it is told by its place among the fronts."""

_PALE_CONTRAST, _LOST_CONTRAST = 0.4, 0.2
"""Ordinary pages have 0.59 and more, the palest of a hard box 0.36; at 0.3 pages read well (CER 0.00), at 0.15
recognition takes them for blank."""

_TRACES_LINED, _TRACES_SHARP_PX, _TRACES_CONTRAST, _PALER_LINED = 4.5, 2.4, 0.065, 6.5
"""Faint print of that contrast had 4.9-17 and 1.9-2.4; show-through of that contrast, which the paper blurs, lay on
lines less well or had wider edges (2.5-3.1); grain has 1-3. Paler traces, even sharp and well on lines, may be the
other side of thin paper."""

_MARKS, _MARKS_CONTRAST = 8, 0.2
"""Show-through has at most 0.14, and ring holes and a staple are fewer: this is pencil, or print blurred away."""

_THIN_FILL, _THICK_FILL = 0.34, 0.62
"""Letters of ordinary black-and-white scans have 0.41-0.60; blurred or copied too dark 0.55-0.68 (CER 0.02-0.3)."""

_DARK_PAPER, _BLACK_PAPER = 110.0, 20.0
_DARK_SHARE, _BLACK_SHARE = 0.25, 0.6

_COARSE_DPI, _SMALL_LETTER_PX, _LOST_LETTER_PX = 140, 9.0, 5.0
"""Letters of 10-12 points have 12-17 px at 150 dpi, 7 at 100 (CER 0.01), 5 at 72 (CER 0.02-0.03)."""

_SOME_ENDS, _MANY_ENDS = 2, 5
_SOME_CUT, _MANY_CUT = 9, 15
_MARGIN_MM = 4.0
"""Ordinary pages have no cut ends, up to 1 cut letter and 10 mm of margin; real scans up to 6 letters, from 6 mm."""

_SEAM = 0.9
"""Ordinary pages have up to 0.88 (a rule from margin to margin), overlapping sheets 0.88-1.0."""

_LONG_FOR_WIDTH, _SHEET_WIDTH_MM = 1.75, 140.0
"""Legal paper, the longest in use, is 1.65 times as long as wide; receipts are narrower than a sheet."""

_A4_LENGTH_MM, _LONG_CROSSWISE_MM, _A3_MM = 297.0, 240.0, (405.0, 432.0)
"""An A4 sheet that went in crosswise is 210 mm long, and what is as wide but longer is A3 or two sheets."""

_LENGTHS_MM = (210.0, 279.4, 297.0, 310.0, 330.0, 355.6, 420.0)
_LONG_FOR_SIBLINGS, _SAME_LENGTH_MM = 1.12, 3.0


def judge(page: PageMeasures, siblings: Sequence[PageMeasures] = ()) -> tuple[Verdict, tuple[Flaw, ...]]:
    """The verdict and the flaws that speak for it, the worst first; see :func:`findings`."""
    found = findings(page, siblings)
    worst = max((finding.severity for finding in found), default=Severity.INFORMATION)
    verdict = {Severity.INFORMATION: Verdict.GOOD, Severity.DOUBTFUL: Verdict.DOUBTFUL, Severity.BAD: Verdict.BAD}
    return verdict[worst], tuple(finding.flaw for finding in found)


def findings(page: PageMeasures, siblings: Sequence[PageMeasures] = ()) -> tuple[Finding, ...]:
    """All flaws of a page with their severities, the worst first.

    Args:
        page: its measures.
        siblings: those of other pages of the same batch, by which an over-long page is told.
    """
    weighed = {
        Flaw.BLURRED: _blurred(page),
        Flaw.FAINT: _faint(page),
        Flaw.DARK: _dark(page),
        Flaw.LOW_RESOLUTION: _coarse(page),
        Flaw.CUT_EDGE: _cut(page),
        Flaw.DOUBLE_FEED: _double(page, siblings),
        Flaw.SKEWED: _step(abs(page.skew_deg), _TOLD_SKEW_DEG, _FAR_SKEW_DEG, _LOST_SKEW_DEG),
        Flaw.SIDEWAYS: Severity.INFORMATION if page.rotation in (90, 270) else None,
        Flaw.UPSIDE_DOWN: Severity.INFORMATION if page.rotation == 180 else None,
    }
    if page.blank and weighed[Flaw.FAINT] is None and weighed[Flaw.BLURRED] is None:
        weighed[Flaw.BLANK] = Severity.INFORMATION
    found = [Finding(flaw, severity) for flaw, severity in weighed.items() if severity is not None]
    return tuple(sorted(found, key=lambda finding: -finding.severity))


def _step(value: float, told: float, doubtful: float, bad: float) -> Severity | None:
    """The severity of a measure that is the worse the larger it is."""
    if value >= bad:
        return Severity.BAD
    if value >= doubtful:
        return Severity.DOUBTFUL
    return Severity.INFORMATION if value >= told else None


def _blurred(page: PageMeasures) -> Severity | None:
    if page.bilevel:
        return None
    if page.blank:  # no letter is left of what was blurred that much
        return _step(page.stripes, _STRIPES, _STRIPES, _CLEAR_STRIPES)
    letter = page.letter_px * min(1.0, 150 / page.dpi)
    lost = max(_LOST_PX, _LOST_SHARE_OF_LETTER * letter)
    return _step(page.edge_px, _SOFT_PX, _SOFT_PX, lost)


def _faint(page: PageMeasures) -> Severity | None:
    if page.blank:
        if page.edge_px > _TRACES_SHARP_PX or page.traces_lined < _TRACES_LINED:
            marked = page.traces >= _MARKS and page.contrast >= _MARKS_CONTRAST
            return Severity.DOUBTFUL if marked else None
        if page.contrast >= _TRACES_CONTRAST:
            return Severity.BAD
        return Severity.DOUBTFUL if page.traces_lined >= _PALER_LINED else None
    if page.bilevel:
        return Severity.DOUBTFUL if page.fill < _THIN_FILL else None
    return _step(-page.contrast, -_PALE_CONTRAST, -_PALE_CONTRAST, -_LOST_CONTRAST)


def _dark(page: PageMeasures) -> Severity | None:
    if page.paper < _BLACK_PAPER or page.dark_share > _BLACK_SHARE:
        return Severity.BAD
    run_together = page.bilevel and not page.blank and page.fill > _THICK_FILL
    return Severity.DOUBTFUL if page.paper < _DARK_PAPER or page.dark_share > _DARK_SHARE or run_together else None


def _coarse(page: PageMeasures) -> Severity | None:
    if not page.blank and page.letter_px < _LOST_LETTER_PX:
        return Severity.BAD
    small = not page.blank and page.letter_px < _SMALL_LETTER_PX
    return Severity.DOUBTFUL if small or (page.dpi_declared and page.dpi < _COARSE_DPI) else None


def _cut(page: PageMeasures) -> Severity | None:
    if page.cut_ends >= _MANY_ENDS or page.cut_lines >= _MANY_CUT:
        return Severity.BAD
    some = page.cut_ends >= _SOME_ENDS or page.cut_lines >= _SOME_CUT or page.margin_mm < _MARGIN_MM
    return Severity.DOUBTFUL if some else None


def _double(page: PageMeasures, siblings: Sequence[PageMeasures]) -> Severity | None:
    """Never more than a suspicion: a fold runs across the page as well, and some papers are long."""
    if page.seam >= _SEAM:
        return Severity.DOUBTFUL
    if not page.dpi_declared:
        return None
    height, width = page.height_mm, page.width_mm
    if abs(width - _A4_LENGTH_MM) <= 8 and height > _LONG_CROSSWISE_MM and not _A3_MM[0] <= height <= _A3_MM[1]:
        return Severity.DOUBTFUL
    if width >= _SHEET_WIDTH_MM and height > _LONG_FOR_WIDTH * width:
        return Severity.DOUBTFUL
    usual = [one.height_mm for one in siblings if one.dpi_declared and abs(one.width_mm - width) <= 0.05 * width]
    named = any(abs(height - length) <= _SAME_LENGTH_MM for length in _LENGTHS_MM)
    longer = len(usual) >= 3 and height > _LONG_FOR_SIBLINGS * median(usual)
    return Severity.DOUBTFUL if longer and not named else None
