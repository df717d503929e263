"""The paper's networks are trained on any number of classes, by the command too, and the other commands take them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from processes import refused, tfstab_here
from tfstab import Dataset, build_model, load_dataset, train
from tfstab.errors import RunError
from tfstab.training import RECIPES

RECIPE = replace(RECIPES["mnist-lenet"], epochs=2, batch_size=16, mixed_precision=True)


@pytest.fixture(scope="module")
def threes(digits):
    """Digits of three classes, which have names."""
    rows = np.concatenate([np.flatnonzero(digits.labels == k)[:60] for k in range(3)])
    return Dataset.from_arrays("threes", "train", digits.images[rows], digits.labels[rows], ("nil", "one", "two"))


def test_a_training_with_three_classes_is_resumed(threes, tmp_path):
    def interrupt(figures):
        raise KeyboardInterrupt

    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train(RECIPE, threes, out=folder, on_epoch=interrupt)
    kept = (folder / "last-0001.keras").read_bytes()
    build_model("mnist-lenet", classes=4).save(folder / "last-0001.keras")
    with pytest.raises(RunError, match="it is not mnist-lenet with 3 outputs"):
        train(RECIPE, threes, out=folder)
    (folder / "last-0001.keras").write_bytes(kept)
    result = train(RECIPE, threes, out=folder)
    assert result.classifier.class_names == threes.class_names == tuple(result.card["class_names"])
    assert result.card["parameters"] == 431_080 - 7 * 501 and result.card["data"]["test"]["images"] == 36
    held_out = load_dataset(folder / "test.npz")
    right = (result.classifier.scores(held_out.images).argmax(1) == held_out.labels).sum()
    assert right == result.card["accuracy"]["test"]["correct"] > 24


def test_the_command_trains_on_a_folder_that_the_other_commands_take(threes, tmp_path):
    for k in range(90):
        path = tmp_path / "photos" / threes.class_names[threes.labels[2 * k]] / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(threes.images[2 * k, ..., 0]).resize((30 + k % 3, 40)).save(path)
    command = ("train", "--data", "photos", "--epochs", 2, "--resize", "stretch")
    told = tfstab_here(*command, cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    said = " ".join(told.stderr.split())
    assert "photos: 72 images, 3 classes, output 0 = nil, 1 = one, 2 = two, for training; 18 others are held" in said
    out = "runs/train-mnist-lenet-photos-stretch-epochs-2"
    assert f"tfstab assess {out}/mnist-lenet-photos.keras {out}/test.npz" in said
    card = json.loads(tfstab_here(*command, "--json", cwd=tmp_path).stdout)
    model = f"{out}/mnist-lenet-photos.keras"
    evaluated = tfstab_here("evaluate", "--model", model, "--data", f"{out}/test.npz", "--json", cwd=tmp_path)
    assert json.loads(evaluated.stdout)["correct"] == card["accuracy"]["test"]["correct"]
    assert card["recipe"]["data"] == "folder:photos" and "exclude" in card["recipe"]
    photo = next((tmp_path / "photos" / "one").iterdir())
    photo.unlink()
    assert "training with another data" in refused(tfstab_here(*command, cwd=tmp_path))
