"""The check of inputs, for other forms of preprocessing and other classes, on classifiers that NumPy knows."""

import itertools
import re
import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from tfstab import Classifier, Dataset, load_classifier, run_search, search_minimum_noise
from tfstab.classifier import input_check, input_sample, unsteady
from tfstab.classifier.class_check import best_outputs, doubt_about, far_better_outputs
from tfstab.classifier.form_scores import FormScores, is_better
from tfstab.classifier.input_check import check_inputs
from tfstab.classifier.input_note import as_reported, classes_note, heed, set_for_all
from tfstab.classifier.input_scorer import Scorer
from tfstab.classifier.matching import match_classes
from tfstab.classifier.preprocess import ABOUT, FORMS, undone
from tfstab.classifier.source import Source
from tfstab.errors import WrongInputsError
from tfstab.explanation import run_explanation
from tfstab.search import SearchConfig

SIDE, CLASSES, COUNT = 4, 5, 400
NAMES = ("bag", "boot", "coat", "dress", "shirt")
CENTRES = np.random.default_rng(0).uniform(40, 200, (CLASSES, SIDE, SIDE, 1))
EVEN = np.arange(COUNT) % CLASSES
RIGHT = np.eye(CLASSES)[EVEN]
UNEVEN = np.where(np.arange(COUNT) % 8 == 0, 0.1, 6)[:, None]  # some logits are hardly larger than the others
BEST_KNOWN = (
    " This is only the best of the forms that tfstab knows. If the model was trained with its own mean and standard "
    "deviation, use these instead"
)


def images_of(labels, spread=60, seed=1):
    noise = np.random.default_rng(seed).normal(0, spread, (len(labels), SIDE, SIDE, 1))
    return Dataset.from_arrays(
        "clothes", "test", np.clip(np.rint(CENTRES[labels] + noise), 0, 255).astype(np.uint8), labels, NAMES
    )


def trained(form, sure=1.0, prior=0.0, seen=None):
    """The linear classifier that is right for images in a form, but `sure` times as sure as it should be.

    `prior` is added to the logit of class 0; `seen` lists the inputs of each call.
    """
    centres = FORMS[form](CENTRES.astype(np.float32)).reshape(CLASSES, -1).astype(float)
    variance = (FORMS[form](np.float32(60)) - FORMS[form](np.float32(0))) ** 2
    bias = -(centres**2).sum(axis=1) / 2

    def function(images):
        if seen is not None:
            seen.append(images)
        logits = sure * (images.reshape(len(images), -1) @ centres.T + bias) / variance
        logits[:, 0] += prior
        return logits

    return Classifier.from_function(
        function, (SIDE, SIDE, 1), CLASSES, fingerprint=f"{form} {sure} {prior}", outputs="logits", class_names=NAMES
    )


def said(classifier, dataset, scores=None):
    """What the check says, "" for nothing."""
    return check_inputs(classifier, dataset, classifier.scores(dataset.images) if scores is None else scores).text


@pytest.fixture(scope="module")
def clothes():
    return images_of(EVEN)


def accuracy(classifier, dataset):
    return float((classifier.scores(dataset.images).argmax(1) == dataset.labels).mean())


# --- forms ---


def test_a_model_that_is_fed_too_large_inputs_is_noticed_though_it_still_gets_most_right():
    """The weights of a linear model for 0..1 classify 0..255 nearly as well where its bias is small."""
    dataset = images_of(EVEN, spread=110)
    weights = np.linalg.lstsq(dataset.images.reshape(COUNT, -1) / 255, 8 * np.eye(CLASSES)[EVEN], rcond=None)[0]

    def function(images):
        return images.reshape(len(images), -1) @ weights

    model = Classifier.from_function(
        function, (SIDE, SIDE, 1), CLASSES, fingerprint="no bias", outputs="logits", class_names=NAMES
    )
    assert 0.6 < accuracy(model, dataset) < 0.97
    note = check_inputs(model, dataset, model.scores(dataset.images))
    assert not note.certain and re.match(
        r"Accuracy is \d+\.\d % with inputs 0\.\.255, and the true class gets a score of \d+\.\d % \(geometric "
        r"mean\)\. With inputs 0\.\.1, accuracy is \d+\.\d % and this score is \d+\.\d % \(\d+ images\)\. Let",
        note.text,
    )
    as_well = " Inputs -1..1 (signed) fit about as well, so look up which of the two the model was trained with."
    assert note.text.endswith(f"Let the function scale its images to 0..1.{as_well}{BEST_KNOWN}.")


