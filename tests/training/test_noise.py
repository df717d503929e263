"""Training on noise: seeded, independent of batches, never held, resumed to the same weights; and ensembles."""

import json
import shutil
from dataclasses import replace
from importlib.resources import files
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

from tfstab import Dataset, build_model, load_classifier, load_dataset, train
from tfstab.cli.app import app
from tfstab.degradations import standard_normal
from tfstab.errors import InputError, RunError
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent
from tfstab.models import bundled_card, ensemble_members
from tfstab.training import RECIPES, Augmentation, TrainingNoise, ensemble, train_ensemble
from tfstab.training.noise import STREAM
from tfstab.training.trainer import _Batches

PLAIN = replace(RECIPES["cifar10-quick"], epochs=2, batch_size=16, augmentation=Augmentation())
# In bfloat16, so that resuming is checked with both at once.
NOISY = replace(PLAIN, noise=TrainingNoise.fixed(2), mixed_precision=True)
SHAPE = (28, 28, 1)


def epoch(digits, noise, number=0, seed=3, batch_size=40):
    """One epoch as it reaches the network: images float32 (N, H, W, C) and labels (N,)."""
    batches = _Batches(digits, replace(PLAIN, noise=noise, batch_size=batch_size), seed)
    images, labels = zip(*batches.epoch(number).as_numpy_iterator(), strict=True)
    assert len(images) == batches.count
    return np.concatenate(images), np.concatenate(labels)


def test_an_epoch_has_each_image_clean_and_its_copies_with_their_sigmas(digits):
    few = digits.take(30)
    noise = TrainingNoise.fixed(15)
    assert len(noise.sigmas) == 15 and noise.sigmas[0] == 1 and noise.sigmas[-1] == 40
    images, labels = epoch(few, noise)
    assert len(images) == 30 * 16
    there = {image.tobytes() for image in images}
    for clean, index in zip(few.images.astype(np.float32), few.indices, strict=True):
        assert clean.tobytes() in there
        for copy, sigma in enumerate(noise.sigmas, start=1):
            field = standard_normal(SHAPE, 3, int(index), STREAM, copy)
            assert np.clip(clean + np.float32(sigma) * field, 0, 255).astype(np.float32).tobytes() in there
    assert (np.bincount(labels) == 16 * np.bincount(few.labels)).all()


def test_copies_are_the_same_in_every_epoch_and_fresh_noise_never(digits):
    few = digits.take(30)

    def seen(noise, number, **settings):
        return {image.tobytes() for image in epoch(few, noise, number, **settings)[0]}

    fixed, fresh = TrainingNoise.fixed(2), TrainingNoise.fresh((20,))
    assert seen(fixed, 0) == seen(fixed, 7) == seen(fixed, 0, batch_size=7)
    assert not seen(fixed, 0) - {image.astype(np.float32).tobytes() for image in few.images} <= seen(fixed, 0, seed=4)
    assert seen(fresh, 1) == seen(fresh, 1, batch_size=7)
    assert not seen(fresh, 0) & seen(fresh, 1)


def test_fresh_noise_has_sigmas_in_equal_parts():
    noise = TrainingNoise.fresh((0, 10, 30))
    drawn = noise.draw(SHAPE, 5, 2, np.arange(600), np.zeros(600, np.int64)).std(axis=(1, 2, 3))
    counts = [(np.abs(drawn - sigma) < 3).sum() for sigma in noise.sigmas]
    assert sum(counts) == 600 and min(counts) > 150
    assert TrainingNoise.fresh().sigmas[:2] == (0.0, 1.0) and len(TrainingNoise.fresh().sigmas) == 16


def test_copies_beyond_the_sigmas_begin_again():
    noise = TrainingNoise.fixed(3, (5, 50))
    drawn = noise.draw(SHAPE, 0, 0, np.arange(4), np.arange(4)).std(axis=(1, 2, 3))
    np.testing.assert_allclose(drawn, [0, 5, 50, 5], rtol=0.1)


@pytest.fixture(scope="module")
def threes():
    """Images in red, green and blue, without test images."""
    labels = np.arange(60) % 3
    images = np.random.default_rng(0).integers(0, 100, (60, 32, 32, 3), np.uint8)
    images[np.arange(60), :, :, labels] += 120
    return Dataset.from_arrays("threes", "train", images, labels, ("red", "green", "blue"))


@pytest.fixture(scope="module")
def types():
    """The types in which the layers of `whole` computed during the training."""
    return []


@pytest.fixture(scope="module")
def whole(threes, types, tmp_path_factory):
    folder, fit = tmp_path_factory.mktemp("noise") / "whole", keras.Model.fit

    def seen(model, *given, **settings):
        fitted = fit(model, *given, **settings)  # in its first batch, Keras makes the network's computation
        types.append([layer.compute_dtype for layer in model.layers])
        return fitted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "fit", seen)
        return train(NOISY, threes, out=folder, seed=1), folder


