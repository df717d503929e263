"""Hardening makes a network more stable, keeps its clean accuracy, and resumes to the same weights."""

import contextlib
import functools
import json
import os
import shutil
import signal
from dataclasses import replace

import keras
import numpy as np
import pytest
from own_time import own_time

from tfstab import Classifier, load_classifier
from tfstab.classifier.running import Compiled
from tfstab.degradations import augment
from tfstab.errors import DataError, DiskError, InputError, ModelError, RunError
from tfstab.models.smoothing import SmoothedScores
from tfstab.models.validation import validation_images, validation_note
from tfstab.training import HardenConfig, HardeningProgress, hardening_training, rounds, run_hardening
from tfstab.training.hardening_card import shortened_sentence
from tfstab.training.hardening_folder import HardeningFolder
from tfstab.training.remedies.averaging import SHARES, choose_share, interpolate
from tfstab.training.rounds import accuracy

STRONG = {"fog": (70, 95)}


@pytest.fixture(scope="module")
def network(digits):
    """A small network of an own input form, 0..1 and logits, that knows the digits but no fog."""
    keras.utils.set_random_seed(3)
    layers = [
        keras.layers.Input((28, 28, 1)),
        keras.layers.AveragePooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(10),
    ]
    model = keras.Sequential(layers, name="small")
    images = digits.take(1000)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images.images / 255.0, images.labels, epochs=8, batch_size=50, verbose=0)
    return Classifier(model, [str(k) for k in range(10)], preprocess="unit", outputs="logits")


@pytest.fixture(scope="module")
def sets(digits):
    known = digits.take(1000)
    return known, digits.take(1340).without(known)


CONFIG = HardenConfig(against=STRONG, keep_clean=5, epochs=6, batch_size=50, seed=2)


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


@pytest.fixture
def clock():
    """The clock of all budgets, by which a step takes about five milliseconds."""
    with own_time(0.005) as clock:
        yield clock


def test_minutes_set_the_numbers_of_steps_and_of_images_to_watch(
    network, sets, tmp_path, monkeypatch, clock, no_training
):
    no_training()
    monkeypatch.setattr("tfstab.training.hardening_training.FEWEST_WATCHED", 1)
    result = run_hardening(network, sets[0], HardenConfig(against=STRONG), tmp_path, minutes=0.01)
    assert 20 <= result.card["steps"] == result.card["history"][-1]["step"]
    assert result.card["data"]["validation"]["images"] == 100  # a tenth is held out
    assert json.loads((tmp_path / "hardening.json").read_text())["watched"] > 1, "0.06 s are for scoring them"


@pytest.mark.parametrize(("steps", "minutes", "taken"), [(37, 0.1, 37), (10_000, 0.01, 20)])
def test_as_many_steps_as_are_asked_for_are_taken_if_there_is_time(
    network, sets, tmp_path, monkeypatch, clock, no_training, steps, minutes, taken
):
    no_training()
    monkeypatch.setattr("tfstab.training.hardening_training.FEWEST_WATCHED", 1)
    config = HardenConfig(against=STRONG, steps=steps)
    card = run_hardening(network, sets[0], config, tmp_path, minutes=minutes).card
    assert card["planned_steps"] == steps and taken <= card["steps"] < 1000
    assert card["steps"] == steps or shortened_sentence(card).startswith("There was no time for all planned steps")


def test_only_a_training_that_adopted_nothing_is_repeated_if_there_is_more_time(
    network, sets, tmp_path, monkeypatch, clock, no_training
):
    no_training()
    chosen = "tfstab.training.hardening_training.choose_share"
    few, validation = sets[0].take(200), sets[1].take(100)

    def run(minutes, **given):
        config = HardenConfig(against=STRONG)
        return run_hardening(network, few, config, tmp_path, validation=validation, minutes=minutes, **given)

    def interrupt(progress):
        raise KeyboardInterrupt

    def content():
        return {path.name: path.read_bytes() for path in tmp_path.iterdir() if not path.name.startswith("checkpoint-")}

    monkeypatch.setattr(chosen, lambda evaluate, floor: choose_share(evaluate, floor=2))
    first = run(0.004)
    assert first.unchanged and str(first).startswith("small stays unchanged. ")
    assert run(0.0059).card == first.card and first.card["validation"]["images"] == 100
    (tmp_path / "report.html").write_text("stays unchanged")
    whole = content()
    with pytest.raises(KeyboardInterrupt):
        run(0.006, on_progress=interrupt)
    begun = content()
    state = json.loads(begun.pop("hardening.json"))
    assert state["checkpoint"] == "checkpoint-00000001.npz" and whole.items() > begun.items(), "all results are there"
    monkeypatch.setattr(chosen, lambda evaluate, floor: (1.0, choose_share(evaluate, floor)[1]))
    adopted = run(0.004)
    assert adopted.card["minutes"] == 0.006 and not adopted.unchanged, "the training that was begun goes on"
    assert not (tmp_path / "report.html").exists(), "it was of the network that has been replaced"
    assert run(1).card == adopted.card


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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"remedy": "mixtur"}, "did you mean 'mixture'"),
        ({"against": ["fogg"]}, "did you mean 'fog'"),
        ({"against": {"fog": (20, 200)}}, "density of fog"),
        ({"remedy": None}, "unknown remedy 'None'"),
        ({"keep_clean": -1}, "keep_clean is -1"),
        ({"keep_clean": None}, "keep_clean is None; expected a number"),
        ({"clean_share": "1"}, "clean_share is '1'; expected"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"clean_share": 1.5}, "clean_share is 1.5"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"validation": 1.0}, "validation is 1.0"),
        ({"batch_size": 1}, "batch_size is 1"),
        ({"steps": 19}, "steps is 19"),
        ({"steps": 30, "epochs": 2}, "epochs and steps were both given; expected one"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"keep_clean": None}, "keep_clean is None"),
    ],
)
def test_wrong_settings_are_one_sentence(settings, message):
    with pytest.raises(InputError, match=message):
        HardenConfig(**settings)


