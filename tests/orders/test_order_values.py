"""What options of images and models mean, by hand, without a model."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, classifier, dataset
from PIL import Image

from tfstab import SearchConfig, SweepConfig
from tfstab.datasets import NAMED, load_dataset
from tfstab.datasets.resize import Resize
from tfstab.degradations import PAPER_SIGMAS
from tfstab.errors import DataError, InputError, RunError
from tfstab.explanation import ExplanationConfig
from tfstab.models import bundled_names
from tfstab.orders import (
    ImageOptions,
    ModelOptions,
    Order,
    Subject,
    classes_of,
    count_images,
    data_name,
    default_folder,
    default_model,
    run_name,
    setting_words,
)
from tfstab.orders import model as models
from tfstab.orders.hardening import HardeningSubject
from tfstab.orders.images import path_of, without_prefix
from tfstab.orders.loaded import Loaded
from tfstab.orders.unlabelled import unlabelled_images
from tfstab.report.explain import default_folder_of as explanation_folder
from tfstab.report.harden import default_folder_of as hardening_folder
from tfstab.report.harden import harden_config


@pytest.mark.parametrize(
    ("data", "limit", "count"),
    [("mnist-5k", None, 5000), ("mnist-5k", 10, 10), ("mnist-5k", 9_000, 5000), ("folder:/nowhere", None, None),
     ("folder:/nowhere", 7, 7), ("cifar10", None, 10_000)],
)  # fmt: skip
def test_how_many_images_options_take(data, limit, count):
    assert ImageOptions(data, limit=limit).count() == count


def test_images_of_each_split_are_counted(tmp_path):
    few = dataset()
    np.savez(tmp_path / "a.npz", x_train=few.images[:4], y_train=few.labels[:4], x_test=few.images, y_test=few.labels)
    np.savez(tmp_path / "b.npz", images=few.images)
    for split, count in (("train", 4), ("test", 9)):
        assert count_images(str(tmp_path / "a.npz"), split) == count
        folder = tmp_path / "arrays" / split
        folder.mkdir(parents=True)
        np.save(folder / "images.npy", few.images[:count])
        np.save(folder / "labels.npy", few.labels[:count])
        assert count_images(f"folder:{tmp_path / 'arrays'}", split) == count
        assert count_images(str(folder / "images.npy")) == count
    for name in "xyz":
        (folder / f"{name}.png").touch()
    (folder / "table.csv").write_text("file,label\nx.png,cat\ny.png,dog\nz.png,cat\n")
    assert count_images(str(folder / "table.csv")) == 3
    assert count_images(str(tmp_path / "b.npz")) is None and count_images("mnist-5k", "train") is None
    assert count_images("cifar10", "train") == 50_000
    (tmp_path / "tf").mkdir()
    (tmp_path / "tf" / "features.json").touch()
    assert count_images(f"folder:{tmp_path / 'tf'}") is None
    Image.new("L", (2, 2)).save(tmp_path / "x.PNG")
    (tmp_path / "y.txt").touch()
    assert count_images(f"images:{tmp_path}") == 1 == count_images(f"images:{tmp_path / 'y.txt'}")


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (SweepConfig(copies=3), "sweep"), (SweepConfig(sigmas=(5, 20.5)), "sweep sigmas-5-20.5"),
        (SweepConfig(PAPER_SIGMAS, seed=7, common_noise=True), "sweep common-noise-seed-7"),
        (SweepConfig(degradation="fog", severities=(30,)), "sweep-fog severities-30"),
        (SweepConfig(degradation="jpeg"), "sweep-jpeg"),
        (SweepConfig(sigmas=range(1, 30)), "sweep 3c9b8ddf"),
        (SearchConfig(), "search"), (SearchConfig(max_queries=20_000, preset="default"), "search"),
        (SearchConfig(max_queries=500, seed=3, refine=True), "search queries-500-refine-seed-3"),
        (SearchConfig(preset="paper"), "search paper"),
        (SearchConfig(preset="paper", population=50), "search paper-population-50"),
        (SearchConfig("lbfgs", targets=5), "search lbfgs-targets-5"), (SearchConfig("random"), "search random"),
        (SearchConfig(lambda_=0.01, beta=1e15), "search lambda-0.01-beta-1e+15"),
    ],
)  # fmt: skip
def test_a_folder_is_named_after_what_a_resumed_run_must_repeat(tmp_path, config, name):
    few = dataset(3)
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels)
    kind, _, settings = name.partition(" ")
    of = Subject(ModelOptions("mnist-lenet"), ImageOptions(str(tmp_path / "few.npz"), limit=2))
    order = Order("sweep" if isinstance(config, SweepConfig) else "search", of, config)
    assert order.folder == Path("runs") / "-".join([kind, "mnist-lenet-few", *([settings] if settings else [])])


@pytest.mark.parametrize(
    ("images", "more", "name"),
    [
        ({"split": "train"}, {}, "train"), ({"images": "0:2"}, {}, ""), ({"images": "1:3"}, {}, "from-1"),
        ({"resize": "stretch:4x4"}, {}, "stretch-4x4"), ({"resize": "crop:4:bilinear"}, {}, "crop-4-bilinear"),
        ({}, {"target": "1"}, "target-1"),
        ({}, {"mask": "my mask.png"}, "21f5afbd"), ({}, {"target": "straße"}, "target-straße"),
        ({}, {"preprocess": "unit", "outputs": "logits"}, "unit-logits"),
        ({}, {"classes": "b,a,c"}, "685507ed"),
    ],
)  # fmt: skip
def test_a_folder_is_named_after_options_too(tmp_path, images, more, name):
    few = dataset(3)
    arrays = {f"{array}_{split}": values for split in ("test", "train")
              for array, values in (("x", few.images), ("y", few.labels))}  # fmt: skip
    np.savez(tmp_path / "few.npz", **arrays)
    Image.new("L", (SIDE, SIDE), 255).save(tmp_path / "my mask.png")
    goal = {key: tmp_path / more[key] if key == "mask" else more[key] for key in ("target", "mask") if key in more}
    model = ModelOptions("mnist-lenet", **{key: value for key, value in more.items() if key not in goal})
    of = Subject(model, ImageOptions(str(tmp_path / "few.npz"), **images), **goal)
    assert default_folder("x", of).name == "-".join(["x-mnist-lenet-few", *([name] if name else [])])


def test_a_folder_or_image_needs_no_prefix(tmp_path, monkeypatch):
    (tmp_path / "mnist-5k" / "cat").mkdir(parents=True)
    for path in ("mnist-5k/cat/1.png", "mnist-5k/cat/2.png"):
        Image.new("L", (SIDE, SIDE), 5).save(tmp_path / path)
    monkeypatch.chdir(tmp_path)
    for data, count, name in (
        ("mnist-5k", 5000, "mnist-5k"), ("./mnist-5k", 2, "folder:./mnist-5k"),
        ("folder:mnist-5k", 2, "folder:mnist-5k"), (f"{tmp_path}/mnist-5k", 2, f"folder:{tmp_path}/mnist-5k"),
        ("mnist-5k/cat/1.png", 1, "images:mnist-5k/cat/1.png"),
    ):  # fmt: skip
        options = ImageOptions(data)
        options.check()
        loaded = options.load(classifier)
        assert (count_images(data), options.count(), len(loaded), loaded.name) == (count, count, count, name)
    assert load_dataset("./mnist-5k").names.tolist() == ["cat/1.png", "cat/2.png"]
    assert load_dataset(tmp_path / "mnist-5k").name == f"folder:{tmp_path}/mnist-5k"
    assert len(load_dataset(Path("mnist-5k"))) == 2


@pytest.mark.parametrize(
    ("images", "indices"),
    [(":2", [0, 1]), ("7:", [7, 8]), ("4:6", [4, 5]), ("3", [3]), ("0", [0]), ("8:99", [8]), (":", list(range(9)))],
)
def test_which_images_a_span_takes(tmp_path, images, indices):
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels)
    options = ImageOptions(str(tmp_path / "few.npz"), images=images)
    assert options.load(classifier).indices.tolist() == indices and options.first == indices[0]


@pytest.mark.parametrize("images", ["3:3", "4:2", "-1:2", "-1"])
def test_a_span_without_images(images):
    with pytest.raises(InputError, match=f"--images is '{images}'; expected 0 <= A < B"):
        _ = ImageOptions(images=images).first


@pytest.mark.parametrize("shape", [(None, 4, 1), (4, None, 1)])
def test_a_model_for_any_height_or_width_does_not_say_to_which_size(tmp_path, shape):
    Image.new("L", (6, 4)).save(tmp_path / "a.png")
    model = SimpleNamespace(name="any", input_shape=shape)
    for data, resize in ((f"images:{tmp_path}", None), ("mnist-5k", "crop")):
        with pytest.raises(InputError, match="any takes images of any size"):
            ImageOptions(data, resize=resize).load(lambda: model)


def test_the_network_of_a_data_set(tmp_path):
    known = {None: "mnist-lenet", "mnist-5k": "mnist-lenet", "mnist": "mnist-lenet", "cifar10": "cifar10-quick"}
    assert {data: default_model(ImageOptions(data)) for data in known} == known
    assert all(default_model(ImageOptions(data)) in bundled_names() for data in NAMED)
    with pytest.raises(InputError, match=r"which model.* has images of your own: name their model with --model"):
        default_model(ImageOptions(str(tmp_path)))
    with pytest.raises(InputError, match="unknown data set 'cifar'"):
        default_model(ImageOptions("cifar"))


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (None, InputError, "which images"), ("folder:{0}/a.npz", DataError, "is not a folder: give a folder"),
        ("images:{0}/none", DataError, "is not there: choose an image"), ("{0}/b.npz", DataError, "is not a file"),
        ("mnist-6k", InputError, "unknown data set 'mnist-6k'"), ("{0}/none", InputError, "there is neither a"),
        ("folder:{0}", None, ""), ("{0}", None, ""), ("images:{0}/a.npz", None, ""), ("{0}/a.npz", None, ""),
        ("mnist-5k", None, ""),
    ],
)  # fmt: skip
def test_data_are_checked_without_reading_them(tmp_path, data, error, said):
    (tmp_path / "a.npz").touch()
    options = ImageOptions(data and data.format(tmp_path))
    if error is None:
        options.check()
    else:
        with pytest.raises(error, match=said):
            options.check()


def test_the_name_of_a_run_has_the_real_name_of_the_current_folder_and_of_those_above(tmp_path, monkeypatch):
    (tmp_path / "photos" / "test").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "photos")
    names = {"": "photos", "folder:.": "photos", "./": "photos", "test/..": "photos", "..": tmp_path.name}
    assert {data: run_name("assess", "my.keras", data) for data in names} == {
        data: f"assess-my-{name}" for data, name in names.items()
    }
    monkeypatch.chdir("test")
    assert run_name("assess", "my.keras", ".") == "assess-my-photos-test"
    assert run_name("assess", "my.keras", "folder:/") == "assess-my-images"


def test_the_names_of_paths_and_runs(tmp_path):
    assert path_of("images:~/x") == Path.home() / "x" and without_prefix("folder:a:b") == "a:b"
    assert without_prefix("folder:images:x") == "x" and ImageOptions(None).path == Path()
    assert run_name("search", "/a/net.v2.keras", "/b/data.npz") == "search-net.v2-data"
    assert run_name("search", "net", "folder:/b/c\\") == "search-net-c"
    assert run_name("search", "net", "folder:images") == "search-net-images"
    parts = {"data/test": "data test", "../test": "test", "~/images/val": "images val", "a/b": "b", ".": "."}
    parts |= {"folder:images": "the folder images"}
    assert {data: data_name(data) for data in parts} == parts
    assert setting_words({"clip": False, "refine": True, "max_queries": 1}) == ["no-clip", "refine", "queries-1"]
    assert setting_words({"a": "x" * 38}) == ["a-" + "x" * 38] and len(setting_words({"a": "x" * 39})[0]) == 8
    few = dataset(3)
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels)
    of = Subject(ModelOptions("mnist-lenet"), ImageOptions(str(tmp_path / "few.npz")))
    assert default_folder("sweep", of) == Path("runs") / "sweep-mnist-lenet-few"
    assert classes_of("mnist-lenet") == tuple("0123456789") and classes_of("none") == ()


def test_a_model_is_loaded_with_all_its_options(monkeypatch):
    given = []
    monkeypatch.setattr(models, "load_classifier", lambda name, **options: given.append((name, options)))
    ModelOptions("m").load()
    ModelOptions("n", "unit", "logits", True, ["a.py"], "cat=1,dog=0", 0.3).load()
    plain = {"preprocess": None, "outputs": None, "trust": False, "imports": (), "class_names": None}
    plain |= {"threshold": None}
    own = {"preprocess": "unit", "outputs": "logits", "trust": True, "imports": ["a.py"]}
    own |= {"threshold": 0.3, "class_names": {1: "cat", 0: "dog"}}
    assert given == [("m", plain), ("n", own)]
    with pytest.raises(InputError, match="unknown preprocess"):
        ModelOptions("mnist-lenet", "colour").check()
    with pytest.raises(InputError, match="unknown model"):
        ModelOptions("mnist-lenot").check()


def test_the_whole_order_is_checked(tmp_path):
    good = Subject(ModelOptions("mnist-lenet"), ImageOptions())
    Order("search", good, None).check()
    for wrong, said in (
        (replace(good, target="eleven"), "eleven"),
        (replace(good, mask=tmp_path / "none.png"), "none.png"),
        (replace(good, model=ModelOptions("mnist-lenot")), "mnist-lenot"),
        (replace(good, images=ImageOptions("mnist-6k")), "mnist-6k"),
    ):
        with pytest.raises((InputError, DataError), match=said):
            Order("search", wrong, None).check()
    replace(good, target="7").check()
    with pytest.raises(InputError, match="unknown preprocess"):
        _ = replace(good, model=ModelOptions("mnist-lenet", "colour")).dataset
    replace(good, target="cat", images=ImageOptions(f"folder:{tmp_path}")).check()  # known when it is read
    (tmp_path / "mine.txt").touch()
    with pytest.raises(RunError, match="holds other files"):
        Order("search", good, None, tmp_path).check()


def test_an_order_runs_the_model_that_was_prepared(tmp_path):
    few = dataset(3)
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(NAMES))
    mask = tmp_path / "mask.png"
    Image.fromarray(np.uint8(np.eye(4) * 255)).save(mask)
    loaded = []
    of = Subject(
        ModelOptions("mnist-lenet"), ImageOptions(str(tmp_path / "few.npz")), mask=mask, load_model=loaded.append
    )
    from tfstab import SearchConfig

    order = Order("search", of, SearchConfig(max_queries=100), tmp_path / "run")
    run = order.run(classifier())
    assert run.complete and loaded == [] and order.folder == tmp_path / "run" and not run.result(0).noise[0, 1:].any()


def test_images_without_classes_are_read_in_the_order_of_their_names(tmp_path):
    for name, level in (("b.png", 250), ("a.png", 10), ("c.PNG", 128)):
        Image.new("RGB", (6, 4), (level, level, level)).save(tmp_path / name)
    (tmp_path / "notes.txt").touch()
    form = Resize((SIDE, SIDE), "stretch")
    found = unlabelled_images(classifier(), tmp_path, "mine", form)
    assert found.images[:, 0, 0, 0].tolist() == [10, 250, 128] and found.images.shape == (3, 4, 4, 1)
    assert found.labels.tolist() == [0, 2, 1] and found.name == "mine" and found.class_names == NAMES
    assert unlabelled_images(classifier(channels=3), tmp_path, "mine", form).images.shape == (3, 4, 4, 3)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "linked.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(DataError, match="leads out of"):
        unlabelled_images(classifier(), tmp_path / "folder", "mine", form)
    for path, said in ((tmp_path / "none", "cannot be read"), (tmp_path / "notes.txt", "cannot be read as an image")):
        with pytest.raises(DataError, match=said):
            unlabelled_images(classifier(), path, "mine", form)


def test_folders_of_explanations_and_hardenings_are_named_after_what_differs_from_the_defaults():
    few = replace(dataset(3), name="few")
    options = Subject(ModelOptions("nets/mine.keras", "unit"), ImageOptions("digits.npz"))
    vars(options)["dataset"] = few  # loaded already
    loaded = Loaded(classifier(), few)
    plain = ExplanationConfig()
    assert explanation_folder(options, plain) == Path("runs/explanation-mine-few-unit")
    assert explanation_folder(loaded, plain) == Path("runs/explanation-brightness-few")
    name = explanation_folder(loaded, replace(plain, copies=7, seed=3)).name
    assert name == "explanation-brightness-few-copies-7-seed-3"
    subject = HardeningSubject(classifier(), few, few, False, False, {"limit": 9})
    assert hardening_folder(subject, harden_config("mixture", None)) == Path("runs/harden-brightness-few-limit-9")
    subject = HardeningSubject(classifier(), few, few, False, False, {})
    chosen = harden_config("mixture", {"fog": (5, 40.5)}, keep_clean=2)
    assert hardening_folder(subject, chosen).name == "harden-brightness-few-keep-clean-2-against-fog-5-40.5"
