"""A mean and a standard deviation that the user states do what a Normalization layer of Keras does."""

import json
import zipfile

import keras
import numpy as np
import pytest
from keras import layers

from tfstab import Classifier, Dataset, SweepConfig, load_classifier, make_ensemble, open_run, run_sweep
from tfstab.classifier.input_check import check_inputs
from tfstab.classifier.preprocess import in_reverse_order, preprocess_form
from tfstab.classifier.taken import describe_model
from tfstab.errors import InputError, ModelError
from tfstab.execution.task import SentModel
from tfstab.search import SearchConfig, search_minimum_noise

SIDE, CLASSES, COUNT = 6, 4, 40
LEVELS = "mean=125.3,123.0,113.9/std=63.0,62.1,66.7"  # the statistics of CIFAR-10
UNIT = "unit/mean=0.4914,0.4822,0.4465/std=0.2470,0.2435,0.2616"  # the same, as PyTorch has them
# The form, the mean and standard deviation in grey levels of the channels that the model gets, and whether these are
# blue, green, red.
FORMS = {
    LEVELS: ([125.3, 123.0, 113.9], [63.0, 62.1, 66.7], False),
    UNIT: (255 * np.array([0.4914, 0.4822, 0.4465]), 255 * np.array([0.2470, 0.2435, 0.2616]), False),
    "mean=104,117,123/std=1": ([104, 117, 123], [1, 1, 1], False),
    "unit-bgr/mean=0.41,0.46,0.48/std=0.5": (255 * np.array([0.41, 0.46, 0.48]), [127.5] * 3, True),
    "mean=76/std=66": ([76], [66], False),
}


def body(channels):
    """Layers of a small network, always with the same weights, that takes standardised images."""
    random = np.random.default_rng(3)
    parts = [layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(CLASSES, activation="softmax")]
    network = keras.Sequential([keras.Input((SIDE, SIDE, channels)), *parts])
    network.set_weights([random.normal(0, 0.2, w.shape).astype(np.float32) for w in network.get_weights()])
    return network


def with_layer(form, channels):
    """The network with a Normalization layer that does what a form says."""
    mean, deviation, reverse = FORMS[form]
    taken = keras.Input((SIDE, SIDE, channels))
    ordered = layers.Lambda(lambda x: x[..., ::-1])(taken) if reverse else taken
    scaled = layers.Normalization(mean=np.array(mean, float), variance=np.square(np.array(deviation, float)))(ordered)
    return keras.Model(taken, body(channels)(scaled))


def images_of(channels, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (COUNT, SIDE, SIDE, channels), np.uint8)


@pytest.mark.parametrize("form", [form for form in FORMS if form != LEVELS])
def test_scores_and_gradients_are_those_of_a_layer_that_does_the_same(form):
    channels = 1 if len(FORMS[form][0]) == 1 else 3
    inside, stated = Classifier(with_layer(form, channels)), Classifier(body(channels), preprocess=form)
    images, weights = images_of(channels), np.random.default_rng(1).normal(size=(COUNT, CLASSES))
    np.testing.assert_allclose(stated.scores(images), inside.scores(images), atol=1e-6)
    assert len({*inside.scores(images).argmax(axis=1)}) > 1, "it does not always answer the same"
    for mine, theirs in zip(stated.gradients(images, weights), inside.gradients(images, weights), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)
    assert stated.with_preprocess("unit").fingerprint != stated.fingerprint
    sent = SentModel.pack(stated).unpack()  # to a worker
    np.testing.assert_array_equal(sent.scores(images), stated.scores(images))


def test_minimum_noise_is_in_grey_levels():
    few, config = images_of(3)[:2], SearchConfig(max_queries=600)
    inside, stated = Classifier(with_layer(UNIT, 3)), Classifier(body(3), preprocess=UNIT)
    labels = inside.scores(few).argmax(axis=1)
    mine, theirs = (search_minimum_noise(one, few, labels, config) for one in (stated, inside))
    assert all(result.found and result.l2 > 1 for result in mine)
    assert [result.l2 for result in mine] == pytest.approx([result.l2 for result in theirs], rel=0.05)


def test_one_number_holds_for_all_channels_and_grey_images_are_repeated():
    one, three = (Classifier(body(3), preprocess=f"mean=90/std={std}") for std in ("60", "60,60,60"))
    np.testing.assert_array_equal(one.scores(images_of(3)), three.scores(images_of(3)))
    grey = images_of(1)
    repeated = one.scores(np.repeat(grey, 3, axis=3))
    np.testing.assert_allclose(one.for_images((SIDE, SIDE, 1)).scores(grey), repeated, atol=1e-6)


def test_the_same_numbers_are_the_same_form_however_they_are_written(tmp_path):
    written = " mean=125.30, 123, 113.90 / std=63,62.1,66.7"
    assert preprocess_form(written) == preprocess_form(LEVELS) == "mean=125.3,123,113.9/std=63,62.1,66.7"
    body(3).save(tmp_path / "mine.keras")
    (tmp_path / "mine.json").write_text(json.dumps({"form": {"preprocess": written}}), "utf-8")
    loaded = load_classifier(tmp_path / "mine.keras")
    assert describe_model(loaded).endswith(
        "inputs 0..255 less mean 125.3, 123, 113.9, divided by standard deviation 63, 62.1, 66.7"
    )
    dataset = Dataset.from_arrays("mine", "test", images_of(3)[:4], np.arange(4))
    config = SweepConfig(sigmas=(5,), copies=2)
    run_sweep(loaded, dataset, config, tmp_path / "run")
    again = load_classifier(tmp_path / "mine.keras", preprocess=LEVELS)
    assert again.fingerprint == loaded.fingerprint and run_sweep(again, dataset, config, tmp_path / "run").complete
    assert open_run(tmp_path / "run").info["model"]["preprocess"] == preprocess_form(LEVELS)


