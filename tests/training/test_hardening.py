"""Hardening makes a network more stable, keeps its clean accuracy, and resumes to the same weights."""

import json
import os
import shutil
import signal
from dataclasses import replace

import keras
import numpy as np
import pytest
from small_hardening import CONFIG, STRONG

from tfstab import Classifier, load_classifier
from tfstab.classifier.running import Compiled
from tfstab.degradations import augment
from tfstab.errors import DiskError, RunError
from tfstab.models.validation import validation_images, validation_note
from tfstab.training import HardenConfig, HardeningProgress, hardening_training, rounds, run_hardening
from tfstab.training.hardening_folder import HardeningFolder
from tfstab.training.remedies.averaging import SHARES, interpolate
from tfstab.training.rounds import accuracy


@pytest.fixture(scope="module")
def hardened(network, sets, tmp_path_factory):
    out = tmp_path_factory.mktemp("hardening") / "whole"
    return run_hardening(network, sets[0], CONFIG, out, validation=sets[1])


def test_it_gains_under_the_degradation_and_keeps_the_clean_accuracy(hardened, network, sets):
    _, validation = sets
    foggy = augment(STRONG).degrade(np.float32(validation.images), [5, 5]).numpy()
    before, after = (accuracy(c, foggy, validation.labels) for c in (network, hardened.classifier))
    assert after > before + 0.15
    clean = [accuracy(c, validation.images, validation.labels) for c in (network, hardened.classifier)]
    assert clean[1] >= clean[0] - 0.05 - 1e-9
    seen = hardened.card["validation"]
    assert [seen["clean_before"], seen["clean_after"]] == clean
    assert seen["degraded_after"] > seen["degraded_before"] + 0.15


def test_the_file_is_a_model_of_the_same_form(hardened, network, sets):
    assert hardened.path.name == "small-hardened.keras"
    model = load_classifier(hardened.path, preprocess="unit", outputs="logits")
    assert model.fingerprint == hardened.card["fingerprint"] == hardened.classifier.fingerprint
    assert model.class_names == network.class_names
    assert model.given.output_shape == (None, 10)
    assert not list(hardened.path.parent.glob("checkpoint*"))


def test_images_that_chose_the_weights_are_noted(hardened, network, sets):
    """The card has their indices; other images with these indices are not taken for them."""
    train, validation = sets
    there = load_classifier(hardened.path, preprocess="unit", outputs="logits")
    assert validation_images(there, validation) == len(validation)
    few = validation.select(np.arange(3))
    assert validation_images(there, few) == 3 and "note: 3 of these images" in validation_note(there, few)
    changed = replace(validation, images=255 - validation.images)
    elsewhere = replace(validation, split="train")
    assert [validation_images(there, other) for other in (train, changed, elsewhere)] == [0, 0, 0]
    assert validation_note(network, validation) == ""


def test_what_scored_during_the_training_scores_the_hardened_network_too(
    network, sets, tmp_path, monkeypatch, no_training
):
    no_training()
    images = sets[1].images[:60]
    made = run_hardening(network, sets[0], replace(CONFIG, epochs=0.5), tmp_path, validation=sets[1]).classifier
    anew = load_classifier(tmp_path / "small-hardened.keras", **made.form)
    expected, compiled = anew.scores(images), []
    monkeypatch.setattr(Compiled, "prepare", lambda self: compiled.append(self.name))
    assert np.array_equal(made.scores(images), expected) and compiled == []
    other = load_classifier(tmp_path / "small-hardened.keras", **made.form | {"preprocess": "none"})
    other.take_compiled(made)  # which takes other inputs
    other.compile()
    assert compiled == ["small-hardened"]


def test_the_original_stays_as_it_was(hardened, network):
    assert hardened.card["original"] == {"name": "small", "fingerprint": network.fingerprint}
    assert hardened.card["fingerprint"] != network.fingerprint


