"""What time, copiers and scanners do to a page. A plan is drawn first (pure), then carried out on pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np

from faldone.demo.render import Pixels

Level: TypeAlias = Literal["none", "light", "medium", "hard"]

_NOISE_SIGMA = 24.0


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to one page.

    ``skew`` is degrees counter-clockwise; ``turn`` is how far (clockwise, degrees) the sheet lay turned in the
    scanner; ``bleed`` is the strength (0–1) of the reverse side; ``specks`` are counted per square inch.
    """

    level: Level = "none"
    skew: float = 0.0
    turn: int = 0
    paper: int = 255
    shade: float = 0.0
    noise: float = 0.0
    blur: float = 0.0
    faint: float = 0.0
    spread: int = 0
    bleed: float = 0.0
    specks: float = 0.0
    stains: int = 0
    holes: int = 0
    edges: int = 0
    staple: bool = False
    pepper: float = 0.0
    seed: int = 0

    @property
    def effects(self) -> tuple[str, ...]:
        """The names of what was done, for the truth."""
        done = {
            "skew": abs(self.skew) >= 0.2,
            "turned": self.turn != 0,
            "shade": self.shade > 0,
            "noise": self.noise >= 4,
            "blur": self.blur > 0,
            "faint": self.faint > 0,
            "photocopy": self.spread > 0 or self.specks > 1.0,
            "bleed-through": self.bleed > 0,
            "stain": self.stains > 0,
            "punch-holes": self.holes > 0,
            "black-edge": self.edges > 0,
            "staple": self.staple,
            "salt-and-pepper": self.pepper > 0,
        }
        return tuple(name for name, present in done.items() if present)


def plan(rng: Random, level: Level, *, turn: int, holes: int, bleed: bool = False) -> Damage:
    """A damage of the given level. ``bleed`` asks for show-through of the reverse side."""
    seed = rng.getrandbits(32)
    if level == "none":
        return Damage(turn=turn, seed=seed)
    if level == "light":
        return Damage(
            level, skew=rng.gauss(0, 0.35), turn=turn, paper=rng.randrange(244, 256), noise=rng.uniform(0, 3.5),
            blur=rng.choice((0.0, 0.0, 0.5)), holes=holes, bleed=rng.uniform(0.03, 0.08) if bleed else 0.0,
            edges=rng.choice((0, 0, 0, 0, 1)), specks=rng.choice((0.0, 0.0, 0.15)), staple=rng.random() < 0.12,
            seed=seed,
        )  # fmt: skip
    if level == "medium":
        copied = rng.random() < 0.3
        return Damage(
            level, skew=max(-2.5, min(2.5, rng.gauss(0, 1.1))), turn=turn, paper=rng.randrange(228, 250),
            shade=rng.choice((0.0, 0.08, 0.14)), noise=rng.uniform(3, 9), blur=rng.choice((0.0, 0.6, 0.8)),
            faint=rng.uniform(0.2, 0.42) if rng.random() < 0.2 else 0.0, spread=1 if copied else 0,
            bleed=rng.uniform(0.08, 0.17) if bleed or rng.random() < 0.15 else 0.0,
            specks=rng.uniform(0.3, 2.5) if copied else 0.2, stains=rng.choice((0, 0, 0, 1)), holes=holes,
            edges=rng.choice((0, 0, 1, 2)), staple=rng.random() < 0.2,
            pepper=rng.choice((0.0, 0.0004, 0.001)), seed=seed,
        )  # fmt: skip
    kind = rng.choice(("faint", "bleed", "copy", "stain", "skew"))
    return Damage(
        level, skew=rng.choice((-1, 1)) * rng.uniform(2.0, 4.0) if kind == "skew" else rng.gauss(0, 1.2), turn=turn,
        paper=rng.randrange(205, 240), shade=rng.choice((0.1, 0.2, 0.28)), noise=rng.uniform(7, 15),
        blur=rng.uniform(0.5, 1.0), faint=rng.uniform(0.42, 0.56) if kind == "faint" else 0.0,
        spread=1 if kind == "copy" else 0, bleed=rng.uniform(0.17, 0.3) if bleed or kind == "bleed" else 0.0,
        specks=rng.uniform(3, 9) if kind == "copy" else 0.5, stains=rng.choice((2, 3)) if kind == "stain" else 0,
        holes=holes, edges=rng.choice((0, 1, 2, 3)), staple=rng.random() < 0.2,
        pepper=rng.choice((0.0006, 0.0018)), seed=seed,
    )  # fmt: skip


