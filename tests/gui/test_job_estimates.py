"""How many images a job scores and how long it takes, by hand, and where its run and its images are."""

import json
from pathlib import Path

import numpy as np
import pytest
from job_orders import order
from numpy_runs import NAMES, SIDE, classifier, dataset, search, sweep
from PIL import Image

from tfstab.datasets.resize import Resize
from tfstab.errors import DataError, InputError
from tfstab.gui import dropping
from tfstab.gui.jobs import estimate, plan
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.orders import count_images, run_name
from tfstab.orders.unlabelled import unlabelled_images


@pytest.mark.parametrize(
    ("asked", "images", "degraded"),
    [
        (order(), 3, 3 * 20_101), (order(settings={"max_queries": 500}), 3, 1803),
        (order(settings={"max_queries": 500, "refine": True}), 2, 2 * (500 + 2010 + 202)),
        (order("sweep", settings={"sigmas": (5, 10), "copies": 7}), 4, 56), (order("sweep"), 1, 240),
    ],
)  # fmt: skip
def test_how_many_degraded_images_a_run_scores(asked, images, degraded):
    assert estimate.degraded_images(asked, images) == degraded


def test_an_estimate_by_hand(tmp_path):
    told = estimate.estimate_order(order(limit=10, settings={"max_queries": 1000}), 100.0, [])
    assert told.text == "about 2 min, from earlier runs on this machine, for 11,010 degraded images"
    rough = estimate.estimate_order(order(limit=10, settings={"max_queries": 8000}), None, [])
    assert rough.text == "about 18 s, roughly guessed before the first run, for 81,010 degraded images"
    mine = RunOrder(1, "sweep", "mine.keras", "mnist-5k", "/x", {"copies": 1, "sigmas": (1,)}, limit=92_000)
    assert "about 13 s, roughly" in estimate.estimate_order(mine, None, []).text  # 5,000 images there are
    unknown = estimate.estimate_order(order(data=f"folder:{tmp_path / 'no'}"), None, [])
    assert unknown.text == "not known before the data are read" and unknown.problem == ""
    wrong = estimate.estimate_order(order(settings={"max_queries": 1}), None, [])
    assert wrong.text == "–" and "max_queries is 1" in wrong.problem


def test_the_rate_of_a_run_by_its_log(tmp_path):
    found, swept = search(tmp_path / "search", data=dataset(2), queries=100).path, sweep(tmp_path / "sweep").path

    def log(run, *entries):
        (run / "log.jsonl").write_text("\n".join(json.dumps(entry) for entry in entries))

    rate = estimate.rate_of_runs
    opened, part = {"event": "opened"}, {"event": "part"}
    log(
        found,
        opened,
        part | {"queries": 100, "seconds": 2},
        part | {"queries": 300, "seconds": 4},
        opened,
        part | {"queries": 200, "seconds": 6},
        {"event": "finished"},
    )
    assert rate([found], "search", "models/brightness.keras") == 600 / 10
    assert rate([found], "sweep", "brightness") is None and rate([found], "search", "other") is None
    assert rate([tmp_path / "gone", found], "search", "brightness") == 60
    log(swept, opened, part | {"rows": 100, "seconds": 2}, part | {"rows": 300, "seconds": 4})
    assert rate([found, swept], "sweep", "brightness") == 400 / 6
    log(swept, opened, part | {"rows": 100, "seconds": 0})
    assert rate([swept], "sweep", "brightness") is None and rate([], "sweep", "brightness") is None
    log(found, opened, part | {"queries": 0, "seconds": 2})  # all images are misclassified when clean
    assert rate([found], "search", "brightness") is None
    for number in (10**400, float("nan"), float("inf")):  # which JSON can hold
        log(found, opened, part | {"queries": number, "seconds": 2})
        assert rate([found], "search", "brightness") is None


