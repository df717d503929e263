"""Any predict function as a classifier: scikit-learn here; what it gets, and what it must return."""

import functools
import pickle

import cloudpickle
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tfstab import Classifier, SearchConfig, SweepConfig, run_search, run_sweep, search_minimum_noise
from tfstab.assessment.noise_search import search_settings
from tfstab.classifier.logits import log_softmax
from tfstab.datasets import Dataset
from tfstab.errors import InputError, ModelError, RunError
from tfstab.explanation import run_explanation
from tfstab.models import make_ensemble

SIDE = 28


@pytest.fixture(scope="module")
def tested(digits):
    return digits.take(4200).select(np.arange(0, 4200, 21))


@pytest.fixture(scope="module")
def of_sklearn(tested):
    """A model of scikit-learn: a classifier of images averaged over 4 x 4 pixels."""

    def features(images):
        return images.reshape(len(images), 7, 4, 7, 4).mean(axis=(2, 4)).reshape(len(images), 49) / 255

    model = LogisticRegression(max_iter=200).fit(features(tested.images[..., 0]), tested.labels)

    def make(**settings):
        wanted = {"fingerprint": "logistic 49", **settings}
        return Classifier.from_function(
            lambda images: model.predict_proba(features(images)), (SIDE, SIDE, 1), 10, **wanted
        )

    return make


def test_a_model_of_scikit_learn_is_searched_and_swept(of_sklearn, tested, tmp_path):
    classifier, few = of_sklearn(name="logistic"), tested.take(6)
    for engine, queries in {"pygad": 2000, "random": 6000}.items():
        config = SearchConfig(engine=engine, max_queries=queries)
        run = run_search(classifier, few, config, tmp_path / engine)
        flipped = [r for r in run if r.found and r.l2 > 0]
        assert run.complete and len(flipped) >= 4
        for result in flipped:
            assert classifier.scores(result.degraded[None]).argmax() == result.predicted != result.class_index
    sweep = run_sweep(classifier, few, SweepConfig(sigmas=(1, 200), copies=20), tmp_path / "sweep")
    assert sweep.complete and sweep.accuracy_by_severity()[0].accuracy > sweep.accuracy_by_severity()[1].accuracy
    run_sweep(of_sklearn(), few, SweepConfig(sigmas=(1, 200), copies=20), tmp_path / "sweep")  # as it is named
    with pytest.raises(RunError, match="another model"):
        run_sweep(of_sklearn(fingerprint="v2"), few, SweepConfig(sigmas=(1, 200), copies=20), tmp_path / "sweep")
    for wrong in ({"engine": "lbfgs"}, {"refine": True}):
        with pytest.raises(InputError, match="needs gradients"):
            search_minimum_noise(classifier, few.images, few.labels, SearchConfig(**wrong))
    with pytest.raises(ModelError, match="is a predict function"):
        make_ensemble([classifier, classifier])


def test_a_function_gets_whole_batches_one_at_a_time(tested, tmp_path):
    seen, at_work = set(), []

    def function(images):
        at_work.append(1)
        seen.add((images.shape, images.dtype.name, sum(at_work)))
        at_work.pop()
        return np.full((len(images), 4), 0.25)

    classifier = Classifier.from_function(function, (SIDE, SIDE, 1), 4, fingerprint="even", batch_size=5)
    few = Dataset.from_arrays("some", "test", tested.images[:8], tested.labels[:8] % 4)
    run_sweep(classifier, few, SweepConfig(sigmas=(3,), copies=9), tmp_path)  # which scores in several threads
    assert seen == {((5, SIDE, SIDE, 1), "float32", 1)}


def test_a_function_may_preprocess_in_place():
    def function(images):
        images /= 255
        bright = images.mean(axis=(1, 2, 3))
        return np.stack([1 - bright, bright], axis=1)

    classifier = Classifier.from_function(function, (4, 4, 1), 2, fingerprint="x", batch_size=2)
    images = np.full((2, 4, 4, 1), 255, np.float32)
    for _ in range(2):
        np.testing.assert_array_equal(classifier.scores(images), [[0, 1]] * 2)