def test_too_few_images_and_diverging_training_are_said(network, sets, tmp_path):
    with pytest.raises(DataError, match="too few to hold some out"):
        run_hardening(network, sets[0].take(1), CONFIG, tmp_path / "few")
    wild = HardenConfig(against=STRONG, learning_rate=10, epochs=40, batch_size=50, weight_decay=10)
    with pytest.raises(ModelError, match="diverges"):
        run_hardening(network, sets[0], wild, tmp_path / "wild", validation=sets[1])


def change_state(folder, **entries):
    path = folder / "hardening.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def test_damaged_files_are_one_sentence(network, sets, tmp_path, no_training):
    no_training()

    def interrupt(progress):
        if progress.step == 14:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_hardening(network, sets[0], CONFIG, tmp_path / "cut", validation=sets[1], on_progress=interrupt)

    def resumed(name, damage):
        folder = tmp_path / name
        shutil.copytree(tmp_path / "cut", folder)
        damage(folder)
        with pytest.raises(RunError) as error:
            run_hardening(network, sets[0], CONFIG, folder, validation=sets[1])
        return str(error.value)

    assert "hardening.json is damaged" in resumed("outside", lambda f: change_state(f, checkpoint="../weights.npz"))
    assert "hardening.json is damaged" in resumed("many", lambda f: change_state(f, steps=-3))
    for k, wrong in enumerate(("many", [0.5] * 10**5, [1], [float("nan")], [])):
        damage = functools.partial(change_state, losses=wrong)
        assert "hardening.json is damaged" in resumed(f"losses-{k}", damage)
    for k, tried in enumerate((3, {"images": 0, "figures": []}, {"images": 5, "figures": [[0.1, 0.5, 7.0]]})):
        assert "hardening.json is damaged" in resumed(f"tried-{k}", functools.partial(change_state, tried=tried))
    assert "hardening.json is damaged" in resumed("again", lambda f: change_state(f, again="yes"))
    assert "hardening.json is damaged" in resumed("unwatched", lambda f: change_state(f, watched="all"))
    history = json.loads((tmp_path / "cut" / "hardening.json").read_text())["history"]
    assert history
    for k, (wrong, said) in enumerate((
        ({}, "its history is damaged"), ([{"step": 3}], "its history is damaged"),
        ([history[0] | {"step": 3.0}], "of a wrong type or in a wrong order"),
        ([history[0], history[0]], "of a wrong type or in a wrong order"),
        ([history[0] | {"step": 10**6}], "of a wrong type or in a wrong order"),
    )):  # fmt: skip
        told = resumed(f"history-{k}", lambda f, wrong=wrong: change_state(f, history=wrong))
        assert "hardening.json is damaged" in told and said in told
    (checkpoint,) = (tmp_path / "cut").glob("checkpoint-*.npz")
    assert "is damaged" in resumed(
        "cut-off", lambda f: (f / checkpoint.name).write_bytes(checkpoint.read_bytes()[:900])
    )

    def other_shapes(folder):
        arrays = {name: np.zeros(3, np.float32) for name in np.load(checkpoint).files}
        np.savez(folder / checkpoint.name, **arrays)

    assert "has shape" in resumed("shapes", other_shapes)

    def other_type(folder):
        arrays = {name: array.astype("U9") for name, array in np.load(checkpoint).items()}
        np.savez(folder / checkpoint.name, **arrays)

    assert "and type <U9; expected" in resumed("types", other_type)

    def infinite(folder):
        arrays = {name: np.full_like(array, np.inf) if array.dtype.kind == "f" else array
                  for name, array in np.load(checkpoint).items()}  # fmt: skip
        np.savez(folder / checkpoint.name, **arrays)

    assert "it holds infinite or missing values" in resumed("infinite", infinite)


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


def test_only_files_of_a_hardening_are_continued(network, sets, tmp_path):
    folder = HardeningFolder(tmp_path, "net-hardened")
    for name in ("hardening.json", "net-hardened.keras", "net-hardened.json", "checkpoint-00000012.npz"):
        assert folder._is_own(name)
    for name in ("hardening.jso", "net.keras", "checkpoint-12.npz", "checkpoint-00000012.npz.bak", ""):
        assert not folder._is_own(name)


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


def test_a_network_for_images_of_any_size_and_colour_takes_grey_ones(sets, tmp_path):
    layers = [keras.Input((None, None, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)]
    few = sets[0].take(40)
    config = HardenConfig(against=STRONG, epochs=1)
    result = run_hardening(Classifier(keras.Sequential(layers), name="any"), few, config, tmp_path, name="my own")
    assert (result.path.name, result.classifier.name) == ("my-own.keras", "my-own")
    assert result.classifier.given.input_shape == (None, None, None, 3)
    assert result.classifier.scores(few.images).shape == (40, 10)


def test_a_function_is_hardened_without_a_file(sets, tmp_path):
    def darkness(images):
        dark = (images < 100).mean(axis=(1, 2, 3))
        return np.stack([dark, 1 - dark], axis=1)

    function = Classifier.from_function(darkness, (28, 28, 1), 2, fingerprint="darkness 1")
    few = sets[0].select(np.flatnonzero(sets[0].labels < 2)).take(60)
    result = run_hardening(function, few, CONFIG, tmp_path)
    assert result.path is None and result.card["not_saved"] == "it is a predict function"
    assert result.classifier.scores(few.images[:2]).shape == (2, 2)
