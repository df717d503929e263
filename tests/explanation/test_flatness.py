"""Flatness: the distance to the decision boundary that random noise implies, against the minimum noise."""

import warnings
from types import SimpleNamespace

import linear_runs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.errors import InputError
from tfstab.explanation.flatness import (
    CLIPPED,
    FEW,
    NOT_FOUND,
    SATURATED,
    WRONG,
    flatness,
    flatness_of,
    flatness_of_runs,
    spearman,
)
from tfstab.explanation.noisy_copies import NEAR_ONE, copies_of_explanation, margins_of_scores
from tfstab.report.explanation import flatness as report
from tfstab.report.explanation import neighbours as neighbours_report


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return linear_runs.make_runs(tmp_path_factory.mktemp("linear"))


def measured(margin, sigmas, minimum, dimensions=64, copies=400, clipped=0.0, right=True):
    """Flatness at images at the origin of a function margin(image, noise) -> (copies,) of noise (copies, d)."""
    minimum, rng = np.asarray(minimum, float), np.random.default_rng(0)
    found = np.array(
        [[margin(k, sigma * rng.normal(size=(copies, dimensions))) for sigma in sigmas] for k in range(len(minimum))]
    )
    copies = copies_of_explanation({"margins": found, "clipped": np.broadcast_to(clipped, found.shape[:2])})
    right = np.broadcast_to(right, len(minimum))
    return flatness(np.arange(len(minimum)), np.asarray(sigmas, float), minimum, copies, right)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(exponent=st.floats(-3, 3), slope=st.floats(-3, 3), dimensions=st.integers(1, 40))
def test_linear_classifier_has_ratio_one_at_any_sigma(exponent, slope, dimensions):
    sigma, weights = 10**exponent, np.random.default_rng(dimensions).normal(size=dimensions) * 10**slope
    distances = np.linspace(0.3, 6, 40) * sigma
    found = measured(lambda k, noise: np.linalg.norm(weights) * distances[k] - noise @ weights, [sigma], distances,
                     dimensions)  # fmt: skip
    figures = found.figures(0)
    assert figures.images == 40
    # The standard error of an image's ratio is 4 to 17 %, of the median about 1.2 %.
    assert figures.ratio.value == pytest.approx(1, abs=0.05)
    assert figures.correlation.value > 0.98 and figures.correlation.low < figures.correlation.value


def test_the_two_formulas_agree_where_both_apply():
    distances = np.linspace(0.2, 1.5, 60)
    found = measured(lambda k, noise: distances[k] - noise[:, 0], [1.0], distances, copies=2000)
    assert np.isfinite(found.by_errors).all()
    # The standard errors: of -Phi^-1(p) up to 0.045 here, of mean / standard deviation 0.03.
    np.testing.assert_allclose(found.by_errors, found.by_margin, atol=0.2)
    assert np.median(found.by_errors / found.by_margin) == pytest.approx(1, abs=0.02)


def test_spike_in_one_direction_has_a_small_ratio():
    def spiked(k, noise):  # a plane at distance 100, and a wall at distance 20 in a direction of its own
        return np.minimum(100 - noise[:, 0], 1e3 * (20 - noise[:, 1]))

    found = measured(spiked, [1.0, 4.0], [20.0] * 8)
    assert (found.ratio < 0.25).all()


def test_too_few_errors_are_not_used():
    def margin(k, noise):  # margins far from normal, to tell the formulas apart
        failing = np.arange(len(noise)) < (2, 3)[k]
        return np.where(failing, -1.0, 5.0 + noise[:, 0] ** 2)

    found = measured(margin, [2.0], [4.0, 4.0], copies=20)
    assert np.isnan(found.by_errors[0, 0]) and found.implied[0, 0] == found.by_margin[0, 0]
    assert found.implied[1, 0] == found.by_errors[1, 0] == pytest.approx(2 * 1.0364, abs=1e-3)  # -Phi^-1(0.15)


def test_flags():
    found = measured(
        lambda k, noise: 5 - noise[:, 0] if k else np.full(len(noise), 5.0), [1.0], [5.0, np.nan, 0.0, 5.0, 5.0],
        clipped=[[0], [0], [0], [0.2], [0.1]], right=[True, True, False, True, True],
    )  # fmt: skip
    assert {reason: np.flatnonzero(flags[:, 0]).tolist() for reason, flags in found.flags.items()} == {
        FEW: [0], NOT_FOUND: [1], WRONG: [2], CLIPPED: [3], SATURATED: [],
    }  # fmt: skip
    assert np.flatnonzero(found.comparable()[:, 0]).tolist() == [4]
    assert np.flatnonzero(found.comparable((CLIPPED,))[:, 0]).tolist() == [3, 4]
    assert found.figures(0).flagged == {FEW: 1, NOT_FOUND: 1, WRONG: 1, CLIPPED: 1, SATURATED: 0}


