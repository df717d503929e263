"""What the options of `tfstab train` become: the recipe, the folder and the images, before anything is trained."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from tfstab.cli import train as train_module
from tfstab.cli.app import app
from tfstab.cli.observing import observed_by
from tfstab.errors import InputError
from tfstab.training import RECIPES, TrainingNoise

TEST = {"accuracy": 0.5, "images": 12, "interval_95": [0.25, 0.75]}


@pytest.fixture
def train(tmp_path, monkeypatch):
    """train(*options) -> what is printed, and the arguments with which a network or an ensemble would be trained."""
    monkeypatch.chdir(tmp_path)
    given = []

    def one(recipe, dataset, **settings):
        given.append(SimpleNamespace(recipe=recipe, dataset=dataset, members=None, combine=None, **settings))
        card = {"name": "net", "accuracy": {"test": TEST}, "best_epoch": 3, "epochs_run": 4}
        return SimpleNamespace(card=card)

    def several(recipe, members, combine, dataset, test, **settings):
        made = SimpleNamespace(recipe=recipe, dataset=dataset, members=members, combine=combine, test=test, **settings)
        given.append(made)
        members = [{"seed": k, "test": TEST} for k in (5, 6)]
        return SimpleNamespace(card={"name": "several", "accuracy": {"test": TEST}, "members": members})

    monkeypatch.setattr(train_module, "train_network", one)
    monkeypatch.setattr(train_module, "train_ensemble", several)

    def run(*options):
        told = CliRunner().invoke(app, ["train", *map(str, options)])
        if told.exception is not None and not isinstance(told.exception, SystemExit):
            raise told.exception
        return told, given.pop()

    return run


def photos(path, **splits):
    """A file of images of one grey level each, of two classes."""
    arrays = {}
    for split, count in splits.items():
        levels = np.arange(count, dtype=np.uint8) + (100 if split == "test" else 0)
        arrays[f"x_{split}"] = levels[:, None, None] * np.ones((1, 9, 7), np.uint8)
        arrays[f"y_{split}"] = np.arange(count) % 2
    np.savez(path, **arrays)


def test_a_network_is_trained_as_its_recipe_says(train):
    told, given = train()
    assert given.recipe == RECIPES["mnist-lenet"] and str(given.out) == "runs/train-mnist-lenet"
    assert (given.dataset, given.test, given.seed, given.data_dir) == (None, None, 0, None)
    said = "net: 50 % (25–75) of 12 test images right, best epoch 3 of 4\n"
    assert told.stdout == said and told.stderr.endswith(
        "written to runs/train-mnist-lenet/net.keras and runs/train-mnist-lenet/net.json\n"
    )


def test_an_ensemble_is_trained_with_its_members(train):
    options = ["--ensemble", 2, "--combine", "vote", "--seed", 5, "--epochs", 7, "--mixed-precision", "--fresh-noise"]
    told, given = train("--model", "cifar10-quick", *options)
    assert (given.members, given.combine, given.seed, given.cluster) == (2, "vote", 5, None)
    recipe = given.recipe
    assert (recipe.epochs, recipe.mixed_precision, recipe.noise) == (7, True, TrainingNoise.fresh())
    name = "train-cifar10-quick-fresh-noise-ensemble-2"
    assert given.out.name.startswith(name) and len(given.out.name) > len(name)
    lines = told.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["member of seed 5", "member of seed 6", "several"]
    assert lines[-1].endswith("50 % (25–75) of 12 test images right"), "no epoch"
    assert "before you load it with Keras, import tfstab.models.layers" in told.stderr.replace("\n", " ")
    assert train("--ensemble", 2)[1].combine == "mean"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--fresh-noise"], "fresh-noise"), (["--noise-copies", 3], "noise-copies-3"), (["--seed", 4], "seed-4"),
        (["--fresh-noise", "--noise-sigmas", "5,9"], "fresh-noise-sigmas-5-9"),
        (["--mixed-precision"], "mixed-precision"), (["--ensemble", 2, "--combine", "vote"], "ensemble-2-combine-vote"),
    ],
)  # fmt: skip
def test_the_folder_has_the_settings_that_were_changed_in_its_name(options, words, train):
    assert str(train(*options)[1].out) == f"runs/train-mnist-lenet-{words}"


def test_an_observer_is_told_where_the_model_is_and_a_script_gets_its_card(train):
    results, said = [], []
    seen = SimpleNamespace(remark=said.append, made=lambda *result: results.append(result), progress=lambda *_: None)
    with observed_by(seen):
        told, _ = train("--out", "here", "--json")
    assert results == [("model", Path("here/net.keras"))] and json.loads(told.stdout)["epochs_run"] == 4
    with observed_by(seen), pytest.raises(InputError, match="there is neither a file or folder 'nowhere'"):
        train("--data", "nowhere")


def test_ones_own_images_are_divided_and_sampled(train, tmp_path):
    photos("own.npz", train=40)
    options = ["--data", "own.npz", "--resize", "stretch"]
    told, given = train(*options)
    assert given.test is None and len(given.dataset) == 40 and given.dataset.image_shape == (28, 28, 1)
    assert "for training; 8 others are held out for testing" in told.stderr
    assert told.stderr.endswith(f"tfstab assess {given.out}/net.keras {given.out / 'test.npz'}\n")
    limited = train(*options, "--limit", 10)[1]
    assert len(limited.dataset) == 10 and "limit-10" in limited.out.name and limited.out != given.out
    again = train(*options, "--limit", 10, "--seed", 1)[1]
    assert len(again.dataset) == 10 and (again.dataset.images != limited.dataset.images).any()
    photos("both.npz", train=20, test=6)
    told, given = train("--data", "both.npz", "--resize", "crop:bilinear", "--out", "here")
    assert len(given.test) == 6 and str(given.out) == "here" and "6 images for testing" in told.stderr
    assert told.stderr.endswith("tfstab assess here/net.keras both.npz --resize crop:bilinear\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--resize", "crop"], "--resize was given for images that have the network's size"),
        (["--data", "mnist", "--resize", "crop"], "--resize was given"),
        (["--data", "own.npz", "--resize", "crop:9"], "--resize is 'crop:9'; expected crop or stretch"),
        (["--data", "images:own"], "images:own are images without classes"),
        (["--cluster", "tcp://h:1"], "--cluster was given for one network"),
        (["--workers", 2], "--workers was given for one network"),
        (["--combine", "mean"], "--combine was given for one network"),
        (["--model", "lenet"], "unknown model 'lenet'"),
        (["--noise-copies", 2, "--fresh-noise"], "both given"),
    ],
)
def test_options_that_a_training_does_not_take(options, said, train):
    with pytest.raises(InputError, match=said):
        train(*options)
