"""The command line as a user meets it: results, JSON for scripts, and one sentence for what is wrong."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from processes import refused, tfstab, tfstab_here


def test_help_names_every_command():
    text = tfstab("--help").stdout
    for command in ("assess", "demo", "datasets", "models", "train", "evaluate", "search", "sweep", "inspect", "view"):
        assert command in text
    assert tfstab_here("--version").stdout.startswith("tfstab ")


def test_datasets_and_models_are_listed():
    listed = json.loads(tfstab_here("datasets", "--json").stdout)
    assert {"mnist-5k", "mnist", "cifar10", "gtsrb"} <= {d["name"] for d in listed["datasets"]}
    cards = json.loads(tfstab_here("models", "--json").stdout)
    assert [c["parameters"] for c in cards[:3]] == [431_080, 145_578, 1_123_449]
    assert "cifar10-quick" in tfstab_here("models").stdout


def test_evaluate_prints_and_writes_table_1(tmp_path, digits, mnist_lenet):
    result = tfstab_here("evaluate", "--limit", 500, "--out", tmp_path / "evaluation")
    assert result.returncode == 0 and "accuracy (top-1)" in result.stdout
    written = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text("utf-8"))
    sample = digits.take(500)
    expected = (mnist_lenet.scores(sample.images).argmax(1) == sample.labels).sum()
    assert written["correct"] == expected and written["images"] == 500
    low, high = written["interval_95"]
    assert low < written["accuracy"] < high
    assert sum(map(sum, written["confusion"])) == 500
    rows = (tmp_path / "evaluation" / "classes.csv").read_text("utf-8").splitlines()
    ends = "class,name,precision,precision_low,precision_high,recall,recall_low,recall_high,images"
    assert rows[0] == ends and len(rows) == 11
    first = written["classes"][0]
    low, high = (100 * end for end in first["precision_interval_95"])
    shown = re.search(r"^ +0 +0 +(\S+) \((\S+)–(\S+)\) +\S+ \(\S+–\S+\) +50 *$", result.stdout, re.MULTILINE)
    assert abs(float(shown[1]) - 100 * first["precision"]) <= 0.5
    assert low - 1 < float(shown[2]) <= low and high <= float(shown[3]) < high + 1
    with (tmp_path / "evaluation" / "images.csv").open(encoding="utf-8", newline="") as file:
        images = list(csv.DictReader(file))
    assert [int(row["image"]) for row in images] == sample.indices.tolist()
    assert [row["right"] for row in images].count("True") == expected
    assert [row["true"] for row in images] == [str(label) for label in sample.labels]
    assert json.loads(tfstab_here("evaluate", "--limit", 500, "--json").stdout) == written


def test_a_model_of_ones_own_in_any_form(tmp_path):
    """One of one sigmoid, on grey images without an axis of channels, in a file that Keras does not guard."""
    import keras

    labels = np.repeat([0, 1], 40)
    images = np.uint8(200 * labels)[:, None, None].repeat(4, axis=1).repeat(4, axis=2)
    np.savez(tmp_path / "pages.npz", images=images, labels=labels, class_names=["dark", "light"])
    dense = keras.layers.Dense(1, "sigmoid")
    model = keras.Sequential([keras.layers.Input((4, 4)), keras.layers.Flatten(), dense])
    dense.set_weights([np.ones((16, 1)), np.array([-8.0])])
    model.save(tmp_path / "pages.h5")
    command = ("--model", tmp_path / "pages.h5", "--trust", "--data", tmp_path / "pages.npz")
    told = json.loads(tfstab_here("evaluate", *command, "--preprocess", "unit", "--json").stdout)
    assert told["accuracy"] == 1 and [c["name"] for c in told["classes"]] == ["dark", "light"]
    swept = tfstab_here("sweep", *command, "--preprocess", "unit", "--copies", 2, "--out", tmp_path / "run", "--json")
    assert swept.returncode == 0
    assert json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))["model"]["preprocess"] == "unit"


def test_images_of_ones_own_of_any_size_with_a_table_of_labels(tmp_path, digits):
    some = digits.take(20)
    lines = ["file,label"]
    for k, (image, label) in enumerate(zip(some.images, some.labels, strict=True)):
        Image.fromarray(image[..., 0]).resize((28 + 4 * k, 28 + 4 * k)).save(tmp_path / f"{k}.png")
        lines.append(f"{k}.png,{label}")
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "labels.csv").write_text("\n".join([*lines, "text.png,3"]))
    for data in (tmp_path, f"folder:{tmp_path}", tmp_path / "labels.csv"):
        command = ("evaluate", "--model", "mnist-lenet", "--data", data, "--resize", "crop")
        assert "1 of 21 files" in refused(tfstab_here(*command))
        told = tfstab_here(*command, "--damaged", "skip", "--json")
        assert "text.png" in told.stderr
        assert json.loads(told.stdout)["images"] == 20 and json.loads(told.stdout)["accuracy"] >= 0.9
    assert "one size" in refused(tfstab_here(*command[:4], tmp_path, "--damaged", "skip"))
    to_a_size = ("evaluate", "--data", "mnist-5k", "--limit", 20, "--resize", "stretch:28x28", "--json")
    assert json.loads(tfstab_here(*to_a_size).stdout)["data"]["name"] == "mnist-5k"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder / "tfstab-demo", tfstab_here("demo", "--no-viewer", "--minutes", 0.1, cwd=folder)


def test_the_demo_assesses_the_bundled_digits(demo):
    from tfstab import open_assessment

    folder, result = demo
    assert result.returncode == 0, result.stderr
    made = open_assessment(folder)
    assert made.figures.model == "mnist-lenet" and made.figures.data == "mnist-5k"
    assert made.figures.family("gaussian_noise").images.size >= 20 and made.figures.clean.value > 0.9
    assert all(one in result.stdout for one in made.verdict.paragraphs)
    assert "report: tfstab-demo/report.html" in result.stdout
    assert "clean accuracy: " in result.stderr and made.report.stat().st_size > 10_000


def test_a_second_demo_goes_on_with_what_is_there(demo):
    folder, _ = demo
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*/parts/*")}
    assert tfstab_here("demo", "--no-viewer", "--minutes", 0.02, cwd=folder.parent).returncode == 0
    assert before.items() <= {path: path.stat().st_mtime_ns for path in folder.glob("*/parts/*")}.items()


def test_search_and_sweep_give_json(tmp_path):
    search = ["search", "--images", "30", "--max-queries", 150, "--norm", "linf", "--refine-gradients", 8, "--json"]
    said = json.loads(tfstab_here(*search, cwd=tmp_path).stdout)
    (image,) = said["images"]
    assert (image["image"], image["gradients"], said["summary"]["found"]) == (30, 8, 1)
    assert said["summary"]["linf"]["median"] == image["Linf"] <= image["Linf 8-bit"] < 30
    sweep = json.loads(
        tfstab_here("sweep", "--images", "0:3", "--sigmas", "1,40", "--copies", 2, "--json", cwd=tmp_path).stdout
    )
    assert [s["sigma"] for s in sweep["by_sigma"]] == ["clean", "1", "40"]
    assert (tmp_path / sweep["run"] / "run.json").exists()


def test_inspect_tells_all_about_one_image(mnist_lenet, few_digits, small_sweep, tmp_path):
    from tfstab import SearchConfig, run_search

    folder, config = tmp_path / "search", SearchConfig(engine="boundary", max_queries=100)
    result = next(iter(run_search(mnist_lenet, few_digits.select(np.arange(1)), config, folder)))
    said = tfstab_here("inspect", folder, "--image", result.image, "--out", tmp_path / "triple.png")
    assert f"{result.l2:.2f} grey levels" in said.stdout and result.stop_reason in said.stdout
    facts = json.loads(tfstab_here("inspect", small_sweep.path, "--image", result.image, "--json").stdout)
    assert [row["copies"] for row in facts[f"Image {result.image} under Gaussian noise"]] == [20] * 4
    with Image.open(tmp_path / "triple.png") as figure:
        assert min(figure.size) > 200
    assert "not in this run" in refused(tfstab_here("inspect", folder, "--image", 4999))


def test_a_model_can_be_guarded_by_its_minimum_noise(tmp_path):
    search = ["search", "--limit", 3, "--engine", "boundary", "--out", tmp_path / "search"]
    assert tfstab_here(*search, "--fail-under", 10).returncode == 0
    failed = tfstab_here(*search, "--fail-under", 10_000)
    assert failed.returncode == 1 and "is under 10000" in failed.stderr


def test_train_writes_a_network_that_the_other_commands_take(digits, tmp_path):
    """The training digits are not the ones that the recipe leaves out."""
    test, training = digits.take(100), digits.take(400).without(digits.take(100))
    np.savez(
        tmp_path / "mnist.npz",
        x_train=255 - training.images[..., 0], y_train=training.labels, x_test=test.images[..., 0], y_test=test.labels,
    )  # fmt: skip
    train = ["train", "--limit", 200, "--epochs", 1, "--out", tmp_path / "run", "--data-dir", tmp_path]
    result = tfstab_here(*train)
    assert result.returncode == 0 and "test images right" in result.stdout, result.stderr
    again = json.loads(tfstab_here(*train, "--json").stdout)
    assert again["epochs_run"] == 1
    model = tmp_path / "run" / "mnist-lenet.keras"
    evaluate = ["evaluate", "--model", model, "--data", "mnist", "--data-dir", tmp_path, "--json"]
    evaluated = json.loads(tfstab_here(*evaluate).stdout)
    assert evaluated["correct"] == again["accuracy"]["test"]["correct"] and evaluated["images"] == 100


def test_ctrl_c_ends_with_how_to_go_on(tmp_path):
    # Parts of 256 to 12,800 copies: the first is soon there, and the last is not when the signal comes.
    sweep = ["sweep", "--limit", "800", "--sigmas", "1,40", "--copies", "20", "--out", str(tmp_path / "run")]
    command = [sys.executable, "-m", "tfstab", *sweep]
    # Tests that a shell started in the background ignore SIGINT, which the command would inherit.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 200
    while not list(tmp_path.glob("run/parts/[a-z]*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=200)
    assert process.returncode == 130
    assert "run the same command again" in said and "Traceback" not in said
    assert not re.search(r"^(WARNING:|[IWE]\d{4} )", said, re.MULTILINE), "TensorFlow says nothing as it starts"


def test_data_that_cannot_be_downloaded_says_which_file_to_put_where(tmp_path):
    # A closed port of this computer as proxy: no request leaves it.
    nowhere = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}
    result = tfstab("evaluate", "--data", "mnist", "--data-dir", tmp_path / "data", **nowhere)
    said = refused(result)
    assert "mnist.npz" in said and str(tmp_path / "data") in said and "https://" in said


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be read or written" in refused(tfstab_here("sweep", "--limit", 2, "--out", tmp_path / "run"))


def test_a_read_only_place_is_said():
    if not Path("/proc/self").exists():
        pytest.skip("there is no /proc here to try to write into")
    assert "choose another" in refused(tfstab_here("sweep", "--limit", 2, "--out", "/proc/self/run"))
