"""Models of every usual form are one linear classifier of real digits here, whose scores NumPy knows."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy.special import expit, log_softmax, softmax
from typer.testing import CliRunner

from tfstab import Classifier, SearchConfig, SweepConfig, assess, open_run, run_search, run_sweep, search_minimum_noise
from tfstab.classifier.preprocess import ABOUT, DEVIATION, FAMILIES, FORMS, MEAN, MEAN_LEVELS, REVERSED, RGB_ONLY
from tfstab.cli.app import app
from tfstab.errors import InputError, ModelError, RunError
from tfstab.experiments.evaluation import evaluate
from tfstab.models import load_classifier, make_ensemble

SIDE = 28
# What undoes each form, as the kernel (R, G, B) and bias of a 1 x 1 convolution to grey in 0..1.
SWAPPED = np.ones(3, np.float32) / 765
UNDO = {
    "none": (SWAPPED, 0.0), "unit": (SWAPPED * 255, 0.0), "signed": (SWAPPED * 127.5, 0.5),
    "imagenet": (DEVIATION / 3, MEAN.mean()), "caffe": (SWAPPED, MEAN_LEVELS.mean() / 255),
}  # fmt: skip
UNDO |= {REVERSED[form]: (UNDO[form][0][::-1], UNDO[form][1]) for form in REVERSED}


@pytest.fixture(scope="module")
def tested(digits):
    return digits.take(4200).select(np.arange(0, 4200, 21))


@pytest.fixture(scope="module")
def fitted(digits):
    """(kernel (784, 10), bias (10,)) of grey levels in 0..1."""
    rows = digits.take(2500)
    known = np.hstack([rows.images.reshape(-1, 784) / 255, np.ones((2500, 1))])
    kernel = np.linalg.solve(known.T @ known + 50 * np.eye(785), known.T @ np.eye(10)[rows.labels])
    kernel = np.float32(8 * kernel)
    return kernel[:-1], kernel[-1]


@pytest.fixture(scope="module")
def expected(fitted, tested):
    kernel, bias = fitted
    return tested.images.reshape(-1, 784) / 255 @ kernel + bias


@pytest.fixture(scope="module")
def head(fitted):
    """The last layers, of grey images in 0..1, with another activation or for zero against one."""

    def make(activation=None, binary=False, scale=1.0):
        kernel, bias = (scale * part for part in fitted)
        if binary:
            kernel, bias = kernel[:, 1:2] - kernel[:, :1], bias[1:2] - bias[:1]
        dense = layers.Dense(len(bias), activation=activation)
        dense.build((None, 784))
        dense.set_weights([kernel, bias])
        return [layers.Flatten(), dense]

    return make


def to_grey(form="none", channels=3, order="channels_last"):
    kernel, bias = UNDO[form]
    convolution = layers.Conv2D(1, 1, data_format=order)
    convolution.build((None, SIDE, SIDE, channels) if order == "channels_last" else (None, channels, SIDE, SIDE))
    kernel = kernel if channels == 3 else kernel.sum(keepdims=True)
    convolution.set_weights([kernel.reshape(1, 1, channels, 1), np.float32([bias])])
    return convolution


GREY = to_grey(channels=1)
# The first layers, for values of one of FORMS.
INPUTS = {
    "grey": lambda v="none": [layers.Input((SIDE, SIDE, 1)), to_grey(v, 1)],
    "no channels": lambda v="none": [layers.Input((SIDE, SIDE)), layers.Reshape((SIDE, SIDE, 1)), to_grey(v, 1)],
    "colours": lambda v="none": [layers.Input((SIDE, SIDE, 3)), to_grey(v)],
    "channels first": lambda v="none": [layers.Input((3, SIDE, SIDE)), to_grey(v, order="channels_first")],
    "grey first": lambda v="none": [layers.Input((1, SIDE, SIDE)), layers.Reshape((SIDE, SIDE, 1)), to_grey(v, 1)],
    "whole numbers": lambda v="none": [layers.Input((SIDE, SIDE, 1), dtype="uint8"), to_grey(v, 1)],
    "signed numbers": lambda v="none": [layers.Input((SIDE, SIDE, 1), dtype="int32"), to_grey(v, 1)],
    "whole numbers within": lambda v="none": [
        layers.Input((SIDE, SIDE, 1), dtype="uint8"),
        keras.Sequential([layers.Input((SIDE, SIDE, 1), dtype="uint8"), to_grey(v, 1)]),
    ],
    "batches of 1": lambda v="none": [layers.Input((SIDE, SIDE, 1), batch_size=1), to_grey(v, 1)],
    "batches of 32": lambda v="none": [
        layers.Input((SIDE, SIDE, 3), batch_size=32), layers.Reshape((SIDE, SIDE, 3)), to_grey(v),
    ],
    "any size": lambda v="none": [layers.Input((None, None, 3)), to_grey(v), layers.Reshape((SIDE, SIDE, 1))],
}  # fmt: skip
OF_COLOURS = ("channels first", "batches of 32", "any size")
# Of these, how values are prepared depends on nothing else than of colours; "unit-bgr" changes values and their order.
AS_COLOURS = ("batches of 32", "any size")


def check_scores(classifier, images, logits):
    """That scores, their logarithms and gradients are those of the logits."""
    scores = classifier.scores(images)
    np.testing.assert_allclose(scores, softmax(logits, axis=1), atol=2e-5)
    np.testing.assert_allclose(classifier.log_scores(images), log_softmax(logits, axis=1), atol=1e-3)
    weights = np.zeros_like(scores[:3])
    weights[:, 0], weights[:, 1] = 1, -1
    half = images[:3] / 2 + 0.25  # between grey levels
    log_scores, gradients = classifier.gradients(half, weights)
    step = classifier.log_scores((half + 20 * gradients).astype(np.float32)) - log_scores
    np.testing.assert_allclose((weights * step).sum(axis=1), 20 * (gradients**2).sum(axis=(1, 2, 3)), rtol=2e-2)


@pytest.mark.parametrize("form", INPUTS)
def test_inputs_of_every_form(form, head, tested, expected):
    classifier = Classifier(keras.Sequential([*INPUTS[form](), *head("softmax")])).for_images((SIDE, SIDE, 1))
    assert classifier.input_shape == (SIDE, SIDE, 1)
    check_scores(classifier, tested.images, expected)
    assert classifier.with_batch_size(7).batch_size == {"batches of 1": 1, "batches of 32": 32}.get(form, 7)
    np.testing.assert_array_equal(classifier.with_batch_size(7).scores(tested.images), classifier.scores(tested.images))


def test_colours_for_a_model_that_takes_them(head, tested, expected):
    classifier = Classifier(keras.Sequential([*INPUTS["channels first"](), *head("softmax")]))
    check_scores(classifier, np.repeat(tested.images, 3, axis=-1), expected)


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):
    """Digits to softmax scores, without layers that anyone can see."""

    def __init__(self, activation="softmax", units=10, **settings):
        super().__init__(**settings)
        self.activation, self.units = activation, units
        self.grey, self.flat, self.dense = layers.Conv2D(1, 1), layers.Flatten(), layers.Dense(units)

    def build(self, shape):
        self.grey.build(shape)
        self.dense.build((None, 784))
        self.built = True

    def call(self, images):
        logits = self.dense(self.flat(self.grey(images)))
        return keras.activations.get(self.activation)(logits)

    def get_config(self):
        return {**super().get_config(), "activation": self.activation, "units": self.units}

    @classmethod
    def of(cls, last, activation="softmax"):
        model = cls(activation, last.units)
        model.build((None, SIDE, SIDE, 1))
        model.set_weights([*GREY.get_weights(), *last.get_weights()])
        return model


@keras.saving.register_keras_serializable("tests")
class Naming(Subclassed):
    """The same, in a dictionary."""

    def call(self, images):
        return {"scores": super().call(images)}


@keras.saving.register_keras_serializable("tests")
class Dropping(Subclassed):
    """The same behind dropout, which does nothing but in training."""

    def __init__(self, *given, **settings):
        super().__init__(*given, **settings)
        self.dropout = layers.Dropout(0.5)

    def call(self, images):
        return self.dropout(super().call(images))


def functional(outputs):
    """outputs: a function of the features' tensor."""
    images = keras.Input((SIDE, SIDE, 1))
    return keras.Model(images, outputs(GREY(images)))


