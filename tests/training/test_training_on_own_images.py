"""The command trains the paper's networks on a folder of images, and the other commands take what it makes."""

import json

import numpy as np
from PIL import Image

from processes import refused, tfstab_here


def test_the_command_trains_on_a_folder_that_the_other_commands_take(tmp_path):
    for k, image in enumerate(np.random.default_rng(0).integers(0, 100, (90, 32, 32, 3), np.uint8)):
        image[:, :, k % 3] += 120
        path = tmp_path / "photos" / ("red", "green", "blue")[k % 3] / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).resize((30 + k % 3, 40)).save(path)
    command = ("train", "--model", "cifar10-quick", "--data", "photos", "--epochs", 1, "--resize", "stretch")
    told = tfstab_here(*command, cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    said = " ".join(told.stderr.split())
    taken = "photos: 72 images, resized to 32 x 32 (stretch, bicubic), 3 classes, output 0 = blue, 1 = green, 2 = red"
    assert f"{taken}, for training; 18 others are held" in said
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