@pytest.mark.parametrize(("spread", "certain"), [(120, True), (160, False)])
def test_of_a_weak_network_ten_points_are_enough_if_its_scores_show_that_the_inputs_are_wrong(spread, certain):
    """With noisier images, the right inputs gain 15 points of accuracy, with still noisier ones less than 10."""
    model, dataset = trained("unit", sure=0.1), images_of(EVEN, spread)
    right = Classifier.from_function(
        lambda images: model.scores(images / 255), (SIDE, SIDE, 1), CLASSES, fingerprint="right", class_names=NAMES
    )
    gain = accuracy(right, dataset) - accuracy(model, dataset)
    assert 0.08 < gain < 0.16 and (gain > 0.1) == certain
    note = check_inputs(model, dataset, model.scores(dataset.images))
    assert note.certain == certain and "0..1" in note.text


@pytest.mark.parametrize("form", ["unit", "signed"])
def test_models_of_other_forms_are_noticed(form, clothes):
    assert f"scale its images to {'0..1' if form == 'unit' else '-1..1'}." in said(trained(form), clothes)


def coloured(form, scale=1.0, seed=1):
    """(linear classifier that is right for images in a form, noisy images of CENTRES, each channel its own)."""
    random = np.random.default_rng(seed)
    centres = 128 + (CENTRES - 120) / 6 + scale * random.normal(0, 20, (CLASSES, SIDE, SIDE, 3))
    noise = random.normal(0, 60, (COUNT, SIDE, SIDE, 3))
    pixels = np.clip(np.rint(centres[EVEN] + noise), 0, 255).astype(np.uint8)
    taken = FORMS[form](centres.astype(np.float32)).reshape(CLASSES, -1).astype(float)
    deviation = FORMS[form](np.full(3, 60, np.float32)) - FORMS[form](np.zeros(3, np.float32))
    weights = taken / np.tile(deviation, SIDE**2) ** 2
    bias = -(taken * weights).sum(axis=1) / 2

    model = Classifier.from_function(
        lambda images: images.reshape(len(images), -1) @ weights.T + bias,
        (SIDE, SIDE, 3), CLASSES, fingerprint=f"coloured {form} {scale} {seed}", outputs="logits", class_names=NAMES,
    )  # fmt: skip
    return model, Dataset.from_arrays("coats", "test", pixels, EVEN, NAMES)


@pytest.mark.parametrize("form", ["bgr", "unit-bgr", "signed-bgr", "imagenet-bgr"])
def test_models_of_blue_green_red_are_noticed(form):
    model, dataset = coloured(form)
    told = said(model, dataset)
    assert f"scale its images to {ABOUT[form]}." in told and told.endswith(f"{BEST_KNOWN}.") == (form != "bgr")


@pytest.mark.parametrize("form", ["none", "unit", "imagenet"])
def test_no_alarm_about_blue_green_red_for_models_of_red_green_blue(form):
    """Whether they depend on colours or not."""
    for seed in range(6):
        model, dataset = coloured(form, scale=seed / 5, seed=seed)
        assert "blue" not in said(model, dataset), seed


@pytest.mark.parametrize("sure", [0.2, 0.5, 1, 2, 5])
def test_no_alarm_for_the_right_form_however_sure_the_model_is(sure, clothes):
    assert said(trained("none", sure), clothes) == ""


@pytest.mark.parametrize("spread", [20, 60, 150])
def test_no_alarm_on_images_that_are_noisier_or_clearer_than_in_training(spread):
    for seed in range(5):
        assert said(trained("none", 2), images_of(EVEN, spread, seed)) == ""


def test_no_alarm_for_random_labels_or_weights(clothes):
    """A network that is far too sure of wrong classes has better log-scores wherever it knows less."""
    alarms = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        labels = random.integers(0, CLASSES, COUNT)
        shuffled = Dataset.from_arrays("clothes", "test", clothes.images, labels, NAMES)
        alarms += said(trained("none", 20), shuffled) != ""
        alarms += said(trained("unit", 20), shuffled) != ""
        weights = random.normal(0, 0.02, (SIDE * SIDE, CLASSES))
        model = Classifier.from_function(
            lambda images, weights=weights: images.reshape(len(images), -1) @ weights,
            (SIDE, SIDE, 1), CLASSES, fingerprint=f"random {seed}", outputs="logits", class_names=NAMES,
        )  # fmt: skip
        alarms += said(model, images_of(EVEN[:64], spread=200)) != ""
    assert alarms == 0