def test_a_function_is_asked_for_the_images_that_are_needed_and_no_others():
    asked = []

    def function(images):
        asked.append(len(images))
        return np.full((len(images), 2), 0.5)

    any_size = Classifier.from_function(function, (4, 4, 1), 2, fingerprint="even")
    of_five = Classifier.from_function(function, (4, 4, 1), 2, fingerprint="even", batch_size=5)
    assert (any_size.any_batch, of_five.any_batch) == (True, False)
    for classifier in (any_size, any_size.with_batch_size(5), of_five, pickle.loads(cloudpickle.dumps(any_size))):
        classifier.scores(np.zeros((7, 4, 4, 1)))
    assert asked == [7, 5, 2, 5, 5]


def with_gradients(outputs, batch_size=None):
    """A linear model by its scores or logits and their gradients; and what its functions were given."""
    slopes, asked = np.random.default_rng(0).normal(size=(16, 3)), []

    def log_scores(images):
        return log_softmax(images.reshape(len(images), 16) / 255 @ slopes)

    def function(images):
        asked.append(len(images))
        return np.exp(log_scores(images)) if outputs == "scores" else log_scores(images) + 7

    def gradients(images, weights):
        asked.append((images.shape, images.dtype.name, weights.shape, weights.dtype.name))
        rest = weights.sum(axis=1, keepdims=True) * np.exp(log_scores(images))
        return ((weights - rest) @ slopes.T / 255).reshape(images.shape)

    settings = {"fingerprint": "linear", "outputs": outputs, "batch_size": batch_size}
    return Classifier.from_function(function, (4, 4, 1), 3, gradients=gradients, **settings), asked


@pytest.mark.parametrize(("outputs", "batch_size", "sizes"), [("scores", None, [3]), ("logits", 2, [2, 2])])
def test_a_function_with_gradients(outputs, batch_size, sizes):
    classifier, asked = with_gradients(outputs, batch_size)
    rng = np.random.default_rng(1)
    images, weights = rng.uniform(0, 255, (3, 4, 4, 1)), rng.normal(size=(3, 3))
    log_scores, gradients = classifier.gradients(images, weights)
    given = [((size, 4, 4, 1), "float32", (size, 3), "float32") for size in sizes]
    assert asked == sizes + given + [batch_size or 1]  # the last to check the first gradients
    np.testing.assert_allclose(log_scores, classifier.log_scores(images))
    steps = np.eye(16).reshape(16, 4, 4, 1)
    for image, weight, gradient in zip(images, weights, gradients, strict=True):
        change = classifier.log_scores(image + steps) - classifier.log_scores(image - steps)
        np.testing.assert_allclose(gradient.reshape(16), change @ weight / 2, atol=2e-5)
    for engine in ("boundary", "lbfgs"):
        config = SearchConfig(engine=engine, refine=True)
        (result,) = search_minimum_noise(classifier, images[:1].astype(np.uint8), log_scores[:1].argmax(axis=1), config)
        assert result.found and result.l2 > 0


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (lambda images, weights: np.zeros((1, 4, 4)), r"shape \(1, 4, 4\); expected gradients of shape \(1, 4, 4, 1\)"),
        (lambda images, weights: np.full(images.shape, np.nan), "NaN or infinite"),
        (lambda images, weights: np.where(np.arange(16).reshape(1, 4, 4, 1) == 5, np.inf, 0), "NaN or infinite"),
        (lambda images, weights: np.zeros(images.shape, complex), r"are complex128 of shape \(1, 4, 4, 1\)"),
        (lambda images, weights: None, "object of shape"),
        (lambda images, weights: [[1], [1, 2]], "gradients of type list, which NumPy cannot convert"),
    ],
)
def test_what_a_function_of_gradients_must_return(value, said):
    classifier = Classifier.from_function(
        lambda images: np.full((len(images), 3), 1 / 3), (4, 4, 1), 3, fingerprint="x", gradients=value
    )
    with pytest.raises(ModelError, match=said):
        classifier.gradients(np.zeros((1, 4, 4, 1)), np.ones((1, 3)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda gradient: -gradient, "by -1 times"),
        (lambda gradient: 255 * gradient, "by 0.0039 times"),
        (lambda gradient: gradient / 25500, r"by 2\d000 times"),
        (lambda gradient: np.roll(gradient, 1, axis=2), "do not fit its scores"),
    ],
)
def test_gradients_that_do_not_fit_the_scores(wrong, said):
    right, _ = with_gradients("logits")
    classifier = Classifier.from_function(
        right.function, (4, 4, 1), 3, fingerprint="x", outputs="logits",
        gradients=lambda images, weights: wrong(right._gradient_function(images, weights)),
    )  # fmt: skip
    with pytest.raises(ModelError, match=said):
        classifier.gradients(np.full((1, 4, 4, 1), 99, np.uint8), np.array([[9, 0, -9]]))


