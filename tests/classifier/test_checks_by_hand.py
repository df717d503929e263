"""Checks of classes, gradients and running models, with answers that can be computed by hand."""

import re

import numpy as np
import pytest
from explanation.small import dense

from tfstab.classifier import class_check
from tfstab.classifier.backend import tensorflow
from tfstab.classifier.class_check import far_better_outputs, is_far_better
from tfstab.classifier.combine import CombineScores
from tfstab.classifier.gradient_check import agrees_with_scores
from tfstab.classifier.layers import networks_of
from tfstab.classifier.running import explained, reason_of
from tfstab.errors import InputError, ModelError
from tfstab.models import make_smoothed

# --- gradients ---

IMAGES = np.full((3, 2, 2, 1), 10, np.float32)
WEIGHTS = np.array([[1, -1]] * 3, np.float32)


def agree(slope, gradients, function=lambda images: images, images=3):
    """Whether the gradients of these slopes, along the first pixel, agree with scores whose slope is given."""

    def log_scores(batch):
        lead = slope * function(batch[:, 0, 0, 0].astype(np.float64))
        return np.stack([lead, 0 * lead], axis=1)

    told = np.zeros_like(IMAGES)
    told[: len(gradients), 0, 0, 0] = gradients
    return agrees_with_scores(log_scores, IMAGES[:images], WEIGHTS, log_scores(IMAGES), told, "net")


@pytest.mark.parametrize(
    ("slope", "gradients", "expected"),
    [
        (1.0, [1.0, 1, 1], True),
        (2.99, [1.0, 1, 1], True),
        (3.01, [1.0, 1, 1], "3 times"),
        (1.0, [2.99, 2.99, 2.99], True),
        (1.0, [3.03, 3.03, 3.03], "0.33 times"),
        (-1.0, [1.0, 1, 1], "-1 times"),
        (1.0, [0.0, 1, 0], True),  # one image is enough
        (1.0, [-1.0, 1, 0], True),
        (1.0, [0.0, 0, -1], False),  # of the first two
        (-1e-3, [1e-3, 0, 0], False),  # too flat: 2 grey levels, the longest step, change it by 0.002
        (-2.4e-3, [2.4e-3, 0, 0], False),
        (-2.6e-3, [2.6e-3, 0, 0], "-1 times"),
        (-0.2, [1e-3, 0, 0], False),
        (-0.26, [1e-3, 0, 0], "-260 times"),  # by 0.52, which is no rounding
    ],
)
def test_gradients_agree_within_a_factor_of_three(slope, gradients, expected):
    if isinstance(expected, bool):
        assert agree(slope, gradients) == expected
    else:
        with pytest.raises(ModelError, match=re.escape(f"sum of log-scores by {expected} what the gradient says")):
            agree(slope, gradients)


def test_a_longer_step_is_tried_where_a_function_rounds_its_images():
    assert agree(0.2, [0.2], np.round, images=1)  # steps of 0.25 and 2 grey levels
    assert agree(0.2, [0.2], lambda level: np.where(level > 10.1, 10.0, level), images=1)  # and of 0.025


# --- classes ---


def swapped(count):
    """Scores of two classes that are each other's output, and labels in turn."""
    labels = np.arange(count) % 2
    return np.where(labels[:, None] == [1, 0], 0.9, 0.1), labels


def test_how_many_images_show_that_classes_are_exchanged(monkeypatch):
    """The sign test of 11 images, 1 / 2048, is the first below 1 / 2000; without an assignment in use, 8 are enough."""
    for count in (10, 11):
        found = far_better_outputs(*swapped(count), np.zeros(count, bool))
        assert (found is not None) == (count == 11)
    assert found.tolist() == [1, 0]
    assert far_better_outputs(*swapped(7)) is None and far_better_outputs(*swapped(8)).tolist() == [1, 0]
    assert far_better_outputs(*swapped(100), np.arange(100) >= 2) is None  # 98 are right
    monkeypatch.setattr(class_check, "MOST_CLASSES", 2)
    assert far_better_outputs(*swapped(8)) is not None
    monkeypatch.setattr(class_check, "MOST_CLASSES", 1)
    assert far_better_outputs(*swapped(8)) is None


