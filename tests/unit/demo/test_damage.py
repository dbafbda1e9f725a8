"""Damage: planned apart, carried out the same way twice, turned as the truth says."""

from __future__ import annotations

from random import Random

import numpy as np

from faldone.demo.damage import Damage, plan, scan


def page() -> np.ndarray:
    image = np.full((400, 300), 255, dtype=np.uint8)
    image[20:40, 20:200] = 20
    return image


def test_a_scan_is_the_same_twice_and_leaves_the_page_alone():
    clean = page()
    for level in ("light", "medium", "hard"):
        damage = plan(Random(7), level, turn=0, holes=2)
        assert np.array_equal(scan(clean, damage, 72), scan(clean, damage, 72))
    assert np.array_equal(clean, page())


def test_turning_by_the_true_rotation_sets_the_page_upright():
    for turn in (90, 180, 270):
        turned = scan(page(), Damage(turn=turn), 72)
        rotation = (360 - turn) % 360
        assert np.array_equal(np.rot90(turned, -rotation // 90), page())


def test_a_bilevel_scan_has_two_tones():
    damage = plan(Random(3), "hard", turn=0, holes=0, bleed=True)
    scanned = scan(page(), damage, 72, reverse=page(), bilevel=True)

    assert set(np.unique(scanned)) <= {0, 255}


def test_effects_name_what_was_done():
    assert Damage().effects == ()
    assert Damage(skew=2.0, bleed=0.2, turn=90).effects == ("skew", "turned", "bleed-through")