def test_no_alarm_where_another_form_only_guesses_the_frequent_class():
    """The model predicts class 0 for other forms, and most images are of class 0."""
    labels = np.where(np.arange(COUNT) % 10 < 9, 0, EVEN)
    off = images_of(np.where(np.arange(COUNT) % 2, labels, (labels + 1) % CLASSES))
    unbalanced = Dataset.from_arrays("clothes", "test", off.images, labels, NAMES)
    model = trained("none", prior=3.0)
    assert accuracy(model, unbalanced) < 0.7 < (labels == 0).mean()
    assert said(model, unbalanced) == ""


@pytest.mark.parametrize(
    ("used", "other", "better"),
    [
        (lambda true, noise: 100 * true, lambda true, noise: true, True),  # fed 0..255 in place of 0..1
        (lambda true, noise: true / 100, lambda true, noise: true, True),  # and the reverse
        (lambda true, noise: 5 * true, lambda true, noise: true, False),  # overfitted
        (lambda true, noise: true / 5, lambda true, noise: true, False),  # trained with smoothed labels
        (lambda true, noise: 100 * true, lambda true, noise: 0.5 * (true + noise), False),  # the order gets worse
        (lambda true, noise: 100 * (true + 3 * noise), lambda true, noise: 9 * (true + 3 * noise), False),  # both lost
        # Right for all images: such scores may be as sure as they like, unless they tell next to nothing.
        (lambda true, noise: 3 * RIGHT, lambda true, noise: 9 * RIGHT, False),
        (lambda true, noise: 0.3 * RIGHT, lambda true, noise: 9 * RIGHT, True),
        # Even if some scores are low.
        (lambda true, noise: UNEVEN * RIGHT, lambda true, noise: 255 * UNEVEN * RIGHT, False),
        (lambda true, noise: true + 2 * noise, lambda true, noise: true, True),  # the order gets better
        # So it does here, but no trained network is so sure, or so unsure.
        (lambda true, noise: true + 0.6 * noise, lambda true, noise: true, True),
        (lambda true, noise: true + 0.6 * noise, lambda true, noise: 200 * true, False),
        (lambda true, noise: true + 0.6 * noise, lambda true, noise: true / 200, False),
        (lambda true, noise: 12 * true, lambda true, noise: true / 20, False),  # trained with inputs 0..255
        (lambda true, noise: true + 0.1 * noise, lambda true, noise: true, False),  # but hardly
    ],
)
def test_when_one_form_is_better_than_another(used, other, better):
    """Log-scores of both forms are made from those of a model that is as sure as it should be."""
    random = np.random.default_rng(0)
    labels = EVEN.astype(np.int64)
    true = random.normal(0, 1, (COUNT, CLASSES))
    true[np.arange(COUNT), labels] += 2
    true, noise = 2 * true, random.normal(0, 2, (COUNT, CLASSES))
    weights = input_sample.Weights(np.ones(COUNT, int), (0.0, 1.0), COUNT)
    scored = [FormScores.of(log_softmax(form(true, noise), axis=1), labels, weights) for form in (other, used)]
    assert is_better(*scored, labels, weights) == better


@pytest.mark.parametrize(("seed", "as_well"), [(12, True), (13, True), (19, True), (17, False)])
def test_more_images_decide_between_two_forms_that_the_sample_does_not_tell_apart(seed, as_well):
    """The model takes inputs -1..1, too, but scores them a little worse; of 128 images, chance makes them better."""
    function, waves = trained("unit").function, np.random.default_rng(seed).normal(0, 40, (SIDE * SIDE, CLASSES))

    def either(images):
        if images.min() >= 0:
            return function(images)
        unit = (images + 1) / 2
        return function(unit) + 0.5 * np.sin(unit.reshape(len(unit), -1) @ waves)

    model = Classifier.from_function(
        either, (SIDE, SIDE, 1), CLASSES, fingerprint=f"either {seed}", outputs="logits", class_names=NAMES
    )
    told = said(model, images_of(np.arange(3000) % CLASSES))
    assert "Let the function scale its images to 0..1." in told
    assert ("Inputs -1..1 (signed) fit about as well, so look up which of the two" in told) == as_well


