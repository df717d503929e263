"""Training is seeded, resumes to the same weights, and never looks at the test set to choose."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from tfstab import train
from tfstab.errors import DataError, InputError, RunError
from tfstab.training import RECIPES, Augmentation
from tfstab.training.augment import augment
from tfstab.training.folder import TrainingFolder
from tfstab.training.working_folder import discard

RECIPE = replace(RECIPES["mnist-lenet"], epochs=3, batch_size=32)


@pytest.fixture(scope="module")
def sets(digits):
    return digits.take(300), digits.take(450).without(digits.take(300))


@pytest.fixture(scope="module")
def watched(sets, tmp_path_factory):
    """A finished training, its folder, and what it reported of each batch."""
    folder, seen = tmp_path_factory.mktemp("training") / "whole", []
    result = train(RECIPE, *sets, out=folder, seed=4, on_batch=lambda *figures: seen.append(figures))
    return result, folder, seen


@pytest.fixture(scope="module")
def trained(watched):
    return watched[:2]


def test_it_learns_and_its_card_says_what_was_done(trained, sets):
    result, folder = trained
    card = json.loads((folder / "mnist-lenet.json").read_text("utf-8"))
    assert card == result.card
    written = {"mnist-lenet.keras", "mnist-lenet.json", "training.json"}
    assert {p.name for p in folder.iterdir()} - {"run.lock"} == written
    assert card["accuracy"]["test"]["accuracy"] > 0.6
    assert card["data"]["test"]["fingerprint"] == sets[1].fingerprint
    assert card["data"]["training"]["images"] + card["data"]["validation"]["images"] == 300
    assert card["fingerprint"] == result.classifier.fingerprint
    assert card["seed"] == 4 and card["recipe"]["augmentation"]["shift"] == RECIPE.augmentation.shift
    best = max(card["history"], key=lambda f: (f["validation_accuracy"], -f["validation_loss"]))
    assert card["best_epoch"] == best["epoch"]
    lines = str(result).splitlines()
    assert lines[0] == f"mnist-lenet, 431,080 parameters, trained on {len(sets[0]) - 30} images of mnist-5k"
    assert lines[1] == f"best of 3 epochs: {best['epoch']}"
    for line, kind, count in zip(lines[2:], ("validation", "test"), (30, 150), strict=True):
        right = card["accuracy"][kind]["correct"]
        assert line.startswith(f"{kind} accuracy: {100 * right / count:.0f} % (") and line.endswith(
            f", {right} of {count} images"
        )


def test_each_batch_is_reported(watched):
    result, _, seen = watched
    batches = -(-result.card["data"]["training"]["images"] // RECIPE.batch_size)
    assert batches > 5
    assert seen == [(epoch, batch, batches) for epoch in range(3) for batch in range(1, batches + 1)]


def test_the_weights_kept_are_those_of_the_best_epoch(trained, sets):
    result, _ = trained
    _, validation = sets[0].split_off(RECIPE.validation, 4)
    right = (result.classifier.scores(validation.images).argmax(1) == validation.labels).mean()
    assert right == pytest.approx(max(f["validation_accuracy"] for f in result.history), abs=1e-6)


def test_a_training_killed_in_its_first_save_and_interrupted_twice_resumes_to_the_same_weights(trained, sets, tmp_path):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    folder = tmp_path / "cut"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tfstab.training.trainer.build_model", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(RECIPE, *sets, out=folder, seed=4)
    # As a kill in the first save leaves the folder, for whose sake no epoch need be trained.
    (folder / ".last-0001.keras.1.tmp.keras").write_bytes(b"half")
    (folder / "last-0001.keras").write_bytes(b"half")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(RECIPE, *sets, out=folder, seed=4, on_epoch=interrupt)
    resumed = train(RECIPE, *sets, out=folder, seed=4)
    assert resumed.card["fingerprint"] == trained[0].card["fingerprint"]
    assert resumed.history == trained[0].history
    assert not list(folder.glob(".*.tmp*")) and not list(folder.glob("last-*"))


def test_a_finished_training_is_opened_not_repeated(trained, sets):
    result, folder = trained
    again = train(RECIPE, *sets, out=folder, seed=4, on_epoch=lambda f: pytest.fail("it trained again"))
    assert again.classifier.fingerprint == result.classifier.fingerprint


def test_other_settings_in_the_same_folder_are_refused(trained, sets):
    with pytest.raises(RunError, match="seed"):
        train(RECIPE, *sets, out=trained[1], seed=5)
    with pytest.raises(RunError, match="recipe"):
        train(replace(RECIPE, epochs=4), *sets, out=trained[1], seed=4)


def test_two_processes_cannot_train_in_one_folder(sets, tmp_path):
    from filelock import FileLock

    with FileLock(tmp_path / "run.lock"), pytest.raises(RunError, match="another process"):
        train(RECIPE, *sets, out=tmp_path)


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_a_seed_out_of_range_is_refused(sets, tmp_path, seed):
    with pytest.raises(InputError, match="seed"):
        train(RECIPE, *sets, out=tmp_path / "run", seed=seed)
    assert not (tmp_path / "run").exists()


def test_too_few_images_are_refused(digits, tmp_path):
    with pytest.raises(InputError, match="expected two classes or more"):
        train(RECIPE, digits.take(1), digits.take(10), out=tmp_path / "one")
    with pytest.raises(DataError, match="too few"):
        train(RECIPE, digits.take(9), digits.take(10), out=tmp_path / "run")


def test_a_folder_with_other_files_is_left_alone(sets, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="other files"):
        train(RECIPE, *sets, out=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_early_stopping_ends_after_patience_epochs_without_a_better_one(sets, tmp_path, capsys, recwarn):
    """At a rate of 0 all epochs are alike, of which the first is kept. Keras says nothing on the way."""
    stuck = replace(RECIPE, epochs=30, patience=2, learning_rate=0)
    result = train(stuck, sets[0].take(60), sets[1].take(30), out=tmp_path / "stuck")
    assert (result.card["epochs_run"], result.card["best_epoch"]) == (3, 1)
    assert json.loads((tmp_path / "stuck" / "training.json").read_text("utf-8"))["best"] == "best-0001.keras"
    assert capsys.readouterr().out == "" and not [one for one in recwarn if one.category is UserWarning]


def test_a_folder_keeps_the_last_and_the_best_network_even_if_others_are_gone(tmp_path):
    import keras

    folder, state = TrainingFolder(tmp_path, RECIPE), {"history": [], "last": None, "best": None}
    network = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dropout(0.5, seed=3), keras.layers.Dense(1)])
    for epoch, best in ((1, 1), (2, 1), (3, 3), (4, 4)):
        state["history"].append(epoch)
        folder.save(state, network, epoch == best)
        assert (state["last"], state["best"]) == (f"last-{epoch:04d}.keras", f"best-{best:04d}.keras")
        assert {path.name for path in tmp_path.glob("*.keras")} == {state["last"], state["best"]}
        assert json.loads(folder.state_path.read_text("utf-8")) == state and state["random"] == [[3, 0]]
        if epoch == 3:
            (tmp_path / state["last"]).unlink()
            (tmp_path / state["best"]).unlink()


def test_only_files_and_links_of_these_names_are_discarded(tmp_path):
    (tmp_path / "a0").mkdir()
    (tmp_path / "a1").symlink_to(tmp_path / "a0")
    for name in ("a2", "a33", "b4"):
        (tmp_path / name).touch()
    discard(tmp_path, re.compile(r"a\d"))
    assert {path.name for path in tmp_path.iterdir()} == {"a0", "a33", "b4"}


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch_size": 1}, {"validation": 0}, {"validation": 1.5}])
def test_recipes_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match="expected"):
        replace(RECIPE, **wrong)


def _augmented(images, settings, seed=(3, 16)):
    import tensorflow as tf

    return augment(tf.constant(images, tf.float32), settings, tf.constant(seed, tf.int64)).numpy()


def test_no_augmentation_changes_nothing(digits):
    images = digits.images[:8].astype(np.float32)
    np.testing.assert_array_equal(_augmented(images, Augmentation()), images)


def test_augmentation_follows_its_seed(digits):
    images, settings = digits.take(8).images, RECIPE.augmentation
    first = _augmented(images, settings)
    np.testing.assert_array_equal(first, _augmented(images, settings))
    assert not np.array_equal(first, _augmented(images, settings, (3, 32)))


def test_a_flip_mirrors_about_half_of_the_images():
    images = np.random.default_rng(0).uniform(0, 255, (64, 9, 8, 3)).astype(np.float32)
    out = _augmented(images, Augmentation(flip=True))
    kept = np.isclose(out, images, atol=1e-2).all(axis=(1, 2, 3))
    mirrored = np.isclose(out, images[:, :, ::-1], atol=1e-2).all(axis=(1, 2, 3))
    assert (kept ^ mirrored).all()
    assert 16 < mirrored.sum() < 48


def test_a_shift_moves_the_image_by_no_more_than_it_says():
    image = np.zeros((200, 21, 21, 1), np.float32)
    image[:, 10, 10] = 255
    out = _augmented(image, Augmentation(shift=3, fill="constant"))[..., 0]
    rows, columns = np.mgrid[:21, :21]
    mass = out.sum(axis=(1, 2))
    y = (out * rows).sum(axis=(1, 2)) / mass - 10
    x = (out * columns).sum(axis=(1, 2)) / mass - 10
    assert np.abs(y).max() <= 3.05 and np.abs(x).max() <= 3.05
    assert x.std() > 1 and y.std() > 1 and abs(np.corrcoef(x, y)[0, 1]) < 0.3


def test_contrast_and_brightness_stay_within_grey_levels(digits):
    out = _augmented(digits.take(50).images, Augmentation(contrast=0.5, brightness=60))
    assert out.min() >= 0 and out.max() <= 255
    assert out.mean(axis=(1, 2, 3)).std() > 10
