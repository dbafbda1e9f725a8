"""The free fonts that papers are set in, and their measures. All are Debian packages."""

from __future__ import annotations

import os
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

from faldone.errors import DependencyError

PACKAGES = ("fonts-liberation", "fonts-dejavu-core", "fonts-urw-base35", "fonts-courier-prime")
FONT_DIRECTORY_VARIABLE = "FALDONE_FONTS"

# family -> files: regular, bold, italic
FAMILIES: dict[str, tuple[str, str, str]] = {
    "sans": ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "LiberationSans-Italic.ttf"),
    "serif": ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf", "LiberationSerif-Italic.ttf"),
    "narrow": ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf", "LiberationSansNarrow-Italic.ttf"),
    "mono": ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf", "LiberationMono-Italic.ttf"),
    "verdana": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"),
    "slab": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSerif.ttf"),
    "palatino": ("P052-Roman.otf", "P052-Bold.otf", "P052-Italic.otf"),
    "school": ("C059-Roman.otf", "C059-Bold.otf", "C059-Italic.otf"),
    "bookman": ("URWBookman-Light.otf", "URWBookman-Demi.otf", "URWBookman-LightItalic.otf"),
    "gothic": ("URWGothic-Book.otf", "URWGothic-Demi.otf", "URWGothic-BookOblique.otf"),
    "nimbus": ("NimbusSans-Regular.otf", "NimbusSans-Bold.otf", "NimbusSans-Italic.otf"),
    "typewriter": ("Courier Prime.otf", "Courier Prime Bold.otf", "Courier Prime Italic.otf"),
    "courier": ("NimbusMonoPS-Bold.otf", "NimbusMonoPS-Bold.otf", "NimbusMonoPS-BoldItalic.otf"),
}
DIGITAL_FAMILIES = ("sans", "serif", "narrow", "verdana", "slab")  # TrueType outlines: a PDF can carry them

_EM = 200  # pixels at which widths are measured, to be scaled


@cache
def _index() -> dict[str, Path]:
    own = os.environ.get(FONT_DIRECTORY_VARIABLE)
    found: dict[str, Path] = {}
    for root in (Path(own) if own else None, Path("/usr/share/fonts"), Path("/usr/local/share/fonts")):
        if root is not None and root.is_dir():
            for path in sorted(root.rglob("*")):
                if path.suffix in (".ttf", ".otf"):
                    found.setdefault(path.name, path)
    return found


def file_of(family: str, *, bold: bool = False, italic: bool = False) -> Path:
    """The font file of a face.

    Raises:
        DependencyError: it is not installed.
    """
    name = FAMILIES[family][1 if bold else 2 if italic else 0]
    try:
        return _index()[name]
    except KeyError:
        raise DependencyError(
            f"Manca il carattere {name} / the font {name} is missing", hint=f"apt install {' '.join(PACKAGES)}"
        ) from None


@lru_cache(maxsize=256)
def face(family: str, pixels: int, bold: bool = False, italic: bool = False) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels."""
    path = file_of(family, bold=bold, italic=italic)
    return ImageFont.truetype(str(path), pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=100_000)
def _em_width(text: str, family: str, bold: bool, italic: bool) -> float:
    return face(family, _EM, bold, italic).getlength(text) / _EM


def width(text: str, family: str, size: float, *, bold: bool = False, italic: bool = False) -> float:
    """Width of a word in points; a space between words is :func:`space`."""
    return _em_width(text, family, bold, italic) * size


def space(family: str, size: float, *, bold: bool = False) -> float:
    """Width of a space in points."""
    return _em_width(" ", family, bold, False) * size
