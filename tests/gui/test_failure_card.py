"""The failure card: the child's answer, what follows from a run, and a card without a model.

tests/gui/test_jobs.py looks at a whole card, whose child process it has already.
"""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from card_by_hand import said
from numpy_runs import NAMES, brightness, classifier, sweep

from made_runs import made_sweep
from tfstab import Classifier, SweepConfig, explain_failure, run_sweep
from tfstab.explanation.image_words import NOISE, ONLY_CLASSES
from tfstab.explanation.random_noise import RandomNoise
from tfstab.gui.content.copies import copies_of
from tfstab.gui.content.failure_card import CardContent, read_at_once
from tfstab.gui.content.triple import Subject
from tfstab.gui.jobs.card import MISSING, NO_GRADIENTS, NO_LAYERS, card
from tfstab.gui.sessions import failure_card
from tfstab.gui.widgets.card.maps_view import blend


def question(images, folder="/nowhere"):
    return {"images": images, "image": 3, "class_index": 0, "names": NAMES, "folder": str(folder),
            "severity_index": None}  # fmt: skip


def test_a_model_without_layers_and_gradients_gets_what_it_allows():
    images = np.stack([np.full((4, 4, 1), level, np.float32) for level in (60, 200)])
    parts = dict(part for part in card(classifier(), question(images)) if part)
    logs = np.log(brightness(60 + 14 * np.arange(11).reshape(11, 1, 1, 1) + np.zeros((11, 4, 4, 1))))
    np.testing.assert_allclose(parts["margin"]["margins"], logs[:, 0] - logs[:, 1:].max(axis=1), rtol=1e-5)
    assert parts["margin"]["predicted"][0] == 0 and parts["margin"]["rival"] == logs[-1].argmax() == 2
    assert parts["random"]["strengths"][0] == 1 and parts["random"]["changed"][0] > 0
    assert parts["layers"] == parts["neighbours"] == {MISSING: NO_LAYERS}
    assert parts["maps"] == {MISSING: NO_GRADIENTS}
    labels = Classifier.from_function(
        lambda images: brightness(images).argmax(axis=1), (4, 4, 1), 3, fingerprint="labels", outputs="labels"
    )
    assert {tuple(part[1].items()) for part in card(labels, question(images))} == {((MISSING, ONLY_CLASSES),)}


def test_a_block_that_fails_says_why_and_the_others_come(mnist_lenet):
    images = np.zeros((2, 28, 28, 1), np.float32)
    images[:, 5:20, 14] = 200
    parts = dict(part for part in card(mnist_lenet, question(images)) if part)
    assert all("/nowhere" in parts[name][MISSING] for name in ("layers", "neighbours"))
    assert RandomNoise(**parts["random"]) == RandomNoise(), "there is no noise"
    assert parts["maps"]["clean"].shape == (28, 28) and MISSING not in parts["margin"]


def test_card_and_explain_failure_compare_the_layers_with_the_same_images_that_stay_right(
    mnist_lenet, digits, tmp_path
):
    """Blur moves the last hidden layer 1.6 times as far as random noise does, also of images that stay right."""
    config = SweepConfig(degradation="gaussian_blur", severities=(2,), copies=1)
    run = run_sweep(mnist_lenet, digits.take(60), config, tmp_path / "blur")
    failure = explain_failure(mnist_lenet, run, 1114)
    found = failure.findings
    assert found.predicted != found.actual and found.amplified.much and len(found.others) == 40
    assert "reacts more strongly" not in failure.cause
    assert any("It would count only if that were so for at most 1 of them." in one for one in failure.sentences)
    images = np.stack([run.clean.images[run.clean.row(1114)], run.degraded_image(1114, 0, 0)])
    asked = question(images, run.path) | {"image": 1114, "class_index": digits.class_names.index(found.actual)}
    parts = dict(part for part in card(mnist_lenet, asked | {"names": digits.class_names, "severity_index": 0}) if part)
    np.testing.assert_allclose(parts["layers"]["others"], found.others, rtol=1e-3)


def test_copies_are_counted_by_severity_from_mild_to_strong(tmp_path):
    run = sweep(tmp_path / "sweep")
    for image in run.clean.indices.tolist():
        found, samples = copies_of(run, image), run.samples(image=image).to_pandas()
        actual = NAMES[int(samples["class_index"].iloc[0])]
        assert found.severities == ("5", "30", "90") and found.names[0] == actual
        np.testing.assert_allclose(found.shares.sum(axis=1), 1)
        for severity, shares in zip(found.severities, found.shares, strict=True):
            taken = samples.loc[samples["severity"] == float(severity), "predicted"]
            expected = [(taken == NAMES.index(name)).mean() for name in found.names]
            np.testing.assert_allclose(shares, expected)
        wrong = (samples["predicted"] != samples["class_index"]).any()
        assert (found.says == "All copies are right.") != wrong


def test_the_card_says_whether_the_class_of_an_image_that_is_wrong_when_clean_is_weak(tmp_path):
    labels = np.arange(40) % 2
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10,), copies=1), [[[0]]] * 40, labels, np.zeros(40, int))
    image = SimpleNamespace(subject=Subject(run, 1, 1, 0), clean=run.clean.images[1], noise=np.ones((2, 2, 1)))
    image.noise_is = NOISE
    content = CardContent(image, read_at_once(image))
    assert "misclassified more often than others: when clean, none of 20 is right" in content.findings.sentences[2]
    assert "misclassified at every severity, too, as 0" in content.at_once.copies.says


def test_a_map_is_blended_with_its_image():
    image, values = np.full((2, 2, 3), (10, 20, 60), np.uint8), np.array([[1.0, -1.0], [0.0, 0.0]], np.float32)
    np.testing.assert_array_equal(blend(image, values, 0), image)
    red, blue, none = (blend(image, values, 1)[place].astype(int) for place in ((0, 0), (0, 1), (1, 0)))
    assert red[0] > red[2] and blue[2] > blue[0] and np.ptp(none) == 0


@pytest.fixture
def asks(monkeypatch):
    """Ask the model about images that stay selected, as in a real window."""
    monkeypatch.setattr(failure_card, "PATIENCE", 50)


def test_the_card_of_a_search_whose_model_is_not_here(asks, open_window, runs, qtbot, settle, monkeypatch):
    window = open_window(runs / "search")
    session, card, view = window.controller.current, window.controller.card, window.facts.card
    monkeypatch.setitem(session.run.info["model"], "name", "elsewhere")
    with qtbot.waitSignal(card.started):
        session.step(1)
    qtbot.waitUntil(lambda: card.content.at_once is not None)
    assert "the file of the model elsewhere" in view.verdict.label.text() and "cause" not in view.verdict.label.text()
    assert [name for name, block in view.blocks.items() if block.isVisible()] == ["spectrum"], "it is said once"

    # An unexpected error is said where its result would be.
    with monkeypatch.context() as harm, qtbot.waitSignal(window.controller.background.failed):
        harm.setattr(failure_card, "read_at_once", lambda _: 1 / 0)
        session.step(1)
        qtbot.waitUntil(lambda: "Reading the run failed" in said(view.blocks["spectrum"]))

    # Nothing is selected any more when the model would be asked.
    with qtbot.waitSignal(card.started):
        session.step(1)
    card.follow(None)
    time.sleep(0.1)
    qtbot.waitUntil(view.isHidden)
    assert card.content is None
