"""The decision threshold of models for two classes, from the file of a model to runs, their calibration and workers."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfstab import (
    Classifier,
    SweepConfig,
    assess,
    compare,
    evaluate,
    load_classifier,
    make_ensemble,
    open_run,
    run_sweep,
)
from tfstab.assessment import sample_size
from tfstab.classifier.layers import networks_of
from tfstab.classifier.taken import describe_model
from tfstab.classifier.threshold import own_scores
from tfstab.datasets import Dataset
from tfstab.errors import InputError, RunError, WrongInputsError
from tfstab.execution.task import SentModel
from tfstab.gui.jobs.field_words import in_fields
from tfstab.metrics import Calibration
from tfstab.report.comparison_report import notes
from tfstab.report.input_notes import threshold_notes
from tfstab.training.hardening import run_hardening
from tfstab.training.hardening_config import HardenConfig

SIDE, SLOPE, MIDDLE = 4, 0.05, 150.0
ENDS = {"sigmoid": (1, "sigmoid"), "softmax": (2, "softmax"), "logits": (2, None), "number": (1, None)}


def brightness(end="sigmoid"):
    """Return a model whose own score of class 1 is sigmoid(SLOPE * (mean grey level - MIDDLE))."""
    outputs, activation = ENDS[end]
    dense = layers.Dense(outputs, activation=activation)
    model = keras.Sequential([layers.Input((SIDE, SIDE, 1)), layers.GlobalAveragePooling2D(), dense], name="bright")
    weights = [SLOPE] if outputs == 1 else [0, SLOPE]
    dense.set_weights([np.float32([weights]), np.float32([-MIDDLE]) * np.float32(weights)])
    return model


def images(levels):
    return np.repeat(np.uint8(levels), SIDE * SIDE).reshape(-1, SIDE, SIDE, 1)


def own_score(levels):
    return 1 / (1 + np.exp(-SLOPE * (np.asarray(levels, float) - MIDDLE)))


LEVELS = np.arange(60, 250, 5)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("threshold", [0.02, 0.3, 0.9])
def test_class_1_is_predicted_above_the_threshold(end, threshold):
    outputs = "logits" if end == "number" else None
    classifier = Classifier(brightness(end), outputs=outputs, threshold=threshold)
    own, scores = own_score(LEVELS), classifier.scores(images(LEVELS))
    assert (scores.argmax(axis=1) == (own > threshold)).all() and (own > threshold).any()
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-6)
    assert np.allclose(own_scores(scores[:, 1], np.ones(len(own)), threshold), own, atol=1e-5)
    assert np.allclose(np.exp(classifier.log_scores(images(LEVELS))), scores, atol=1e-6)
    assert np.allclose(classifier.model(images(LEVELS).astype(np.float32)).numpy().argmax(axis=1), own > threshold)
    plain = Classifier(brightness(end), outputs=outputs)
    assert classifier.returns == plain.returns and classifier.fingerprint != plain.fingerprint
    assert classifier.with_threshold(None).fingerprint == plain.fingerprint == plain.with_threshold(0.5).fingerprint
    assert classifier.for_images((SIDE, SIDE, 1)).threshold == classifier.with_batch_size(4).threshold == threshold
    assert features_of(classifier) == features_of(plain), "the shift is no layer of its own for analyses"


def features_of(classifier):
    """Return the number of features that the last layer takes."""
    (network,), found = networks_of(classifier), []
    spec = tf.TensorSpec((2, SIDE, SIDE, 1), tf.float32)
    tf.function(lambda given: found.append(network.look(given).features.shape)).get_concrete_function(spec)
    return found[0]


def test_an_ensemble_can_have_a_threshold_and_its_members_keep_theirs():
    both = make_ensemble([Classifier(brightness()), Classifier(brightness("softmax"))]).model
    for ensemble in (Classifier(both, threshold=0.1), make_ensemble([Classifier(brightness(), threshold=0.1)] * 2)):
        scores = ensemble.scores(images(LEVELS))
        assert (scores.argmax(axis=1) == (own_score(LEVELS) > 0.1)).all()
        assert (
            ensemble.gradients(images(LEVELS), np.ones((len(LEVELS), 2)))[0].argmax(axis=1) == scores.argmax(1)
        ).all()


def test_it_is_refused_in_one_sentence(mnist_lenet):
    for threshold in (0, 1, -0.3, float("nan"), "0.3", True):
        with pytest.raises(
            InputError, match=r"^threshold is .*; expected a number above 0 and below 1, such as 0\.3\.$"
        ):
            Classifier(brightness(), threshold=threshold)
    with pytest.raises(
        InputError, match=r"^threshold is 0\.3, but mnist-lenet has 10 classes; expected a model with two"
    ):
        mnist_lenet.with_threshold(0.3)
    function = Classifier.from_function(lambda x: x, (4, 4, 1), 2, fingerprint="f")
    with pytest.raises(InputError, match="is a predict function"):
        function.with_threshold(0.3)


@pytest.fixture
def saved(tmp_path):
    """A model of a file whose card has a threshold."""
    brightness().save(tmp_path / "bright.keras")
    form = {"class_names": ["good", "defect"], "form": {"threshold": 0.3}}
    (tmp_path / "bright.json").write_text(json.dumps(form), "utf-8")
    return tmp_path / "bright.keras"


def test_the_card_of_a_model_names_it(saved):
    loaded = load_classifier(saved)
    assert loaded.threshold == 0.3 and loaded.source.options == {"threshold": 0.3}
    said = "bright: 4 x 4 x 1, 2 outputs, scores, threshold 0.3 for output 1, shown as score 0.5, grey levels 0..255"
    assert describe_model(loaded) == said
    assert load_classifier(saved, threshold=0.3).fingerprint == loaded.fingerprint
    other = load_classifier(saved, threshold=0.5)
    assert other.threshold == 0.5 and other.source.options == {"threshold": 0.5}, "an option counts more"
    sent = SentModel.pack(loaded).unpack()
    assert (sent.scores(images(LEVELS)) == loaded.scores(images(LEVELS))).all()


def graded(count=60):
    levels = np.random.default_rng(3).integers(40, 255, count)
    labels = (np.random.default_rng(4).random(count) < own_score(levels)).astype(np.int64)
    return Dataset.from_arrays("graded", "test", images(levels), labels, class_names=("good", "defect"))


def test_runs_record_it_and_their_calibration_is_of_the_models_own_scores(saved, tmp_path):
    data, config = graded(), SweepConfig(sigmas=(5, 30), copies=2)
    run = run_sweep(load_classifier(saved), data, config, tmp_path / "run")
    (note,) = threshold_notes([run])
    assert note.startswith("bright predicts defect if its score of this class is above the threshold 0.3. Scores are")
    assert open_run(run.path).threshold == 0.3 and run.info["model"]["threshold"] == 0.3
    saved.with_suffix(".json").unlink()
    plain = load_classifier(saved, class_names=("good", "defect"))
    with pytest.raises(RunError, match=r"it was begun with threshold = 0\.3, not 0\.5"):
        run_sweep(plain, data, config, run.path)
    other = run_sweep(plain, data, config, tmp_path / "plain")
    (said,) = notes(compare(run, other))
    assert said.startswith("The decision thresholds differ: 0.3 of run, 0.5 of plain. ")
    assert notes(compare(other, other)) == []
    turned = load_classifier(saved, class_names=("defect", "good"), threshold=0.5)
    swapped = run_sweep(turned, data, config, tmp_path / "swapped", as_is=True)
    (said,) = notes(compare(other, swapped))[:1]
    stands = "output 0 stands for good in plain and for defect in swapped"
    assert said.startswith(f"The outputs are named in different orders: {stands}")
    own = plain.scores(data.images)[:, 1]
    positive = own > 0.3
    right = positive == (data.labels == 1)
    error = Calibration.of(np.where(positive, own, 1 - own), right).error[0]
    assert run.measures.clean_calibration.error[0] == pytest.approx(error, abs=1e-6)
    assert run.measures.calibration.count.sum() == 240


def test_a_hardened_model_keeps_it_and_is_not_trained_to_undo_it(saved, tmp_path):
    """On images whose labels have the probability that the model says, training changes its own scores little."""
    few = {"gaussian_noise": (1, 20)}  # all kinds would take seconds to compile
    config = HardenConfig(against=few, keep_clean=100, epochs=10, batch_size=50, learning_rate=0.01)
    saved.with_suffix(".json").unlink()
    hardened = run_hardening(
        load_classifier(saved, threshold=0.01), graded(400), config, tmp_path / "hard", validation=graded(100)
    )
    assert hardened.card["form"]["threshold"] == 0.01 and hardened.classifier.threshold == 0.01
    opened = load_classifier(hardened.path)
    assert opened.threshold == 0.01 and opened.fingerprint == hardened.classifier.fingerprint
    own = own_scores(opened.scores(images(LEVELS))[:, 1], np.ones(len(LEVELS)), 0.01)
    assert hardened.card["share_of_new_weights"] > 0
    assert np.abs(own - own_score(LEVELS)).max() < 0.13


def test_an_assessment_that_sees_few_images_of_a_rare_class_checks_inputs_on_more(tmp_path, monkeypatch):
    """Given 0..255 in place of 0..1, the model calls everything bright; 32 of 800 images are dark."""
    dense = layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([layers.Input((SIDE, SIDE, 1)), layers.GlobalAveragePooling2D(), dense])
    dense.set_weights([np.float32([[40]]), np.float32([-10])])
    levels = np.where(np.arange(800) % 25 == 0, 25, np.random.default_rng(1).integers(90, 250, 800))
    data = Dataset.from_arrays("parts", "test", images(levels), np.int64(levels > 60), class_names=("dark", "bright"))
    monkeypatch.setattr(sample_size, "CLEAN_SHARE", 0)  # as if the model were slow
    with pytest.raises(WrongInputsError, match=r"Accuracy is 96\.0 % with inputs 0\.\.255.*Use --preprocess unit"):
        assess(Classifier(model), data, minutes=0.1, degradations=["fog"], out=tmp_path)


@pytest.mark.parametrize("named", [True, False])
def test_exchanged_outputs_are_proposed_with_the_threshold_of_the_class_that_it_was_meant_for(named, tmp_path):
    """Keras numbers folders by the alphabet, so the rare class "defect" (bright) is output 0; its threshold is 0.1."""
    model = brightness()
    model.layers[-1].set_weights([-weights for weights in model.layers[-1].get_weights()])
    model.save(tmp_path / "parts.keras")
    levels = np.array([*range(40, 110, 2), *range(120, 200, 4)])
    bright = np.int64(levels > 115)
    folders = ("ok", "defect") if named else ("defect", "ok")  # of a user who knows, or does not know the order
    labels = bright if named else 1 - bright
    data = Dataset.from_arrays("parts", "test", images(levels), labels, class_names=folders)
    given = {"class_names": ["ok", "defect"], "threshold": 0.1} if named else {"threshold": 0.1}
    if not named:  # whose output 1 is bright
        brightness().save(tmp_path / "parts.keras")
    used = load_classifier(tmp_path / "parts.keras", **given)
    with pytest.raises(WrongInputsError) as error:
        evaluate(used, data, as_is=False)
    said, options = str(error.value), error.value.options
    if named:
        assert (
            "use --classes defect,ok --threshold 0.9 (in Python class_names=['defect', 'ok'], threshold=0.9), "
            "because a threshold of 0.1" in said
        )
        assert ", because a threshold of 0.1 for defect is 0.9 for ok, which is then output 1. To set this" in said
        assert 'write {"form": {"threshold": 0.9}, "class_names": ["defect", "ok"]} into parts.json' in said
        assert options == {"classes": "defect,ok", "threshold": "0.9"}
        assert '"defect,ok" in the field Classes and "0.9" in the field Threshold, because a threshold' in in_fields(
            said
        )
    else:
        assert (
            "(in Python class_names=['ok', 'defect']); the threshold 0.1 then applies to defect, output 1. To" in said
        )
        assert '"form": {"threshold": 0.1}' in said and options == {"classes": "ok,defect"}
    names, threshold = options["classes"].split(","), float(options.get("threshold", 0.1))
    mended = load_classifier(tmp_path / "parts.keras", class_names=names, threshold=threshold)
    found = evaluate(mended, data)
    assert f"It is {100 * found.accuracy:.1f} % if" in said
    called = mended.scores(data.images).argmax(axis=1) == names.index("defect")
    assert (called == (own_score(levels) > 0.1)).all() and (called != (own_score(levels) > 0.9)).any()
