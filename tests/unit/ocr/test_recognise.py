"""One page through the whole recipe: what is asked of the engine, how often, and where the boxes end up."""

import random

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from faldone.domain.page import PageText
from faldone.errors import OcrCrashedError
from faldone.ocr.engine import OcrEngine
from faldone.ocr.fake import FakeEngine
from faldone.ocr.image import PageImage
from faldone.ocr.marks import has_marks
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import PageStatistics, components, labelled, prepare, statistics, turn
from faldone.ocr.recognise import recognise
from faldone.ocr.tesseract import TesseractEngine
from tests.bench import blanks

OPTIONS = OcrOptions()
PROSE_TEXT = (
    "il servizio sociale professionale relaziona quanto segue sulla situazione della famiglia "
    "e del minore che vive con la madre in un alloggio di edilizia popolare della città"
)
WORDS = PROSE_TEXT.split()


def sheet(lines: int = 30, *, ink: int = 25, paper: int = 240, dpi: int = 150, seed: int = 1) -> np.ndarray:
    """A page of prose, drawn."""
    rng = random.Random(seed)
    image = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), paper)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(round(12 * dpi / 72))
    for number in range(lines):
        text = " ".join(rng.choice(WORDS) for _ in range(8))
        draw.text((dpi, dpi + number * round(0.28 * dpi)), text, fill=ink, font=font)
    noise = np.random.default_rng(seed).normal(0, 3, (image.height, image.width))
    return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)


def slanted(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """The page turned clockwise a little."""
    height, width = pixels.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderValue=240), np.uint8)


def page(pixels: np.ndarray, dpi: int = 150) -> PageImage:
    return PageImage.of(pixels, dpi)


def read_one(image: PageImage, engine: OcrEngine, options: OcrOptions) -> PageText:
    (found,) = recognise([image], engine, options)
    return found


PROSE = sheet()
TEXT = "\n".join(" ".join(WORDS[n : n + 8]) for n in range(20))


def engine(image: PageImage, text: str = TEXT, **options) -> FakeEngine:
    return FakeEngine(texts={image.digest: text}, **options)


# --- what a look at the page tells


@pytest.mark.parametrize("degrees", [-14.0, -7.5, -4.0, -1.5, -0.5, 0.0, 0.4, 2.0, 4.5, 6.0, 15.0])
def test_the_slope_of_the_lines_is_found(degrees):
    assert statistics(slanted(PROSE, degrees), 150).skew_deg == pytest.approx(degrees, abs=0.15)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_on_its_side_is_seen_without_the_engine(rotation):
    assert statistics(turn(PROSE, rotation), 150).lies_sideways == (rotation in (90, 270))