def for_bilevel(damage: Damage) -> Damage:
    """The damage as a black-and-white scanner shows it: it evens out shade and faint print in part."""
    return replace(damage, shade=damage.shade * 0.4, faint=damage.faint * 0.6)


def for_grey(damage: Damage) -> Damage:
    """The damage as a grey scanner shows it: no salt and pepper."""
    return replace(damage, pepper=0.0)


def _grey(value: Any) -> Pixels:
    """What OpenCV gave back, as bytes."""
    pixels: Pixels = np.asarray(value, dtype=np.uint8)
    return pixels


@lru_cache(maxsize=1)
def _grain() -> Pixels:
    """A large sheet of Gaussian noise around 128, from which each page takes another window."""
    noise = np.random.Generator(np.random.PCG64(20240501)).normal(128.0, _NOISE_SIGMA, (4096, 3072)).astype(np.float32)
    return _grey(np.clip(noise, 0, 255))


def _add_noise(image: Pixels, sigma: float, rng: Random) -> Pixels:
    height, width = image.shape[:2]
    grain = _grain()
    top, left = rng.randrange(grain.shape[0] - height + 1), rng.randrange(grain.shape[1] - width + 1)
    window: Any = grain[top : top + height, left : left + width]
    if image.ndim == 3:
        window = cv2.merge([window, window, window])
    weight = sigma / _NOISE_SIGMA
    return _grey(cv2.addWeighted(image, 1.0, window, weight, -128.0 * weight))


