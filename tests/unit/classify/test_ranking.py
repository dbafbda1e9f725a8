import pytest

from faldone.classify.ranking import calibrated, choose, raw_confidence

CURVE = ((0.0, 0.0), (0.5, 0.8), (0.9, 0.98))


def test_a_confidence_is_read_between_the_points_of_its_curve():
    assert calibrated(0.25, CURVE) == pytest.approx(0.4)
    assert calibrated(0.5, CURVE) == pytest.approx(0.8)
    assert calibrated(0.99, CURVE) == pytest.approx(0.98)
    assert calibrated(0.3, ()) == 0.3


def test_a_rival_of_equal_weight_is_never_chosen_against():
    scores = {"a": (3.0, ()), "b": (3.0, ())}
    assert choose(scores, method="type-lexicon", version="1", floor=0.5) is None


@pytest.mark.parametrize("name", ["type", "service"])
def test_more_proof_or_less_of_a_rival_is_never_less_sure(name):
    sure = [
        choose({"a": (score, ()), "b": (1.0, ())}, method=f"{name}-lexicon", version="1", floor=0.0).confidence
        for score in (1.2, 1.6, 2.0, 3.0, 5.0)
    ]
    assert sure == sorted(sure)
    assert sure[0] < sure[-1] < 1.0


def test_an_unknown_taxonomy_keeps_its_raw_value():
    found = choose({"a": (2.0, ())}, method="other", version="1", floor=0.0)
    assert found is not None
    assert found.confidence == round(raw_confidence(2.0, 0.0), 3)
