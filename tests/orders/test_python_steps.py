"""The calls that follow an assessment of a model or images that exist only in Python."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from numpy_runs import classifier, dataset

from made_runs import made_sweep
from tfstab import Classifier, Dataset, SweepConfig, explain, explain_failure, load_classifier, open_run
from tfstab.assessment.opened import Assessment
from tfstab.degradations import get_degradation, registry
from tfstab.explanation.cause import causes_of
from tfstab.orders import Loaded, subject_of
from tfstab.orders.python_steps import python_steps, python_steps_explained

IMAGE = 15  # it is lost under fog, and its clean score is typical of such images
WHY_LOST, WHY_NOISE = "why this image is lost under fog", "why noise changes predictions (3 minutes)"
HARDEN = "a more stable model, trained on all 19 built-in degradations (10 minutes)"
CHOSEN = "a more stable model, trained on all 19 built-in degradations and measured on these 2 (10 minutes)"


def lines(steps):
    return [str(step) for step in steps]


@pytest.fixture
def assessment(tmp_path, monkeypatch):
    """Under fog and noise, half of the images are lost."""
    monkeypatch.chdir(tmp_path)
    for name in ("fog", "gaussian_noise"):
        sweep_of(Path("made"), name, first_of((0.5 if name == "fog" else 0.6,) * 3, 30), name="made")
    return Assessment("made", next_steps=[])


@pytest.fixture
def arrays():
    return np.zeros((6, 28, 28, 1), np.uint8), np.arange(6)


def test_a_keras_model_and_arrays_are_called_by_the_names_of_the_parameters(assessment, mnist_lenet, arrays):
    names = [f"digit {k}" for k in range(10)]
    loaded = subject_of(mnist_lenet.model, arrays, preprocess="unit", class_names=names)
    model = "tfstab.load_classifier(model, preprocess='unit', class_names=class_names)"
    assert lines(python_steps(loaded, assessment)) == [
        f"tfstab.explain_failure({model}, assessment.run('fog'), {IMAGE})  # {WHY_LOST}",
        f"tfstab.explain(model, data, preprocess='unit', class_names=class_names, minutes=3)  # {WHY_NOISE}",
        "hardening = tfstab.harden(model, data, train=(train_images, train_labels), preprocess='unit', "
        "class_names=class_names)"
        f"  # {HARDEN}",
    ]
    assessment.next_steps = lines(python_steps(loaded, assessment))
    assert str(assessment).endswith("\n\nNext: " + "\n      ".join(assessment.next_steps))
    assert "tfstab.explain_failure(" in assessment._repr_html_()


def test_a_classifier_has_its_options_and_is_explained_as_it_is(assessment, mnist_lenet, arrays):
    assessment.repeat = {"degradation": "fog,gaussian_noise"}
    lost, _, harden = lines(python_steps(subject_of(mnist_lenet, arrays, limit=4), assessment))
    assert lost == f"tfstab.explain_failure(classifier, assessment.run('fog'), {IMAGE})  # {WHY_LOST}"
    train = "train=(train_images, train_labels)"
    assert (
        harden
        == f"hardening = tfstab.harden(classifier, data, {train}, degradations=['fog', 'gaussian_noise'])  # {CHOSEN}"
    )
    assessment.repeat = {"degradation": "fog,gaussian_noise,rain"}
    assert "degradations=degradations)" in lines(python_steps(subject_of(mnist_lenet, arrays), assessment))[-1]


def test_degradations_of_ones_own_are_trained_on_too_by_name_or_as_objects(mnist_lenet, arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_registered", {"rain": replace(get_degradation("fog"), name="rain")})
    sweep_of(tmp_path, "rain", first_of((0.5,) * 3, 30), name="made")
    made = Assessment(tmp_path)
    assert "against=['all', 'rain'])" in lines(python_steps(subject_of(mnist_lenet, arrays), made))[-1]
    made.repeat = {"degradation": "rain"}
    objects = "against=['all', *degradations], degradations=degradations)"
    assert objects in lines(python_steps(subject_of(mnist_lenet, arrays), made))[-1]


@pytest.mark.parametrize(("lost", "named"), [(6, True), (7, False)])
def test_where_the_verdict_leaves_out_falls_of_a_rare_class_a_call_shows_them_all(tmp_path, arrays, lost, named):
    """Of 100 images of class 1, beside 1,100 of class 0, half are lost under each degradation."""
    labels = np.arange(1200) % 12 // 11
    predicted = np.where(np.cumsum(labels) <= 50, labels, 0)
    for family in ("fog", "jpeg", "contrast", "gamma", "motion_blur", "occlusion", "speckle")[:lost]:
        config = SweepConfig(degradation=family, copies=1)
        taken = np.repeat(predicted[:, None, None], len(config.severities), axis=1)
        made_sweep(tmp_path / family, config, taken, labels, classes=2)
    made = Assessment(tmp_path)
    steps = lines(python_steps(Loaded(SimpleNamespace(combine="vote", labels_only=False), Dataset.from_arrays(
        "few", "train", *arrays)), made))  # fmt: skip
    assert ("and 2 others." in made.verdict.lead) != named
    assert steps == ([] if named else ['assessment.to_pandas()["recall"]  # recall of class 1 under each degradation'])


def test_an_explanation_ends_with_calls_and_hardening_comes_last_where_noise_costs_little(assessment, monkeypatch):
    """A third of the images that are labelled as cats are taken for dogs, which 60 images do not decide."""
    every = dataset(600)
    labels = np.where((every.labels == 1) & (np.arange(600) % 12 == 0), 0, every.labels)
    given = {"limit": 60, "copies": 4, "out": "why", "as_is": True, "sigma": 0.1}
    explained = explain(classifier(), (every.images, labels), **given)
    monkeypatch.setattr("tfstab.orders.proposed._can_be_saved", lambda _: True)
    loaded = subject_of(classifier(), (every.images, labels), limit=60)
    steps = lines(python_steps_explained(loaded, explained))
    harden = "hardening = tfstab.harden(classifier, data, train=(train_images, train_labels)"
    assert [cause.kind for cause in causes_of(explained)] == ["low"] and steps == [
        "tfstab.explain(classifier, data, sigma=0.1, copies=4, limit=600, minutes=3, out='why')"
        "  # may decide whether class cat is a cause",
        "assessment = tfstab.assess(classifier, data)  # which degradation does the most harm",
        f"{harden})  # a more stable model, trained on all 19 built-in degradations (10 minutes)",
        f"{harden}, against=['contrast', 'brightness', 'fog'])  # a more stable model, trained on changed contrast, "
        "brightness and fog (10 minutes)",
    ]
    assert explained.next_steps[:2] == steps[:2], "before the end, as tfstab cannot train a function"
    assert str(explained).endswith("\n\nNext: " + "\n      ".join(explained.next_steps))
    assert str(open_run("why")) == explained.summary(), "what was given is not known"
    monkeypatch.setattr("tfstab.orders.after_explanation.assessment_near", lambda _: assessment.path.absolute())
    assert lines(python_steps_explained(loaded, explained))[1] == (
        f"tfstab.explain_failure(classifier, tfstab.open_run({str(Path('made/fog'))!r}), {IMAGE})  # {WHY_LOST}"
    )


def test_images_of_a_folder_have_their_options_and_the_training_images_beside_them(
    assessment, mnist_lenet, arrays, tmp_path
):
    for split in ("test", "train"):
        for name in ("0", "1"):
            Path("photos", split, name).mkdir(parents=True)
    given = dict(zip(("images", "labels"), arrays, strict=True))
    np.savez(tmp_path / "few.npz", **given)
    loaded = subject_of(mnist_lenet, tmp_path / "few.npz", damaged="skip", data_dir="official", resize="stretch")
    options = "resize='stretch', data_dir='official', damaged='skip'"
    assert (
        lines(python_steps(loaded, assessment))[1]
        == f"tfstab.explain(classifier, data, {options}, minutes=3)  # {WHY_NOISE}"
    )
    beside = Loaded(mnist_lenet, loaded.dataset, source="photos/test")
    assert (
        f"tfstab.harden(classifier, data, train={str(Path('photos/train'))!r})"
        in lines(python_steps(beside, assessment))[-1]
    )
    divided = Loaded(mnist_lenet, loaded.dataset, source="cifar10")
    assert lines(python_steps(divided, assessment))[-1] == f"hardening = tfstab.harden(classifier, data)  # {HARDEN}"
    others = lines(python_steps(subject_of(mnist_lenet, arrays, split="validation"), assessment))
    training = "train=(train_images, train_labels)"
    assert others[-1] == f"hardening = tfstab.harden(classifier, data, {training}, split='validation')  # {HARDEN}"
    others = lines(python_steps(subject_of(mnist_lenet, arrays, split="train"), assessment))
    assert len(others) == 2 and "split='train'" in others[1], "no test images"


def test_what_the_model_does_not_allow_is_not_proposed(assessment, arrays):
    images = Dataset.from_arrays("few", "test", *arrays)
    function = Classifier.from_function(lambda images: images, (28, 28, 1), 10, fingerprint="f")
    *_, last = lines(python_steps(Loaded(function, images), assessment))
    assert last.endswith(
        "tfstab guide training-loop  # a more stable model: train it on degraded images in your own program; tfstab "
        "cannot train this model or examine its layers"
    )
    votes = SimpleNamespace(combine="vote", labels_only=False)
    others = Dataset.from_arrays("few", "train", *arrays)
    assert lines(python_steps(Loaded(votes, others), assessment)) == []


def test_advised_options_come_first_unless_the_caller_made_the_classifier(assessment, mnist_lenet, arrays):
    assessment.advised, assessment.repeat = {"preprocess": "0..1", "classes": "b,a"}, {"minutes": 5.0}
    loaded = subject_of(mnist_lenet.model, arrays, class_names=[*"abcdefghij"])
    assert lines(python_steps(loaded, assessment)) == [
        "assessment = tfstab.assess(model, data, minutes=5, class_names=['b', 'a'], preprocess='0..1')  # the model "
        "seems to expect inputs 0..1, and its outputs seem to mean other classes"
    ]
    assert lines(python_steps(subject_of(mnist_lenet, arrays), assessment)) == []
    assessment.advised = {"classes": "b,a", "threshold": "0.9"}
    (call,) = lines(python_steps(loaded, assessment))
    assert call.startswith(
        "assessment = tfstab.assess(model, data, minutes=5, class_names=['b', 'a'], threshold=0.9)  # the outputs"
    )


def test_the_first_call_can_be_made(tmp_path, monkeypatch):
    """The names in it stand for what `assess` was given and returned."""
    monkeypatch.chdir(tmp_path)
    sweep_of(Path("made"), "fog", first_of((0.5,) * 3, 30), name="made")
    assessment = Assessment("made")

    def scores(images):
        bright = images.mean(axis=(1, 2)) / 255
        return np.concatenate([bright, (1 - bright) / 2, (1 - bright) / 2], axis=1)

    model = Classifier.from_function(scores, (2, 2, 1), 3, fingerprint="made", name="made")
    [first, _] = lines(
        python_steps(
            Loaded(model, Dataset.from_arrays("few", "test", np.zeros((3, 2, 2, 1), np.uint8), [0, 1, 2])), assessment
        )
    )
    names = SimpleNamespace(explain_failure=explain_failure, load_classifier=load_classifier)
    found = eval(first.partition("  # ")[0], {"tfstab": names, "classifier": model, "assessment": assessment})
    assert found.image == IMAGE