def by_operation(last):
    return functional(lambda x: keras.ops.softmax(last[1](last[0](x))))


OUTPUTS = {
    "softmax in the last layer": lambda head, s: functional(keras.Sequential(head("softmax", scale=s))),
    "softmax as a layer": lambda head, s: functional(keras.Sequential([*head(scale=s), layers.Softmax()])),
    "softmax as an operation": lambda head, s: by_operation(head(scale=s)),
    "logits": lambda head, s: functional(keras.Sequential(head(scale=s))),
    "named": lambda head, s: keras.Model(
        {"image": (i := keras.Input((SIDE, SIDE, 1)))}, {"scores": keras.Sequential(head("softmax", scale=s))(GREY(i))}
    ),
    "named, of whole numbers": lambda head, s: keras.Model(
        {"image": (i := keras.Input((SIDE, SIDE, 1), dtype="uint8", name="image"))},
        {"scores": keras.Sequential(head("softmax", scale=s))(GREY(i))},
    ),
    "subclassed": lambda head, s: Subclassed.of(head(scale=s)[1]),
    "subclassed logits": lambda head, s: Subclassed.of(head(scale=s)[1], "linear"),
    "subclassed and named": lambda head, s: Naming.of(head(scale=s)[1]),
}


@pytest.mark.parametrize("form", OUTPUTS)
def test_outputs_of_every_form_keep_their_slope(form, head, tested, expected):
    check_scores(Classifier(OUTPUTS[form](head, 1.0)), tested.images, expected)
    sure = Classifier(OUTPUTS[form](head, 300.0)).log_scores(tested.images)  # where float32 scores are 0 and 1
    np.testing.assert_allclose(sure, log_softmax(300 * np.float64(expected), axis=1), rtol=1e-3, atol=0.1)