def test_an_interrupted_hardening_resumes_to_the_same_weights(hardened, network, sets, tmp_path):
    for first, last in ((1, 40), (41, 93)):
        seen = []

        def interrupt(progress, last=last, seen=seen):
            seen.append(progress.step)
            if progress.step == last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_hardening(network, sets[0], CONFIG, tmp_path, validation=sets[1], on_progress=interrupt)
        assert seen[0] == first
    told = []
    resumed = run_hardening(network, sets[0], CONFIG, tmp_path, validation=sets[1], on_progress=told.append)
    saved = hardened.card["history"][14]
    assert saved["step"] == 90 and told[0] == HardeningProgress(94, 120, saved["clean"])
    assert resumed.card["fingerprint"] == hardened.card["fingerprint"]
    assert resumed.card["history"] == hardened.card["history"]


def test_a_training_that_is_killed_loses_only_the_steps_since_it_was_last_saved(
    hardened, network, sets, tmp_path, monkeypatch
):
    """It is saved after every step, and ends after step 3, then while it scores at the end of the second round."""
    monkeypatch.setattr(rounds, "KEEP", 0.0)

    class KillError(Exception):
        """Nothing is saved after it, as after a kill."""

    def kill(*_):
        raise KillError

    def killed_at_three(progress):
        if progress.step == 3:
            raise KillError

    given = {"validation": sets[1]}
    with pytest.raises(KillError):
        run_hardening(network, sets[0], CONFIG, tmp_path, on_progress=killed_at_three, **given)
    with monkeypatch.context() as patch, pytest.raises(KillError):
        patch.setattr(rounds, "accuracy", kill)
        run_hardening(network, sets[0], CONFIG, tmp_path, **given)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.glob("checkpoint-*")] == ["checkpoint-00000006.npz"]
    told = []
    resumed = run_hardening(network, sets[0], CONFIG, tmp_path, on_progress=told.append, **given)
    assert [progress.step for progress in told] == list(range(6, 121)), "only the scoring of step 6 is made again"
    assert resumed.card["fingerprint"] == hardened.card["fingerprint"]
    assert resumed.card["history"] == hardened.card["history"]


def test_shares_that_were_tried_before_an_interruption_are_not_tried_again(
    hardened, network, sets, tmp_path, monkeypatch
):
    tried, given = [], {"validation": sets[1]}

    def interpolated(original, tuned, share):
        tried.append(share)
        if len(tried) == 5:
            raise KeyboardInterrupt
        return interpolate(original, tuned, share)

    monkeypatch.setattr(hardening_training, "interpolate", interpolated)
    with pytest.raises(KeyboardInterrupt):
        run_hardening(network, sets[0], CONFIG, tmp_path, **given)
    resumed = run_hardening(network, sets[0], CONFIG, tmp_path, **given)
    assert tried.count(tried[0]) == 1 and len(set(tried)) == len(SHARES), "of these, the last is also the choice"
    assert resumed.card["validation"] == hardened.card["validation"]
    assert resumed.card["fingerprint"] == hardened.card["fingerprint"]


@pytest.mark.skipif(os.name != "posix", reason="a signal as of Ctrl-C")
def test_ctrl_c_in_the_middle_of_a_step_waits_for_its_end(network, sets, tmp_path, no_training):
    def signalled(step):
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    no_training(signalled)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's jobs in the background ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            run_hardening(network, sets[0], CONFIG, tmp_path, validation=sets[1])
    finally:
        signal.signal(signal.SIGINT, before)
    state = json.loads((tmp_path / "hardening.json").read_text())
    assert state["losses"] == [0.0] * 3 and state["checkpoint"] == "checkpoint-00000003.npz"


def test_a_disk_without_place_when_it_is_stopped_is_said(network, sets, tmp_path, monkeypatch, no_training):
    no_training()

    def full(*_):
        raise DiskError("the disk is full")

    def interrupt(progress):
        monkeypatch.setattr(HardeningFolder, "save", full)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="but not the last 1 training step, as the disk is full"):
        run_hardening(network, sets[0], CONFIG, tmp_path, validation=sets[1], on_progress=interrupt)