def test_where_one_class_is_common_the_note_has_the_mean_recall():
    """A network for 0..1 gets most images right with 0..255, too, as it nearly always answers the common class."""
    labels = np.where(np.arange(COUNT) % 10 < 8, 0, EVEN)
    dataset = images_of(labels)
    function = trained("unit").function
    common = np.array([9.0, 0, 0, 0, 0])
    model = Classifier.from_function(
        lambda images: function(images / 255) / 9 + common if images.max() > 1 else function(images),
        (SIDE, SIDE, 1), CLASSES, fingerprint="one class is common", outputs="logits", class_names=NAMES,
    )  # fmt: skip
    predicted, right = model.scores(dataset.images).argmax(1), function(dataset.images / 255).argmax(1)

    def recall(answers):
        return 100 * np.mean([(answers[labels == k] == k).mean() for k in np.unique(labels)])

    assert recall(right) > recall(predicted) + 20 and (right == labels).mean() < (predicted == labels).mean() + 0.25
    assert (
        f" Most images are of class bag, so the mean recall of the classes says more: {recall(predicted):.0f} % with "
        f"the inputs in use, {recall(right):.0f} % with the others. Let the function scale"
    ) in said(model, dataset)
    assert "recall" not in said(trained("unit"), images_of(EVEN))


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


@pytest.mark.parametrize("bright", [0, 141, 142, 999])
def test_one_bright_image_shows_that_grey_levels_are_up_to_255(bright):
    """142 is among the first few that are looked at and not among the many, 141 the other way round."""
    images = images_of(np.arange(1000) % CLASSES)
    pixels = np.asarray(images.images) // 16
    assert "use only grey levels 0..15" in said(trained("none"), replace(images, images=pixels))
    pixels[bright, 0, 0] = 200
    assert "use only grey levels" not in said(trained("none"), replace(images, images=pixels))


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


def test_few_images_say_nothing(clothes):
    assert said(trained("unit"), clothes.take(input_check.FEWEST - 1)) == ""


def test_the_accuracy_with_the_right_inputs_is_of_all_images_or_has_an_interval():
    """The best of several forms is chosen on 128 images, on which it is better than on others by chance."""
    function, labels = trained("unit").function, np.arange(3000) % CLASSES
    for count, seed in ((1000, 1), (3000, 1), (3000, 2)):
        # Inputs 0..255 are all 1, so that every image is taken for the same class.
        model = Classifier.from_function(
            lambda images: function(np.clip(images, 0, 1)), (SIDE, SIDE, 1), CLASSES, fingerprint=f"clipped {seed}",
            outputs="logits", class_names=NAMES,
        )  # fmt: skip
        many = images_of(labels[:count], spread=110, seed=seed)
        many = replace(many, images=np.maximum(many.images, 1))
        right = float((function(many.images / 255).argmax(1) == many.labels).mean())
        told = said(model, many)
        if count == 1000:
            assert f"It is {100 * right:.1f} % with inputs 0..1 (1,000 images)." in told
        else:
            low, high = re.search(
                r"It is \d+ % \((\d+)–(\d+)\) with inputs 0..1 \(estimated from 1,000 ", told
            ).groups()
            assert int(low) <= 100 * right <= int(high) <= int(low) + 8


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_undone(form):
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 3)).astype(np.float32)
    np.testing.assert_allclose(undone(form, FORMS[form](images)), images, atol=1e-3)


# --- classes ---


def permuted(order):
    """The classifier whose output k is class order[k], without class names."""
    model = trained("none")
    plain = model.function
    return Classifier.from_function(
        lambda images: plain(images)[:, order], (SIDE, SIDE, 1), CLASSES, fingerprint=f"{order}", outputs="logits"
    )


def test_classes_in_another_order_are_noticed_and_what_is_to_be_pasted_repairs_it(clothes):
    from tfstab.classifier.class_names import parse_class_names

    model = permuted([3, 0, 1, 4, 2])
    told = said(model, match_classes(model, clothes))
    assert (
        "output 0 = dress, 1 = bag, 2 = boot and so on. If these are right, use --classes dress,bag,boot,shirt," in told
    )
    assert "class_names=['dress', 'bag', 'boot', 'shirt', 'coat'])." in told
    pasted = parse_class_names(told.split("--classes ")[1].split(" ")[0])
    repaired = Classifier.from_function(
        model.function, (SIDE, SIDE, 1), CLASSES, fingerprint="repaired", outputs="logits", class_names=pasted
    )
    assert accuracy(repaired, match_classes(repaired, clothes)) > 0.8
    assert said(repaired, match_classes(repaired, clothes)) == ""