def test_members_of_an_ensemble_keep_their_own(tmp_path):
    both = make_ensemble([Classifier(body(3), preprocess=UNIT), Classifier(with_layer(LEVELS, 3))])
    expected = Classifier(with_layer(UNIT, 3)).scores(images_of(3))
    np.testing.assert_allclose(both.scores(images_of(3)), expected, atol=2e-3)
    make_ensemble([Classifier(body(3), preprocess=UNIT)] * 2).model.save(tmp_path / "both.keras")
    np.testing.assert_allclose(load_classifier(tmp_path / "both.keras").scores(images_of(3)), expected, atol=1e-6)

    with zipfile.ZipFile(tmp_path / "both.keras") as file:  # by somebody who has edited it
        content = {name: file.read(name) for name in file.namelist()}
    content["config.json"] = content["config.json"].replace(preprocess_form(UNIT).encode(), b"mean=76/std=0")
    with zipfile.ZipFile(tmp_path / "edited.keras", "w") as file:
        for name, part in content.items():
            file.writestr(name, part)
    with pytest.raises(ModelError, match=r"edited\.keras was not loaded: .* std is 0; expected numbers above 0"):
        load_classifier(tmp_path / "edited.keras")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("mean=0.4914,0.4822,0.4465/std=0.247,0.243,0.261", "if these are of values 0..1, write unit/mean=0.4914,"),
        ("unit/mean=125.3/std=63", "after unit/, mean and std are of values 0..1; for grey levels 0..255, leave out"),
        ("mean=76/std=0", "std is 0; expected numbers above 0"),
        ("mean=76/std=-66", "std is -66; expected numbers above 0"),
        ("mean=-76/std=66", "mean is -76; the mean of images is 0 or more"),
        ("mean=nan/std=66", "mean is 'nan', but numbers with commas between them were expected"),
        ("mean=76/std=1e999", "std is '1e999', but numbers"),
        ("mean=/std=66", "mean is '', but numbers"),
        ("mean=1,2/std=66", "mean has 2 numbers; expected 1, or 3 for red, green and blue"),
        ("mean=256/std=66", "expected a mean from 0 to 255 and a standard deviation from 1 to 256 grey levels"),
        ("mean=76/std=0.5", "expected a mean from 0 to 255 and a standard deviation from 1"),
        ("unit/mean=0.5/std=1e-30", "expected a mean from 0 to 255 and a standard deviation from 1"),
        ("signed/mean=0/std=1", "only bgr, unit or unit-bgr can stand before mean"),
        ("mean=76", "expected mean=M/std=S in grey levels 0..255, or unit/mean=M/std=S of values 0..1"),
        ("mean:76,std:66", "expected mean=M/std=S in grey levels 0..255"),
        ("norm.json", "Your own mean and standard deviation are written mean=M/std=S in grey levels 0..255"),
        (lambda x: x / 255, "preprocess is a function; expected .* wrap model and preprocessing in one function with"),
        (["unit"], "preprocess is an object of type list; expected the name of a form"),
    ],
)
def test_what_cannot_be_a_mean_and_standard_deviation_is_refused_in_one_sentence(form, said):
    with pytest.raises(InputError, match=said):
        load_classifier("mnist-lenet", preprocess=form)


def test_colours_are_not_taken_for_grey_images_and_cards_are_checked(tmp_path):
    with pytest.raises(InputError, match=r"which is for colours, but .* takes grey images"):
        Classifier(body(1), preprocess=LEVELS)
    with pytest.raises(InputError, match=r"which is for colours, but .* takes grey images"):
        Classifier(body(1), preprocess="bgr/mean=76/std=66")
    body(1).save(tmp_path / "mine.keras")
    (tmp_path / "mine.json").write_text('{"form": {"preprocess": "mean=76/std=0"}}', "utf-8")
    with pytest.raises(ModelError, match=r"mine\.json, the model's card: preprocess is 'mean=76/std=0': std is 0; "):
        load_classifier(tmp_path / "mine.keras")


def test_the_order_of_colours_is_checked_for_a_stated_mean_too():
    """The classes are three levels of the third channel that a model of blue, green, red gets."""
    random, labels = np.random.default_rng(0), np.arange(300) % 3
    pixels = random.integers(60, 200, (300, 1, 1, 3)) + random.normal(0, 20, (300, SIDE, SIDE, 3))
    pixels[..., 0] += 60.0 * (labels - 1)[:, None, None] - pixels[..., 0].mean(axis=(1, 2), keepdims=True) + 140
    pixels = np.clip(pixels, 0, 255).astype(np.uint8)
    head = layers.Dense(3)
    network = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.GlobalAveragePooling2D(), head])
    head.set_weights([np.float32([[0, 0, 0], [0, 0, 0], [-6, 0, 6]]), np.float32([-3, 0, -3])])
    names, form = ("dark", "middle", "light"), "mean=140,130,90/std=20"
    dataset = Dataset.from_arrays("lamps", "test", pixels, labels, names)
    right, wrong = (Classifier(network, names, preprocess=one) for one in (in_reverse_order(form), form))
    assert (right.scores(pixels).argmax(axis=1) == labels).mean() > 0.95
    note = check_inputs(wrong, dataset, wrong.scores(pixels))
    assert note.certain and note.options == {"preprocess": right.preprocess}
    form = right.preprocess
    assert note.text.endswith(f"Use --preprocess {form} (in Python preprocess='{form}').") and form.startswith("bgr/")
    assert not check_inputs(right, dataset, right.scores(pixels)).text
