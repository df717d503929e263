"""What a new run is made of, how long it takes, and what is told of it; without a window and a child."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tfstab.datasets import Dataset
from tfstab.errors import InputError
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.draft import Draft, folder_beside, measured_more
from tfstab.gui.jobs.estimate import degraded_images, estimate_order, rate_of_runs
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.pace import Pace
from tfstab.gui.jobs.plan import checked, draft_of, name_of, named_folder, new_folder, order_of
from tfstab.gui.jobs.protocol import Progress, RunOrder
from tfstab.gui.jobs.queue import JobQueue
from tfstab.gui.jobs.unfinished import Unfinished
from tfstab.gui.settings import Settings
from tfstab.orders import ImageOptions, count_images
from tfstab.wording import spoken


@pytest.fixture
def photos(tmp_path):
    """Class folders with three pictures, beside a folder of one picture and an npz file of two."""
    for name in ("photos/cat/a.png", "photos/cat/b.png", "photos/dog/c.png", "flat/d.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(path)
    np.savez(tmp_path / "two.npz", images=np.zeros((2, 4, 4), np.uint8), labels=np.zeros(2, int))
    (tmp_path / "two.csv").write_text("flat/d.png,cat\nphotos/cat/a.png,dog\n")
    for name in ("empty", "saved", "pair", "table"):
        (tmp_path / name).mkdir()
    np.save(tmp_path / "pair" / "images.npy", np.zeros((5, 4, 4), np.uint8))
    np.save(tmp_path / "pair" / "labels.npy", np.zeros(5, int))
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "table" / "a.png")
    (tmp_path / "table" / "labels.csv").write_text("a.png,cat\n")
    for name in ("my.keras", "my.h5", "saved/saved_model.pb"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def order(**changes):
    return RunOrder(
        **{"job": 0, "kind": "search", "model": "mnist-lenet", "data": "mnist-5k", "out": "/nowhere/yet", "limit": 10}
        | changes
    )


@pytest.mark.parametrize(
    ("dropped", "model", "data"),
    [
        (["my.keras"], "my.keras", None),
        (["my.h5"], "my.h5", None),
        (["saved"], "saved", None),
        (["photos"], None, "folder:photos"),
        (["flat"], None, "images:flat"),
        (["flat/d.png"], None, "images:flat/d.png"),
        (["two.npz"], None, "two.npz"),
        (["two.csv"], None, "two.csv"),
        (["table"], None, "folder:table"),
        (["pair"], None, "folder:pair"),
        (["pair/images.npy"], None, "pair/images.npy"),
        (["my.keras", "photos"], "my.keras", "folder:photos"),
    ],
)
def test_what_is_dropped_fills_in_the_dialog(photos, dropped, model, data):
    draft = draft_of(photos / name for name in dropped)
    assert draft.model == (model and str(photos / model))
    kind, colon, path = (data or "").rpartition(":")
    assert draft.data == (data and f"{kind}{colon}{photos / path}")


def test_what_is_good_for_nothing_is_not_taken(photos):
    assert draft_of([photos / "empty", photos / "not there"]) is None


def test_images_are_counted_without_reading_them(photos):
    assert [count_images(data) for data in (
        "mnist-5k", f"folder:{photos}/photos", f"images:{photos}/flat", f"images:{photos}/flat/d.png",
        f"{photos}/two.npz", f"folder:{photos}/nowhere", f"{photos}/two.csv", f"folder:{photos}/table",
        f"folder:{photos}/pair", f"{photos}/pair/images.npy",
    )] == [5000, 3, 1, 1, 2, None, 2, 1, 5, 5]  # fmt: skip


def test_a_new_run_gets_a_folder_of_its_own(photos):
    name = name_of(RunOrder(0, "search", "/a/my.keras", "folder:/b/photos/", ""))
    first = new_folder(photos, name)
    assert first == photos / "search-my-photos"
    first.mkdir()
    assert new_folder(photos, name) == photos / "search-my-photos-2"
    assert new_folder(photos, name, [photos / "search-my-photos-2"]) == photos / "search-my-photos-3"


def test_the_name_of_a_new_run_says_what_it_changes():
    def name(kind="sweep", **more):
        return name_of(RunOrder(0, kind, "my.keras", "folder:photos", "", **more))

    assert name(limit=9, settings={"copies": 3}) == name() == "sweep-my-photos"
    assert name(settings={"degradation": "fog", "seed": 2}, resize="crop") == "sweep-fog-my-photos-crop-seed-2"
    assert name("search", options={"preprocess": "unit"}, target="cat") == "search-my-photos-unit-target-cat"
    assert name(settings={"copies": -1}) == "sweep-my-photos"  # which is said when the run is to start


def test_an_output_folder_is_taken_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert named_folder(" run ") == tmp_path / "run" and named_folder("~/run") == tmp_path / "home" / "run"
    for text in ("", "~nosuchuser/run"):
        with pytest.raises(InputError, match="name"):
            named_folder(text)


def test_jobs_that_waited_are_there_after_a_restart(qapp, tmp_path):
    waiting, starting, other = (order(out=str(tmp_path / name)) for name in ("waiting", "starting", "other"))
    for name in ("starting/run.lock", "other/thesis.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    closed = Unfinished()
    closed.save([waiting, starting, other])
    meanwhile = JobQueue(Settings())
    assert meanwhile.jobs == [], "they belong to a window that is there"
    closed.release()
    again = JobQueue(Settings())
    assert [job.out for job in again.jobs] == [tmp_path / "waiting", tmp_path / "starting"]
    assert all(job.resumable for job in again.jobs)
    meanwhile.shut_down()  # it has none, and takes none away
    again.remove(again.jobs[0])
    assert JobQueue(Settings()).jobs == []
    again.shut_down()
    (left,) = JobQueue(Settings()).jobs
    assert left.out == tmp_path / "starting"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": "mnist-lenot"}, "mnist-lenet"),
        ({"model": "/nowhere/my.keras"}, "does not exist"),
        ({"options": {"preprocess": "units"}}, "did you mean 'unit'"),
        ({"options": {"preprocess": "mean="}}, "expected mean=M/std=S in grey levels"),
        ({"model": "saved"}, "can run any code"),
        ({"data": "mnist5k"}, "unknown data set"),
        ({"data": "folder:/nowhere"}, "is not a folder"),
        ({"data": "images:/nowhere.png"}, "is not there"),
        ({"data": "/nowhere/x.npz"}, "is not a file"),
        ({"data": "/nowhere/x.csv"}, "is not a file"),
        ({"settings": {"max_queries": 3}}, "max_queries"),
        ({"settings": {"colour": 3}}, "unknown setting 'colour'"),
        ({"kind": "sweep", "settings": {"sigmas": [0]}}, "sigma"),
        ({"out": "photos"}, "holds other files"),
        ({"out": "two.npz"}, "is a file"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(photos, changes, says, monkeypatch):
    monkeypatch.chdir(photos)
    problem = checked(order(**changes))
    assert says in problem and problem.endswith((".", "?")) and "\n" not in problem


@pytest.mark.parametrize(
    ("task", "values", "says"),
    [
        ("assess", {"minutes": -3.0}, "minutes is -3"),
        ("assess", {"minutes": 2.0, "quick": True}, "both given"),
        ("assess", {"degradation": "fogg"}, "did you mean 'fog'"),
        ("assess", {"require": ["fog@20"]}, "requirement 'fog@20'"),
        ("degradations", {"require": ["kept fog@20"]}, "requirement 'kept fog@20'"),
        ("harden", {}, "which images to train on? mnist-5k has no training images"),
        ("harden", {"train": "/nowhere"}, "/nowhere"),
        ("harden", {"data": "cifar10", "split": "train"}, "cifar10 has the training images: choose another one"),
        ("harden", {"data": None}, "which images? name training images with --train"),
        ("harden", {"data": None, "train": "/nowhere"}, "/nowhere"),
        ("harden", {"train": "mnist", "against": "fog@5"}, "--against"),
        ("harden", {"train": "mnist", "against": "fig"}, "unknown degradation 'fig'"),
        ("report", {}, "nothing was given"),
    ],
)
def test_what_cannot_work_with_a_command_is_said_while_its_form_is_filled_in(tmp_path, task, values, says):
    subject = {} if task == "report" else {"model": "mnist-lenet", "data": "mnist-5k"}
    estimate = estimate_order(CommandOrder(0, task, str(tmp_path / "out"), subject | values), None, [])
    assert says in estimate.problem and estimate.text == "–"


def test_test_images_that_are_the_training_images_are_noticed_while_the_form_is_filled_in(photos, tmp_path):
    folder = photos / "photos"
    values = {"model": "mnist-lenet", "data": f"folder:{folder}", "train": f"{folder}/"}
    order = CommandOrder(0, "harden", str(tmp_path / "out"), values)
    assert checked(order).startswith(f"{folder} was given both as test and as training images: give others for one of")
    shutil.copytree(folder, tmp_path / "divided" / "train")
    shutil.copytree(folder, tmp_path / "divided" / "test")
    divided = {"data": f"folder:{tmp_path / 'divided'}", "train": str(tmp_path / "divided")}
    assert "both" not in checked(CommandOrder(0, "harden", order.out, values | divided))


def test_a_command_may_name_degradations_that_its_own_modules_register(tmp_path):
    values = {"model": "mnist-lenet", "data": "mnist-5k", "degradation": "rain", "imports": ["rain.py"]}
    order = CommandOrder(0, "assess", str(tmp_path / "out"), values)
    assert estimate_order(order, None, []).text == "about 5 min, limited by Minutes"


def test_what_can_work_passes(photos):
    order_of(order()).check()
    folder, settings = f"folder:{photos}/photos", {"sigmas": [1, 2], "copies": 3}
    order_of(order(kind="sweep", data=folder, settings=settings)).check()


def test_the_time_left_leaves_pauses_out():
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.seconds_left is None
    pace.advance(0.5)  # half of it was there already
    now[0] += 10
    pace.advance(0.6)
    assert pace.seconds_left == pytest.approx(40)
    pace.pause()
    now[0] += 1000
    assert pace.seconds_left == pytest.approx(40)
    pace.go_on()
    now[0] += 10
    pace.advance(0.7)
    assert pace.seconds_left == pytest.approx(30)


def test_the_time_left_is_of_the_work_that_is_done_now():
    """A report of seven parts begins after most of the time, and each part takes two seconds."""
    now = [0.0]
    pace = Pace(lambda: now[0])
    for share in (0.0, 0.9, 1 / 7):
        pace.advance(share)
        now[0] += 60
    assert pace.seconds_left is None
    now[0] -= 58
    pace.advance(2 / 7)
    assert pace.seconds_left == pytest.approx(10)


def test_a_job_says_how_it_stands():
    job = Job(order())
    assert job.is_at == "Waiting"
    job.state, job.stage = State.STARTING, "reading mnist-5k"
    assert job.is_at == "Reading mnist-5k…"
    job.state, job.progress = State.RUNNING, Progress(0, 3, 10, 0.3, 8123.4, "images")
    assert job.is_at == "3 of 10 images · 8,123 a second"
    job.state = State.PAUSED
    assert job.is_at == "Paused · 3 of 10 images"
    job = Job(CommandOrder(0, "assess", ""), State.RUNNING, progress=Progress(0, 3, 19, 0.3, 0, "degradations", "fog"))
    assert job.is_at == "Fog · 3 of 19 degradations"


def test_times_are_spoken():
    assert [spoken(s) for s in (0.2, 8, 100, 4000, 7800)] == ["1 s", "8 s", "2 min", "67 min", "2 h 10 min"]


def test_the_estimate_comes_from_the_runs_of_this_machine(runs, tmp_path):
    log = [json.loads(line) for line in (runs / "search" / "log.jsonl").read_text().splitlines()]
    parts = [entry for entry in log if entry["event"] == "part"]
    rate = sum(p["queries"] for p in parts) / parts[-1]["seconds"]
    assert rate_of_runs([tmp_path, runs / "sweep", runs / "search"], "search", "mnist-lenet") == pytest.approx(rate)
    assert rate_of_runs([runs / "sweep"], "sweep", "mnist-lenet") > 0
    assert rate_of_runs([runs / "search"], "search", "cifar10-quick") is None
    damaged = tmp_path / "damaged"
    shutil.copytree(runs / "search", damaged)
    Path(damaged / "log.jsonl").write_text('{"event": "part"}\n')
    assert rate_of_runs([damaged], "search", "mnist-lenet") is None


def test_the_estimate_says_where_it_comes_from(runs):
    assert degraded_images(order(settings={"max_queries": 500}), 10) == 6010
    assert degraded_images(order(kind="sweep", settings={"sigmas": [1, 2], "copies": 3}), 10) == 60
    settings = {"max_queries": 1000}
    known = estimate_order(order(settings=settings), 100.0, []).text
    assert "1" in known and "108 s" not in known and "2 min" in known and "earlier runs" in known and "11,010" in known
    assert "earlier runs" in estimate_order(order(settings=settings), None, [runs / "search"]).text
    assert "guessed" in estimate_order(order(settings=settings), None, []).text
    assert "not known" in estimate_order(order(data="folder:/nowhere", limit=None), None, []).text
    assert estimate_order(order(settings={"max_queries": 1}), None, []).problem


def test_new_runs_are_proposed_beside_the_run_or_its_assessment(tmp_path):
    part = tmp_path / "assess-mine" / "fog"
    part.mkdir(parents=True)
    assert folder_beside(part) == part.parent, "a folder of runs"
    (part.parent / "assessment.json").touch()
    assert folder_beside(part) == folder_beside(part.parent) == tmp_path
    assert folder_beside(tmp_path / "gone" / "run") is None, "it cannot be written"
    (tmp_path / "harden-mine" / "hardened" / "fog").mkdir(parents=True)
    (tmp_path / "harden-mine" / "hardening.json").touch()
    for inside in ("hardened", "original", "hardened/fog", "assess-mine"):  # the last one is no network of its own
        assert folder_beside(tmp_path / "harden-mine" / inside) == tmp_path


@pytest.mark.parametrize("groups", ["aabc", "abcc", "abcd", None])
def test_a_run_goes_on_with_the_same_images_also_if_one_of_each_group_was_drawn(groups, tmp_path):
    pixels = np.zeros((4, 4, 4, 1), np.uint8)
    data = Dataset.from_arrays("frames", "test", pixels, [0, 1, 0, 1], groups=groups and list(groups))
    drawn = ImageOptions("frames").chosen(data)
    run = SimpleNamespace(path=tmp_path, clean=drawn, info={"data": {"remarks": drawn.remarks}})
    images = measured_more(Draft(), run).images
    again = ImageOptions("frames", **images).chosen(data)
    assert again.indices.tolist() == drawn.indices.tolist() and again.remarks == drawn.remarks
