"""`tfstab inspect RUN FOLDER`: one line for each picture, a summary, and the command for one of the wrong ones."""

import json
import shlex

import numpy as np
import pytest
from PIL import Image

from processes import refused, tfstab_here
from tfstab import SweepConfig, inspect_picture, run_sweep


@pytest.fixture(scope="module")
def made(mnist_lenet, digits, tmp_path_factory):
    """A run of 60 digits, and pictures of digits that it does not have, in folders named after their classes."""
    folder = tmp_path_factory.mktemp("pictures")
    config = SweepConfig(degradation="gaussian_blur", severities=(1,), copies=1)
    run_sweep(mnist_lenet, digits.take(60), config, folder / "run")
    others = digits.take(70)
    rows = np.flatnonzero(~np.isin(others.indices, digits.take(60).indices))[:4]
    for number, row in enumerate(rows):
        pixels, label = others.images[row, ..., 0], digits.class_names[others.labels[row]]
        (folder / "complaints" / label).mkdir(parents=True, exist_ok=True)
        changed = {0: 255 - pixels, 1: np.rot90(pixels)}.get(number, pixels)
        Image.fromarray(changed).save(folder / "complaints" / label / f"{number}.png")
    first = next((folder / "complaints").iterdir())
    (first / "broken.png").write_text("no picture")
    return folder


@pytest.fixture
def inspect(made, tmp_path, monkeypatch):
    monkeypatch.chdir(made)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # where other tests have copied the network is not known here
    return lambda *arguments: tfstab_here("inspect", *arguments)


def test_a_folder_of_pictures_beside_a_run(inspect, mnist_lenet):
    told = json.loads(inspect("run", "complaints", "--json").stdout)
    pictures = {one["picture"]: one for one in told["pictures"]}
    wrong = [name for name, one in pictures.items() if one["right"] is False]
    assert told["counts"]["unread"] == 1 and wrong, told
    for name in wrong[:1]:
        alone = inspect_picture(mnist_lenet, f"complaints/{name}", pictures[name]["class"], run="run")
        same, more = pictures[name]["verdict"], alone.verdict.to_json()  # all changes may also give a hint
        assert [same[part] for part in ("says", "reason", "condition")] == [
            more[part] for part in ("says", "reason", "condition")
        ]
    printed = inspect("run", "complaints")
    assert printed.returncode == 0 and "28 x 28 x 1, 10 outputs" in printed.stderr
    lines = printed.stdout.splitlines()
    assert lines[0].strip() == "Pictures in complaints" and told["summary"] in lines
    assert sum(line.strip().partition(" ")[0] in pictures for line in lines) == len(pictures)
    assert any(line.startswith("- ") and "broken.png cannot be read as an image" in line for line in lines)
    proposed = shlex.split(lines[-1].partition("#")[0])
    assert proposed[0] == "next:" and proposed[2:4] == ["inspect", "run"] and "--why" in proposed
    assert proposed[4].removeprefix("complaints/") in wrong and f"--class={proposed[4].split('/')[1]}" in proposed


def test_hardening_is_proposed_if_brightness_is_the_reason_for_most(inspect, made, mnist_lenet, digits):
    some = digits.take(500)
    lit = np.clip(some.images.astype(int) + 80, 0, 255).astype(np.uint8)
    wrong = np.flatnonzero(mnist_lenet.scores(lit).argmax(axis=1) != some.labels)[:4]
    for row in wrong:
        file = made / "bright" / some.class_names[some.labels[row]] / f"{row}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(lit[row, ..., 0]).save(file)
    half = inspect("run", "bright").stdout
    assert half.count("photograph (") == 2 == len(wrong) / 2 and "tfstab harden" not in half, half
    file = next(line.split()[0] for line in half.splitlines() if "right as a negative" in line)
    (made / "bright" / file).unlink()
    one, harden = inspect("run", "bright").stdout.partition("next:")[2].splitlines()
    assert "--why" in one and harden.strip().startswith("tfstab harden mnist-lenet mnist-5k "), harden


def test_a_folder_without_classes_and_with_one_class(inspect, made):
    label = next(one.name for one in (made / "complaints").iterdir() if not (one / "broken.png").exists())
    printed = inspect("run", f"complaints/{label}")
    assert "so no picture is called right or wrong: give --class NAME" in printed.stdout
    assert f"complaints/{label} --class={label}  " in printed.stdout.splitlines()[-1]
    alone = inspect("mnist-lenet", f"complaints/{label}", "--class", label)
    assert "true class" in alone.stdout and alone.stdout.splitlines()[-1].startswith("next:   tfstab assess mnist-len")


def test_what_is_refused(inspect, made):
    for option in (("--why",), ("--out", "x.png")):
        said = f"{option[0]} is for one picture: leave it out for the folder complaints, or give a file in it."
        for first in ("run", "mnist-lenet"):
            assert said in refused(inspect(first, "complaints", *option))
    assert "run holds runs, not pictures: give the run first" in refused(inspect("mnist-lenet", "run"))
    assert "--image chooses an image of a run" in refused(inspect("run", "complaints", "--image", "3"))
    assert "unknown class 'x': the run has 0, 1" in refused(inspect("run", "complaints/3", "--class", "x"))
    assert "--preprocess is known from the run run" in refused(inspect("run", "complaints", "--preprocess", "unit"))