def test_mixed_precision_trains_in_bfloat16_and_leaves_a_float32_network(whole, types):
    """All but the last layer compute in bfloat16; their weights in the file are of float32, with the other bits 0."""
    result, folder = whole
    assert result.card["recipe"]["mixed_precision"] is True and len(types) == PLAIN.epochs
    assert all({*before} == {"bfloat16"} for *before, _ in types)
    model = result.classifier.model
    assert {layer.compute_dtype for layer in [*model.layers, *build_model("cifar10-quick").layers]} == {"float32"}
    *kernels, _ = (weight.numpy() for weight in model.weights if weight.name == "kernel")
    assert kernels and not any((kernel.view(np.uint32) & 0xFFFF).any() for kernel in kernels)
    written = (folder / "cifar10-quick-augmented.keras").stat().st_size
    assert written < 0.6 * np.dtype(np.float32).itemsize * model.count_params(), "the other bits take no room"


def test_the_network_has_the_classes_of_the_images_a_fifth_of_which_are_held_out(whole, threes):
    result, folder = whole
    assert result.classifier.class_names == threes.class_names == tuple(result.card["class_names"])
    assert result.card["parameters"] == 145_578 - 7 * 65 and result.card["data"]["test"]["images"] == 12
    held_out = load_dataset(folder / "test.npz")
    right = (result.classifier.scores(held_out.images).argmax(1) == held_out.labels).sum()
    assert right == result.card["accuracy"]["test"]["correct"] > 6


