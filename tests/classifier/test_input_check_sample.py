"""On which images and forms inputs are checked, with functions that fail on some, and what is kept of the results."""

import itertools
import tracemalloc

import keras
import numpy as np
import pytest
from clothes_models import CLASSES, EVEN, NAMES, accuracy, coloured, images_of, said, trained

from tfstab import Classifier, Dataset
from tfstab.classifier import input_check, input_sample, unsteady
from tfstab.classifier.input_check import check_inputs
from tfstab.classifier.input_note import heed
from tfstab.classifier.input_scorer import Scorer
from tfstab.classifier.preprocess import ABOUT


def failing(model, fails, name):
    """The model as a server that raises an error where `fails(images)` is true."""
    function = model.function

    def server(images):
        if fails(images):
            raise RuntimeError("grey levels only")
        return function(images)

    return Classifier.from_function(
        server, model.input_shape, CLASSES, fingerprint=name, name="server", outputs="logits", class_names=NAMES
    )


def no_grey_levels(images):
    return images.max() <= 1 or images.min() < 0


def test_a_function_that_fails_with_all_other_inputs_is_said_to_be_untested(clothes):
    model = failing(trained("unit"), no_grey_levels, "strict")
    note = check_inputs(model, clothes, model.scores(clothes.images))
    assert note.text == "" and note.said is None and not note.certain
    with pytest.warns(
        UserWarning, match=r"^It is not known whether other inputs fit server better: it failed on all that"
    ):
        heed(note)
    assert "such as inputs 0..1 (grey levels only). If its accuracy is lower than you expect" in note.untested


def test_inputs_are_tested_that_a_function_takes_the_second_time(clothes):
    calls = itertools.count()
    scorer = Scorer(
        failing(trained("unit"), lambda images: no_grey_levels(images) and next(calls) == 0, "busy"), clothes
    )
    assert scorer.attempt("signed", slice(0, 8)) is not None and next(calls) > 1 and scorer.failed == {}


def test_only_the_inputs_on_which_a_function_fails_are_left_out():
    model, dataset = coloured("bgr")
    model = failing(model, no_grey_levels, "strict, blue first")
    assert said(model, dataset).endswith(f"scale its images to {ABOUT['bgr']}.")


def test_a_function_that_fails_once_on_other_inputs_is_called_again(clothes):
    failed = []
    once = failing(
        trained("unit", sure=1.5), lambda images: images.max() <= 1 and not failed and not failed.append(1), "once"
    )
    assert "scale its images to 0..1." in said(once, clothes) and failed


def test_an_error_on_the_images_as_they_are_is_raised(clothes):
    model = trained("unit", sure=1.5)
    scores = model.scores(clothes.images)
    away = failing(model, lambda images: images.max() > 200, "away")
    with pytest.raises(RuntimeError, match="grey levels only"):
        check_inputs(away, clothes, scores)


def test_the_check_is_bounded_and_not_repeated_for_the_same_images(clothes):
    seen = []
    model = trained("unit", sure=1.5, seen=seen)
    many = images_of(np.arange(3000) % CLASSES)
    scores = model.scores(many.images)
    seen.clear()
    first = said(model, many, scores)
    assert max(len(images) for images in seen) == input_check.FIRST
    assert sum(map(len, seen)) <= 3 * input_sample.SAMPLE + input_check.MEASURED + unsteady.IMAGES
    seen.clear()
    assert said(model, many, scores) == first != "" and sum(map(len, seen)) == unsteady.IMAGES