BINARY = {
    "sigmoid in the last layer": (lambda last: functional(keras.Sequential(last("sigmoid", binary=True))), None),
    "sigmoid as a layer": (
        lambda last: functional(keras.Sequential([*last(binary=True), layers.Activation("sigmoid")])), None,
    ),
    "subclassed sigmoid": (lambda last: Subclassed.of(last(binary=True, scale=1.0)[1], "sigmoid"), None),
    "a logit": (lambda last: functional(keras.Sequential(last(binary=True))), "logits"),
    "a probability": (lambda last: functional(lambda x: expit_of(keras.Sequential(last(binary=True))(x))), "scores"),
}  # fmt: skip


def expit_of(x):
    return keras.layers.Rescaling(0.5, 0.5)(keras.ops.tanh(x / 2))


@pytest.mark.parametrize("form", BINARY)
def test_one_output_is_two_classes(form, head, tested, expected):
    make, outputs = BINARY[form]
    classifier = Classifier(make(head), ("zero", "one"), outputs=outputs)
    logit = (expected[:, 1] - expected[:, 0])[:, None]
    assert (classifier.num_classes, classifier.class_names) == (2, ("zero", "one"))
    np.testing.assert_allclose(classifier.scores(tested.images)[:, 1:], expit(logit), atol=2e-5)
    check_scores(classifier, tested.images, np.hstack([0 * logit, logit]))
    rows = tested.labels < 2
    assert (classifier.scores(tested.images[rows]).argmax(1) == tested.labels[rows]).mean() > 0.95


def test_what_a_model_gives_must_be_told_where_it_does_not_show(head):
    one = functional(keras.Sequential(head(binary=True)))
    with pytest.raises(ModelError, match=r"--outputs scores.*--outputs logits"):
        Classifier(one)
    with pytest.raises(InputError, match="unknown outputs 'logit': did you mean 'logits'"):
        Classifier(one, outputs="logit")
    with pytest.raises(ModelError, match="ends in a softmax"):
        Classifier(functional(keras.Sequential(head("softmax"))), outputs="logits")
    with pytest.raises(ModelError, match="ends in a softmax"):
        Classifier(Subclassed.of(head()[1]), outputs="logits")
    with pytest.raises(ModelError, match="ends in a softmax"):
        Classifier(Dropping.of(head()[1]), outputs="logits")
    with pytest.raises(ModelError, match="ends in a sigmoid"):
        Classifier(functional(keras.Sequential(head("sigmoid", binary=True))), outputs="logits")
    for logits in (keras.Sequential(head()), keras.Sequential(head(binary=True))):
        with pytest.raises(ModelError, match="does not give scores"):
            Classifier(functional(logits), outputs="scores")
    with pytest.raises(ModelError, match="several sigmoids"):
        Classifier(Subclassed.of(head()[1], "sigmoid")).scores(np.zeros((1, SIDE, SIDE, 1)))


# --- values ---


@pytest.mark.parametrize("form", FORMS)
def test_values_of_every_form(form, head, tested, expected):
    model = keras.Sequential([layers.Input((SIDE, SIDE, 3)), to_grey(form), *head("softmax")])
    classifier = Classifier(model, preprocess=form).for_images((SIDE, SIDE, 1))
    check_scores(classifier, tested.images, expected)