def test_two_classes_that_are_exchanged_are_noticed(clothes):
    model = trained("none")
    labels = np.choose(EVEN, [1, 0, 2, 3, 4])
    exchanged = Dataset.from_arrays("clothes", "test", clothes.images, labels, NAMES)
    assert "output 0 = boot, 1 = bag. If these are right, use --classes boot,bag,coat,dress,shirt" in said(
        model, exchanged
    )


@pytest.mark.parametrize(("spread", "order", "certain"), [(120, [0, 1, 3, 4, 2], True), (250, [1, 0, 2, 3, 4], False)])
def test_a_few_exchanged_classes_of_a_model_that_is_often_wrong_are_noticed(spread, order, certain):
    many = images_of(np.arange(2000) % CLASSES, spread)
    right, wrong = (match_classes(model, many) for model in (trained("none"), permuted(order)))
    assert said(trained("none"), right) == ""
    note = check_inputs(permuted(order), wrong, permuted(order).scores(wrong.images))
    assert f"use --classes {','.join(NAMES[k] for k in order)} (in Python" in note.text
    assert note.certain == certain and "only in part" not in note.text


@pytest.mark.parametrize("form", ["none", "unit", "signed"])
def test_classes_and_form_that_are_both_wrong_are_noticed(form, clothes):
    order = [3, 0, 1, 4, 2]
    function = trained(form).function
    model = Classifier.from_function(
        lambda images: function(images)[:, order], (SIDE, SIDE, 1), CLASSES, fingerprint=f"both {form}",
        outputs="logits", class_names=NAMES,
    )  # fmt: skip
    told = said(model, clothes)
    assert ("let the function scale its images to" in told) == (form != "none")
    assert "output 0 = dress, 1 = bag, 2 = boot and so on" in told and "--classes dress,bag,boot,shirt,coat" in told
    assert told.startswith(f"Accuracy is {100 * accuracy(model, clothes):.1f} %")


def test_classes_are_sought_in_other_forms_where_the_form_in_use_tells_nothing(clothes):
    """Grey levels, of which none is 0, are all 1 for a model that clips its inputs to 0..1."""
    function = trained("unit").function
    clothes = Dataset.from_arrays("clothes", "test", np.maximum(clothes.images, 1), clothes.labels, NAMES)
    model = Classifier.from_function(
        lambda images: function(np.clip(images, 0, 1))[:, [3, 0, 1, 4, 2]], (SIDE, SIDE, 1), CLASSES,
        fingerprint="clipped", outputs="logits", class_names=NAMES,
    )  # fmt: skip
    assert accuracy(model, clothes) == pytest.approx(1 / CLASSES)
    told = said(model, clothes)
    assert (
        "inputs 0..1 if the model's outputs mean other classes: output 0 = dress, 1 = bag, 2 = boot and so on" in told
    )
    assert "let the function scale its images to 0..1 and use --classes dress,bag,boot,shirt,coat (in Python" in told
    assert told.startswith(f"Accuracy is {100 * accuracy(model, clothes):.1f} % ")
    assert "and so on (400 images). If" in told


def misleading(repaired):
    """A network that, with grey levels as inputs, predicts in a wrong order and never the class coat.

    repaired: whether it predicts all classes, in the order 3, 0, 1, 4, 2, with inputs -1..1.
    """
    function = trained("none").function

    def scaled(images):
        if repaired and images.max() <= 1:
            return function((images + 1) * 127.5)[:, [3, 0, 1, 4, 2]]
        logits = function(images)[:, [4, 3, 0, 2, 1]]
        logits[:, 3] = logits.min(axis=1) - 1
        return logits

    return Classifier.from_function(
        scaled, (SIDE, SIDE, 1), CLASSES, fingerprint=f"misleading {repaired}", outputs="logits", class_names=NAMES
    )


def test_another_order_is_proposed_for_another_form_though_one_fits_in_part_with_the_form_in_use(clothes):
    model = misleading(repaired=True)
    note = check_inputs(model, clothes, model.scores(clothes.images))
    assert note.certain and note.text.startswith(
        f"Accuracy is {100 * accuracy(model, clothes):.1f} % with inputs 0..255"
    )
    assert "let the function scale its images to -1..1 and use --classes dress,bag,boot,shirt,coat (in" in note.text
    assert note.options == {"classes": "dress,bag,boot,shirt,coat"}, "a function scales its images itself"