@pytest.mark.parametrize(
    ("images", "wrong", "found"),
    [
        (20, 10, False), (20, 11, True),  # the sign test alone counts: 1 / 1024 and 1 / 2048
        (102, 10, False), (102, 11, True),  # the 0.9995 quantile of t is 3.39 = 0.101 / sqrt(0.101 * 0.899 / 102)
    ],
)  # fmt: skip
def test_how_many_errors_show_it_if_the_others_are_right(images, wrong, found):
    assert (far_better_outputs(*swapped(images), np.arange(images) >= wrong) is not None) == found


@pytest.mark.parametrize(("images", "assignments"), [(100, 101), (101, 3)])
def test_many_images_are_divided_into_halves(images, assignments, monkeypatch):
    """An assignment is found for each part, and for all at the end."""
    sizes, best = [], class_check.best_outputs
    monkeypatch.setattr(class_check, "best_outputs", lambda *given: sizes.append(len(given[1])) or best(*given))
    assert far_better_outputs(*swapped(images)).tolist() == [1, 0]
    assert len(sizes) == assignments and sizes[-1] == images and max(sizes[:-1]) == (99 if images == 100 else 51)


@pytest.mark.parametrize(
    ("gain", "errors", "far"),
    [(0.3, 1, True), (0.29, 1, False), (0.02, 0.02, True), (0.019, 0, False), (0.1, 0.1, True), (0.1, 0.11, False)],
)
def test_what_is_far_better(gain, errors, far):
    assert is_far_better(gain, errors) == far


# --- networks ---


def test_a_smoothed_model_is_one_network_without_a_name():
    smoothed = make_smoothed(dense(3, 2), sigma=20, copies=2)
    (network,) = networks_of(smoothed)
    assert network.name == ""


@pytest.mark.parametrize(
    ("sigma", "copies", "seed", "said"),
    [
        (0, 2, 0, "sigma is 0; expected a sigma above 0 and below 1000"),
        (1000, 2, 0, "sigma is 1000"), (20, 1, 0, "copies is 1"),
        ("a", 2, 0, "sigma is 'a'; expected"), (20, 2.5, 0, "copies is 2.5; expected a whole number, 2 or more"),
        (20, "3", 0, "copies is '3'"),
        (20, 2, -1, "seed is -1"), (20, 2, 2**63, r"expected a whole number from 0 to 2\^63 - 1"),
    ],
)  # fmt: skip
def test_what_a_smoothed_model_cannot_be(sigma, copies, seed, said):
    with pytest.raises(InputError, match=said):
        make_smoothed("mnist-lenet", sigma, copies, seed)


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        ("mean", [0.5, 0.3, 0.2]),
        ("geometric", np.cbrt([0.048, 0.015, 0.004])),
        ("vote", [(2 + 0.5) / 4, (1 + 0.3) / 4, 0.2 / 4]),
    ],
)
def test_scores_of_three_members_by_hand(combine, expected):
    members = np.array([[[0.8, 0.1, 0.1]], [[0.6, 0.3, 0.1]], [[0.1, 0.5, 0.4]]])
    expected = np.array(expected) / np.sum(expected)
    layer = CombineScores(combine)
    np.testing.assert_allclose(np.exp(layer.combined(np.log(members)))[0], expected)
    np.testing.assert_allclose(np.asarray(layer(list(members.astype(np.float32))))[0], expected, rtol=1e-5)
    with pytest.raises(ValueError, match="combine is 'median'; expected one of mean, geometric, vote"):
        CombineScores("median")


# --- errors of models ---


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (MemoryError(), ModelError, "^net needs more memory for a batch of 4 images than there is: choose a smaller"),
        (KeyError("x"), ModelError, "^net cannot score images: 'x'$"),
        (LookupError("no gradient"), LookupError, "^no gradient$"),
        (InputError("as it was"), InputError, "^as it was$"),
    ],
)
def test_errors_of_a_model_are_one_sentence(error, kind, said):
    with pytest.raises(kind, match=said), explained("net", 4):
        raise error


def test_the_memory_of_the_device_and_errors_while_tracing():
    with pytest.raises(ModelError, match="needs more memory for a batch of 4"), explained("net", 4):
        raise tensorflow().errors.ResourceExhaustedError(None, None, "OOM")
    traced = (
        'in user code:\n\n    File "net.py", line 3, in call\n        return x + y\n\n    ValueError: shapes differ\n'
    )
    assert reason_of(ValueError(traced)) == "shapes differ" and reason_of(ValueError()) == "ValueError"