@pytest.mark.parametrize(
    ("inputs", "values"),
    [
        (inputs, values) for inputs in INPUTS for values in FORMS
        if values != "none" and inputs not in ("whole numbers", "colours")  # the latter are in the test before
        and (inputs in OF_COLOURS or values not in RGB_ONLY) and (inputs not in AS_COLOURS or values == "unit-bgr")
    ],
)  # fmt: skip
def test_values_of_every_form_in_inputs_of_every_form(inputs, values, head, tested, expected):
    model = keras.Sequential([*INPUTS[inputs](values), *head()])
    classifier = Classifier(model, preprocess=values).for_images((SIDE, SIDE, 1))
    np.testing.assert_allclose(classifier.scores(tested.images), softmax(expected, axis=1), atol=2e-5)


def only_in_0_1():
    """x from 0 to 1, and 0 from 2 on."""
    x = keras.Input((SIDE, SIDE, 1))
    relu = keras.ops.relu
    return keras.Model(x, relu(x) - 2 * relu(x - 1) + relu(x - 2))


@pytest.mark.parametrize(("right", "wrong"), [("unit", "none"), ("imagenet", "none"), ("none", "signed")])
def test_a_doubtful_guess_is_said_aloud(right, wrong, head, tested, tmp_path):
    model = keras.Sequential([layers.Input((SIDE, SIDE, 3)), to_grey(right), only_in_0_1(), *head("softmax")])
    with pytest.warns(UserWarning) as said:
        evaluate(Classifier(model, preprocess=wrong), tested)
    (told,) = [str(warning.message) for warning in said]
    assert re.fullmatch(
        r"Accuracy is \d+\.\d % with inputs .*\. "
        r"It is (8|9)\d\.\d % with inputs .* \(200 images\)\. Use .*",
        told,
    )
    assert f"Use --preprocess {right} (in Python preprocess='{right}')." in told
    assert told.endswith("use these instead: --preprocess mean=M/std=S.") == (right != "none")
    assert f"with inputs {ABOUT[wrong]}." in told and f"with inputs {ABOUT[right]} (" in told
    if right == "none":
        with pytest.warns(UserWarning, match="Use --preprocess none"):
            config = SweepConfig(sigmas=(1,), copies=1)
            run_sweep(Classifier(model, preprocess=wrong), tested, config, tmp_path, as_is=True)


