"""The check of inputs notices models that need another form of preprocessing, and raises no false alarm."""

import re
from dataclasses import replace

import numpy as np
import pytest
from clothes_models import CLASSES, COUNT, EVEN, NAMES, SIDE, accuracy, coloured, images_of, said, trained
from scipy.special import log_softmax

from tfstab import Classifier, Dataset, run_search, search_minimum_noise
from tfstab.classifier import input_check, input_sample
from tfstab.classifier.form_scores import FormScores, is_better
from tfstab.classifier.input_check import check_inputs
from tfstab.classifier.input_note import as_reported
from tfstab.classifier.preprocess import ABOUT, FORMS, undone
from tfstab.errors import WrongInputsError
from tfstab.explanation import run_explanation
from tfstab.search import SearchConfig

RIGHT = np.eye(CLASSES)[EVEN]
UNEVEN = np.where(np.arange(COUNT) % 8 == 0, 0.1, 6)[:, None]  # some logits are hardly larger than the others
BEST_KNOWN = (
    " This is only the best of the forms that tfstab knows. If the model was trained with its own mean and standard "
    "deviation, use these instead"
)


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


@pytest.mark.parametrize("bright", [0, 141, 142, 999])
def test_one_bright_image_shows_that_grey_levels_are_up_to_255(bright):
    """142 is among the first few that are looked at and not among the many, 141 the other way round."""
    images = images_of(np.arange(1000) % CLASSES)
    pixels = np.asarray(images.images) // 16
    assert "use only grey levels 0..15" in said(trained("none"), replace(images, images=pixels))
    pixels[bright, 0, 0] = 200
    assert "use only grey levels" not in said(trained("none"), replace(images, images=pixels))


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