def test_a_training_with_noise_resumes_to_the_same_weights_and_is_on_the_card(whole, threes, tmp_path):
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(NOISY, threes, out=tmp_path, seed=1, on_epoch=interrupt)
    kept = (tmp_path / "last-0001.keras").read_bytes()
    build_model("cifar10-quick", classes=4).save(tmp_path / "last-0001.keras")
    with pytest.raises(RunError, match="it is not cifar10-quick with 3 outputs"):
        train(NOISY, threes, out=tmp_path, seed=1)
    (tmp_path / "last-0001.keras").write_bytes(kept)
    assert train(NOISY, threes, out=tmp_path, seed=1).card["fingerprint"] == whole[0].card["fingerprint"]
    written = json.loads((whole[1] / "cifar10-quick-augmented.json").read_text("utf-8"))
    assert written["recipe"]["noise"] == {"sigmas": list(NOISY.noise.sigmas), "copies": 2}
    with pytest.raises(RunError, match="differs in its recipe"):
        train(replace(NOISY, noise=TrainingNoise.fresh()), threes, out=tmp_path, seed=1)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: TrainingNoise.fixed(0), "noise copies is 0; expected a whole number from 1 to 1,000"),
        (lambda: TrainingNoise.fixed(3, (-1,)), "expected one or more numbers from 0"),
        (lambda: TrainingNoise.fresh((np.nan,)), "expected one or more numbers from 0"),
    ],
)
def test_noise_out_of_range_is_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_recipes_without_noise_are_recorded_as_before():
    assert RECIPES["mnist-lenet"].settings == bundled_card("mnist-lenet")["recipe"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--noise-copies", "3", "--fresh-noise"], "both given"),
        (["--noise-sigmas", "3"], "given alone"),
        (["--combine", "vote"], "expected --ensemble"),
        (["--workers", "2"], "expected --ensemble"),
        (["--fresh-noise", "--noise-sigmas", "three"], "expected numbers"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, said):
    result = CliRunner().invoke(app, ["train", *options])
    assert isinstance(result.exception, InputError) and said in str(result.exception)


def test_the_command_says_how_good_the_network_is_and_where_it_is(whole, threes, tmp_path, monkeypatch):
    """The training is finished, so that nothing is trained."""
    out, given = shutil.copytree(whole[1], tmp_path / "done"), []

    def finished(recipe, dataset, **settings):
        given.append((recipe, settings["seed"]))
        return train(recipe, threes, out=settings["out"], seed=settings["seed"])

    monkeypatch.setitem(RECIPES, "cifar10-quick", PLAIN)
    monkeypatch.setattr("tfstab.cli.train.train_network", finished)
    options = ["--model", "cifar10-quick", "--noise-copies", "2", "--mixed-precision", "--seed", "1", "--out", str(out)]
    told = CliRunner().invoke(app, ["train", *options])
    assert told.exit_code == 0, told.output
    assert given == [(NOISY, 1)]
    test = whole[0].card["accuracy"]["test"]
    accuracy = percent(Estimate(test["accuracy"], *test["interval_95"]))
    assert told.stdout == (
        f"cifar10-quick-augmented: {accuracy} of {test['images']:,} test images right, best epoch "
        f"{whole[0].card['best_epoch']} of 2\n"
    )
    assert f"written to {out}/cifar10-quick-augmented.keras and" in told.stderr.replace("\n", " ")
    told = CliRunner().invoke(app, ["train", *options, "--json"])
    assert json.loads(told.stdout) == json.loads((out / "cifar10-quick-augmented.json").read_text("utf-8"))


# --- ensembles ---


def test_an_ensemble_is_trained_member_by_member_and_can_be_combined_anew(whole, threes, tmp_path):
    shutil.copytree(whole[1], tmp_path / "member-1")
    told = []
    result = train_ensemble(
        NOISY,
        2,
        "mean",
        threes,
        out=tmp_path,
        seed=1,
        on_epoch=lambda member, figures: told.append((member, figures["epoch"])),
    )
    assert told == [(2, 1), (2, 2)]  # the first was there
    members = ensemble_members(result.classifier)
    assert members[0].fingerprint == whole[0].card["fingerprint"] != members[1].fingerprint
    card = json.loads((tmp_path / "cifar10-quick-augmented-ensemble.json").read_text("utf-8"))
    assert card == result.card and [member["seed"] for member in card["members"]] == [1, 2]
    assert card["fingerprint"] == result.classifier.fingerprint and card["combine"] == "mean"
    held_out = load_dataset(tmp_path / "test.npz")
    assert held_out.fingerprint == load_dataset(whole[1] / "test.npz").fingerprint
    scores = load_classifier(tmp_path / "cifar10-quick-augmented-ensemble.keras").scores(held_out.images)
    assert card["accuracy"]["test"]["correct"] == (scores.argmax(axis=1) == held_out.labels).sum()
    again = train_ensemble(NOISY, 2, "vote", threes, out=tmp_path, seed=1, on_epoch=lambda *_: pytest.fail("trained"))
    assert again.classifier.combine == "vote"
    with pytest.raises(RunError, match="seed"):
        train_ensemble(NOISY, 2, "mean", threes, out=tmp_path, seed=6)


def test_ensembles_of_one_unknown_combinations_and_folders_with_other_files_are_refused(digits, tmp_path):
    with pytest.raises(InputError, match="expected 2 members"):
        train_ensemble(PLAIN, 1, dataset=digits.take(9), test=digits.take(9), out=tmp_path / "run")
    with pytest.raises(InputError, match="did you mean 'mean'"):  # before hours of training, not after
        train_ensemble(PLAIN, 2, "meen", digits.take(9), digits.take(9), out=tmp_path / "run")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="other files"):
        train_ensemble(PLAIN, 2, dataset=digits.take(9), test=digits.take(9), out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("settings", [{}, {"epochs": 1}, {"noise": TrainingNoise.fixed(3)}])
def test_a_bundled_network_that_was_copied_for_another_training_is_refused(settings, digits, tmp_path):
    place = tmp_path / "member-1"
    place.mkdir()
    for name in ("mnist-lenet.keras", "mnist-lenet.json"):
        (place / name).write_bytes((files("tfstab.resources.models") / name).read_bytes())
    recipe = replace(RECIPES["mnist-lenet"], **settings)  # without any: the recipe is its own, the images are not
    others = digits.between(0, 9).without(digits.take(50))
    with pytest.raises(RunError, match="whose recipe, seed or images differ"):
        train_ensemble(recipe, 2, dataset=digits.take(50), test=others, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["member-1"]


def test_each_member_has_a_seed_of_its_own(threes, tmp_path, monkeypatch):
    seeds = []

    def trained(*_, seed, **__):
        seeds.append(seed)
        if seed == 6:
            raise KeyboardInterrupt
        return SimpleNamespace(classifier=None)

    monkeypatch.setattr(ensemble, "_take_bundled", lambda recipe, seed, *_: seeds.append(seed))
    monkeypatch.setattr(ensemble, "train", trained)
    with pytest.raises(KeyboardInterrupt):
        train_ensemble(PLAIN, 3, dataset=threes, out=tmp_path, seed=4)
    assert seeds == [4, 5, 6] * 2


@pytest.mark.real_data("mnist.npz")
def test_the_bundled_network_stands_for_the_member_that_it_is(data_dir, tmp_path, mnist_lenet):
    from tfstab.training import training_set
    from tfstab.training.ensemble import _take_bundled

    recipe = RECIPES["mnist-lenet"]
    dataset = training_set(recipe, data_dir)
    _take_bundled(recipe, 1, dataset, tmp_path / "other-seed")
    _take_bundled(replace(recipe, epochs=1), 0, dataset, tmp_path / "other-recipe")
    _take_bundled(recipe, 0, dataset.take(500), tmp_path / "other-images")
    _take_bundled(recipe, 0, dataset, tmp_path / "member-1")
    _take_bundled(replace(recipe, mixed_precision=True), 0, dataset, tmp_path / "in-bfloat16")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in-bfloat16", "member-1"]
    for place in tmp_path.iterdir():
        card = json.loads((place / "mnist-lenet.json").read_text("utf-8"))
        assert card["fingerprint"] == mnist_lenet.fingerprint