def test_the_check_does_not_repeat_the_channel_of_all_grey_images_in_memory():
    levels = np.repeat(np.random.default_rng(0).integers([[20], [150]], [[100], [230]], (2, 400)), 64 * 64)
    grey = Dataset.from_arrays("grey", "test", levels.reshape(800, 64, 64, 1), np.repeat([0, 1], 400))
    network = keras.Sequential(
        [keras.layers.Input((64, 64, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)]
    )
    network.layers[-1].set_weights([np.float32([[-5, 5]] * 3), np.float32([7.5, -7.5])])  # right, but not for 0..255
    model = Classifier(network).for_images((64, 64, 1)).with_batch_size(4)
    scores = model.scores(grey.images)
    tracemalloc.start()
    told = said(model, grey, scores)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "(800 images)" in told
    assert most < 2 * grey.images.nbytes, most / grey.images.nbytes


def test_figures_of_the_message_are_of_all_images(clothes):
    """The sample has as many images right as wrong; the figures are weighted back."""
    many = images_of(np.arange(3000) % CLASSES, spread=55)
    model = trained("signed", sure=1.01)
    told = said(model, many)
    at = float(told.split("Accuracy is ")[1].split(" %")[0]) / 100
    assert at == pytest.approx(accuracy(model, many), abs=0.0006)


def test_each_part_of_the_sample_has_images_of_both_kinds_in_the_same_shares(clothes):
    rows, weights = input_sample.sample_of(clothes.take(5), np.array([True, True, False, True, False]))
    assert weights.strata.tolist() == [1, 0, 1, 0, 1] and set(rows[[1, 3]]) == {2, 4}
    assert (weights.shares, weights.total) == ((0.4, 0.6), 5)
    _, weights = input_sample.sample_of(clothes.take(4), np.array([True, True, False, True]))
    assert weights.strata.tolist() == [1, 0, 1, 1]


@pytest.mark.parametrize(
    ("strata", "shares", "total", "values", "mean", "bound"),
    [
        # Variances 7 and 8. Within: 7 / 48 * 0.7 + 2.25 * 14 / 15; between: 0.19375 + 0.25 * 81 / 640 + 0.75 * 9 / 640.
        ([0, 0, 0, 1, 1], (0.25, 0.75), 40, [1, 2, 6, 4, 8], 5.25, 5.25 - 1.533206 * np.sqrt(2.43802083)),
        # One value has no variance. Within: 0.25 * 0.6; between: 0.1 + 0.05 + 0.05.
        ([0, 1, 1], (0.5, 0.5), 10, [5, 2, 4], 4, 4 - 1.885618 * np.sqrt(0.35)),
        ([1, 1, 1], (0.0, 1.0), 4, [3, 3, 3], 3, 3),
    ],
)
def test_means_over_all_images_and_their_bounds_by_hand(strata, shares, total, values, mean, bound):
    weights = input_sample.Weights(np.array(strata), shares, total)
    assert weights.mean(np.array(values, float)) == pytest.approx(mean)
    assert weights.bound(np.array(values, float), 0.9) == pytest.approx(bound, abs=1e-6)
    assert weights.first(2).strata.tolist() == strata[:2]


@pytest.mark.parametrize(
    ("wrong", "right", "sizes"), [(100, 200, (64, 64)), (30, 200, (30, 98)), (200, 30, (98, 30)), (0, 200, (0, 128))]
)
def test_a_sample_has_as_many_images_of_both_kinds_as_there_are_and_each_classs_share(wrong, right, sizes):
    correct = np.arange(wrong + right) >= wrong
    labels = (np.arange(wrong + right) % 4 == 0).astype(int)  # a quarter is of class 1
    data = Dataset.from_arrays("many", "test", np.zeros((len(labels), 1, 1, 1), np.uint8), labels)
    rows, weights = input_sample.sample_of(data, correct)
    assert (correct[rows] == weights.strata).all() and len(set(rows)) == len(rows) == sum(sizes)
    assert np.bincount(weights.strata, minlength=2).tolist() == list(sizes)
    assert weights.shares == pytest.approx((wrong / len(labels), right / len(labels)))
    for kind, size in enumerate(sizes):
        assert labels[rows[weights.strata == kind]].sum() == pytest.approx(size / 4, abs=1)


@pytest.mark.parametrize(
    ("most", "numbers", "expected"),
    [(1, (0, 0, 1, 1, 0), [True, False, True, False, True]), (2, (0, 1, 0, 2, 0), [True, True, False, True, False])],
)
def test_the_results_that_were_used_last_are_kept(most, numbers, expected, monkeypatch):
    monkeypatch.setattr(input_check, "MOST_KEPT", most)
    seen, few = [], images_of(EVEN[: 60 + most])  # others than those of the other case, whose results are kept, too
    models = [trained(form, sure=sure, seen=seen) for form, sure in (("unit", 1.25), ("signed", 1.25), ("unit", 1.5))]
    scores = [model.scores(few.images) for model in models]
    asked = []
    for number in numbers:
        seen.clear()
        assert "scale its images" in said(models[number], few, scores[number])
        asked.append(sum(map(len, seen)) > unsteady.IMAGES)
    assert asked == expected