def _field(shape: tuple[int, ...], rng: Random, low: float, high: float, *, cells: int = 5) -> Any:
    """A smooth random map over the page, as bytes between ``low`` and ``high`` (fractions of 255)."""
    seeds = np.array([[rng.uniform(low, high) for _ in range(cells)] for _ in range(cells + 2)], dtype=np.float32)
    small = cv2.resize(seeds, (96, 136), interpolation=cv2.INTER_CUBIC)
    bytes_ = np.clip(small * 255, 0, 255).astype(np.uint8)
    return cv2.resize(bytes_, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def _times(image: Pixels, factor: Any) -> Pixels:
    """The image darkened by a map of bytes (255 leaves it alone)."""
    if image.ndim == 3:
        factor = cv2.merge([factor, factor, factor])
    return _grey(cv2.multiply(image, factor, scale=1 / 255))


def _stain(image: Pixels, rng: Random, dpi: int) -> Pixels:
    """A ring of coffee, or a damp patch."""
    height, width = image.shape[:2]
    shrink = 8
    layer = np.full((height // shrink, width // shrink), 255, dtype=np.uint8)
    centre = (rng.randrange(layer.shape[1]), rng.randrange(layer.shape[0]))
    radius = int(rng.uniform(0.6, 1.4) * dpi / shrink)
    axes = (radius, int(radius * rng.uniform(0.7, 1.1)))
    tone = rng.randrange(170, 222)
    if rng.random() < 0.5:
        cv2.ellipse(layer, centre, axes, rng.uniform(0, 180), 0, 360, tone, max(1, radius // 9))
    else:
        cv2.ellipse(layer, centre, axes, rng.uniform(0, 180), 0, 360, tone, -1)
    layer = _grey(cv2.GaussianBlur(layer, (0, 0), 1.6))
    return _times(image, cv2.resize(layer, (width, height), interpolation=cv2.INTER_LINEAR))


def _punch(image: Pixels, count: int, dpi: int, rng: Random) -> None:
    height = image.shape[0]
    x = int(0.42 * dpi + rng.uniform(-0.04, 0.04) * dpi)
    gap = 3.15 * dpi  # 80 mm
    tone = rng.choice((20, 60, 120))
    for index in range(count):
        y = int(height / 2 + (index - (count - 1) / 2) * gap)
        cv2.circle(image, (x, y), int(0.115 * dpi), (tone,) * 3, -1, cv2.LINE_AA)


def _edge(image: Pixels, count: int, dpi: int, rng: Random) -> None:
    """The scanner's dark bed, seen past the edge of the sheet."""
    height, width = image.shape[:2]
    for side in rng.sample(("left", "right", "top", "bottom"), count):
        one, two = (rng.uniform(0.0, 0.16) * dpi for _ in range(2))
        corners = {
            "left": [(0, 0), (one, 0), (two, height), (0, height)],
            "right": [(width, 0), (width - one, 0), (width - two, height), (width, height)],
            "top": [(0, 0), (0, one), (width, two), (width, 0)],
            "bottom": [(0, height), (0, height - one), (width, height - two), (width, height)],
        }[side]
        cv2.fillPoly(image, [np.array(corners, dtype=np.int32)], (rng.randrange(5, 45),) * 3)


def _specks(image: Pixels, density: float, dpi: int, rng: Random) -> None:
    height, width = image.shape[:2]
    dice = np.random.Generator(np.random.PCG64(rng.getrandbits(32)))
    count = int(density * height * width / dpi**2)
    rows, columns = dice.integers(0, height - 3, count), dice.integers(0, width - 3, count)
    sizes, tones = dice.integers(1, 3 + dpi // 200, count), dice.integers(10, 110, count)
    for row, column, size, tone in zip(rows.tolist(), columns.tolist(), sizes.tolist(), tones.tolist(), strict=True):
        image[row : row + size, column : column + size] = tone


def _salt_and_pepper(image: Pixels, share: float, rng: Random) -> None:
    dice = np.random.Generator(np.random.PCG64(rng.getrandbits(32)))
    height, width = image.shape[:2]
    count = int(share * height * width)
    for tone in (0, 255):
        image[dice.integers(0, height, count), dice.integers(0, width, count)] = tone


def scan(page: Pixels, damage: Damage, dpi: int, *, reverse: Pixels | None = None, bilevel: bool = False) -> Pixels:
    """The page as the scanner delivers it; with ``bilevel`` only 0 and 255 occur.

    Args:
        page: the clean page, upright; not changed.
        damage: what happens to it.
        dpi: its resolution.
        reverse: the clean other side of the sheet, for show-through.
        bilevel: the scanner was set to black and white.
    """
    rng = Random(damage.seed)
    image = page.copy()
    if damage.faint:
        keep = _field(image.shape, rng, 1 - damage.faint * 1.15, 1 - damage.faint * 0.7)
        image = _grey(cv2.bitwise_not(_times(_grey(cv2.bitwise_not(image)), keep)))
    if damage.spread:
        image = _grey(cv2.erode(image, np.ones((2, 2), np.uint8)) if dpi >= 250 else image)
        image = _grey(cv2.convertScaleAbs(image, alpha=1.25, beta=-20))
    if damage.bleed and reverse is not None:
        back = cv2.GaussianBlur(cv2.flip(reverse, 1), (0, 0), 0.011 * dpi)
        pale = cv2.addWeighted(back, damage.bleed, np.full_like(image, 255), 1 - damage.bleed, 0)
        image = _grey(cv2.min(image, pale))
    if damage.paper < 255:
        image = _times(image, np.full(image.shape[:2], damage.paper, np.uint8))
    if damage.shade:
        image = _times(image, _field(image.shape, rng, 1 - 1.4 * damage.shade, 1.0, cells=3))
    for _ in range(damage.stains):
        image = _stain(image, rng, dpi)
    if damage.specks:
        _specks(image, damage.specks, dpi, rng)
    if damage.staple:
        x, y = int(rng.uniform(0.25, 0.5) * dpi), int(rng.uniform(0.2, 0.4) * dpi)
        cv2.line(image, (x, y), (x + int(0.32 * dpi), y - int(0.1 * dpi)), (60,) * 3, max(2, dpi // 60), cv2.LINE_AA)
    if damage.holes:
        _punch(image, damage.holes, dpi, rng)
    if abs(damage.skew) >= 0.05:
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), damage.skew, 1.0)
        border = (damage.paper if damage.edges == 0 else rng.randrange(10, 50),) * 3
        image = _grey(cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=border))
    if damage.edges:
        _edge(image, damage.edges, dpi, rng)
    if damage.blur:
        image = _grey(cv2.GaussianBlur(image, (0, 0), damage.blur * dpi / 300))
    if damage.noise >= 0.5 and not (bilevel and damage.noise < 5):
        image = _add_noise(image, damage.noise, rng)
    if bilevel:
        # scanners choose the white point by the paper: darker sheets get a lower threshold
        level = int(min(damage.paper, 255) * (0.74 if damage.faint else 0.6))
        image = _grey(cv2.threshold(image, level, 255, cv2.THRESH_BINARY)[1])
        if damage.pepper:
            _salt_and_pepper(image, damage.pepper, rng)
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    return _grey(cv2.rotate(image, turns[damage.turn])) if damage.turn else image
