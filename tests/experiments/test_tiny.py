"""Evaluation and reproduction with functions in place of networks; the plan of each scale."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from frozen import check
from PIL import Image

import tfstab
from tfstab import Classifier, Dataset
from tfstab.errors import InputError, RunError
from tfstab.experiments import evaluate, networks, reproduction
from tfstab.experiments.league import SCALES as LEAGUES
from tfstab.experiments.networks import trained_as
from tfstab.experiments.reproduction import Reproduction, reproduce
from tfstab.experiments.reproduction_steps import objective_name
from tfstab.experiments.scales import FEWEST, SCALES, Copies, Scale
from tfstab.metrics import wilson_interval
from tfstab.report.paper_tables import accuracy_table
from tfstab.report.reproduction_report import reproduction_report


def brightness(images):
    """Class 0, 1 or 2 by how bright an image is."""
    level = images.mean(axis=(1, 2, 3))
    return -np.abs(level[:, None] - np.array([40, 120, 200])) / 10


def network(shift=0, name="bright", shape=(2, 2, 1), classes=3):
    def function(images):
        return brightness(images + shift)[:, :classes]

    return Classifier.from_function(function, shape, classes, fingerprint=name, name=name, outputs="logits")


@pytest.fixture
def images():
    levels = np.array([30, 50, 110, 130, 190, 210, 75, 85], np.uint8)
    pixels = levels[:, None, None, None] + np.zeros((1, 2, 2, 1), np.uint8)
    return Dataset.from_arrays("grey", "test", pixels, [0, 0, 1, 1, 2, 2, 1, 1], ("dark", "grey", "light"))


def test_an_evaluation_says_that_grey_images_are_repeated_for_a_model_of_colours(images):
    import keras

    said = "The images are grey and the model takes colours, so their channel is repeated."
    for channels in (1, 3):
        layers = [keras.layers.Input((2, 2, channels)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
        told = evaluate(Classifier(keras.Sequential(layers)), images).summary().splitlines()
        assert (said in told) == (channels == 3)


def test_an_evaluation_counts(images):
    made = evaluate(network(), images)
    low, high = wilson_interval(7, 8)
    assert made.sentence() == "accuracy (top-1): 88 % (52–98), 7 of 8 images"
    told = json.loads(json.dumps(made.to_json()))
    assert (told["accuracy"], told["correct"], told["images"], told["interval_95"]) == (0.875, 7, 8, [low, high])
    assert told["mean_recall"] == pytest.approx((1 + 0.75 + 1) / 3)
    assert told["confusion"] == [[2, 0, 0], [1, 3, 0], [0, 0, 2]]
    ends = {"precision_interval_95": list(wilson_interval(2, 3)), "recall_interval_95": list(wilson_interval(2, 2))}
    first = {"class": 0, "name": "dark", "images": 2, "precision": 2 / 3, "recall": 1}
    assert told["classes"][0] == first | ends
    assert (told["model"]["name"], told["data"]["name"], told["data"]["images"]) == ("bright", "grey", 8)
    never = evaluate(network(shift=-300), images).to_json()["classes"]
    assert [row["precision"] for row in never] == [0.25, None, None] and never[2]["recall"] == 0


def test_an_evaluation_sums_itself_up_and_is_a_table(images):
    made = evaluate(network(), images)
    assert made.accuracy == 0.875 and made.summary().splitlines() == [
        "bright on grey (test)", made.sentence(), "weakest class: grey, recall 75.0 % (30.0–95.5), 3 of 4 images",
        "mean recall: 91.7 % (51.3–100.0), each class counting the same",
    ]  # fmt: skip
    few = evaluate(network(), images.select(np.flatnonzero(images.labels < 2)))
    said = "mean recall of the 2 of 3 classes with images: 87.5 % (38.1–100.0), each class counting the same"
    assert few.recall_sentence() == said
    low, high = made.to_json()["mean_recall_interval_95"]
    assert (low, high) == (made.mean_recall.low, made.mean_recall.high) and low < made.metrics.mean_recall < high
    three = np.flatnonzero(images.labels < 2)[:3]
    unequal = evaluate(network(shift=-300), images.select(np.repeat(three, 10))).summary()
    assert "always answers dark would be right on 67 %, and this one is not clearly better. So look at" in unequal
    assert unequal.endswith("recall of class grey: 0 of 10 when clean (0 %, 0–28).") and "always" not in made.summary()
    guessed = evaluate(network(shift=-300), images.select(three)).summary()
    assert "That may be no better than guessing among 3 classes (33.3 %)" in guessed
    never = evaluate(network(shift=-300), images.select(np.repeat(np.flatnonzero(images.labels > 0), 10)), as_is=True)
    assert never.summary().endswith(
        "That is worse than guessing among 3 classes (33.3 %). The model probably expects other inputs, or its "
        "outputs stand for other classes, or both. Check this first: otherwise the other figures mean nothing. If the "
        "images were chosen because the model fails on them, 0 % is no surprise."
    )
    frame = made.to_pandas()
    assert frame["name"].tolist() == ["dark", "grey", "light"] and frame["images"].tolist() == [2, 4, 2]
    assert frame["recall"].tolist() == [1, 0.75, 1] and frame.index.name == "class"
    assert made._repr_html_().startswith("<p>bright on grey (test)<br>accuracy (top-1): 88 %")


def test_an_evaluation_loads_what_it_is_given(images, tmp_path):
    np.savez(tmp_path / "grey.npz", images=images.images, labels=images.labels, class_names=list(images.class_names))
    assert tfstab.evaluate(network(), tmp_path / "grey.npz").to_json()["correct"] == 7
    assert tfstab.evaluate(network(), tmp_path / "grey.npz", limit=4).metrics.total == 4
    assert tfstab.evaluate(network(), images, limit=4).metrics.total == 4
    with pytest.raises(
        InputError, match=r"which images\? give a data set or a folder, as bright is not a bundled name"
    ):
        tfstab.evaluate(network())


def test_a_bundled_network_is_evaluated_on_its_own_data_set():
    assert tfstab.evaluate("mnist-lenet", limit=10).data["name"] == "mnist-5k"


def test_images_that_are_resized_get_the_models_size(tmp_path):
    levels = np.array([[[40]], [[200]]], np.uint8) * np.ones((2, 6, 4), np.uint8)
    for name, level in zip(("dark", "light"), levels, strict=True):
        (tmp_path / name).mkdir()
        Image.fromarray(level).save(tmp_path / name / "0.png")
    made = tfstab.evaluate(network(classes=2), tmp_path, resize="crop")
    assert made.metrics.confusion.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(InputError):
        tfstab.evaluate(network(classes=2), tmp_path)


def test_what_a_scale_computes():
    """The verdicts that are published come of these numbers of images, copies and queries (`make frozen`)."""
    lines = [f"{name} {data} {size}" for name, sizes in SCALES.items() for data, size in sizes.items()]
    check(
        Path(__file__).with_name("scales.txt"), [*lines, *(f"league {name} {size}" for name, size in LEAGUES.items())]
    )
    for size in (size for sizes in SCALES.values() for size in sizes.values()):
        assert size.copies.of("single") >= size.copies.of("mine") == size.copies.augmented
        assert size.copies.of("ensemble") == size.copies.of("member") == size.copies.ensemble
        assert min(size.searched, size.explained_by_ensembles) >= FEWEST  # else no ratio could be significant


@pytest.mark.parametrize(
    ("data", "trains", "there", "expected"),
    [("mnist", False, False, ("mnist-5k",)), ("mnist", False, True, ("mnist", "test")),
     ("mnist", True, False, ("mnist", "test")), ("cifar10", False, False, ("cifar10", "test"))],
)  # fmt: skip
def test_only_mnist_has_images_that_need_no_file(data, trains, there, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(reproduction, "load_dataset", lambda *arguments: arguments)
    if there:
        (tmp_path / "mnist.npz").touch()
    scale = replace(SCALES["small"]["mnist"], trains=trains)
    assert reproduction._test_images(data, scale, tmp_path)[:2] == expected


@pytest.fixture
def tiny(images, monkeypatch):
    """A scale that searches too little to find much, with these images and this network for MNIST's."""
    scale = Scale(
        clean=None,
        swept=4,
        copies=Copies(2, 2, 1),
        unclipped=Copies(0, 0, 0),
        weakest=1,
        searched=2,
        queries=100,
        compared=0,
        tried=0,
        layered=2,
        explained=2,
        explained_by_ensembles=2,
        trains=False,
    )
    monkeypatch.setitem(SCALES, "tiny", {"mnist": scale})
    monkeypatch.setattr(reproduction, "load_dataset", lambda *_: images)
    monkeypatch.setattr(networks, "bundled_names", lambda: ())  # which take larger images


