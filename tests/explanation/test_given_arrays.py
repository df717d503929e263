"""Figures over images from arrays made by hand: flatness, noisy copies, places, curvature, frequencies and words."""

import base64
import io
import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from scipy.special import ndtr

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.explanation import fourier
from tfstab.explanation.bands import HeatMap, frequency_figures, heat_map, kernel_ratio, ratio_of_means
from tfstab.explanation.bends import curvature_figures
from tfstab.explanation.flatness import CLIPPED, FEW, flatness, flatness_of_runs, spearman
from tfstab.explanation.gain import Gains
from tfstab.explanation.image_words import ImageFindings, Spectrum, crossing, spectrum_of
from tfstab.explanation.noisy_copies import Copies, copies_of_explanation, copies_of_sweep
from tfstab.explanation.one_image import draw_places
from tfstab.explanation.places import even_share, share_figures
from tfstab.explanation.random_noise import RandomNoise
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
from tfstab.report.explanation.drawing import drawing
from tfstab.report.explanation.spectra import heat_map_figure
from tfstab.report.page import Picture


def holding(images=None, **arrays):
    """An explanation that has these arrays."""
    return SimpleNamespace(arrays=arrays.__getitem__, has=arrays.__contains__, clean=SimpleNamespace(images=images))


# --- flatness and noisy copies ---


def test_a_correlation_has_the_interval_of_bonett_and_wright():
    found = spearman(np.arange(8.0), np.array([1.0, 0, 3, 2, 5, 4, 7, 6]))
    rho = 1 - 6 * 8 / (8 * 63)  # each of the eight ranks is 1 beside the other
    width = 1.959964 * np.sqrt((1 + rho**2 / 2) / 5)
    ends = np.tanh(np.arctanh(rho) - width), np.tanh(np.arctanh(rho) + width)
    assert (found.value, found.low, found.high) == pytest.approx((rho, *ends))
    opposite = spearman(np.arange(4.0), -np.arange(4.0))
    assert opposite.value == pytest.approx(-1) and opposite.low == pytest.approx(-1) and -1 < opposite.high < -0.99
    assert 0.99 < spearman(np.arange(4.0), np.arange(4.0)).low < 1


def copies(failed, count=20, mean=2.0, deviation=1.0, clipped=0.0, saturated=False):
    """The copies of images at sigmas; failed (n, S)."""
    shape = np.shape(failed)
    count, mean, deviation, clipped, saturated = (
        np.broadcast_to(one, shape) for one in (count, mean, deviation, clipped, saturated)
    )
    return Copies(count, np.asarray(failed), mean, deviation, clipped, saturated)


def flat(failed, minimum, sigmas=(10.0,), sigma=10.0, **other):
    n = len(failed)
    return flatness(np.arange(n), np.array(sigmas), np.asarray(minimum, float), copies(failed, **other),
                    np.ones(n, bool), sigma)  # fmt: skip


def test_an_implied_distance_comes_from_the_errors_if_three_copies_fail_and_three_do_not():
    found = flat([[2], [3], [10], [17], [18]], np.full(5, 30.0))
    quantile = 1.0364334  # of 0.85
    np.testing.assert_allclose(found.implied[:, 0], [20, 10 * quantile, 0, -10 * quantile, 20], atol=1e-5)
    np.testing.assert_allclose(found.ratio[:, 0], [1.5, 3 / quantile, np.inf, np.inf, 1.5], atol=1e-5)
    figures = found.figures(0)
    tiny = flat([[2], [3], [10], [17], [18]], np.full(5, 0.3), (0.1,), 0.1)
    np.testing.assert_allclose(tiny.ratio, found.ratio)
    assert tiny.figures(0).beyond == 2
    assert (figures.images, figures.beyond, figures.sigma) == (5, 2, 10) and figures.ratio.value == found.ratio[1, 0]


