"""PSNR, L2, precision, recall and intervals, against other people's code and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from skimage.metrics import peak_signal_noise_ratio
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from tfstab.metrics import ClassMetrics, class_metrics, l2_norm, psnr, wilson_interval

images = st.integers(0, 2**32 - 1).map(lambda s: np.random.default_rng(s).uniform(0, 255, (2, 5, 4, 3)))


@given(images)
def test_psnr_is_that_of_scikit_image(pair):
    clean, degraded = pair
    expected = peak_signal_noise_ratio(clean, degraded, data_range=255)
    assert psnr(degraded - clean) == pytest.approx(expected, rel=1e-12)


@given(arrays(np.float64, (2, 3, 4, 3, 1), elements=st.floats(-255, 255)))
def test_many_noises_at_once(noise):
    np.testing.assert_allclose(l2_norm(noise), np.linalg.norm(noise.reshape(2, 3, -1), axis=-1), rtol=1e-12)
    assert psnr(noise).shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        assert psnr(noise)[i, j] == psnr(noise[i, j])


def test_float32_and_uint8_noise_is_summed_in_float64():
    noise = np.full((512, 512, 3), 250, np.uint8)
    assert l2_norm(noise) == 250 * np.sqrt(512 * 512 * 3)
    tiny = np.full((512, 512, 3), 1e-3, np.float32)
    assert l2_norm(tiny) == pytest.approx(float(np.float32(1e-3)) * np.sqrt(512 * 512 * 3), rel=1e-12)


def test_closed_forms():
    assert psnr(np.full((9, 9, 1), 255.0)) == 0
    assert psnr(np.full((9, 9, 3), 25.5)) == pytest.approx(20)
    assert psnr(np.zeros((9, 9, 3))) == np.inf and l2_norm(np.zeros((9, 9, 3))) == 0
    assert l2_norm(np.array([[[3.0], [-4.0]]])) == 5


# --- intervals ---


@given(st.integers(1, 20_000), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilsons_interval_solves_its_equation(total, share, confidence):
    correct = round(share * total)
    low, high = wilson_interval(correct, total, confidence)
    assert 0 <= low <= correct / total <= high <= 1
    z = norm.ppf(0.5 + confidence / 2)
    for end in (low, high):  # where the observed share is z standard errors away from the true one
        assert (correct / total - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / total, abs=1e-10)


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        # Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_as_published(correct, total, low, high):
    assert wilson_interval(correct, total) == pytest.approx((low, high), abs=6e-5)


# --- precision and recall ---

predictions = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(predictions)
def test_class_metrics_are_those_of_scikit_learn(pairs):
    labels, predicted = np.array(pairs).T
    ours = class_metrics(labels, predicted, 5)
    precision, recall, _, support = precision_recall_fscore_support(
        labels, predicted, labels=range(5), zero_division=np.nan
    )
    np.testing.assert_array_equal(ours.precision, precision)
    np.testing.assert_array_equal(ours.recall, recall)
    np.testing.assert_array_equal(ours.support, support)
    assert ours.total == len(pairs) and ours.correct == (labels == predicted).sum()
    assert ours.accuracy == accuracy_score(labels, predicted)
    for actual, guess in np.ndindex(5, 5):
        assert ours.confusion[actual, guess] == ((labels == actual) & (predicted == guess)).sum()


def test_a_class_without_images_or_predictions_is_nan_not_zero():
    ours = class_metrics(np.array([0, 0, 1]), np.array([0, 1, 1]), 4)
    np.testing.assert_array_equal(ours.precision, [1, 0.5, np.nan, np.nan])
    np.testing.assert_array_equal(ours.recall, [0.5, 1, np.nan, np.nan])
    never = class_metrics(np.array([0, 2]), np.array([0, 0]), 3)
    np.testing.assert_array_equal(never.precision, [0.5, np.nan, np.nan])
    np.testing.assert_array_equal(never.recall, [1, np.nan, 0])


def test_metrics_of_classes_print_as_a_short_table_with_their_names():
    counts = np.array([[8, 0, 2], [0, 0, 0], [1, 0, 9]])
    printed = repr(ClassMetrics(4 * counts, counts, ("cat", "dog", "a fox")))
    assert printed.splitlines() == [
        "20 images, accuracy 0.8500, mean recall 0.8500",
        "class  images  precision  recall  most often taken for",
        "cat        10     0.8889  0.8000  a fox (2)",
        "dog         0          –       –",
        "a fox      10     0.8182  0.9000  cat (1)",
    ]
    many = np.diag(np.arange(30))
    many[17, 3] = 1_500
    weakest, *others, last = str(ClassMetrics(many)).splitlines()[2:]
    assert weakest == "17      1,517     1.0000  0.0112  3 (1,500)" and len(others) == 19
    assert last == "The 20 of 30 classes with the lowest recall."