def test_a_network_that_is_not_given_again_keeps_its_runs_and_another_of_its_name_is_refused(tiny, images, tmp_path):
    single, dimmed = network(), network(-10, "dimmed")
    told = []
    made = reproduce(
        "mnist", "tiny", tmp_path, {"single": single, "dimmed": dimmed}, on_step=lambda *step: told.append(step)
    )
    assert made.info["explained"] == [] and made.explanations == {}  # as functions have no gradients
    assert made.kinds == ("single", "dimmed") and list(made.sweeps) == ["single", "dimmed"]
    assert made.clean["single"].accuracy == 7 / 8 and made.clean["dimmed"].accuracy == 6 / 8
    assert [run.info["data"]["images"] for run in made.sweeps.values()] == [4, 4]
    assert made.sweeps["single"].config.copies == 2 and made.searches["single"].config.max_queries == 100
    assert not made.searches["single"].config.refine  # as functions have no gradients
    assert [step for step in told if step[0] == "minimum noise, dimmed"] == [
        ("minimum noise, dimmed", 1, 2), ("minimum noise, dimmed", 2, 2)
    ]  # fmt: skip
    assert ("noise sweep, single", 96, 96) in told

    again = reproduce("mnist", "tiny", tmp_path, {"single": single})
    assert again.kinds == ("single", "dimmed") and again.info["networks"]["dimmed"]["name"] == "dimmed"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for other in ({"single": network(5, "lit")}, {"single": single, "dimmed": network(5, "lit")}):
        with pytest.raises(RunError, match=r"runs of another network '(single|dimmed)' \((bright|dimmed)\)"):
            reproduce("mnist", "tiny", tmp_path, other)
    assert {path: path.read_bytes() for path in before} == before
    wider = network(shape=(4, 4, 1), name="wider")
    fewer = network(classes=2, name="fewer")
    for other in (wider, fewer):
        with pytest.raises(InputError, match="'other' has another input shape or number of classes"):
            reproduce("mnist", "tiny", tmp_path / "new", {"single": single, "other": other})
    assert not (tmp_path / "new").exists()

    rows = {(row["network"], row["test"]): row for row in accuracy_table({"mnist": made}).records()}
    clean = rows["dimmed", "clean"]
    assert (clean["here"], clean["paper"], clean["images"]) == (75, None, 8)
    low, high = wilson_interval(6, 8)
    assert (clean["from"], clean["to"]) == pytest.approx((100 * low, 100 * high))
    noisy = rows["single", "noisy"]
    assert noisy["images"] == 4 and noisy["difference"] == pytest.approx(noisy["here"] - noisy["paper"], abs=0.0051)
    page = reproduction_report({"mnist": Reproduction(made.folder)})
    assert page.lead[0] == (
        "MNIST, scale tiny: grey (), networks: single, dimmed; 4 images x 12 sigmas x 2 copies swept; "
        "2 images searched."
    )