@pytest.mark.parametrize(
    ("other", "known"),
    [({"count": 10}, True), ({"count": 9}, False), ({"saturated": True}, False), ({"deviation": 0.0}, False)],
)
def test_margins_of_few_saturated_or_equal_copies_imply_nothing(other, known):
    found = flat([[0]], [30.0], **other)
    assert np.isfinite(found.by_margin).all() == known == found.comparable().all()
    assert found.flags[FEW].any() == (not known and "saturated" not in other)


def test_images_of_which_more_than_15_percent_is_clipped_are_flagged():
    found = flat([[0], [0]], [30.0, 0], clipped=[[0.15], [0.16]])
    assert found.flags[CLIPPED].tolist() == [[False], [True]]
    assert found.comparable().tolist() == [[True], [False]] and np.isnan(found.minimum[1]), "no noise of length 0"


def test_the_headline_by_hand():
    sigmas = (5.0, 10, 20, 30)
    nothing = np.zeros((4, 4), int)
    assert flat(nothing, [9.0] * 4, sigmas, sigma=14).headline == 1, "10 is nearer to 14 than 20, by the quotient"
    assert flat(nothing, [9.0] * 4, sigmas, sigma=15).headline == 2
    beyond = nothing.copy()
    beyond[0, 1] = 12
    assert flat(beyond, [9.0] * 4, sigmas).headline == 1, "a quarter of the images may be beyond the boundary"
    beyond[1, 1] = 12
    assert flat(beyond, [9.0] * 4, sigmas).headline == 0
    clipped = np.zeros((4, 4))
    clipped[:2, 1] = 1
    assert flat(nothing, [9.0] * 4, sigmas, clipped=clipped).headline == 1, "half of the images are enough"
    clipped[2, 1] = 1
    assert flat(nothing, [9.0] * 4, sigmas, clipped=clipped).headline == 0
    assert flat(nothing, [np.nan] * 4, sigmas).headline == 1
    assert flat(nothing[:, :2], [9.0] * 4, (0.1, 10.0), sigma=0.12).headline == 0
    assert flat(nothing[:2, :2], [9.0] * 2, (10.0, 40.0), clipped=[[0, 0], [1, 0]]).headline == 0, "one of two"


def test_the_copies_of_an_explanation_by_hand():
    margins = np.array([[[1.0, -1, 3], [0, -2, -4]]])
    found = copies_of_explanation({"margins": margins, "clipped": np.array([[0.1, 0.2]])})
    assert found.count.tolist() == [[3, 3]] and found.failed.tolist() == [[1, 2]] and not found.saturated.any()
    np.testing.assert_allclose(found.mean, [[1, -2]])
    np.testing.assert_allclose(found.deviation, [[2, 2]])


def test_the_copies_of_a_sweep_by_hand(tmp_path):
    """Predicted classes have a score of 0.7, the true class of a wrong copy 0.1, rivals of clean images 0.15."""
    predicted = np.zeros((3, 2, 4), int)
    predicted[0, 1, :2] = 1
    predicted[1] = 1
    predicted[2] = 2
    sweep = made_sweep(tmp_path / "sweep", SweepConfig(sigmas=(10, 40), copies=4), predicted, labels=[0, 1, 0])
    found = copies_of_sweep(sweep, np.array([2, 0, 1]))
    assert found.count.tolist() == [[4, 4]] * 3 and found.failed.tolist() == [[4, 4], [0, 2], [0, 0]]
    right, wrong = np.log(0.7 / 0.3) + np.log(2), np.log(0.1 / 0.7)
    np.testing.assert_allclose(found.mean, [[wrong] * 2, [right, (right + wrong) / 2], [right] * 2], atol=1e-5)
    apart = (right - wrong) / 2 * np.sqrt(4 / 3)
    np.testing.assert_allclose(found.deviation, [[0, 0], [0, apart], [0, 0]], atol=1e-5)
    levels = 102, 100, 101
    clipped = [[ndtr(-level / s) + ndtr((level - 255) / s) for s in (10, 40)] for level in levels]
    np.testing.assert_allclose(found.clipped, clipped, atol=1e-12)
    for image, row in ((0, 1), (2, 0)):
        alone = copies_of_sweep(sweep, np.array([image]))  # which does not look at the other image of the class
        assert alone.count.tolist() == [[4, 4]] and alone.failed[0].tolist() == found.failed[row].tolist()
        np.testing.assert_allclose(alone.mean[0], found.mean[row])
    whole = made_sweep(tmp_path / "whole", SweepConfig(sigmas=(40,), copies=1, clip=False), np.zeros((1, 1, 1), int))
    one = copies_of_sweep(whole, np.array([0]))
    assert not one.clipped.any() and np.isnan(one.deviation).all() and one.mean == pytest.approx(right, abs=1e-5)


