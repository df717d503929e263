"""Any predict function as a classifier: scikit-learn here; what it gets, and what it must return."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tfstab import Classifier, SearchConfig, SweepConfig, run_search, run_sweep, search_minimum_noise
from tfstab.datasets import Dataset
from tfstab.errors import InputError, ModelError, RunError
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
        with pytest.raises(InputError, match="follows gradients"):
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


def returning(value, outputs="scores"):
    return Classifier.from_function(lambda images: value(len(images)), (4, 4, 1), 3, fingerprint="x", outputs=outputs)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (lambda n: np.zeros((n, 2)), r"shape \(256, 2\); expected scores of shape \(256, 3\)"),
        (lambda n: None, "object of shape"),
        (lambda n: np.full((n, 3), np.nan), "NaN or infinite scores"),
        (lambda n: np.full((n, 3), 7.0), "sums from 21 to 21; expected scores that sum to 1 .for logits"),
        (lambda n: np.tile([1.5, -0.5, 0], (n, 1)), "from -0.5"),
    ],
)
def test_what_a_function_must_return(value, said):
    with pytest.raises(ModelError, match=said):
        returning(value).scores(np.zeros((2, 4, 4, 1)))


def test_a_function_may_give_logits():
    logits = returning(lambda n: np.tile([300.0, 0, -300], (n, 1)), "logits").log_scores(np.zeros((1, 4, 4, 1)))
    np.testing.assert_allclose(logits, [[0, -300, -600]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"function": 5}, "expected a function"), ({"input_shape": (4, 4)}, "input_shape"),
        ({"num_classes": 1}, "num_classes"), ({"fingerprint": " "}, "fingerprint is empty"),
        ({"outputs": "score"}, "did you mean 'scores'"), ({"batch_size": 0}, "batch_size is 0"),
    ],
)  # fmt: skip
def test_functions_that_are_told_wrong(change, said):
    right = {"function": len, "input_shape": (4, 4, 1), "num_classes": 3, "fingerprint": "x"}
    with pytest.raises(InputError, match=said):
        Classifier.from_function(**(right | change))