def test_an_order_that_leaves_a_class_without_a_right_image_is_not_advised(clothes):
    model = misleading(repaired=False)
    note = check_inputs(model, clothes, model.scores(clothes.images))
    assert note.certain and "if the model's outputs mean other classes: output 0 = shirt" in note.text
    assert "only in part, so do not rely on this order: accuracy on the class coat would be only 0.0 % (" in note.text
    assert " images). The whole order is --classes " in note.text
    assert "use --classes" not in note.text and not note.lasting and not note.options
    text = check_inputs(model, replace(clothes, numbered=True), model.scores(clothes.images)).text
    assert "accuracy on the class 2 would be only 0.0 % (" in text and "--classes" not in text
    assert " images). The whole order is labels = np.array([" in text


@pytest.mark.parametrize("form", ["none", "unit"])
def test_labels_without_names_are_renumbered_whatever_the_outputs_are_called(form, clothes, tmp_path):
    """Names given to outputs would not change which output such a label is."""
    order = [3, 0, 1, 4, 2]
    weights = FORMS[form](CENTRES.astype(np.float32)).reshape(CLASSES, -1)[order]
    variance = (FORMS[form](np.float32(60)) - FORMS[form](np.float32(0))) ** 2
    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), keras.layers.Flatten(), keras.layers.Dense(CLASSES)])
    model.set_weights([weights.T / variance, -(weights**2).sum(axis=1) / 2 / variance])
    model.save(tmp_path / "signs.keras")
    named = load_classifier(tmp_path / "signs.keras", class_names=["30", "50", "70", "3", "stop"], outputs="logits")
    arrays = Dataset.from_arrays("arrays", "test", clothes.images, clothes.labels)
    note = check_inputs(named, arrays, named.scores(clothes.images))
    renumber = f"renumber the labels, as in labels = np.array({np.argsort(order).tolist()})[labels]."
    first = "use --preprocess unit (in Python preprocess='unit') and " if form == "unit" else ""
    assert "output 0 = label 3, 1 = label 0, 2 = label 1 and so on" in note.text
    assert f" If these are right, {first}{renumber}" in note.text and "--classes" not in note.whole
    assert note.options == ({"preprocess": "unit"} if form == "unit" else {})
    assert ('"class_names"' in note.lasting) == ('"preprocess": "unit"' in note.lasting) == (form == "unit")


@pytest.mark.parametrize(
    ("right", "counts", "doubted"),
    [
        ([20, 20, 19, 0], [20, 20, 20, 20], 3),
        ([20, 20, 20, 0], [20, 20, 20, 2], None),  # may be chance
        ([20, 20, 20, 2], [20, 20, 20, 20], None),
        ([20, 20, 20, 1], [20, 20, 20, 20], 3),
        ([9, 10, 10, 10], [20, 20, 20, 20], 0),  # most images are wrong
        ([10, 10, 10, 10], [20, 20, 20, 20], None),
    ],
)
def test_when_an_order_is_doubted(right, counts, doubted):
    labels = np.repeat(np.arange(4), counts)
    correct = np.concatenate([np.arange(count) < few for few, count in zip(right, counts, strict=True)])
    doubt = doubt_about(correct, labels)
    assert (doubt and doubt.label) == doubted and (doubt is None or doubt.accuracy == right[doubted] / counts[doubted])


def test_two_of_many_classes_that_are_exchanged_are_noticed():
    labels = np.arange(400) % 20
    scores = np.full((400, 20), 0.01)
    scores[np.arange(400), np.where(labels < 2, 1 - labels, labels)] = 0.81
    dataset = Dataset.from_arrays("many", "test", np.zeros((400, 1, 1, 1), np.uint8), labels)
    order = [1, 0, *range(2, 20)]
    assert say_classes(dataset, scores)[0].endswith(
        "other classes: output 0 = label 1, 1 = label 0. If these are right, renumber the labels, as in labels = "
        f"np.array({order})[labels]."
    )
    named = replace(dataset, numbered=False)
    assert "output 0 = 1, 1 = 0. If these are right, use --classes 1,0,2," in say_classes(named, scores)[0]
    scores = scores[:, [1, 0, *range(2, 20)]]  # each is right now
    assert say_classes(dataset, scores) == []