def test_a_folder_for_a_new_run(tmp_path):
    def new_folder(*names, taken=()):
        return plan.new_folder(tmp_path, run_name("search", *names), taken)

    folder = new_folder("a/mine.keras", "folder:/x/my signs/")
    assert folder == tmp_path / "search-mine-my signs"
    folder.mkdir()
    second = new_folder("mine", "images:/x/my signs.npz")
    assert second.name == "search-mine-my signs-2"
    assert new_folder("mine", "my signs", taken=[second]).name == "search-mine-my signs-3"
    first, other = plan.example_orders(tmp_path)
    assert (first.kind, first.limit, first.settings) == ("search", 10, {"max_queries": 10_000})
    assert (other.kind, other.limit, other.settings) == ("sweep", 100, {})
    assert Path(first.out).name == "example-search-digits" and first.model == "mnist-lenet"
    with pytest.raises(InputError, match="has no name"):
        plan.named_folder("  ")
    assert plan.named_folder(" /a/b ") == Path("/a/b")


def test_images_of_every_source_are_counted(tmp_path):
    few = dataset()
    np.savez(tmp_path / "a.npz", x_test=few.images, y_test=few.labels)
    np.savez(tmp_path / "b.npz", x_train=few.images, y_train=few.labels)
    np.save(tmp_path / "images.npy", few.images[:4])
    np.save(tmp_path / "labels.npy", few.labels[:4])
    for name in ("cat/1.png", "cat/2.png", "dog/3.png"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4)).save(tmp_path / "photos" / name)
    (tmp_path / "photos" / "cat" / "x.txt").touch()
    (tmp_path / "t.csv").write_text("photos/cat/1.png,a\nphotos/dog/3.png,b\n")
    counts = {
        "mnist-5k": 5000, "gtsrb": 12_630, tmp_path / "a.npz": 9, tmp_path / "b.npz": None, f"folder:{tmp_path}": 4,
        tmp_path / "images.npy": 4, f"folder:{tmp_path / 'photos'}": 3, f"images:{tmp_path / 'photos' / 'cat'}": 2,
        f"images:{tmp_path / 'photos' / 'cat' / '1.png'}": 1, tmp_path / "t.csv": 2, f"folder:{tmp_path / 'no'}": None,
    }  # fmt: skip
    assert {str(data): count_images(str(data)) for data in counts} == {str(d): n for d, n in counts.items()}
    assert plan.data_of_folder(tmp_path / "photos") == f"folder:{tmp_path / 'photos'}"
    assert plan.data_of_folder(tmp_path / "photos" / "cat") == f"images:{tmp_path / 'photos' / 'cat'}"
    dropped = dropping.look_at([tmp_path / "a.npz"])
    assert dropped.draft.data == str(tmp_path / "a.npz") and dropped.problem == "" and dropped.runs == []
    assert "2 were dropped" in dropping.look_at([tmp_path / "a.npz", tmp_path / "b.npz"]).problem
    (tmp_path / "none").mkdir()
    assert "holds neither a run nor images" in dropping.look_at([tmp_path / "none"]).problem
    (tmp_path / "none" / "run.json").touch()
    assert dropping.look_at([tmp_path / "none"]) == dropping.Dropped([tmp_path / "none"])


def test_images_of_ones_own_become_what_the_model_wants(tmp_path):
    for name, level in (("b.png", 250), ("a.PNG", 5), ("c.txt", 0)):
        path = tmp_path / name
        path.write_text("") if name.endswith("txt") else Image.new("RGB", (9, 7), (level, level, level)).save(path)
    model, form = classifier(), Resize((SIDE, SIDE), "stretch")
    both = unlabelled_images(model, tmp_path, f"images:{tmp_path}", form)
    assert both.images.shape == (2, SIDE, SIDE, 1) and both.images[:, 0, 0, 0].tolist() == [5, 250]
    assert both.labels.tolist() == [0, 2] and both.class_names == NAMES and both.name == f"images:{tmp_path}"
    assert both.note == "resized to 4 x 4 (stretch, bicubic), classes as predicted"
    colour = unlabelled_images(classifier(channels=3), tmp_path / "b.png", "b", form)
    assert colour.images.shape == (1, SIDE, SIDE, 3)
    (tmp_path / "b.png").write_bytes(b"harm")
    with pytest.raises(DataError, match="cannot be read as an image"):
        unlabelled_images(model, tmp_path, "images", form)
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="holds no images"):
        unlabelled_images(model, tmp_path / "none", "none", form)