def test_what_is_not_finished_is_told(tiny, images, tmp_path):
    made = reproduce("mnist", "tiny", tmp_path, {"single": network()})

    def warnings(reproduction):
        [section] = (s for s in reproduction_report({"mnist": reproduction}).sections if s.title == "MNIST")
        return section.warnings

    assert warnings(made) == []
    list(made.sweeps["single"].parts.values())[-1].unlink()
    assert warnings(Reproduction(made.folder)) == [
        "sweeps/single is not finished: it has 1 copy of each of 4 images (2 planned)."
    ]


def test_another_scale_or_other_images_are_refused(tiny, images, tmp_path, monkeypatch):
    reproduce("mnist", "tiny", tmp_path, {"single": network()})
    monkeypatch.setitem(SCALES, "other", SCALES["tiny"])
    with pytest.raises(RunError, match="holds a reproduction at scale tiny on grey"):
        reproduce("mnist", "other", tmp_path, {"single": network()})
    monkeypatch.setattr(reproduction, "load_dataset", lambda *_: images.take(6))
    with pytest.raises(RunError, match="holds a reproduction at scale tiny on grey"):
        reproduce("mnist", "tiny", tmp_path, {"single": network()})


def test_how_a_network_was_trained_is_told_from_its_card():
    card = {"recipe": {"epochs": 12}, "data": {"training": {"images": 54_000, "name": "mnist"}}}
    assert trained_as(card) == "54,000 images of mnist, 12 epochs"
    fixed = card | {"recipe": {"epochs": 3, "noise": {"copies": 15, "sigmas": [1.0, 2.5]}}}
    assert trained_as(fixed) == (
        "54,000 images of mnist, 3 epochs, noise in 15 copies beside the clean images, sigma 1, 2.5"
    )
    fresh = card | {"recipe": {"epochs": 3, "noise": {"copies": None, "sigmas": [8]}}, "members": [1, 2, 3]}
    assert trained_as(fresh) == "54,000 images of mnist, 3 epochs, noise drawn afresh, sigma 8, each of 3 networks"
    for damaged in (None, {}, {"recipe": 3, "data": 4}, card | {"recipe": {}}):
        assert trained_as(damaged) is None
    assert objective_name("eq1", 0.001) == "eq1-lambda-0.001" and objective_name("eq2", 1.0) == "eq2-lambda-1"