def back_of_a_sheet(strength: float) -> np.ndarray:
    """Ring holes, a black edge and the mirrored other side shining through."""
    other = cv2.GaussianBlur(PROSE[:, ::-1].astype(np.float32), (0, 0), 2.0)
    back = 240 - (240 - other) * strength
    back[:, -12:] = 10
    for y in (450, 1300):
        cv2.circle(back, (60, y), 18, 20, -1)
    return np.clip(back + np.random.default_rng(3).normal(0, 3, back.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("strength", [0.0, 0.15, 0.3])
def test_a_blank_back_is_blank_without_asking_the_engine(strength):
    image = page(back_of_a_sheet(strength))
    fake = engine(image)
    found = read_one(image, fake, OPTIONS)
    assert found.blank
    assert (found.words, fake.reads) == ((), {})
    assert (found.width, found.height) == image.pixels.shape[::-1]


def test_faint_print_is_not_blank():
    image = page(sheet(ink=185))
    assert not statistics(image.pixels, 150).blank
    assert not read_one(image, engine(image), OPTIONS).blank


def test_show_through_is_cleaned_from_a_page_of_text_and_print_stays():
    front = np.minimum(PROSE, back_of_a_sheet(0.35))
    found = statistics(front, 150)
    assert found.shows_through
    cleaned = prepare(page(front), found=found)
    assert cleaned.steps[0].startswith("show-through cleaned")
    assert np.percentile(cleaned.pixels, 60) == 255
    assert (cleaned.pixels[PROSE < 60] < 140).mean() > 0.95
    assert prepare(page(front), found=found, clean=False).steps == ()


def test_preparing_leaves_the_master_image_alone():
    dotted = form_line()
    before = dotted.copy()
    assert "leaders erased" in " ".join(prepare(page(dotted, 300)).steps)
    assert (dotted == before).all()


# --- leaders and boxes for letters


def form_line(dots: bool = True, degrees: float = 0.0) -> np.ndarray:
    pixels = np.full((2400, 2400), 245, np.uint8)
    for number in range(8):
        y = 500 + 150 * number
        cv2.putText(pixels, "Cognome", (300, y), cv2.FONT_HERSHEY_DUPLEX, 1.8, 30, 3, cv2.LINE_AA)
        cv2.putText(pixels, "FERRARIS", (800, y - 6), cv2.FONT_HERSHEY_DUPLEX, 1.8, 30, 3, cv2.LINE_AA)
        if dots:
            for x in range(620, 2100, 15):
                cv2.circle(pixels, (x, y), 2, 40, -1, cv2.LINE_AA)
    return slanted(pixels, degrees) if degrees else pixels


@pytest.mark.parametrize("degrees", [0.0, 1.0])
def test_dotted_leaders_are_erased_and_letters_stay(degrees):
    made = prepare(page(form_line(degrees=degrees), 300)).pixels
    bare = prepare(page(form_line(dots=False, degrees=degrees), 300)).pixels
    height, width = min(made.shape[0], bare.shape[0]), min(made.shape[1], bare.shape[1])
    ink, wanted = made[:height, :width] < 128, bare[:height, :width] < 128
    assert (ink & wanted).sum() > 0.98 * wanted.sum(), "letters stay"
    assert ink.sum() < 1.02 * wanted.sum(), "dots go"


@pytest.mark.parametrize("y", range(600, 624))
def test_the_shortest_leader_is_found_wherever_it_lies(y):
    pixels = np.full((1754, 1240), 245, np.uint8)
    for number in range(5):  # as far apart as they may be
        pixels[y + number % 2 : y + number % 2 + 3, 700 + 17 * number : 703 + 17 * number] = 40
    assert prepare(page(pixels)).steps == ("leaders erased 1",)
    pixels[y - 1 : y + 5, 717:720] = 245
    assert prepare(page(pixels)).steps == ()


def test_what_little_lies_on_a_page_is_labelled_as_on_the_whole_of_it():
    rng = np.random.default_rng(5)
    for _ in range(40):
        mask = np.zeros((60, 80), np.uint8)
        for x, y, wide, tall in rng.integers((0, 0, 1, 1), (80, 60, 9, 9), (int(rng.integers(0, 9)), 4)).tolist():
            mask[y : y + tall, x : x + wide] = 1
        assert components(mask).tolist() == labelled(mask)[1][1:].tolist()


def in_boxes(boxes: bool = True) -> np.ndarray:
    pixels = np.full((1600, 2400), 245, np.uint8)
    for number, letter in enumerate("FRRNMR61E43L750X"):
        cv2.putText(pixels, letter, (318 + 72 * number, 550), cv2.FONT_HERSHEY_DUPLEX, 1.5, 30, 3, cv2.LINE_AA)
    if boxes:
        for number in range(17):
            cv2.line(pixels, (300 + 72 * number, 490), (300 + 72 * number, 570), 40, 3)
        for y in (490, 570):
            cv2.line(pixels, (300, y), (300 + 72 * 16, y), 40, 3)
    return pixels


def test_the_boxes_of_a_codice_fiscale_are_erased_and_its_letters_set_close():
    made = prepare(page(in_boxes(), 300))
    assert made.steps == ("combs erased 1",)
    ink, wanted = made.pixels < 128, in_boxes(boxes=False) < 128
    assert ink.sum() == pytest.approx(wanted.sum(), rel=0.04), "letters stay, boxes go"
    columns, before = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(wanted.any(axis=0))
    assert abs(columns[0] - before[0]) < 30
    assert np.diff(columns).max() < 16 < np.diff(before).max()


def ticked(crossed: bool = False) -> np.ndarray:
    """Prose with three boxes to tick before its lines."""
    pixels = sheet(lines=6, dpi=300)
    for row in range(3):
        x, y = 200, 300 + row * 84
        cv2.rectangle(pixels, (x, y), (x + 38, y + 38), 30, 3)
        if crossed:
            cv2.line(pixels, (x + 3, y + 3), (x + 36, y + 35), 60, 5)
            cv2.line(pixels, (x + 36, y + 2), (x + 3, y + 36), 60, 5)
    return pixels


@pytest.mark.parametrize("crossed", [False, True])
def test_boxes_to_tick_are_erased_and_letters_stay(crossed):
    made = prepare(page(ticked(crossed), 300))
    assert "tick boxes erased 3" in made.steps
    assert (made.pixels[280:520, 180:260] < 128).sum() == 0
    assert (made.pixels[:, 290:] == ticked(crossed)[:, 290:]).all()


def test_round_capitals_are_no_boxes():
    pixels = np.full((800, 2400), 245, np.uint8)
    for row, text in enumerate(("O D B 0 Q 8", "M N R H E 6")):
        cv2.putText(pixels, text, (200, 300 + 200 * row), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 30, 9, cv2.LINE_AA)
    assert not any("tick" in step for step in prepare(page(pixels, 300)).steps)


def test_faint_print_in_uneven_light_is_levelled_and_the_bed_goes():
    light = np.linspace(0.62, 1.0, PROSE.shape[1])
    pixels = (255 - (255 - sheet(ink=25, paper=255).astype(np.float32)) * 0.4) * light * 0.9
    pixels[:, -14:] = 12
    image = page(np.clip(pixels, 0, 255).astype(np.uint8))
    found = statistics(image.pixels, 150)
    assert found.fades
    made = prepare(image, found=found)
    assert made.steps[0].startswith("levelled ink=")
    assert (made.pixels[:, -14:] > 240).mean() > 0.95, "the bed is paper"
    letters = PROSE < 60
    assert np.median(made.pixels[letters]) < 110, "letters are dark on both sides"
    assert np.percentile(made.pixels[~cv2.dilate(letters.astype(np.uint8), np.ones((5, 5))).astype(bool)], 5) > 230


def in_shadow(light: float) -> np.ndarray:
    """Prose with a shadow over its left half."""
    across = np.where(np.arange(PROSE.shape[1]) < 0.45 * PROSE.shape[1], light, 1.0).astype(np.float32)
    return np.clip(PROSE * cv2.GaussianBlur(across[None], (0, 0), 40), 0, 255).astype(np.uint8)


def test_a_shadow_that_the_engines_threshold_may_take_for_ink_is_levelled():
    threshold = {light: cv2.threshold(in_shadow(light), 0, 255, cv2.THRESH_OTSU)[0] for light in (0.74, 0.76, 0.8)}
    assert threshold[0.74] > 0.74 * 240, "it falls into the shadow"
    assert threshold[0.76] < 0.76 * 240, "by little not"
    assert {light: statistics(in_shadow(light), 150).fades for light in threshold} == {
        0.74: True,
        0.76: True,
        0.8: False,
    }


def test_boxes_for_letters_paler_than_faint_letters_are_found():
    pixels = sheet(lines=20, ink=130, paper=245, dpi=300)
    for number, letter in enumerate("FRRNMR61E43L750X"):
        cv2.putText(pixels, letter, (318 + 72 * number, 2650), cv2.FONT_HERSHEY_DUPLEX, 1.5, 130, 3, cv2.LINE_AA)
    for number in range(17):
        cv2.line(pixels, (300 + 72 * number, 2590), (300 + 72 * number, 2670), 170, 2)
    for y in (2590, 2670):
        cv2.line(pixels, (300, y), (300 + 72 * 16, y), 170, 2)
    assert prepare(page(pixels, 300)).steps[1:] == ("combs erased 1",)


def test_good_print_is_not_levelled():
    assert not statistics(PROSE, 150).fades


def test_prose_has_neither_leaders_nor_boxes():
    assert prepare(page(PROSE)).steps == ()


# --- how often the engine is asked


def test_an_upright_page_costs_exactly_one_run():
    image = page(PROSE)
    fake = engine(image)
    found = read_one(image, fake, OPTIONS)
    assert found.text == TEXT
    assert fake.reads == {image.digest: 1}
    assert (found.rotation, found.blank, found.dpi, found.engine.name) == (0, False, 150, "fake")


def test_a_sideways_page_is_turned_before_it_is_read():
    image = page(turn(PROSE, 270))
    fake = engine(image, upright_after={image.digest: 90})
    found = read_one(image, fake, OPTIONS)
    assert (found.rotation, found.text) == (90, TEXT)
    assert fake.reads == {image.digest: 1}
    assert (found.width, found.height) == image.pixels.shape
    assert "turned 90" in found.steps


def test_a_sideways_page_is_read_both_ways_when_the_engine_cannot_tell(monkeypatch):
    image = page(turn(PROSE, 90))
    fake = engine(image, upright_after={image.digest: 270})
    monkeypatch.setattr(FakeEngine, "orientation", lambda *_: None)
    monkeypatch.setattr(PageStatistics, "likely_rotation", None)
    found = read_one(image, fake, OPTIONS)
    assert (found.rotation, found.text, fake.reads[image.digest]) == (270, TEXT, 2)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_scanned_any_way_up_costs_one_run_too(rotation):
    image = page(turn(PROSE, 360 - rotation))
    fake = engine(image, upright_after={image.digest: rotation})
    found = read_one(image, fake, OPTIONS)
    assert (found.rotation, found.text, fake.reads[image.digest]) == (rotation, TEXT, 1)


def test_letters_that_misled_about_the_way_up_are_put_right_by_the_engine(monkeypatch):
    image = page(PROSE)
    fake = engine(image)
    monkeypatch.setattr(PageStatistics, "likely_rotation", 180)
    found = read_one(image, fake, OPTIONS)
    assert (found.rotation, found.text, fake.reads[image.digest]) == (0, TEXT, 2)


def test_a_confident_single_word_on_a_full_page_is_not_believed(monkeypatch):
    image = page(turn(PROSE, 180))
    fake = engine(image, "uno", upright_after={})
    asked = []
    monkeypatch.setattr(FakeEngine, "orientation", lambda _, page, options: asked.append(page.rotation))
    read_one(image, fake, OPTIONS)
    assert asked == [0]


def spots(count: int, half_width: int) -> PageImage:
    pixels = np.full(PROSE.shape, 255, np.uint8)
    for x, y in np.random.default_rng(5).integers((150, 150), (1000, 1500), (count, 2)):
        cv2.ellipse(pixels, (int(x), int(y)), (half_width, half_width + 2), 20, 0, 360, 0, -1)
    return page(pixels)


def test_spots_as_large_as_letters_are_unread_and_not_blank():
    image = spots(40, 3)
    found = read_one(image, engine(image, "' . ,", confidence=0.3), OPTIONS)
    assert not found.blank
    assert "unread" in found.steps


def test_dust_over_a_dark_area_is_blank_however_many_letters_it_looks_like():
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[:3508, :2480]
    stain = np.exp(-(((rows - 1600) / 400) ** 2 + ((columns - 1200) / 400) ** 2))
    pixels = np.where(rng.random(stain.shape) < 0.3 * stain, 0, 255).astype(np.uint8)
    image = page(pixels, 300)
    assert not statistics(image.pixels, 300).sparse
    fake = engine(image, "' . ,", confidence=0.3)
    found = read_one(image, fake, OPTIONS)
    assert found.blank
    assert found.steps[-1].startswith("blank confidence=0.30")
    assert fake.reads


def test_words_that_are_sure_make_even_such_a_page_a_read_one(monkeypatch):
    monkeypatch.setattr("faldone.ocr.recognise.unexplained", lambda _: [])
    assert not read_one(page(PROSE), engine(page(PROSE)), OPTIONS).blank


def test_one_short_word_is_kept_and_a_person_is_asked():
    pixels = np.full(PROSE.shape, 240, np.uint8)
    cv2.putText(pixels, "segue", (500, 900), cv2.FONT_HERSHEY_DUPLEX, 0.7, 30, 1, cv2.LINE_AA)
    image = page(pixels)
    found = read_one(image, engine(image, "segue", confidence=0.95), OPTIONS)
    assert (found.blank, found.text) == (False, "segue")
    assert "unread" in found.steps


# --- blank or not


def with_mark(draw) -> np.ndarray:
    """A grey sheet with a little noise and what ``draw`` puts on it."""
    pixels = np.full(PROSE.shape, 240, np.uint8)
    draw(pixels)
    noise = np.random.default_rng(8).normal(0, 3, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def written(text: str, at: tuple[int, int], ink: int = 30, scale: float = 0.7):
    thickness = max(1, round(scale))
    return lambda pixels: cv2.putText(pixels, text, at, cv2.FONT_HERSHEY_DUPLEX, scale, ink, thickness, cv2.LINE_AA)


@pytest.mark.parametrize(
    "draw",
    [
        written("segue", (500, 900)),
        written("3", (620, 1735)),  # in the margin that recognition leaves out
        written("7", (20, 900)),
        written("appunto", (500, 900), ink=190),  # a pencil's grey
        written("A", (300, 1300), scale=20),
        lambda pixels: cv2.ellipse(pixels, (600, 800), (90, 60), 0, 0, 360, 60, 2),
        lambda pixels: cv2.line(pixels, (200, 700), (900, 720), 60, 2),
        lambda pixels: cv2.rectangle(pixels, (0, 800), (1240, 900), 30, -1),  # a band from border to border
        lambda pixels: pixels.__setitem__(slice(None), 255 - pixels // 2 - 100),  # a dark sheet
    ],
    ids=["word", "foot", "side", "pencil", "large", "ring", "line", "band", "dark"],
)
@pytest.mark.parametrize("bilevel", [False, True])
def test_whatever_cannot_be_explained_is_a_mark(draw, bilevel):
    pixels = with_mark(draw)
    if bilevel:
        pixels = np.where(pixels < 200, 0, 255).astype(np.uint8)
    assert has_marks(pixels, 150, statistics(pixels, 150))


def test_a_drawing_of_thin_lines_in_black_and_white_is_a_mark():
    pixels = np.full((3508, 2480), 255, np.uint8)
    cv2.rectangle(pixels, (800, 800), (1900, 1600), 0, 3)
    cv2.line(pixels, (1000, 700), (1000, 1700), 0, 3)
    assert has_marks(pixels, 300, statistics(pixels, 300))


def test_a_picture_in_black_and_white_is_a_mark():
    tones = cv2.resize(np.random.default_rng(4).integers(20, 240, (9, 9)).astype(np.float32), (600, 900))
    pixels = np.full((3508, 2480), 255, np.uint8)
    pixels[1000:1900, 800:1400] = np.where(tones < 150, 0, 255)
    assert has_marks(pixels, 300, statistics(pixels, 300))


def test_strokes_of_a_pencil_broken_to_specks_are_marks_on_a_clean_sheet_and_scattered_specks_are_not():
    word = np.full((3508, 2480), 255, np.uint8)
    cv2.putText(word, "visto il 12", (900, 1500), cv2.FONT_HERSHEY_DUPLEX, 1.4, 0, 2)
    broken = np.where(np.random.default_rng(3).random(word.shape) < 0.3, word, 255).astype(np.uint8)
    specks = np.full(word.shape, 255, np.uint8)
    black = broken < 128
    rows, columns = np.random.default_rng(3).integers((100, 100), (3400, 2380), (int(black.sum()) // 8, 2)).T
    specks[rows, columns] = 0
    assert has_marks(broken, 300, statistics(broken, 300))
    assert not has_marks(specks, 300, statistics(specks, 300))


def test_a_chain_of_specks_in_black_and_white_is_a_mark():
    pixels = np.full((1754, 1240), 255, np.uint8)
    for step in range(60):
        y, x = 500 + 5 * step, 400 + 5 * step
        pixels[y : y + 2, x : x + 2] = 0
    assert has_marks(pixels, 150, statistics(pixels, 150))


def test_a_mark_shows_on_a_sheet_that_shines_through():
    pixels = np.minimum(back_of_a_sheet(0.3), with_mark(written("visto", (700, 1500), ink=60)))
    assert has_marks(pixels, 150, statistics(pixels, 150))


@pytest.mark.parametrize(
    "draw",
    [
        lambda pixels: None,
        lambda pixels: cv2.circle(pixels, (63, 640), 17, 60, -1),
        lambda pixels: cv2.line(pixels, (45, 45), (92, 30), 60, 2),
        lambda pixels: cv2.fillPoly(pixels, [np.array([(0, 0), (60, 0), (10, 1754), (0, 1754)])], 20),
        lambda pixels: pixels.__setitem__(
            slice(None), cv2.GaussianBlur(cv2.circle(pixels, (600, 600), 150, 190, 12), (0, 0), 6)
        ),
        lambda pixels: [
            pixels.__setitem__((slice(y, y + 2), slice(x, x + 2)), 30)
            for x, y in np.random.default_rng(2).integers(0, 1200, (800, 2))
        ],
    ],
    ids=["nothing", "hole", "staple", "bed", "stain", "specks"],
)
def test_dirt_is_no_mark(draw):
    pixels = with_mark(draw)
    assert not has_marks(pixels, 150, statistics(pixels, 150))


def test_handwriting_that_nobody_can_read_is_not_blank():
    pixels = np.full(PROSE.shape, 245, np.uint8)
    rng = np.random.default_rng(6)
    for number in range(12):
        x = np.arange(150, 1000, 6)
        y = 250 + 100 * number + np.cumsum(rng.normal(0, 4, x.size)) % 30
        for start in range(0, x.size - 12, 14):
            stroke = np.column_stack((x, y))[start : start + 11].astype(np.int32)
            cv2.polylines(pixels, [stroke], False, 40, 3, cv2.LINE_AA)
    image = page(pixels)
    found = read_one(image, engine(image, "ww mm uu", confidence=0.3), OPTIONS)
    assert not found.blank
    assert found.words == ()
    assert "unread" in found.steps


def test_a_failure_is_raised_and_never_an_empty_page():
    image = page(PROSE)
    fake = engine(image)
    fake.fail_next(OcrCrashedError)
    with pytest.raises(OcrCrashedError):
        read_one(image, fake, OPTIONS)


# --- with the real engine


@pytest.mark.slow
@pytest.mark.parametrize(("rotation", "degrees"), [(0, 0.0), (0, 2.5), (90, 1.0), (180, 0.0), (270, -1.5)])
def test_boxes_lie_on_the_words_of_the_turned_master(rotation, degrees):
    upright = slanted(sheet(dpi=300, lines=20), degrees)
    image = page(turn(upright, -rotation % 360), 300)
    found = read_one(image, TesseractEngine(), OPTIONS)
    assert found.rotation == rotation
    assert (found.width, found.height) == upright.shape[::-1]
    ink = upright < 128
    filled = [
        ink[word.box.y : word.box.bottom, word.box.x : word.box.right].mean()
        for word in found.words
        if len(word.text) > 3
    ]
    assert len(filled) > 60
    assert np.mean(np.array(filled) > 0.08) > 0.95
    assert sum(word.text in WORDS for word in found.words) > 0.9 * len(found.words)


@pytest.mark.slow
def test_of_sixty_pages_backs_are_found_blank_and_fronts_are_not():
    made = blanks.measure(60, seed=3, workers=1)
    backs = [one.blank for one in made if one.kind == "back"]
    assert [one.name for one in made if one.kind != "back" and one.blank] == []
    assert sum(backs) >= 0.85 * len(backs)  # a person looks at the others: `python -m tests.bench.blanks` counts them


@pytest.mark.slow
def test_two_columns_are_read_one_after_the_other():
    column = sheet(dpi=300, lines=20)[:, 300:1500]
    pixels = np.full((3507, 2700), 240, np.uint8)
    pixels[:, 100:1300], pixels[:, 1450:2650] = column, column
    lines = read_one(page(pixels, 300), TesseractEngine(), OPTIONS).text.splitlines()
    assert lines[0] == lines[len(lines) // 2]


def test_pages_together_read_as_each_alone_and_only_print_goes_to_the_engine():
    blank = page(np.full(PROSE.shape, 250, np.uint8))
    turned, upright = page(turn(PROSE, 180)), page(sheet(seed=2))
    fake = FakeEngine(texts={turned.digest: TEXT, upright.digest: TEXT.upper()}, upright_after={turned.digest: 180})
    together = recognise([blank, turned, upright], fake, OPTIONS)
    assert [(text.blank, text.rotation, text.text) for text in together] == [
        (True, 0, ""),
        (False, 180, TEXT),
        (False, 0, TEXT.upper()),
    ]
    assert together == tuple(read_one(image, fake, OPTIONS) for image in (blank, turned, upright))
    assert blank.digest not in fake.reads
