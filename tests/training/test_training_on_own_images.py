"""The paper's networks are trained on any number of classes, by the command too, and the other commands take them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from processes import refused, tfstab_here
from tfstab import Dataset, build_model, load_dataset, train
from tfstab.errors import RunError
from tfstab.training import RECIPES, train_ensemble

RECIPE = replace(RECIPES["cifar10-quick"].on("threes"), epochs=2, batch_size=16, mixed_precision=True)


@pytest.fixture(scope="module")
def threes():
    """Images in red, green and blue."""
    labels = np.arange(90) % 3
    images = np.random.default_rng(0).integers(0, 100, (90, 32, 32, 3), np.uint8)
    images[np.arange(90), :, :, labels] += 120
    return Dataset.from_arrays("threes", "train", images, labels, ("red", "green", "blue"))


@pytest.fixture(scope="module", autouse=True)
def uncompiled():
    """Trainings as short as these take less time than to compile them."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def test_a_training_with_three_classes_is_resumed_and_becomes_part_of_an_ensemble(threes, tmp_path):
    def interrupt(figures):
        raise KeyboardInterrupt

    folder = tmp_path / "ensemble" / "member-1"
    with pytest.raises(KeyboardInterrupt):
        train(RECIPE, threes, out=folder, on_epoch=interrupt)
    kept = (folder / "last-0001.keras").read_bytes()
    build_model("cifar10-quick", classes=4).save(folder / "last-0001.keras")
    with pytest.raises(RunError, match="it is not cifar10-quick with 3 outputs"):
        train(RECIPE, threes, out=folder)
    (folder / "last-0001.keras").write_bytes(kept)
    result = train(RECIPE, threes, out=folder)
    assert result.classifier.class_names == threes.class_names == tuple(result.card["class_names"])
    assert result.card["parameters"] == 145_578 - 7 * 65 and result.card["data"]["test"]["images"] == 18
    held_out = load_dataset(folder / "test.npz")
    right = (result.classifier.scores(held_out.images).argmax(1) == held_out.labels).sum()
    assert right == result.card["accuracy"]["test"]["correct"] > 9
    ensemble = train_ensemble(RECIPE, 2, dataset=threes, out=tmp_path / "ensemble")
    assert ensemble.card["members"][0]["fingerprint"] == result.card["fingerprint"]
    assert load_dataset(tmp_path / "ensemble" / "test.npz").fingerprint == held_out.fingerprint


def test_the_command_trains_on_a_folder_that_the_other_commands_take(threes, tmp_path):
    for k, (image, label) in enumerate(zip(threes.images, threes.labels, strict=True)):
        path = tmp_path / "photos" / threes.class_names[label] / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).resize((30 + k % 3, 40)).save(path)
    command = ("train", "--model", "cifar10-quick", "--data", "photos", "--epochs", 1, "--resize", "stretch")
    told = tfstab_here(*command, cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    said = " ".join(told.stderr.split())
    assert "photos: 72 images, 3 classes, output 0 = blue, 1 = green, 2 = red, for training; 18 others are held" in said
    out = "runs/train-cifar10-quick-photos-stretch-epochs-1"
    assert f"tfstab assess {out}/cifar10-quick-photos.keras {out}/test.npz" in said
    card = json.loads(tfstab_here(*command, "--json", cwd=tmp_path).stdout)
    model = f"{out}/cifar10-quick-photos.keras"
    evaluated = tfstab_here("evaluate", "--model", model, "--data", f"{out}/test.npz", "--json", cwd=tmp_path)
    assert json.loads(evaluated.stdout)["correct"] == card["accuracy"]["test"]["correct"]
    assert card["recipe"]["data"] == "folder:photos"
    photo = next((tmp_path / "photos" / "red").iterdir())
    photo.unlink()
    assert "training that differs in its training images" in refused(tfstab_here(*command, cwd=tmp_path))