def test_commands_say_a_doubtful_guess_aloud(head, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([layers.Input((SIDE, SIDE, 1)), to_grey("unit", 1), only_in_0_1(), *head("softmax")])
    model.save("mine.keras")
    command = ("--model", "mine.keras", "--data", "mnist-5k", "--limit", "20")
    few = (
        ("evaluate", "--as-is"),
        ("search", "--as-is", "--max-queries", "100"),
        ("sweep", "--as-is", "--sigmas", "1", "--copies", "2"),
    )
    for name, *options in few:
        said = " ".join(CliRunner().invoke(app, [name, *command, *options]).output.split())
        assert re.search(
            r"note: Accuracy is \d+\.\d % with inputs 0\.\.255. It is \d+\.\d % with inputs 0\.\.1", said
        ), said
        right = CliRunner().invoke(app, [name, *command, *options, "--out", f"right-{name}", "--preprocess", "unit"])
        assert right.exit_code == 0 and "note: Accuracy" not in right.output


@keras.saving.register_keras_serializable("tests")
class CountRows(layers.Layer):
    """Counts the images that go through it."""

    rows = 0

    def call(self, images):
        def count(number):
            CountRows.rows += int(number)
            return number

        counted = tf.py_function(count, [tf.shape(images)[0]], tf.int32)
        with tf.control_dependencies([counted]):
            return tf.identity(images)

    def compute_output_shape(self, shape):
        return shape


def test_a_doubt_costs_a_few_forward_passes(head, tested):
    model = keras.Sequential(
        [layers.Input((SIDE, SIDE, 3)), CountRows(), to_grey("unit"), only_in_0_1(), *head("softmax")]
    )
    classifier = Classifier(model)
    classifier.for_images((SIDE, SIDE, 1)).scores(tested.images)
    CountRows.rows = 0
    classifier.for_images((SIDE, SIDE, 1)).scores(tested.images)
    alone, CountRows.rows = CountRows.rows, 0
    with pytest.warns(UserWarning, match="Use --preprocess unit"):
        evaluate(classifier, tested)
    assert alone < CountRows.rows <= alone + len(FORMS) * 128 + 224  # 224: the 200 images in batches of 32


@pytest.mark.parametrize("family", FAMILIES)
def test_families_preprocess_as_keras_says(family, tested):
    module = getattr(keras.applications, family)
    images = np.random.default_rng(0).uniform(0, 255, (2, 5, 4, 3)).astype(np.float32)
    theirs = module.preprocess_input(images.copy())
    np.testing.assert_allclose(FORMS[FAMILIES[family]](images), theirs, rtol=1e-5, atol=1e-4)


def test_no_doubt_where_there_is_no_reason(head, tested, recwarn):
    scaled = keras.Sequential([layers.Input((SIDE, SIDE, 1)), layers.Rescaling(1 / 255), *head("softmax")])
    assert evaluate(Classifier(scaled), tested).metrics.accuracy > 0.85
    wrong = keras.models.clone_model(scaled)  # random weights: no form is better
    evaluate(Classifier(wrong), tested)
    assert not [w for w in recwarn if "--preprocess" in str(w.message)]


def test_preprocessing_that_does_not_fit():
    model = keras.Sequential([layers.Input((SIDE, SIDE, 1)), layers.Flatten(), layers.Dense(3)])
    with pytest.raises(InputError, match="unknown preprocess 'units': did you mean 'unit'"):
        Classifier(model, preprocess="units")
    with pytest.raises(InputError, match="for colours"):
        Classifier(model, preprocess="resnet50")


# --- runs ---

FEW = {"max_queries": 300}


def test_runs_know_their_preprocessing(head, tested, tmp_path):
    """Grey images for a model of colours and of one batch size, given in -1..1."""
    model = keras.Sequential(
        [layers.Input((SIDE, SIDE, 3), batch_size=16), to_grey("signed"), *head("softmax")], name="mine"
    )
    few, config = tested.select(np.arange(2)), SearchConfig(**FEW)
    classifier = Classifier(model, preprocess="signed")
    run = run_search(classifier, few, config, tmp_path / "search")
    assert run.info["model"]["preprocess"] == "signed" and run.complete
    for result in run:
        assert result.found and result.noise.shape == (SIDE, SIDE, 1)
        assert classifier.for_images((SIDE, SIDE, 1)).scores(result.degraded[None]).argmax() == result.predicted
    again = run_search(classifier, few, config, tmp_path / "search")
    assert [r.l2 for r in again] == [r.l2 for r in run]
    with pytest.raises(RunError, match="begun with preprocess = signed, not unit"):
        run_search(Classifier(model, preprocess="unit"), few, config, tmp_path / "search")
    sweep = run_sweep(classifier, few, SweepConfig(sigmas=(5,), copies=3), tmp_path / "sweep")
    assert sweep.complete and open_run(tmp_path / "sweep").info["model"]["preprocess"] == "signed"


def test_a_model_of_one_image_at_a_time_is_assessed_and_searched(head, tested, tmp_path):
    classifier = Classifier(keras.Sequential([*INPUTS["batches of 1"](), *head("softmax")]), name="mine")
    few = tested.select(np.arange(20))
    found = assess(classifier, few, minutes=0.05, degradations=["contrast"], search=False, out=tmp_path / "out")
    assert len(found.figures.families[0].images) > 0
    assert run_search(classifier, few.select([0, 1]), SearchConfig(**FEW), tmp_path / "search").complete


def test_ensembles_take_members_of_other_forms(head, tested, expected, tmp_path):
    form = "signed"
    members = [
        Classifier(keras.Sequential([layers.Input((SIDE, SIDE, 1)), to_grey(form, 1), *head()]), preprocess=form),
        Classifier(keras.Sequential([*INPUTS["no channels"](), *head("softmax")])),
    ]
    both = make_ensemble(members)
    check_scores(both, tested.images, expected)
    both.model.save(tmp_path / "both.keras")
    assert load_classifier(tmp_path / "both.keras").fingerprint == both.fingerprint


def test_images_that_do_not_fit_are_said(head):
    model = keras.Sequential([*INPUTS["any size"](), *head("softmax")])
    with pytest.raises(InputError, match=r"takes \(N, any, any, 3\): make it for their size"):
        Classifier(model).scores(np.zeros((2, SIDE, SIDE, 3)))
    with pytest.raises(ModelError, match="cannot be called on images of shape"):
        Classifier(model, image_shape=(20, 20, 3))
    for wrong in ((SIDE, SIDE), (0, SIDE, 3), (SIDE, SIDE, 2)):
        with pytest.raises(InputError, match=r"image_shape is .*; expected .height, width, 1."):
            Classifier(model, image_shape=wrong)
    listed = Classifier(model, image_shape=[SIDE, SIDE, 3])
    assert listed.scores(np.zeros((2, SIDE, SIDE, 3))).shape == (2, 10)
    grey = Classifier(keras.Sequential([*INPUTS["grey"](), *head()]))
    for shape, said in {(SIDE, SIDE, 3): "convert them to grey", (32, 32, 1): "--resize crop"}.items():
        with pytest.raises(InputError, match=said):
            search_minimum_noise(grey, np.zeros((1, *shape), np.uint8), [0])
