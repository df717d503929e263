"""Why one degraded image of a run is misclassified: with the bundled network, and for models that allow less."""

import pytest

from tfstab import Classifier, SearchConfig, SweepConfig, explain_failure, load_classifier, run_search, run_sweep
from tfstab.errors import InputError
from tfstab.explanation.image_words import ONLY_CLASSES

BLURS = (1, 2, 3, 4)


@pytest.fixture(scope="module")
def blurred(mnist_lenet, digits, tmp_path_factory):
    """A sweep of blur, and its image that fails at the mildest severity."""
    config = SweepConfig(degradation="gaussian_blur", severities=BLURS, copies=1)
    run = run_sweep(mnist_lenet, digits.take(20), config, tmp_path_factory.mktemp("why") / "blur")
    return run, int(run.measures.images[run.measures.weakest_images()[0]])


def test_it_is_explained_at_the_mildest_severity_at_which_a_copy_fails(mnist_lenet, blurred):
    run, image = blurred
    failure = explain_failure(mnist_lenet, run, image)
    fails = float(run.measures_of(image).failing_severity()[0])
    sample = run.sample(image, BLURS.index(fails), 0)
    found = failure.findings
    assert failure.where == f"Image {image} under Gaussian blur, sigma {fails:g}" and found.change == "change"
    assert found.predicted == run.class_names[sample["predicted"]] != found.actual
    assert found.margins[0] > 0 > found.margins[-1] and found.flips and found.places and found.gains
    assert str(failure).splitlines()[:2] == [
        f"{failure.where}: {found.actual}, taken for {found.predicted}", f"{failure.cause}.",
    ]  # fmt: skip
    assert str(failure).splitlines()[2:] == [f"- {one}" for one in failure.sentences] and failure.sentences


def test_another_severity_can_be_chosen(mnist_lenet, blurred):
    run, image = blurred
    assert explain_failure(mnist_lenet, run, image, severity=4).where.endswith("sigma 4")
    with pytest.raises(InputError, match="sigma 5 is not in this run"):
        explain_failure(mnist_lenet, run, image, severity=5)


def test_an_image_that_no_copy_loses_is_looked_at_where_the_degradation_is_strongest(mnist_lenet, digits, tmp_path):
    run = run_sweep(mnist_lenet, digits.take(3), SweepConfig(sigmas=(1, 2), copies=2), tmp_path / "noise")
    image = int(run.clean.indices[0])
    failure = explain_failure(mnist_lenet, run, image)
    assert " under Gaussian noise, sigma 2, copy " in failure.where and failure.cause.startswith("Not lost: still")


def test_the_minimum_noise_of_a_search_is_explained(mnist_lenet, digits, tmp_path):
    run = run_search(mnist_lenet, digits.take(1), SearchConfig(max_queries=1_000), tmp_path / "search")
    image = int(run.images[0])
    failure = explain_failure(mnist_lenet, run, image)
    assert f"with its minimum noise, L2 {run.result(image).l2:.3g} grey levels" in failure.where
    assert failure.findings.change == "noise" and "of the noise is" in failure.sentences[0]


def test_a_model_without_layers_gets_what_its_scores_tell(mnist_lenet, digits, tmp_path):
    function = Classifier.from_function(mnist_lenet.scores, (28, 28, 1), 10, fingerprint="f")
    config = SweepConfig(degradation="gaussian_blur", severities=(4,), copies=1)
    run = run_sweep(function, digits.take(4), config, tmp_path / "run")
    found = explain_failure(function, run, int(run.clean.indices[0])).findings
    assert found.places == [] and found.gains == {} and found.flips and found.spectrum is not None


def test_what_cannot_be_explained_is_said(mnist_lenet, blurred, digits, tmp_path):
    run, image = blurred
    with pytest.raises(InputError, match="mnist-lenet-augmented is not the model of"):
        explain_failure(load_classifier("mnist-lenet-augmented"), run, image)
    labels = Classifier.from_function(
        lambda images: mnist_lenet.scores(images).argmax(axis=1), (28, 28, 1), 10, fingerprint="l", outputs="labels"
    )
    only = run_sweep(labels, digits.take(2), SweepConfig(sigmas=(40,), copies=1), tmp_path / "labels")
    with pytest.raises(InputError, match=ONLY_CLASSES):
        explain_failure(labels, only, int(only.clean.indices[0]))