def test_nine_copies_are_too_few():
    found = measured(lambda k, noise: 5 - noise[:, 0], [1.0], [5.0], copies=9)
    assert found.flags[FEW].all() and found.figures(0).images == 0 and np.isnan(found.figures(0).ratio.value)


def test_image_of_which_half_the_copies_fail_counts_as_infinite():
    found = measured(lambda k, noise: (0.5 if k else -0.5) + noise[:, 0], [1.0], [3.0] + [0.5] * 6)
    figures = found.figures(0)
    assert found.ratio[0, 0] == np.inf and figures.images == 7 and figures.beyond == 1
    assert figures.ratio.value == pytest.approx(1, abs=0.15)


def test_headline_is_the_sigma_nearest_to_the_runs_at_which_half_of_the_images_can_be_compared():
    clipped = np.array([[0, 0.1, 0.3], [0, 0.3, 0.3], [0, 0.3, 0.3]])
    found = measured(lambda k, noise: 5 - noise[:, 0], [1.0, 8.0, 12.0], [5.0] * 3, clipped=clipped)
    assert found.headline == 0
    clipped[1, 1] = 0
    assert measured(lambda k, noise: 5 - noise[:, 0], [1.0, 8.0, 12.0], [5.0] * 3, clipped=clipped).headline == 1
    assert measured(lambda k, noise: 5 - noise[:, 0], [1.0, 8.0, 12.0], [5.0] * 3, clipped=1.0).headline == 2


def test_headline_is_not_a_sigma_that_leaves_the_surroundings_of_the_images():
    found = measured(lambda k, noise: 20 - (noise**2).sum(axis=1), [0.2, 2.0], [3.0] * 5)
    assert found.figures(1).beyond == found.figures(1).images == 5 and found.headline == 0


def test_correlation_needs_four_images_that_differ():
    assert np.isnan(spearman(np.arange(3.0), np.arange(3.0)).value)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as SciPy's, about a series that is constant
        assert np.isnan(spearman(np.arange(5.0), np.ones(5)).value) and np.isnan(
            spearman(np.ones(5), np.arange(5.0)).value
        )
    some = spearman(np.arange(20.0), np.arange(20.0) % 7)
    expected = np.tanh(np.arctanh(some.value) + np.array([-1, 1]) * 1.959964 * np.sqrt((1 + some.value**2 / 2) / 17))
    np.testing.assert_allclose((some.low, some.high), expected, rtol=1e-6)
    one = spearman(np.arange(20.0), np.arange(20.0) ** 3)
    assert one.value == pytest.approx(1) and 0.99 < one.low <= one.high <= 1


def test_explanation_of_a_linear_network_finds_the_true_distances(runs):
    found = flatness_of(runs.explanation)
    right = ~found.flags[WRONG][:, 0]
    np.testing.assert_allclose(found.minimum[right], runs.distance[right], atol=0.02)
    assert found.sigmas[found.headline] == linear_runs.SIGMA
    small = found.figures(0)
    assert small.sigma == pytest.approx(linear_runs.SIGMA / 10)
    assert small.images == linear_runs.IMAGES - 1 and small.flagged[WRONG] == 1
    assert runs.explanation.has("features")
    assert small.ratio.value == pytest.approx(1, abs=0.05) and small.correlation.value > 0.9


def test_sweep_and_search_agree_with_the_explanation_of_the_same_images(runs):
    one, two = flatness_of(runs.explanation), flatness_of_runs(runs.sweep, runs.search)
    order = np.argsort(one.images)
    assert (one.images[order] == two.images).all()
    np.testing.assert_allclose(one.minimum[order], two.minimum, atol=0.02)
    for sigma in (0.8, 8.0):
        first = one.implied[order, np.flatnonzero(np.isclose(one.sigmas, sigma))[0]]
        second = two.implied[:, runs.sweep.severities.index(sigma)]
        known = two.comparable()[:, runs.sweep.severities.index(sigma)] & (second > 0)
        assert known.sum() >= 20
        assert np.median(first[known] / second[known]) == pytest.approx(1, abs=0.06)
    np.testing.assert_allclose(
        one.copies.clipped[order, 1], two.copies.clipped[:, runs.sweep.severities.index(8.0)], atol=0.02
    )