def test_missing_networks_are_trained_as_the_paper_did_and_tell_how_far_they_are(monkeypatch, tmp_path):
    """Nothing is trained: what would be is recorded."""
    asked, steps = [], []

    def train(recipe, out, data_dir, on_batch):
        asked.append((recipe, out, data_dir))
        on_batch(2, 30, 100)
        return SimpleNamespace(classifier=network(name="noisy"), card={"name": "noisy"})

    def train_ensemble(recipe, out, data_dir, on_batch):
        asked.append((recipe, out, data_dir))
        on_batch(3, 2, 30, 100)
        return SimpleNamespace(classifier=network(name="five"), card={"name": "five"})

    monkeypatch.setattr(networks, "train", train)
    monkeypatch.setattr(networks, "train_ensemble", train_ensemble)
    monkeypatch.setattr(networks, "bundled_names", lambda: [])

    def tell(*step):
        steps.append(step)

    given, size = {"single": (network(), None)}, replace(SCALES["small"]["mnist"], trains=True, augmented_epochs=None)
    plain = networks.RECIPES["mnist-lenet"]
    for epochs in (None, 4):
        size = replace(size, augmented_epochs=epochs)
        made = networks.choose_networks("mnist", size, tmp_path, given, tmp_path / "data", tell)
        assert list(made) == ["single", "ensemble", "augmented"] and made["ensemble"][1] == {"name": "five"}
        assert made["augmented"][0].name == "noisy" and made["augmented"][1] == {"name": "noisy"}
        noisy = replace(plain, noise=networks.TrainingNoise.fixed(15), epochs=epochs or plain.epochs)
        folder = tmp_path / "networks"
        assert asked[-2:] == [
            (plain, folder / "ensemble", tmp_path / "data"), (noisy, folder / "augmented", tmp_path / "data")
        ]  # fmt: skip
        assert steps[-2:] == [
            ("training the ensemble, network 3", 230, 100 * plain.epochs),
            ("training on noisy copies", 230, 100 * noisy.epochs),
        ]
    untrained = networks.choose_networks("mnist", replace(size, trains=False), tmp_path, given, None, None)
    assert list(untrained) == ["single"] and len(asked) == 4