def test_gradients_of_a_function_that_rounds_its_images():
    right, _ = with_gradients("logits")
    rounding = Classifier.from_function(
        lambda images: right.function(np.round(images)), (4, 4, 1), 3, fingerprint="x", outputs="logits",
        gradients=right._gradient_function,
    )  # fmt: skip
    rounding.gradients(np.full((2, 4, 4, 1), 99, np.uint8), np.array([[1, 0, -1], [0, 1, -1]]))
    rounding.gradients(np.full((1, 4, 4, 1), 99, np.uint8), np.zeros((1, 3)))  # flat


def test_a_function_that_returns_only_labels():
    def function(images):
        return (images.mean(axis=(1, 2, 3)) > 127).astype(np.int64)

    classifier = Classifier.from_function(function, (4, 4, 1), 2, fingerprint="threshold", outputs="labels")
    assert (classifier.labels_only, classifier.differentiable, classifier.returns) == (True, False, "labels")
    images = np.stack([np.full((4, 4, 1), level, np.uint8) for level in (100, 200)])
    np.testing.assert_array_equal(classifier.scores(images), np.eye(2))
    assert np.isfinite(classifier.log_scores(images)).all()
    (result,) = search_minimum_noise(classifier, images[:1], [0], SearchConfig(engine="random"))
    assert result.found and result.predicted == 1
    for settings in ({}, {"engine": "lbfgs"}, {"engine": "random", "refine": True}):
        with pytest.raises(InputError, match="returns only the predicted class; expected engine 'labels'"):
            search_minimum_noise(classifier, images[:1], [0], SearchConfig(**settings))
    with pytest.raises(InputError, match="without gradients"):
        classifier.gradients(images, np.ones((2, 2)))
    labelled = Dataset.from_arrays("grey", "test", images, [0, 1])
    with pytest.raises(InputError, match="expected a classifier with scores"):
        run_explanation(classifier, labelled)
    of_assessments = search_settings(0, scores=2400, gradients=False, by_labels=True)
    assert search_minimum_noise(classifier, images[:1], [0], of_assessments)[0].found


def test_what_is_asked_of_a_function_is_what_the_result_counts():
    for engine, settings in {"pygad": {}, "boundary": {}, "lbfgs": {}, "random": {"refine": 16}}.items():
        classifier, asked = with_gradients("logits")
        image = np.random.default_rng(1).integers(0, 256, (1, 4, 4, 1), np.uint8)
        label = classifier.scores(image).argmax(axis=1)
        (result,) = search_minimum_noise(classifier, image, label, SearchConfig(engine, max_queries=300, **settings))
        gradients = sum(given[0][0] for given in asked if isinstance(given, tuple))
        scored = sum(given for given in asked if isinstance(given, int))
        # The clean image is scored once before, and twice in the search: as scores and as log-scores. One gradient and
        # five scores more check the gradients; without them, two show whether the scores change in steps.
        tried, more = (1, 8) if gradients else (0, 5)
        assert (gradients, scored) == (result.gradients + tried, result.queries + result.gradients + more), engine


