"""Orders: a model and images as options describe them, and runs of them, with a NumPy classifier."""

import re

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, classifier, dataset
from PIL import Image

import tfstab
from tfstab.errors import DataError, InputError, ModelError, RunError
from tfstab.orders import ImageOptions, ModelOptions, Order, Subject, classes_of, count_images, default_folder
from tfstab.orders.hardening import hardening_subject
from tfstab.report.harden import default_folder_of
from tfstab.runs.folder import RunFolder
from tfstab.runs.kinds import KINDS, imported, kind_of
from tfstab.training import HardenConfig


@pytest.fixture
def data(tmp_path):
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(NAMES))
    return str(tmp_path / "few.npz")


def subject(data, **more):
    """A subject whose model is loaded at most once."""
    loaded = []

    def load(options):
        assert not loaded, "the model is kept"
        loaded.append(options)
        return classifier()

    images = {name: more.pop(name) for name in ("limit", "images", "resize") if name in more}
    return Subject(ModelOptions("mnist-lenet"), ImageOptions(data, **images), load_model=load, **more), loaded


def test_images_are_read_without_the_model_where_that_is_possible(data):
    of, loaded = subject(data, images="2:6")
    assert of.dataset.indices.tolist() == [2, 3, 4, 5] and of.dataset is of.dataset and not loaded
    resized, loaded = subject(data, resize="stretch")
    assert resized.dataset.image_shape == (SIDE, SIDE, 1) and len(loaded) == 1


def test_images_without_classes_get_those_that_the_model_predicts(tmp_path):
    for name, level in (("a.png", 5), ("b.png", 250)):
        Image.new("L", (9, 7), level).save(tmp_path / name)
    of, loaded = subject(f"images:{tmp_path}")
    assert of.dataset.labels.tolist() == [0, 2] and len(loaded) == 1
    assert of.images.count() == 2 and default_folder("search", of).name == f"search-mnist-lenet-{tmp_path.name}"


def test_images_without_classes_need_the_size_of_the_model(tmp_path):
    Image.new("L", (9, 7), 5).save(tmp_path / "a.png")
    any_size = classifier()
    any_size.input_shape = (None, None, 1)  # as of a Keras model that takes any
    with pytest.raises(InputError, match="takes images of any size"):
        ImageOptions(f"images:{tmp_path}").load(lambda: any_size)


def test_images_without_classes_are_resized_as_told(tmp_path):
    levels = np.repeat(np.uint8([0, 0, 9, 99, 200, 210, 255, 255]), 3)
    image = Image.fromarray(np.tile(levels, (4, 1)))
    image.save(tmp_path / "a.png")
    expected = {
        "stretch": image.resize((SIDE, SIDE), Image.Resampling.BICUBIC),
        "crop": image.crop((10, 0, 14, 4)),
        "stretch:bilinear": image.resize((SIDE, SIDE), Image.Resampling.BILINEAR),
        f"crop:{SIDE}x{SIDE}:nearest": image.crop((10, 0, 14, 4)),
    }
    for resize, pixels in expected.items():
        made = ImageOptions(f"images:{tmp_path}", resize=resize).load(classifier)
        np.testing.assert_array_equal(made.images[0, ..., 0], pixels)
    given = ImageOptions(f"images:{tmp_path}").load(classifier)
    np.testing.assert_array_equal(given.images[0, ..., 0], expected["stretch"])


def test_the_number_of_images_that_are_not_there(tmp_path):
    assert [count_images(f"{prefix}{tmp_path / 'no'}") for prefix in ("images:", "folder:", "")] == [None] * 3


@pytest.mark.parametrize("name", ["a" * 5000, "b/" + "a" * 300], ids=["long", "long part"])
def test_names_that_no_file_can_have(name):
    with pytest.raises(ModelError, match="cannot be used as a path"):
        ModelOptions(name).check()
    with pytest.raises(DataError, match="cannot be used as a path"):
        ImageOptions(name).check()
    assert classes_of(name) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_of_each_kind(data, tmp_path, kind):
    of, _ = subject(data, limit=3)
    few = {"max_queries": 100}
    settings = {"search": few, "sweep": {"sigmas": (10,), "copies": 2}, "explanation": few | {"copies": 2}}[kind]
    config = KINDS[kind].load("config")(**settings)
    told = []
    observer = "on_result" if kind == "search" else "on_progress"
    order = Order(kind, of, config, tmp_path / "run")
    order.check()
    run = order.run(**{observer: told.append})
    assert run.kind == kind and run.complete and told and tfstab.open_run(tmp_path / "run").info == run.info
    lines, parts = KINDS[kind].load("section")(run)
    assert lines and (parts or kind == "explanation")  # of this classifier, which has neither layers nor gradients
    assert kind == "explanation" or config.most_scored == {"search": 201, "sweep": 2}[kind]


def test_target_and_mask_of_an_order(data, tmp_path):
    Image.fromarray(np.uint8(255 * np.eye(SIDE))).save(tmp_path / "mask.png")
    of, _ = subject(data, target=NAMES[0], mask=tmp_path / "mask.png")
    chosen, goal = of.aimed
    assert goal["target"] == 0 and (goal["mask"] == np.eye(SIDE, dtype=bool)).all() and 0 not in chosen.labels
    assert len(of.dataset) == 9 and len(chosen) < 9


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ("mnist5k", InputError, "unknown data set 'mnist5k': did you mean"),
        ("/nowhere/x.npz", DataError, "is not a file"),
        ("images:/nowhere", DataError, "is not there"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_loaded(tmp_path, given, error, said):
    of, loaded = subject(given)
    with pytest.raises(error, match=said):
        Order("sweep", of, None, tmp_path).check()
    assert not loaded


def test_a_folder_with_other_files_is_refused_before_the_model_is_loaded(data, tmp_path):
    of, loaded = subject(data)
    with pytest.raises(RunError, match="holds other files"):
        _ = Order("sweep", of, None, tmp_path).folder
    assert not loaded


def test_each_kind_of_run_is_whole():
    for name, kind in KINDS.items():
        assert kind.name == name and kind.load("reader").kind == name and issubclass(kind.load("reader"), RunFolder)
        parts = ["config", "runner", "section", *(["overview"] if kind.overview else [])]
        assert all(callable(kind.load(part)) for part in parts)
    with pytest.raises(RunError, match=r"here is a run of unknown kind 'swep'; known: search, sweep, explanation\."):
        kind_of("swep", "here")
    assert imported("math:pi") == np.pi


def test_hardenings_with_other_settings_have_other_folders(mnist_lenet, digits):
    test, train = digits.take(40), digits.take(120)

    def folder(train, config=None, **options):
        return default_folder_of(hardening_subject(mnist_lenet, test, train, **options), config or HardenConfig()).name

    first = folder(train)
    assert re.fullmatch(r"harden-mnist-lenet-mnist-5k-train-[0-9a-f]{8}", first) and folder(train) == first
    others = [
        folder(train.take(60)), folder(train, limit=30), folder(train, class_names=digits.class_names),
        folder(train, HardenConfig(keep_clean=2.0)),
    ]  # fmt: skip
    assert len({first, *others}) == 5
