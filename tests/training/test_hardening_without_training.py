"""Networks that cannot or must not be trained get remedies without training, which resume, too."""

import contextlib
import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from small_hardening import CONFIG

from tfstab import Classifier
from tfstab.errors import RunError
from tfstab.models.smoothing import SmoothedScores
from tfstab.training import HardenConfig, run_hardening


@pytest.fixture(scope="module")
def frozen(network):
    """The same network with frozen layers."""
    model = keras.models.clone_model(network.given)
    model.set_weights(network.given.get_weights())
    model.trainable = False
    return Classifier(model, network.class_names, "frozen", preprocess="unit", outputs="logits")


@contextlib.contextmanager
def counted_smoothing():
    """Count the images that smoothed networks score, call by call."""
    calls, real = [], SmoothedScores.__call__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SmoothedScores, "__call__", lambda self, images: calls.append(len(images)) or real(self, images))
        yield calls


@pytest.fixture
def smoothed():
    with counted_smoothing() as calls:
        yield calls


@pytest.fixture(scope="module")
def untrained(frozen, sets, tmp_path_factory):
    """The hardening of the frozen network, its reports of progress, and how many images smoothed networks scored."""
    told, folder = [], tmp_path_factory.mktemp("frozen")
    with counted_smoothing() as calls:
        result = run_hardening(frozen, sets[0], CONFIG, folder, validation=sets[1], on_progress=told.append)
    return result, told, sum(calls)


def test_remedies_without_training_go_on_where_they_were_stopped(untrained, frozen, sets, tmp_path, smoothed):
    def interrupt(progress):
        if progress.step > 60:
            raise KeyboardInterrupt

    alone, _, count = untrained
    with pytest.raises(KeyboardInterrupt):
        run_hardening(frozen, sets[0], CONFIG, tmp_path / "cut", validation=sets[1], on_progress=interrupt)
    assert (tmp_path / "cut" / "parts").is_dir() and sum(smoothed) > count / 2
    went_on = run_hardening(frozen, sets[0], CONFIG, tmp_path / "cut", validation=sets[1])
    assert sum(smoothed) == count and went_on.card == alone.card
    assert not (tmp_path / "cut" / "parts").exists()


def test_remedies_that_did_not_clearly_help_on_few_images_are_measured_on_more_if_there_is_more_time(
    frozen, sets, tmp_path, smoothed, monkeypatch
):
    chosen = "tfstab.training.remedies.untrained.choose"

    def run(minutes):
        smoothed.clear()
        result = run_hardening(frozen, sets[0], CONFIG, tmp_path, validation=sets[1], minutes=minutes)
        return result, sum(smoothed)

    monkeypatch.setattr(chosen, lambda measured, _: measured[0])
    few, scored = run(1e-6)
    assert few.unchanged and few.card["validation"]["images"] == 256 < len(sets[1]) and scored
    again, scored = run(1.4e-6)
    assert again.card == few.card and not scored, "not 1.5 times as much time"
    monkeypatch.setattr(chosen, lambda measured, _: measured[1])
    (tmp_path / "report.html").write_text("stays unchanged")
    more, scored = run(9)
    assert not more.unchanged and more.card["validation"]["images"] == len(sets[1])
    assert scored == 3 * len(sets[1]) * 4, "clean and in three copies, for which there was no time before"
    assert not (tmp_path / "report.html").exists() and not (tmp_path / "parts").exists()
    assert run(1000)[0].card == more.card


def test_a_network_that_could_be_trained_gets_a_remedy_without_training_if_asked_for(
    untrained, network, sets, tmp_path
):
    asked = replace(CONFIG, remedy="without_training")
    result, again = (run_hardening(network, sets[0], asked, tmp_path / "own", validation=sets[1]) for _ in range(2))
    assert result.card["validation"] == untrained[0].card["validation"], "as if it could not be trained"
    assert result.card["cannot_train"] is None and result.summary() == result.card["summary"]
    assert again.card == result.card and result.path.exists() and not list(tmp_path.glob("own/checkpoint*"))


def test_a_frozen_network_gets_a_remedy_without_training(untrained, frozen, sets):
    result, told, _ = untrained
    folder = result.path.parent
    percent = [progress.step for progress in told]
    assert percent == sorted(percent) and percent[-1] == 100 and any(0 < step < 100 for step in percent)
    assert {progress.steps for progress in told} == {100}
    assert "frozen" in result.summary() and result.card["cannot_train"] == "all its layers are frozen"
    seen = result.card["validation"]
    assert seen["degraded_after"] >= seen["degraded_before"]
    assert result.classifier.source.path == str(result.path) and frozen.source is None
    left = folder / "checkpoint-00000012.npz"
    left.touch()  # as after a kill
    again = run_hardening(frozen, sets[0], CONFIG, folder, validation=sets[1])
    assert not left.exists()
    assert again.card == result.card and again.classifier.fingerprint == result.classifier.fingerprint
    with pytest.raises(RunError, match="differs in its settings"):
        run_hardening(frozen, sets[0], HardenConfig(), folder, validation=sets[1])
    card = folder / "frozen-hardened.json"
    card.write_text(json.dumps({name: value for name, value in result.card.items() if name != "summary"}))
    with pytest.raises(RunError, match=r"frozen-hardened.json is damaged \('summary' is missing"):
        run_hardening(frozen, sets[0], CONFIG, folder, validation=sets[1])
    for wrong in ([], {"validation": "all"}):
        card.write_text(json.dumps(result.card | {"data": wrong}))
        with pytest.raises(
            RunError, match=r"frozen-hardened.json is damaged \('data' does not describe the validation"
        ):
            run_hardening(frozen, sets[0], CONFIG, folder, validation=sets[1])
    (folder / "hardening.json").unlink()
    with pytest.raises(RunError, match="but no hardening"):
        run_hardening(frozen, sets[0], CONFIG, folder, validation=sets[1])


def test_a_function_is_hardened_without_a_file(sets, tmp_path):
    def darkness(images):
        dark = (images < 100).mean(axis=(1, 2, 3))
        return np.stack([dark, 1 - dark], axis=1)

    function = Classifier.from_function(darkness, (28, 28, 1), 2, fingerprint="darkness 1")
    few = sets[0].select(np.flatnonzero(sets[0].labels < 2)).take(60)
    result = run_hardening(function, few, CONFIG, tmp_path)
    assert result.path is None and result.card["not_saved"] == "it is a predict function"
    assert result.classifier.scores(few.images[:2]).shape == (2, 2)