def returning(value, outputs="scores"):
    return Classifier.from_function(lambda images: value(len(images)), (4, 4, 1), 3, fingerprint="x", outputs=outputs)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (lambda n: np.zeros((n, 2)), r"shape \(2, 2\); expected scores of shape \(2, 3\)"),
        (np.arange, r"\(2,\); expected scores of shape \(2, 3\), or outputs='label"),
        (lambda n: None, "object of shape"),
        (lambda n: np.arange(n) + 0.5, r"\(2,\); expected scores of shape \(2, 3\)\.$"),
        (lambda n: np.full((n, 3), np.nan), "NaN or infinite scores"),
        (lambda n: np.where(np.arange(n)[:, None] == 1, np.nan, np.full((n, 3), 1 / 3)), "NaN or infinite scores"),
        (
            lambda n: np.full((n, 3), 7.0),
            "from 21 to 21; expected scores that sum to 1: for logits, say so .outputs='log",
        ),
        (lambda n: np.tile([1.5, -0.5, 0], (n, 1)), "from -0.5"),
        (lambda n: np.arange(n) + 0.0, r"float64 of shape \(2,\); expected labels of shape \(2,\), whole numbers"),
        (lambda n: np.arange(n) + 2, "labels from 2 to 3; expected labels .* from 0 to 2"),
        (lambda n: np.arange(n) - 1, "labels from -1 to 0; expected labels .* from 0 to 2"),
        (lambda n: np.zeros((n, 3), int), r"int64 of shape \(2, 3\); expected labels of shape \(2,\)"),
    ],
)
def test_what_a_function_must_return(value, said):
    outputs = "labels" if "labels" in said else "scores"
    with pytest.raises(ModelError, match=said):
        returning(value, outputs).scores(np.zeros((2, 4, 4, 1)))


def test_a_function_may_give_logits():
    logits = returning(lambda n: np.tile([300.0, 0, -300], (n, 1)), "logits").log_scores(np.zeros((1, 4, 4, 1)))
    np.testing.assert_allclose(logits, [[0, -300, -600]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"function": 5}, "expected a function"), ({"input_shape": (4, 4)}, "input_shape"),
        ({"num_classes": 1}, "num_classes"), ({"fingerprint": " "}, "fingerprint is empty"),
        ({"outputs": "score"}, "did you mean 'scores'"), ({"batch_size": 0}, "batch_size is 0"),
        ({"gradients": 5}, "gradients is an object of type int"),
        ({"gradients": len, "outputs": "labels"}, "have none"),
    ],
)  # fmt: skip
def test_functions_that_are_told_wrong(change, said):
    right = {"function": len, "input_shape": (4, 4, 1), "num_classes": 3, "fingerprint": "x"}
    with pytest.raises(InputError, match=said):
        Classifier.from_function(**(right | change))


def test_a_function_gives_its_name_if_it_has_a_telling_one():
    def road_signs(images):
        return np.zeros((len(images), 3))

    def predict(images):
        return road_signs(images)

    given = {"input_shape": (4, 4, 1), "num_classes": 3, "fingerprint": "x"}
    assert Classifier.from_function(road_signs, **given).name == "road_signs"
    assert Classifier.from_function(road_signs, **given, name="signs").name == "signs"
    for unnamed in (lambda images: np.zeros((len(images), 3)), predict, functools.partial(road_signs)):
        assert Classifier.from_function(unnamed, **given).name == "function"


def test_an_error_on_many_images_says_how_to_give_a_function_fewer():
    def service(images):
        if len(images) > 10:
            raise RuntimeError("request too large")
        return np.full((len(images), 3), 1 / 3)

    given = {"input_shape": (4, 4, 1), "num_classes": 3, "fingerprint": "x", "name": "service"}
    model = Classifier.from_function(service, **given)
    for count, said in (
        (100, ["service was called with 100 images. If it takes only fewer at once, give their"]),
        (20, []),
    ):
        with pytest.raises(RuntimeError, match="request too large") as raised:
            model.scores(np.zeros((count, 4, 4, 1)))
        notes = getattr(raised.value, "__notes__", [])
        assert len(notes) == len(said) and all(map(str.startswith, notes, said))
    with pytest.raises(RuntimeError) as raised:
        Classifier.from_function(service, **given, batch_size=64).scores(np.zeros((100, 4, 4, 1)))
    assert not hasattr(raised.value, "__notes__")