def test_weights_are_moved_back_as_far_as_the_clean_accuracy_asks(network, sets, tmp_path):
    wild = HardenConfig(against={"occlusion": (60, 90)}, clean_share=0, keep_clean=0, epochs=6, batch_size=50)
    result = run_hardening(network, sets[0], wild, tmp_path, validation=sets[1])
    assert result.card["share_of_new_weights"] < 1
    seen = result.card["validation"]
    assert seen["clean_after"] >= seen["clean_before"]
    assert accuracy(result.classifier, sets[1].images, sets[1].labels) == seen["clean_after"]
    assert [row["clean"] for row in seen["by_share"]][-1] < seen[
        "clean_before"
    ]  # the tuned weights alone lose too much


def test_a_folder_that_is_older_than_a_setting_has_its_default(hardened, network, sets, tmp_path):
    folder = shutil.copytree(hardened.path.parent, tmp_path / "older")
    state = json.loads((folder / "hardening.json").read_text())
    del state["identity"]["settings"]["weight_decay"]
    (folder / "hardening.json").write_text(json.dumps(state))
    assert run_hardening(network, sets[0], CONFIG, folder, validation=sets[1]).card == hardened.card
    with pytest.raises(RunError, match=r"differs in its settings \(weight_decay = 0\.01, not 0\.5\): repeat"):
        run_hardening(network, sets[0], replace(CONFIG, weight_decay=0.5), folder, validation=sets[1])


def test_another_hardening_in_the_same_folder_is_refused(hardened, network, sets):
    with pytest.raises(RunError, match="differs in its settings"):
        run_hardening(network, sets[0], HardenConfig(), hardened.path.parent, validation=sets[1])
    with pytest.raises(
        RunError, match=r"differs in its settings \(against without jpeg and with other values of fog\): repeat"
    ):
        other = replace(CONFIG, against={"fog": (10, 20), "jpeg": (5, 50)})
        run_hardening(network, sets[0], other, hardened.path.parent, validation=sets[1])
    layers = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    with pytest.raises(RunError, match=r"whole has results of another model .* with --out \S+-2 \(in Python out=\)$"):
        run_hardening(Classifier(keras.Sequential(layers)), sets[0], CONFIG, hardened.path.parent, validation=sets[1])


def test_a_finished_hardening_is_opened_only_as_what_it_is(hardened, network, sets, tmp_path):
    def opened(name, damage):
        folder = tmp_path / name
        shutil.copytree(hardened.path.parent, folder)
        damage(folder / "small-hardened.keras", folder / "small-hardened.json")
        with pytest.raises(RunError) as error:
            run_hardening(network, sets[0], CONFIG, folder, validation=sets[1])
        return str(error.value)

    def change_card(path, **entries):
        path.write_text(json.dumps(json.loads(path.read_text()) | entries))

    said = opened("other", lambda model, card: network.given.save(model))
    assert "is not the network that its model card describes" in said
    assert "remedy" in opened("remedy", lambda model, card: change_card(card, remedy={}))
    assert "inference_cost" in opened("cost", lambda model, card: change_card(card, inference_cost="many"))
    assert "preprocess" in opened("form", lambda model, card: change_card(card, form={"preprocess": 5}))
    shares = hardened.card["validation"] | {"by_share": [{"share": 0.0, "clean": 7, "degraded": 0.5}]}
    assert "by_share has figures" in opened("shares", lambda model, card: change_card(card, validation=shares))


def test_a_network_for_images_of_any_size_and_colour_takes_grey_ones(sets, tmp_path):
    layers = [keras.Input((None, None, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)]
    few = sets[0].take(40)
    config = HardenConfig(against=STRONG, epochs=1)
    result = run_hardening(Classifier(keras.Sequential(layers), name="any"), few, config, tmp_path, name="my own")
    assert (result.path.name, result.classifier.name) == ("my-own.keras", "my-own")
    assert result.classifier.given.input_shape == (None, None, None, 3)
    assert result.classifier.scores(few.images).shape == (40, 10)
