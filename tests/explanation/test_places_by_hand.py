"""Places where images are lost, and curvature, from arrays made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from arrays_by_hand import gains, holding
from scipy.special import ndtr

from tfstab.explanation.bends import curvature_figures
from tfstab.explanation.places import even_share, share_figures
from tfstab.explanation.shortfall import (
    HIDDEN,
    Place,
    culprit,
    lost_places,
    place_factors,
    places_of,
    weakest_network,
    where_lost,
)
from tfstab.metrics import Estimate


def test_the_places_of_images_by_hand():
    given = gains([[1, 4, 4, 9], [4, 8, 16, 9], [3, 5, 8, 3], [0, 1, 1, 9], [1, np.nan, 1, 9], [-1, -1, -1, 9]])
    names, factors = place_factors(given, 0)
    assert names == [HIDDEN, "a", "b"]
    # The typical margins, medians of the first three images, are 3, 5 and 8.
    assert given.typical_margins(0).tolist() == [3, 5, 8, 9]
    by_hand = [[0.5, 5 / 12, 8 / 5], [2, 5 / 6, 4 / 5], [1, 1, 1], *[[np.nan] * 3] * 3]
    np.testing.assert_allclose(factors, by_hand)
    assert factors[:2].prod(axis=1) == pytest.approx([1 / 3, 4 / 3]), "the margins at the input over the typical one"
    places = places_of(given, 0, 1)
    assert places[0].name == "b" and [place.factor for place in places] == pytest.approx([4 / 5, 5 / 6, 2])
    assert places_of(given, 0, 3) == []
    two = replace(given, compared=2)
    assert (
        two.typical_margins(0).tolist() == [2.5, 6, 10, 9] and replace(given, compared=0).typical_margins(0).size == 4
    )
    both = gains([[2, 2, 2, 9, 1, 1, 1, 9], [1, 1, 1, 9, 1, 1, 1, 9]])
    assert weakest_network(both, 0) == 1 and weakest_network(both, 1) == 0


def test_a_cause_that_depends_on_which_images_are_typical_is_not_certain():
    """Other images have margins of 1, or of 0.7 to 1.3; that of the last image is compared with them."""

    def last(margin, others):
        margins = np.append(others, margin)[:, None].repeat(3, axis=1)
        return places_of(gains(np.concatenate([margins, np.ones((len(margins), 1))], axis=1)), 0, len(margins) - 1)

    alike, unlike = np.ones(30), np.linspace(0.7, 1.3, 30)
    assert last(0.49, alike)[0] == Place(HIDDEN, 0.49, 1) and culprit(last(0.49, alike)).name == HIDDEN
    assert "A small margin is named as a cause only below 0.5 times." in where_lost(last(0.51, alike))
    near, above, far = last(0.49, unlike), last(0.51, unlike), last(0.35, unlike)
    assert 0.2 < near[0].agreed < 0.95 and culprit(near) is None and culprit(far).name == HIDDEN
    assert "may be mainly due to a slim margin" in where_lost(near) and "It is not certain" in where_lost(near)
    assert where_lost(above).endswith("This image is too near that limit for a certain answer.")
    assert "This is mainly due to" in where_lost(far)
    assert culprit(last(0.1, np.ones(4))) is None, "so few images say little of what is typical"


def test_where_images_are_lost_by_hand():
    margins = np.array(
        [[0.25, 0.25, 0.25], [0.25, 1, 1], [0.25, 0.25, 1], [0.25, 0.25, 0.6], [0.25, 0.39, 0.6], [0.6, 1, 1]]
    )
    margins = np.concatenate([margins, np.ones((9, 3))])  # so the typical margin is 1 in each layer
    count, places = lost_places(gains(np.concatenate([margins, np.ones((15, 1))], axis=1)))
    assert count == 5 and places == {"b": 2, HIDDEN: 1, "a": 1}, "no place accounts for most of the fifth image"
    assert next(iter(places)) == "b"
    assert lost_places(gains([[-1.0, -1, -1, 1]])) == (0, {})


@pytest.mark.parametrize(
    ("factors", "found", "said"),
    [
        ([0.25, 1.0], True, "due to layer a, which amplifies small changes of its input 4.0 times as much"),
        ([0.5, 0.5], True, "is 0.25 times"),
        ([0.5, 1.0], False, "is 0.5 times as far from another class as TYPICAL. A small margin"),
        ([0.6, 0.6, 0.6], False, "is 0.22 times as far from another class as TYPICAL. No single layer accounts"),
        ([0.5, 1.88], False, "is 0.94 times as far from another class as TYPICAL. A small margin"),
        ([0.5, 1.92], False, "is about as far from another class as TYPICAL, so a small margin is not why"),
        ([0.5, 2.0], False, "is about as far from another class as TYPICAL, so a small margin is not why"),
        ([0.5, 2.4], False, "is 1.2 times as far from another class as TYPICAL, so a small margin is not"),
        ([0.9, 1.0], False, "A small margin is named as a cause only below 0.5 times."),
    ],
)  # fmt: skip
def test_the_place_that_accounts_for_at_least_half_of_a_shortfall(factors, found, said):
    places = [Place(name, factor, float(found)) for name, factor in zip("abc", factors, strict=False)]
    assert culprit(places) == (places[0] if found else None)
    typical = "from another class as a typical image is (margin at the input)"
    assert said in where_lost(places).replace(typical, "from another class as TYPICAL")
    hidden = [Place(HIDDEN, factors[0], float(found)), *places[1:]]
    assert ("a slim margin in the last hidden layer" in where_lost(hidden)) == found
    assert culprit([]) is None and where_lost([]).startswith("It is not known")


def test_shares_of_pixels_by_hand():
    share = np.array([[0.1, 0.2], [0.3, np.nan], [np.nan, np.nan], [0.9, 0.9], [0.5, 0.4], [0.7, np.nan]])
    found = np.array([True, True, True, False, True, True])
    run = holding(
        np.zeros((6, 2, 2, 3)), noise={"found": found}, occlusion={"share": share, "factors": np.array([1.0, 2])}
    )
    one, two = share_figures(run)
    assert one.share == Estimate(0.5, 0, 1) and (one.images, one.flipped, one.factor) == (5, 4, 1)
    assert two.share == Estimate(1, 0, 1) and two.flipped == 2 and two.even == even_share(2, 3)
    assert even_share(0.5, 1) == even_share(1, 3) == even_share(0, 1) == 1
    # Of one channel, half of the energy of white noise is above 1.5382 standard deviations.
    assert even_share(2, 1) == pytest.approx(2 * ndtr(-1.538172), abs=1e-6)


def test_curvature_by_hand():
    # One direction of minimum noise, two random ones and two copies.
    bends = np.array([[0.4, -0.1, 0.3, 1, 2], [-0.2, 0.5, 0.1, 3, 4], [9, 9, 9, 9, 9], [0.1, 0.1, np.nan, 0, 0]])
    length = np.array([[2.0, 4], [1, 4], [9, 9], [9, 9]])
    run = holding(noise={"found": np.array([True, True, False, True])}, curvature={"bends": bends, "length": length})
    found = curvature_figures(run)
    assert found.images == 2 and found.noise.value == pytest.approx(0.1) and found.random.value == pytest.approx(0.2)
    assert found.copies.value == 2.5 and found.size.value == pytest.approx(0.3)
    assert found.more.value == pytest.approx((0.2 - 0.1) / 2) and found.noise.low == -np.inf
    assert found.longer == Estimate(3, 0, np.inf)
    assert curvature_figures(holding()) is None