@pytest.mark.parametrize(("surely", "saturated"), [(2, False), (3, True)])
def test_margins_are_not_known_if_more_than_a_tenth_of_the_scores_are_1(surely, saturated, tmp_path, monkeypatch):
    monkeypatch.setattr("made_runs.SURE", 1.0)
    predicted = np.where(np.arange(20) < surely, 0, 1)[None, None]
    sweep = made_sweep(tmp_path / "sweep", SweepConfig(sigmas=(10,), copies=20), predicted)
    assert copies_of_sweep(sweep, np.array([0])).saturated.all() == saturated
    found = flatness_of_runs(sweep, made_search(tmp_path / "search", [9.0]))
    assert found.minimum == 9 and found.sigma == 10


# --- places, and curvature ---


def gains(margin, names=("input", "a", "b", "logits")):
    margin = np.asarray(margin, float)
    one, network = np.ones_like(margin), np.repeat(np.arange(margin.shape[1] // len(names)), len(names))
    return Gains(np.array(names * (network[-1] + 1)), network, one, one, one, margin, one, margin > 0)


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


# --- frequencies ---


def test_radii_and_rings_by_hand():
    np.testing.assert_allclose(fourier.radii(4, 2), [[0, 1], [0.5, 1.25**0.5], [1, 2**0.5], [0.5, 1.25**0.5]])
    assert fourier.ring_of(np.array([0, 0.099, 0.1, 0.3, 0.99, 1, 2**0.5])).tolist() == [0, 0, 1, 3, 9, 10, 14]
    assert fourier.half_plane(3, 2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert fourier.alone(np.array([[0, 0], [0, 1], [1, 0], [2, 1]]), 4, 2).tolist() == [True, True, False, True]
    # The energy of white noise in 4 x 2 frequencies: half of it lies up to a radius of 1, of a row of 4 up to 0.5.
    assert fourier.white_median(4, 2) == 1 and fourier.white_median(4, 1) == 0.5
    assert fourier.median_radius(np.array([[[0.0, 1], [1, 0], [1, 0], [0, 0]]])).tolist() == [1]


def test_a_heat_map_by_hand():
    frequencies = np.array([[0, 0], [0, 1], [3, 0], [0, 4], [5, 5], [4, 0]])  # radius 0, 0.2, 0.6, 0.8, 1.4, 0.8
    margin = np.full((6, 2, 2), 4.0)
    margin[0, 0] = 0, 4  # a margin of 0 counts as wrong
    margin[1, 0, 1], margin[3, 1], margin[4, 1] = 1, -2, (2, -4)
    arrays = {"frequencies": frequencies, "margin": margin, "clean_margin": np.array([4.0, 6]),
              "images": np.array([3, 7]), "eps": np.array([30.0]), "kept": np.array([0.9])}  # fmt: skip
    run = holding(np.zeros((9, 10, 10, 1)), frequency=arrays, spectrum={"noise_median": np.array([0.4, np.nan, 0.8])})
    found, figures = heat_map(run), frequency_figures(run)
    np.testing.assert_allclose(found.wrong.sum(axis=1), [0.5, 0, 0, 1, 0.5, 0])
    np.testing.assert_allclose(found.fall, [[4, 2], [3, 2], [0, 2], [0, 8], [0, 10], [0, 2]])
    assert (found.eps, found.kept, found.shape) == (30, 0.9, (10, 10)) and not found.whole
    np.testing.assert_allclose(found.rings(), [(0, 0.1), (0.2, 0.3), (0.6, 0.7), (0.8, 0.9), (1.4, 1.5)])
    assert (
        found.error(0.2, 0.8).value == 0
        and found.error(0.8, 1.4).value == 0.25
        and np.isnan(found.error(0.3, 0.6).value)
    )
    assert figures.low_error.value == 0.125 and figures.high_error.value == pytest.approx(0.25)
    assert figures.error_difference.value == pytest.approx(0.125 - 0.25)
    assert figures.low_fall.value == pytest.approx(5.5 / 10) and figures.high_fall.value == pytest.approx((20 / 3) / 10)
    assert figures.fall_ratio.value == pytest.approx((20 / 3) / 5.5) and figures.images == 2
    assert figures.noise_median.value == pytest.approx(0.6)
    assert figures.noise_ratio.value == pytest.approx(0.6 / fourier.white_median(10, 10))
    for some in ([0, 1, 2], [2, 3]):  # no high frequencies, and no low ones
        part = HeatMap(frequencies[some], found.radius[some], found.wrong[some], found.fall[some], found.clean_margin,
                       found.images, (10, 10), 1, 1)  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as one about the mean of nothing
            assert np.isnan(part.fall_ratio().value)
            assert np.isnan(part.error_difference().value)
        assert np.isfinite(part.mean_fall(0, 2).value)
    alone = HeatMap(
        frequencies, found.radius, found.wrong[:, 1:], found.fall[:, 1:], np.ones(1), np.ones(1, int), (10, 10), 1, 1
    )
    assert alone.error(0.8, 1.5).value == pytest.approx((1 + 0.5 + 0) / 3) and alone.mean_fall(0.8, 1.5).value > 0
    nobody = HeatMap(
        frequencies, found.radius, found.wrong[:, :0], found.fall[:, :0], np.empty(0), np.empty(0, int), (10, 10), 1, 1
    )
    assert np.isnan([nobody.error(0, 2).value, nobody.mean_fall(0, 2).value, nobody.fall_ratio().value]).all()


def test_ratios_by_hand():
    response = np.zeros((10, 10))
    response[0, 1] = response[0, 2] = 8  # radius 0.2 and 0.4; nine frequencies are below 0.3
    response[0, 4] = 1
    high = (fourier.radii(10, 10) >= 0.7).sum()
    low = (fourier.radii(10, 10) < 0.3).sum()
    assert kernel_ratio(response) == pytest.approx((1 / high) / (8 / low)) and low == 9
    assert np.isnan(kernel_ratio(np.zeros((10, 10))))
    part, whole = np.array([1.0, 3]), np.array([2.0, 2])
    found = ratio_of_means(part, whole)
    assert found == Estimate(1, 0.5, 1.5), "resamples of two images have all ratios that there can be at their ends"
    assert np.isnan(ratio_of_means(part, -whole).value) and np.isnan(ratio_of_means(part[:1], np.zeros(1)).value)


def test_what_is_drawn_of_a_heat_map_and_of_places():
    half = fourier.half_plane(4, 4)
    fall = np.linspace(-0.5, 1, len(half))[:, None]  # some stripes raise the margin
    found = HeatMap(half, fourier.radii_of(half, 4, 4), 0 * fall, fall, np.ones(1), np.arange(1), (4, 4), 9.0, 1.0)
    assert heat_map_figure(found).axes[0].images[0].get_clim() == (-0.5, 1)
    axes = Figure().subplots(1, 4)
    for axis, factors, end in zip(axes, ([0.1, 4], [0.5, 8], [0.9, 1.1], []), (11, 8.8, 2, None), strict=True):
        draw_places(axis, [Place(str(factor), factor) for factor in factors])
        assert not end or axis.get_xlim() == pytest.approx((1 / end, end))
    assert not axes[3].axison and [bar.get_x() + bar.get_width() for bar in axes[0].patches] == pytest.approx([0.1, 4])


def test_a_figure_has_96_pixels_an_inch_in_a_page():
    found = drawing(Picture("name", "What it shows. And more.", Figure((5, 2.5))))
    assert (found.width, found.height, found.lead, found.rest) == (480, 240, "What it shows.", "And more.")


# --- words ---

NONE = "No single cause stands out"
LOST = {"actual": "cat", "predicted": "dog", "clean_prediction": "cat", "clean_score": 0.9}


@pytest.mark.parametrize(
    ("known", "title"),
    [
        ({"gains": {"a": 1.5}}, "Layer a reacts more strongly to the noise than to random noise"),
        ({"gains": {"a": 1.45}}, NONE),
        ({"gains": {"a": 1.5}, "others": [(1.0,)] * 40},
         "Layer a reacts more strongly to this noise than to the noise of images that stay right"),
        ({"gains": {"a": 1.5}, "others": [(1.0,)] * 30 + [(1.5,)] * 10}, NONE),  # it is so for others, too
        ({"gains": {"a": 1.5}, "others": []}, NONE),
        ({"gains": {"a": 1.2, "b": 1.1, "c": 1.6}, "change": "change"},
         "Layer c reacts more strongly to the change than to random noise"),
        ({"gains": {"a": 2.0, "b": 0.0}}, NONE),
        ({"gains": {"a": 0.0, "b": 2.0}}, NONE),
        ({"gains": {"a": 1.4, "b": 1.6}}, "Layer a reacts more strongly to the noise than to random noise"),
        ({"random": None}, "Lost: taken for dog"), ({"places": None}, "Lost: taken for dog"),
        ({"gains": {"a": np.nan, "b": 2.0}}, NONE),
        ({"random": RandomNoise((1, 2, 4, 8), (0, 6, 24, 64))}, "The noise has a special direction"),
        ({"random": RandomNoise((1, 2, 4, 8), (1, 6, 24, 64))}, NONE),  # some noise as strong does the same
        ({"random": RandomNoise((1, 2, 4, 8), (0, 6, 25, 64))}, NONE),  # at 4, perhaps half of the tries
        ({"random": RandomNoise((1, 2, 2.2, 2.4, 4), (0, 6, 30, 60, 64))}, NONE),
        ({"random": RandomNoise((1, 2, 4, 8), (32, 20, 6, 6))}, NONE),  # stronger noise changes it less
        ({"random": RandomNoise((1, 2, 4), (0, 0, 6)), "gains": {"a": 1.5}},
         "The noise has a special direction, to which layer a reacts more strongly than to random noise"),
        ({"random": RandomNoise((1, 4), (0, 0)), "gains": {"a": 1.5}, "others": [(1.0,)] * 19, "change": "change"},
         "The change has a special direction, to which layer a reacts more strongly than to the changes of images that "
         "stay right"),
        ({"random": RandomNoise((1, 2, 4), (0, 0, 6)), "gains": {"a": 1.5}, "others": [(1.5,)] * 40},
         "The noise has a special direction"),
        ({"random": RandomNoise((1, 2, 4), (0, 0, 0)), "places": [Place(HIDDEN, 0.2)]},
         "The clean image has a slim margin, and the noise has a special direction"),
        ({"random": RandomNoise((1, 2), (0, 0))}, NONE),
        ({"random": RandomNoise((1,), (60,), 40)}, "The strength of the noise alone is enough"),
        ({"random": RandomNoise((1,), (60,), 39)}, NONE),  # perhaps to the same class in half of the tries
        ({"random": RandomNoise((1,), (64,), 64), "gains": {"a": 1.6}}, "The strength of the noise alone is enough"),
        ({"random": RandomNoise((1,), (64,), 0, "cow", 64), "gains": {"a": 1.6}}, NONE),
        ({"random": RandomNoise((1,), (64,), 64, "dog", 64, (53, 60))}, "The strength of the noise alone is enough"),
        ({"random": RandomNoise((1,), (64,), 64, "dog", 64, (54, 60))}, NONE),
        ({"random": RandomNoise((1,), (64,), 64, "dog", 64, shift=9.9)}, "The strength of the noise alone is enough"),
        ({"random": RandomNoise((1,), (64,), 64, "dog", 64, shift=-10)}, NONE),  # darker: that may be the reason
        ({"random": RandomNoise((1,), (64,), 64), "places": [Place(HIDDEN, 0.2)]},
         "The clean image has a slim margin, and the strength of the noise alone is enough"),
        ({"places": [Place(HIDDEN, 0.2, 0.94)]}, NONE),
        ({"places": [Place(HIDDEN, 0.2, 0.95)]}, "The clean image has a slim margin"),
        ({"places": [Place("b", 0.2)], "gains": {"a": 1.5}},
         "Layer b amplifies small changes of this image more than those of a typical one, and layer a reacts more "
         "strongly to the noise than to random noise"),
    ],
)  # fmt: skip
def test_what_the_cause_of_an_image_is_called(known, title):
    assert ImageFindings(**LOST, **({"random": RandomNoise(), "places": []} | known)).title == title


def test_where_margins_cross_0():
    assert crossing((3, 1, 0, -1)) == pytest.approx(2 / 3) and crossing((1, -3)) == 0.25
    assert crossing((-1, 1)) == 0 and crossing((1, 0)) is None and crossing((4, -1, 2, -2)) == pytest.approx(0.8 / 3)


@pytest.mark.parametrize(
    ("change", "share", "said"),
    [
        ("noise", 0.97, "About 97 % of the noise is enough"),
        ("noise", 0.502, "About 51 % of the noise"),
        ("noise", 0.98, "All of the noise is needed"),
        ("change", 0.502, "Blended with the clean image, it is wrong once about 51 % of the blend is the degraded"),
        ("change", 0.98, "Blended with a little of the clean image, it is right again."),
    ],
)
def test_how_much_of_the_difference_to_the_clean_image_is_needed(change, share, said):
    (sentence,) = ImageFindings(**LOST, margins=(share, share - 1), change=change).sentences
    assert sentence.startswith(said)


@pytest.mark.parametrize(("high", "count"), [(0.84, 0), (0.86, 1), (0.76, 0), (0.74, 1), (np.nan, 0)])
def test_noise_like_white_noise_is_not_described_by_its_frequencies(high, count):
    spectrum = Spectrum(np.full(3, high), np.zeros(3), np.zeros(3), high, 0.8)
    assert len(ImageFindings(**LOST, spectrum=spectrum).sentences) == count
    flat = Spectrum(*[np.zeros(3)] * 3, 0.05, 0.0)
    assert ImageFindings(**LOST, spectrum=flat).sentences == [] and not ImageFindings(**LOST).amplified.much
    assert len(ImageFindings(**LOST, gains={"a": 1.5}).sentences) == 1


def test_the_spectrum_of_stripes_by_hand():
    across = np.tile(np.array([1.0, -1, 1, -1])[None, :, None], (4, 1, 1))  # the Nyquist frequency
    found = spectrum_of(100 + 7 * across + 0 * across, 5 + across)
    assert found.noise[[0, 10]] == pytest.approx([25 / 26, 1 / 26]) and found.image[10] == pytest.approx(1)
    assert found.high == pytest.approx(1 / 26) and found.white_high == pytest.approx(11 / 16)


def test_a_figure_of_very_many_lines_is_a_small_picture():
    figure = Figure((5, 2.5))
    axes, rng = figure.subplots(), np.random.default_rng(0)
    for colour in rng.random((300, 3)):
        axes.plot(rng.normal(size=60), lw=2, color=colour)
    found = drawing(Picture("name", "What it shows.", figure))
    kind, _, content = found.uri.partition(";base64,")
    picture = Image.open(io.BytesIO(base64.b64decode(content)))
    assert kind == "data:image/png" and picture.format == "PNG" and picture.size == (650, 325)
    assert 200 < len(picture.getcolors()) <= 255 and not found.has_dark and (found.width, found.height) == (480, 240)