def test_report_says_how_flat_the_boundary_is(runs):
    section = report.section(runs.explanation)
    assert (
        "the boundary is nearly flat" in section.lines[0]
        and "the two distances are closely correlated" in section.lines[1]
    )
    assert (
        "sigma 8: 23 of 24 images (flagged and left out: 1 wrong when clean). For 2 of these, half or more"
        in section.lines[2]
    )
    picture, table = section.parts
    assert "Each point is an image" in picture.caption and len(table.rows) == 3 and not section.warnings
    wrong, right = int(runs.explanation.images[runs.distance == 0][0]), int(runs.explanation.images[0])
    assert report.of_image(runs.explanation, wrong) == []
    [table] = report.of_image(runs.explanation, right)
    assert len(table.rows) == 3 and table.rows[0][3] == pytest.approx(runs.distance[0], abs=0.02)


def test_report_warns_of_clipping_and_draws_what_has_no_ratio():
    distances = np.linspace(0.5, 6, 30)
    found = measured(lambda k, noise: distances[k] - noise[:, 0], [1.0], distances, clipped=0.5)
    assert report.despite_of(found) == (CLIPPED,)
    beyond = measured(lambda k, noise: noise[:, 0] - 1, [1.0], distances)
    figure = report.scatter(beyond, 0)
    assert "half of the copies or more fail (30 images)" in "".join(text.get_text() for text in figure.axes[0].texts)
    [axes] = report.scatter(measured(lambda k, noise: distances[k] - noise[:, 0], [1.0], distances / 2), 0).axes
    labels = [text.get_text() for text in axes.texts]
    assert labels == ["equal: a flat boundary", "median flatness ratio 0.50"]
    (x, y), (x_half, y_half) = (line.get_data() for line in axes.lines)
    assert np.allclose(y, x) and np.allclose(np.divide(y_half, x_half), 0.5, atol=0.005)
    assert report.scatter(measured(lambda k, noise: 3 - noise[:, 0], [1.0], [3.0]), 0).axes


def test_report_of_neighbours(runs):
    section = neighbours_report.section(runs.explanation)
    table, drawing, rows = section.parts
    assert [row[0] for row in table.rows] == ["clean", "one copy with random noise", "with its minimum noise"]
    assert "% of the variance" in drawing.caption and len(rows.figure.axes) == 4 * 8
    assert len(neighbours_report.of_image(runs.explanation, int(runs.explanation.images[0]))) == 1


def test_margins_of_scores():
    true_score = np.float32([0.9, 0.2, 1 - 2**-22, 0, 1 - 2**-20, 2**-126])
    failed, behind = np.array([False, True, False, True, False, True]), np.array([np.log(2), 9, 0, 9, 0, 9])
    margin, saturated = margins_of_scores(true_score, np.float32([0.9, 0.6, 1, 1, 1, 1]), failed, behind)
    assert margin[:2] == pytest.approx([np.log(18), np.log(1 / 3)], abs=1e-5)  # 0.1 is shared by two rivals
    assert saturated.tolist() == [False, False, True, True, False, False], "the last two are just precise enough"
    sure, _ = margins_of_scores(np.float32([1]), np.float32([1]), np.array([False]), np.zeros(1))
    assert np.exp(sure[0]) == pytest.approx(16 / NEAR_ONE), "a sixteenth of what float32 tells apart from 1"


def test_saturated_scores_are_flagged(tmp_path, monkeypatch):
    monkeypatch.setattr("made_runs.SURE", 1.0)
    config = SweepConfig(sigmas=(5, 20), copies=20)
    predicted = np.zeros((6, 2, 20), int)
    predicted[:, 1, :5] = 1
    found = flatness_of_runs(made_sweep(tmp_path / "sweep", config, predicted), made_search(tmp_path / "s", [9.0] * 6))
    assert found.flags[SATURATED].tolist() == [[True, False]] * 6
    assert found.implied[:, 1] == pytest.approx(20 * 0.67449, abs=1e-3)  # the error rate needs no margin


def test_runs_of_different_networks_or_degradations_are_refused(tmp_path):
    sweep = made_sweep(tmp_path / "sweep", SweepConfig(sigmas=(5,), copies=2), np.zeros((3, 1, 2), int))
    same = made_search(tmp_path / "same", [9.0] * 3)
    with pytest.raises(InputError, match="different networks"):
        flatness_of_runs(sweep, made_search(tmp_path / "other", [9.0] * 3, name="other"))
    with pytest.raises(InputError, match="different images"):
        flatness_of_runs(sweep, made_search(tmp_path / "images", [9.0] * 3, labels=[0, 1, 0]))
    for target, mask in ((1, None), (None, "mask.png")):
        aimed = SimpleNamespace(path="aimed", target=target, info={"settings": {"mask": mask}})
        with pytest.raises(InputError, match="aimed was aimed at a class or at some pixels"):
            flatness_of_runs(sweep, aimed)
    jpeg = SweepConfig(degradation="jpeg", severities=(50,))
    with pytest.raises(InputError, match="Gaussian noise"):
        flatness_of_runs(made_sweep(tmp_path / "jpeg", jpeg, np.zeros((3, 1, 1), int)), same)