def test_labels_that_begin_at_1_are_recognised():
    """All names are advised: also those of classes without images, and of a rare one that is taken for another."""
    labels = np.append(1 + np.arange(399) % 14, 17)  # 18 outputs, no images of 0, 15 and 16
    scores = np.full((400, 18), 0.01)
    scores[np.arange(400), np.where(labels == 17, 3, labels - 1)] = 0.83
    pixels = np.zeros((400, 1, 1, 1), np.uint8)
    numbered = Dataset.from_arrays("many", "test", pixels, labels)
    (told,) = say_classes(numbered, scores)
    assert told.endswith("The labels seem to begin at 1: subtract 1 from them.")
    (told,) = say_classes(replace(numbered, numbered=False), scores)  # as of folders 1, 2 and so on
    option = "--classes " + ",".join(f"{k + 1}={k}" for k in range(17))
    python = "in Python class_names={k: str(k + 1) for k in range(17)}"
    assert told.endswith(f"The labels seem to begin at 1: subtract 1 from them, or use {option} ({python}).")
    named = Dataset.from_arrays("many", "test", pixels, labels, [f"n{k}" for k in range(18)])
    (told,) = say_classes(named, scores)
    assert "If the classes of the data are numbers, these seem to begin at 1: subtract 1 from them." in told
    assert "use --classes n1=0,n2=1" in told


@pytest.mark.parametrize("classes", [12, 13])
def test_names_are_listed_for_python_unless_they_are_many(classes):
    """Three classes take each other's places, which is as many as are named; the others keep theirs."""
    order = np.array([1, 2, 0, *range(3, classes)])
    labels = np.arange(20 * classes) % classes
    scores = np.full((len(labels), classes), 0.01)
    scores[np.arange(len(labels)), order[labels]] = 0.5
    names = [f"n{k}" for k in range(classes)]
    pixels = np.zeros((len(labels), 1, 1, 1), np.uint8)
    (told,) = say_classes(Dataset.from_arrays("many", "test", pixels, labels, names), scores)
    option = ",".join(["n2", "n0", "n1", *names[3:]])
    python = f"in Python class_names={['n2', 'n0', 'n1', *names[3:]]}" if classes == 12 else "class_names= in Python"
    assert told.endswith(f"output 0 = n2, 1 = n0, 2 = n1. If these are right, use --classes {option} ({python}).")


def test_an_assignment_is_tried_on_other_images_than_those_it_was_found_in():
    """One image a class, whose scores are random, can be assigned so that most are right."""
    for seed in range(5):
        random = np.random.default_rng(seed)
        dataset = Dataset.from_arrays("few", "test", np.zeros((50, 1, 1, 1), np.uint8), np.arange(50))
        assert say_classes(dataset, random.dirichlet(np.full(50, 0.05), 50)) == []


def test_few_images_are_enough_to_notice_that_outputs_have_another_order(mnist_lenet, digits):
    """Twenty images, two of each class; ten, one of each, cannot show it, however certain the model is."""
    turned = replace(digits, labels=(digits.labels + 3) % 10)
    assert "if the model's outputs mean other classes" in said(mnist_lenet, turned.take(20))
    assert said(mnist_lenet, turned.take(10)) == ""


def test_classes_without_images_keep_their_outputs_or_get_free_ones():
    scores = np.log(np.array([[0.1, 0.1, 0.7, 0.1], [0.1, 0.7, 0.1, 0.1]]))
    assert best_outputs(scores, np.array([0, 1])).tolist() == [2, 1, 0, 3]
    assert best_outputs(scores, np.array([2, 1])).tolist() == [0, 1, 2, 3]
    assert best_outputs(np.log([[0.7, 0.1, 0.1, 0.1]]), np.array([1])).tolist() == [1, 0, 2, 3]


def test_no_alarm_for_classes_without_reason(mnist_lenet, digits):
    alarms = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        labels = random.integers(0, CLASSES, 60)
        dataset = Dataset.from_arrays("clothes", "test", np.zeros((60, 4, 4, 1), np.uint8), labels, NAMES)
        alarms += [say_classes(dataset, random.dirichlet(np.full(CLASSES, 0.1), 60))]  # knows nothing
        constant = np.tile(random.dirichlet(np.full(CLASSES, 0.1)), (60, 1))
        unbalanced = Dataset.from_arrays("clothes", "test", dataset.images, np.minimum(labels, 1), NAMES)
        alarms += [say_classes(unbalanced, constant)]  # predicts one class for all
    few = digits.take(300)
    alarms += [said(mnist_lenet, few)]
    assert not any(alarms)


def say_classes(dataset, scores):
    predicted = scores.argmax(axis=1)
    outputs = far_better_outputs(scores, dataset.labels, predicted == dataset.labels)
    return [] if outputs is None else [classes_note(trained("none"), dataset, outputs, scores).text]


