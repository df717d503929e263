"""Why one degraded image of a run is misclassified: with the bundled network, and for models that allow less."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import Classifier, SearchConfig, SweepConfig, explain_failure, load_classifier, run_search, run_sweep
from tfstab.degradations import get_degradation
from tfstab.errors import InputError, RunError
from tfstab.explanation.failure import _of_sweep, failure_when_clean
from tfstab.explanation.image_words import ONLY_CLASSES, spectrum_of
from tfstab.explanation.lost_class import LostClass, lost_class
from tfstab.explanation.shared_mistake import SharedMistake, shared_mistake
from tfstab.explanation.tried import Tried, right_again
from tfstab.metrics import wilson_interval

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
    assert found.margins[0] > 0 > found.margins[-1] and found.random.changed and found.places and found.gains
    assert repr(failure) == f"Failure({failure.where!r}, {failure.cause!r})"
    assert failure._repr_html_().count("<li>") == len(failure.sentences)
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


def test_of_several_copies_a_lost_one_is_explained_at_the_mildest_severity(digits, tmp_path):
    """Copies 2 and 3 are lost from sigma 30 on; copy 0 is right with a lower score of the true class than copy 2."""
    few = digits.take(1)
    predicted = np.full((1, 3, 4), int(few.labels[0]))
    predicted[0, [0, 2], 2:] = (predicted[0, 0, 0] + 1) % 10
    score = np.full(predicted.shape, 0.6)
    score[0, :, 0] = 0.04
    config = SweepConfig(sigmas=(40, 10, 30), copies=4)
    run = made_sweep(tmp_path / "made", config, predicted, few.labels, indices=few.indices, classes=10, score=score)
    chosen = _of_sweep(run, int(few.indices[0]), None)
    assert (chosen.severity, chosen.copy) == (30, 2) and chosen.where.endswith("sigma 30, copy 2")


def test_of_qualities_the_highest_is_the_mildest(mnist_lenet, digits, tmp_path):
    config = SweepConfig(degradation="jpeg", severities=(1, 90), copies=1)
    run = run_sweep(mnist_lenet, digits.take(2), config, tmp_path / "jpeg")
    image = int(run.clean.indices[0])
    assert not np.isfinite(run.measures_of(image).failing_severity()[0])
    assert explain_failure(mnist_lenet, run, image).severity == 1, "the strongest, as none is lost"


def test_a_model_for_colours_is_asked_about_grey_images_as_in_the_run(digits, tmp_path):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    classifier = Classifier(keras.Sequential([keras.layers.Input((28, 28, 3)), *layers]), name="colours")
    run = run_sweep(classifier, digits.take(2), SweepConfig(sigmas=(40,), copies=1), tmp_path / "run")
    assert explain_failure(classifier, run, int(run.clean.indices[0]), severity=40).findings.margins


@pytest.mark.parametrize(("images", "share", "said"), [(90, 1, "100 %"), (90, 0.9, "90 %"), (90, 0.8, ""), (24, 1, "")])
def test_where_nearly_all_images_are_taken_for_one_class_it_is_no_matter_of_one_image(tmp_path, images, share, said):
    """At 200, a share of the images of classes 0 and 1, of which 24 are too few, is as bright as those of class 2."""
    levels = np.linspace(40, 60, images).astype(np.uint8)
    labels = np.arange(images) % 3
    levels += (labels * 60).astype(np.uint8)
    taken = np.where(np.arange(images) < share * images, 2, labels)
    predicted = np.stack([labels, taken], axis=1)[:, :, None]
    config = SweepConfig(degradation="brightness", severities=(10, 200), copies=1)
    run = made_sweep(tmp_path / "run", config, predicted, labels)

    def scores(images):
        distance = np.abs(images.mean(axis=(1, 2, 3))[:, None] - [50, 110, 170])
        return np.exp(-distance / 20) / np.exp(-distance / 20).sum(axis=1, keepdims=True)

    network = Classifier.from_function(scores, (2, 2, 1), 3, fingerprint="made", name="made")
    failure, mild = (explain_failure(network, run, 0, severity) for severity in (200, 10))
    told = failure.cause == "At this severity, nearly all images are taken for 2"
    assert (told, mild.findings.shared) == (bool(said), None), "the mild copy is taken for another class"
    sentence = f"At this severity, {said} of the images of other classes are taken for 2, so the cause is the "
    assert not said or failure.sentences[1].startswith(sentence)
    many = "80 % of the images of other classes are taken for 2, too (0 % when clean): the mistake is not this image's"
    assert (share == 0.8) == (f"At this severity, {many} alone." in failure.sentences)


@pytest.mark.parametrize(
    ("wrong", "clean", "copies", "many"),
    [(28, 4, 2, True), (20, 4, 2, False), (28, 20, 2, False), (43, 0, 2, True), (28, 4, 1, True)],
)
def test_a_mistake_is_shared_by_clearly_more_images_than_when_clean_and_than_an_even_share(
    wrong, clean, copies, many, tmp_path
):
    """Of 100 images of the classes 0 to 4, some are taken for 5; an even share among six classes is 17 of them."""
    labels = np.append(np.arange(100) % 5, [5] * 20)
    rows = np.arange(120)
    taken, when_clean = (np.where(rows < count, 5, labels) for count in (wrong, clean))
    config = SweepConfig(sigmas=(10, 20), copies=copies)
    predicted = np.stack([when_clean, taken], axis=1)[:, :, None].repeat(copies, axis=2)
    run = made_sweep(tmp_path / "run", config, predicted, labels, when_clean, classes=6)
    found = SharedMistake(wrong / 100, clean / 100, low=wilson_interval(wrong, 100)[0]) if many else None
    assert shared_mistake(run, 1, 5) == found and not (found and found.most)
    assert shared_mistake(run, 0, 5) == (replace(found, where="sigma 20") if many else None)
    assert shared_mistake(run, None, 5) is None and shared_mistake(run, 1, 4) is None


@pytest.mark.parametrize(
    ("right", "when_clean", "copies", "named"),
    [
        (0, 20, 1, "nearly all"), (2, 20, 2, "nearly all"), (3, 20, 1, "most"), (5, 20, 2, "most"),
        (6, 20, 1, None),  # perhaps half of them are right
        (0, 2, 1, None),  # perhaps no fewer than when clean
    ],
)  # fmt: skip
def test_a_class_is_lost_if_clearly_most_of_its_images_are_misclassified(right, when_clean, copies, named, tmp_path):
    """Of the 20 images of class 1, some are right when clean and at sigma 20; the 20 of class 0 are always right."""
    labels, rows = np.repeat([1, 0], 20), np.arange(40)
    clean, at_20 = (np.where(rows < 20, rows < count, labels).astype(int) for count in (when_clean, right))
    config = SweepConfig(sigmas=(10, 20), copies=copies)
    predicted = np.stack([clean, at_20], axis=1)[:, :, None].repeat(copies, axis=2)
    run = made_sweep(tmp_path / "run", config, predicted, labels, clean, classes=2)
    found = lost_class(run, 1, 1)
    assert found == (LostClass(right / 20, when_clean / 20, 20) if named else None)
    assert named is None or found.title("dog") == f"At this severity, {named} images of class dog are misclassified"
    assert lost_class(run, 1, 0) is None and lost_class(run, None, 1) is None
    assert lost_class(run, 0, 1) is None, "at sigma 10, as many are right as when clean"


@pytest.mark.parametrize(("right", "said"), [(0, "none of 12 is"), (1, "1 of 12 is"), (2, "2 of 12 are"), (11, None)])
def test_of_an_image_that_is_wrong_when_clean_it_says_whether_its_class_is_weak(right, said, digits, tmp_path):
    """Of the 12 images of class 1, some are right when clean; of the 24 others all are."""
    labels, taken = np.arange(36) % 3 == 1, np.arange(36) < 3 * right
    clean = (labels & taken).astype(int)
    config = SweepConfig(sigmas=(10,), copies=1)
    run = made_sweep(tmp_path / "run", config, clean[:, None, None], labels.astype(int), clean)
    network = Classifier.from_function(
        lambda images: np.tile([0.7, 0.2, 0.1], (len(images), 1)), (2, 2, 1), 3, fingerprint="made", name="made"
    )
    failure, right_one = (explain_failure(network, run, image) for image in (34, 0))
    of_class = f"Images of its class are misclassified more often than others: when clean, {said} right."
    assert failure.cause == "Wrong already when clean"
    told = [sentence for sentence in failure.sentences[1:] + right_one.sentences if "its class" in sentence]
    assert told == ([of_class] if said else [])
    assert failure.where == "Image 34 when clean" and failure.severity is failure.copy is None
    assert failure.sentences[1] == "Gaussian noise, tried at sigma 10 alone, does not make it right."


def test_a_change_that_turns_most_images_into_the_class_says_nothing_about_a_missed_one(tmp_path):
    """Image 3 is missed when clean. Sigma 20 finds it; under sigma 40 all are taken for its class, 1."""
    labels, clean = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 0, 0, 1])
    columns = {10: clean, 20: np.array([0, 0, 1, 1, 1]), 40: np.ones(5, int)}

    def said(*sigmas, copies=6):
        predicted = np.stack([columns[sigma] for sigma in sigmas], axis=1)[:, :, None].repeat(copies, axis=2)
        path = tmp_path / "-".join(map(str, (*sigmas, copies)))
        run = made_sweep(path, SweepConfig(sigmas=sigmas, copies=copies), predicted, labels, clean, classes=2)
        return failure_when_clean([run], 3).findings.sentences[1:]

    blind = "at least half of the images of other classes are then taken for this class"
    assert said(10, 20, 40) == [
        f"Of the 3 severities of Gaussian noise that were tried, 1 makes it right: sigma 40. But {blind}, so this says "
        "nothing about the image.",
        "1 more makes it right: sigma 20. But noise undoes no fault of an image.",
    ]
    assert said(10, 40) == [
        f"Of the 2 severities of Gaussian noise that were tried, 1 makes it right: sigma 40. But {blind}, so this says "
        "nothing about the image."
    ]
    too_few = "t each severity named, most copies are right, but too few to exclude chance."
    assert said(10, 20, copies=5) == [
        f"Of the 2 severities of Gaussian noise that were tried, 1 may make it right: sigma 20. A{too_few}"
    ]
    assert said(20, copies=1) == [f"Gaussian noise, tried at sigma 20 alone, may make it right: a{too_few}"]
    (alone,) = said(40)
    assert alone.endswith(f"alone, makes it right, but {blind}, so this says nothing about the image.")
    few = clean[:, None, None].repeat(2, axis=1).repeat(6, axis=2)
    few[3, 1, :2] = 1
    run = made_sweep(tmp_path / "few", SweepConfig(sigmas=(10, 20), copies=6), few, labels, clean, classes=2)
    assert failure_when_clean([run], 3).findings.sentences[1:] == [
        "At none of the 2 severities of Gaussian noise that were tried are more than half of its copies right (the "
        "most, 33 %, at sigma 20)."
    ]


def test_of_a_picture_most_strong_changes_that_give_its_class_are_called_no_evidence():
    votes = {"answers": np.array([[1, 0], [0, 1]]), "stays": np.array([[1, 0], [1, 0]])}

    def tried(*kinds):
        pairs = zip(("gaussian_noise", "gaussian_blur", "defocus_blur"), kinds, strict=True)
        return [Tried(get_degradation(name), (1.0, 2.0), votes[kind]) for name, kind in pairs]

    caution = "At their strongest, 2 of the 3 kinds of change give this class. The network may take any strongly"
    assert any(s.startswith(caution) for s in right_again(tried("answers", "answers", "stays"), 1))
    assert not any("At their strongest" in s for s in right_again(tried("answers", "stays", "stays"), 1))


def test_if_no_change_helps_the_random_one_that_comes_closest_is_named():
    """Fewer than half of the five copies at each severity are right."""
    rows = {n: np.array([[5 - n, n], [5, 0], [5, 0]]) for n in (0, 1, 2)}

    def said(**right):
        tried = [Tried(get_degradation(name), (20, 40, 60), rows[n]) for name, n in right.items()]
        return right_again([*tried, Tried(get_degradation("brightness"), (20,), np.array([[1, 0]]))], 1)

    none = "None of the 7 changes that were tried (3 degradations) makes it right"
    assert said(translation=0, occlusion=0) == [f"{none}."]
    assert said(translation=2, occlusion=1) == [
        f"{none} in most of its copies. Translation comes closest: 2 of its 15 copies are right. It shifts each copy "
        "in a random direction, so even if the picture lies off-centre, only a few copies are shifted back."
    ]
    assert said(translation=0, occlusion=1) == [
        f"{none} in most of its copies. Occlusion comes closest: 1 of its 15 copies is right."
    ]


def test_noise_that_makes_a_picture_right_is_no_sign_of_a_fault():
    """Noise undoes none. What it does to other images is known of an assessment, where this alone counts."""
    right, wrong = np.array([[0, 40]] * 3), np.array([[40, 0]] * 3)

    def said(votes, others=None):
        pairs = (("speckle", right), ("brightness", votes), ("gaussian_blur", wrong))
        return right_again([Tried(get_degradation(name), (20, 40, 60), v, others) for name, v in pairs], 1)

    noise = "But noise undoes no fault of an image, and the network may take any noisy image for this class."
    assert noise in said(wrong)[0] and len(said(wrong)) == 1
    both = said(right)
    assert both[0].endswith("3 make it right: brightness (brighter), shift 20 to 60.")
    assert both[1].startswith("3 more make it right: speckle noise, ") and both[1].endswith(f". {noise}")
    assert not any(noise in sentence for sentence in said(right, np.zeros(3)))


def test_many_changes_that_help_are_counted_by_kind():
    right, wrong = np.array([[0, 40]] * 3), np.array([[40, 0]] * 3)
    helping = (
        "gaussian_blur",
        "defocus_blur",
        "jpeg",
        "pixelate",
        "speckle",
        "poisson",
        "rotation",
        "scaling",
        "translation",
        "fog",
        "occlusion",
    )
    tried = [Tried(get_degradation(name), (20, 40, 60), right, np.zeros(3)) for name in helping]
    tried += [Tried(get_degradation(name), (20, 40, 60), wrong) for name in ("motion_blur", "brightness")]
    first, noisy, *_ = right_again(tried, 1)
    assert first.endswith(
        " 27 make it right: 12 of the 15 that smooth it, all 9 that turn, shift or scale it, all 3 that lower its "
        "contrast and all 3 of other kinds."
    )
    assert noisy == (
        "6 more make it right: speckle noise, sigma 20 to 60; Poisson noise, gain 20 to 60. But noise undoes no fault "
        "of an image."
    )
    (few, *_) = right_again(tried[1:], 1)
    assert "; fog, density 20 to 60 %; " in few, "eight are named"
    once = np.array([[40, 0], [0, 40], [40, 0]])
    partly = [replace(one, votes=once) for one in tried if one.family.name != "rotation"]
    everywhere = right_again([*partly, Tried(get_degradation("rotation"), (-5, -20, -45), right, np.zeros(3))], 1)
    assert "At every severity that was tried, it is right under rotation (clockwise)." in everywhere
    assert not any("At every severity" in said for said in right_again(partly, 1))


def test_changes_that_help_at_several_severities_in_a_row_are_named_first():
    """The others help more often, but not in a row."""
    votes = {"fog": [0, 1, 0, 1, 0, 1], "brightness": [0, 0, 0, 0, 1, 1]}
    told = [
        Tried(get_degradation(n), (10, 20, 30, 40, 50, 60), np.array([[1 - v, v] for v in of]))
        for n, of in votes.items()
    ]
    (first, *_) = right_again(told, 1)
    assert first.endswith(
        ": brightness (brighter), shift 50 to 60; at single severities: fog, density 20, 40 and 60 %."
    )


def test_the_minimum_noise_of_a_search_is_explained(mnist_lenet, digits, tmp_path):
    run = run_search(mnist_lenet, digits.take(1), SearchConfig(max_queries=1_000), tmp_path / "search")
    image = int(run.images[0])
    failure = explain_failure(mnist_lenet, run, image)
    assert f"with its minimum noise, L2 {run.result(image).l2:.1f} grey levels" in failure.where
    assert failure.findings.change == "noise" and "of the noise is" in failure.sentences[1]
    assert failure.sentences[-1].startswith("The noise varies more slowly from pixel to pixel than white noise does: ")
    assert failure.to_json()["severity"] is failure.to_json()["copy"] is None
    with pytest.raises(InputError, match="has no severities"):
        explain_failure(mnist_lenet, run, image, severity=3)
    none = run_search(
        mnist_lenet, digits.take(1), SearchConfig(engine="random", max_queries=100, refine=False), tmp_path / "none"
    )
    with pytest.raises(RunError, match="found no noise that changes the prediction of image"):
        explain_failure(mnist_lenet, none, image)


def test_clipped_gaussian_noise_is_not_said_to_differ_from_white_noise(mnist_lenet, digits, tmp_path):
    """On a black background, clipping leaves 57 to 67 % of its energy above half of the Nyquist frequency, not 81 %."""
    run = run_sweep(mnist_lenet, digits.take(2), SweepConfig(sigmas=(80,), copies=1), tmp_path / "run")
    image = int(run.clean.indices[0])
    clean, degraded = run.clean.images[run.clean.row(image)], run.degraded_image(image, 0, 0)
    assert spectrum_of(clean, degraded - clean).high < 0.7
    failure = explain_failure(mnist_lenet, run, image)
    assert failure.findings.change == "noise" and not any("white noise" in said for said in failure.sentences)


def test_a_model_without_layers_gets_what_its_scores_tell(mnist_lenet, digits, tmp_path):
    function = Classifier.from_function(mnist_lenet.scores, (28, 28, 1), 10, fingerprint="f")
    config = SweepConfig(degradation="gaussian_blur", severities=(4,), copies=1)
    run = run_sweep(function, digits.take(4), config, tmp_path / "run")
    failure = explain_failure(function, run, int(run.clean.indices[0]))
    found = failure.findings
    assert found.places == [] and found.gains == {} and found.random.changed and found.spectrum is None
    unseen = "It is not known where in the network it is lost: tfstab cannot look inside a Python function."
    assert unseen in failure.sentences


def test_what_cannot_be_explained_is_said(mnist_lenet, blurred, digits, tmp_path):
    run, image = blurred
    with pytest.raises(InputError, match=r"was made with another model \(mnist-lenet\)"):
        explain_failure(load_classifier("mnist-lenet-augmented"), run, image)
    labels = Classifier.from_function(
        lambda images: mnist_lenet.scores(images).argmax(axis=1), (28, 28, 1), 10, fingerprint="l", outputs="labels"
    )
    only = run_sweep(labels, digits.take(2), SweepConfig(sigmas=(40,), copies=1), tmp_path / "labels")
    with pytest.raises(InputError, match=ONLY_CLASSES):
        explain_failure(labels, only, int(only.clean.indices[0]))