def test_searches_and_explanations_are_checked_too(clothes, tmp_path):
    few = clothes.take(40)
    config = SearchConfig(engine="random", max_queries=100)
    with pytest.raises(WrongInputsError, match=r"with inputs 0\.\.1"):
        search_minimum_noise(trained("unit"), few.images, few.labels, config)
    with pytest.raises(WrongInputsError, match=r"with inputs 0\.\.1"):
        run_explanation(trained("unit"), few, out=tmp_path / "explanation")
    with pytest.warns(UserWarning, match=r"with inputs 0\.\.1") as caught:
        search_minimum_noise(trained("unit"), few.images, few.labels, config, as_is=True)
    assert caught[0].filename == __file__  # it points at the program, not into tfstab
    with pytest.warns(UserWarning, match=r"with inputs 0\.\.1"):
        run_search(trained("unit"), few, config, tmp_path / "run", as_is=True)


def test_images_whose_largest_value_is_1_are_noticed(clothes):
    dark = replace(clothes, images=(np.asarray(clothes.images) > 127).astype(np.uint8))
    assert "The largest value in the images is 1, but grey levels 0..255 are expected" in said(trained("none"), dark)


def test_images_in_few_grey_levels_are_noted(clothes):
    """Digits of 0..16, as scikit-learn has them; what the model was trained on, so nothing else is wrong."""
    images = np.asarray(clothes.images).astype(int)
    of_16, of_31, of_32 = (replace(clothes, images=(images * n // images.max()).astype(np.uint8)) for n in (16, 31, 32))
    text = said(trained("none"), of_16)
    assert text.startswith("The images use only grey levels 0..16 of 0..255, and")
    assert as_reported(text, "m") == text and as_reported("x", "m") == "The inputs or classes of m seem to be wrong. x"
    assert "grey levels 0..31" in said(trained("none"), of_31)
    assert "grey levels 0..32" not in said(trained("none"), of_32)


def test_many_names_are_told_to_go_into_the_file_beside_the_model_without_a_list_of_them(tmp_path):
    model = SimpleNamespace(source=Source.of(tmp_path / "signs.keras", {}))
    few, many = (set_for_all(model, [f"class {k}" for k in range(count)], "unit") for count in (50, 51))
    assert few.endswith('"class 49"]} into signs.json beside the model.')
    given = SimpleNamespace(source=Source.of(tmp_path / "my.keras", {"threshold": 0.3}, class_names=["cat", "dog"]))
    assert '{"form": {"preprocess": "unit", "threshold": 0.3}, "class_names": ["cat", "dog"]}' in set_for_all(
        given, (), "unit"
    )
    assert many == (
        'To set this for all commands, write {"form": {"preprocess": "unit"}, "class_names": ["..."]} into signs.json '
        "beside the model, with all names in this order in place of the dots."
    )


# --- models that are not reproducible ---


NOISE = np.random.default_rng(0)


def drawing_noise(images):
    return trained("none").function(images) + NOISE.normal(0, 3, (len(images), CLASSES))


def looking_at_the_batch(images):
    return trained("none").function(images - images.mean(axis=0) + 128)


def nearly_the_same(images):
    return trained("none").function(images) + NOISE.normal(0, 0.01, (len(images), CLASSES))


@pytest.mark.parametrize(
    ("function", "unsteady"), [(drawing_noise, True), (looking_at_the_batch, True), (nearly_the_same, False)]
)
def test_a_model_whose_scores_are_not_reproducible_is_refused(function, unsteady, clothes, tmp_path):
    model = Classifier.from_function(
        function, (SIDE, SIDE, 1), CLASSES, fingerprint="any", outputs="logits", class_names=NAMES, name="any"
    )
    if not unsteady:
        assert said(model, clothes) == ""
        return
    with pytest.raises(WrongInputsError, match=r"any gives different scores for the same images: when some .* batch"):
        run_search(model, clothes, SearchConfig(max_queries=100), tmp_path / "run")
    assert not (tmp_path / "run" / "run.json").exists()
    noted = as_reported(said(model, clothes))
    assert noted.startswith("any gives") and "or on how images are put into batches" in noted
    exchanged = Dataset.from_arrays("clothes", "test", clothes.images, np.choose(EVEN, [1, 0, 2, 3, 4]), NAMES)
    assert "Use --classes boot,bag,".lower() in said(model, exchanged).lower(), "what else was noticed follows"
