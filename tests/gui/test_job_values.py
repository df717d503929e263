"""What jobs are made of, without a child process: estimates, plans, own images, the desk and the clock, settings."""

import dataclasses
import json
import os
import shutil
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, brightness, classifier, dataset, search, sweep
from PIL import Image
from platformdirs import user_data_path
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QLabel

from tfstab import Classifier, open_run
from tfstab.classifier.source import Source
from tfstab.content import content_of, state_of
from tfstab.datasets.resize import Resize
from tfstab.errors import DataError, InputError, RunError
from tfstab.gui import dropping
from tfstab.gui.figures import Figure
from tfstab.gui.jobs import desk as desks
from tfstab.gui.jobs import estimate, plan, protocol, running
from tfstab.gui.jobs.protocol import (
    Control,
    Failed,
    Finished,
    Generations,
    ImageDone,
    Opened,
    Progress,
    Remark,
    RunOrder,
    Stage,
)
from tfstab.gui.sessions.marks import Marks, fingerprint
from tfstab.gui.settings import Settings
from tfstab.orders import count_images, run_name
from tfstab.orders.unlabelled import unlabelled_images
from tfstab.runs.known_models import find_model, known_model, remember_model, source_at


def order(kind="search", data="mnist-5k", out="/nowhere/run", **more):
    return RunOrder(1, kind, "mnist-lenet", data, out, **more)


# --- how long it will take ---


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


# --- plans ---


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


# --- a job in the child process, here ---


def performed(asked, model=None, control=None, desk=None):
    """What the child tells of a job. control(message, desk) may answer each message."""
    told, desk = [], desk or desks.Desk(asked.job)

    def tell(message):
        told.append(message)
        if control is not None:
            control(message, desk)

    running.perform(asked, desk, lambda _: model or classifier(), tell)
    return told


@pytest.fixture
def data(tmp_path):
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(NAMES))
    return str(tmp_path / "few.npz")


def of_kind(told, kind):
    return [message for message in told if isinstance(message, kind)]


def test_a_search_is_told_from_its_start_to_its_end(data, tmp_path):
    asked = RunOrder(7, "search", "mnist-lenet", data, str(tmp_path / "run"), {"max_queries": 150})

    def watch(message, desk):
        if isinstance(message, Opened):
            desk.obey(Control(7, protocol.WATCH, 3))

    told = performed(asked, control=watch)
    stages = [message.text for message in of_kind(told, Stage)]
    assert stages == ["starting TensorFlow", "reading few.npz", "scoring the clean images"]
    (opened,), (finished,) = (of_kind(told, kind) for kind in (Opened, Finished))
    assert opened.out == str(tmp_path / "run")
    assert finished.complete and finished.steps == 8 * (150 + 101) and finished.seconds > 0 and told[-1] is finished
    done = {m.image: m for m in of_kind(told, ImageDone)}
    run = open_run(tmp_path / "run")
    assert set(done) == set(range(9)) and {m.job for m in told} == {7}
    for image, message in done.items():
        result = run.result(image)
        assert (message.found, message.reason, message.norm) == (result.found, result.stop_reason, result.l2)
        rows = [row for m in of_kind(told, Generations) if m.image == image for row in m.rows]
        assert rows == result.history[: len(rows)].tolist()
    last = of_kind(told, Progress)[-1]
    assert (last.done, last.total, last.unit) == (9, 9, "images") and last.share == 1.0
    watched = [m for m in of_kind(told, Generations) if m.noise is not None]
    assert {m.image for m in watched} <= {3}
    reference = search(tmp_path / "reference", queries=150)
    for image in range(9):
        np.testing.assert_array_equal(run.result(image).noise, reference.result(image).noise)
    again = performed(asked)
    assert [type(message) for message in again] == [Stage, Stage, Stage, Opened, Finished] and again[-1].complete


def test_a_sweep_is_told_from_its_start_to_its_end(data, tmp_path):
    settings = {"sigmas": (5, 90), "copies": 3}
    told = performed(RunOrder(2, "sweep", "mnist-lenet", data, str(tmp_path / "run"), settings, limit=6))
    (finished,) = of_kind(told, Finished)
    first, *_, last = of_kind(told, Progress)
    assert finished.complete and last.share == 1.0 and last.done == last.total == 6 * 2 * 3
    assert finished.steps == last.done - first.done  # the first batch has no beginning that is known
    assert len(open_run(tmp_path / "run").samples()) == 36
    again = performed(RunOrder(3, "sweep", "mnist-lenet", data, str(tmp_path / "run"), settings, limit=6))
    assert again[-1].complete and again[-1].steps == 0


def test_a_job_whose_minutes_were_used_up_says_how_far_it_came(data, tmp_path):
    asked = RunOrder(2, "search", "mnist-lenet", data, str(tmp_path / "run"), {"max_queries": 150})
    (finished,) = of_kind(performed(dataclasses.replace(asked, limits={"minutes": 1e-6})), Finished)
    run = open_run(tmp_path / "run")
    assert not run.complete and not finished.complete and finished.reached == run.extent != ""
    (finished,) = of_kind(performed(asked), Finished)
    assert finished.complete and finished.reached == ""


def test_a_cancelled_job_keeps_what_is_finished(data, tmp_path):
    asked = RunOrder(2, "search", "mnist-lenet", data, str(tmp_path / "run"), {"max_queries": 20_000})

    def cancel(message, desk):
        if isinstance(message, ImageDone):
            desk.obey(Control(2, protocol.CANCEL))

    told = performed(dataclasses.replace(asked, limits={"minutes": 60}), control=cancel)
    assert not told[-1].complete and 1 <= len(open_run(tmp_path / "run")) < 9
    assert told[-1].reached == "", "the minutes were not used up, so it is not out of time but stopped"
    early = performed(asked, control=lambda m, desk: desk.cancel())
    assert of_kind(early, Opened) == [] and vars(early[-1]) == vars(Finished(2, False, 0, 0.0))
    while_reading = performed(asked, control=lambda message, desk: "reading" in str(vars(message)) and desk.cancel())
    assert [type(message) for message in while_reading] == [Stage, Stage, Finished]


def test_an_image_is_stopped_alone(data, tmp_path):
    asked = RunOrder(2, "search", "mnist-lenet", data, str(tmp_path / "run"), {"max_queries": 2_000}, images="3:5")
    desk = desks.Desk(2)
    desk.obey(Control(2, protocol.STOP_IMAGE, 4))
    done = {m.image: m.reason for m in of_kind(performed(asked, desk=desk), ImageDone)}
    assert done[4] == "observer" and done[3] != "observer"


def test_targets_and_masks_of_a_job(data, tmp_path):
    Image.fromarray(np.uint8(255 * np.eye(SIDE))).save(tmp_path / "mask.png")
    asked = RunOrder(
        2,
        "search",
        "mnist-lenet",
        data,
        str(tmp_path / "run"),
        {"max_queries": 150},
        target="cat",
        mask=str(tmp_path / "mask.png"),
    )
    performed(asked)
    run = open_run(tmp_path / "run")
    assert run.target == 0 and run.images.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert not any(result.noise[~np.eye(SIDE, dtype=bool)].any() for result in run)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"settings": {"max_querys": 3}}, "did you mean 'max_queries'"),
        ({"options": {"colour": 1}}, "has no such option"),
        ({"data": "/no/such.npz"}, "is not a file"),
    ],
)  # fmt: skip
def test_what_a_job_cannot_do_is_told_in_a_sentence(data, tmp_path, change, said):
    asked = RunOrder(
        **{"job": 3, "kind": "search", "model": "mnist-lenet", "data": data, "out": str(tmp_path / "run"), **change}
    )
    (failed,) = of_kind(performed(asked), Failed)
    assert said in failed.sentence and failed.details == "" and failed.job == 3 and failed.wrong_input


def test_errors_in_a_sentence():
    assert running.sentence_of(RunError("A sentence.")) == ("A sentence.", "")
    assert running.sentence_of(OSError(28, "full", "/x"))[0].startswith("/x cannot be written, the disk is full (")
    assert running.sentence_of(OSError(5, "broken"))[0].startswith("a file cannot be read or written, the disk has ")
    sentence, details = running.sentence_of(KeyError("key"))
    assert "(KeyError)" in sentence and "KeyError: 'key'" in details


def test_a_desk_and_a_clock(monkeypatch):
    desk, asked = desks.Desk(5), []
    desk.on_watch = asked.append
    desk.obey(Control(4, protocol.CANCEL))
    desk.obey(Control(5, protocol.WATCH, 2))
    desk.obey(Control(5, protocol.WATCH, None))
    assert not desk.cancelled and asked == [2] and desk.watched is None and desk.wait() == 0.0
    desk.check()
    desk.obey(Control(5, protocol.PAUSE))
    assert not desk._go.is_set()
    for action, image in ((protocol.RESUME, None), (protocol.STOP_IMAGE, 3), (protocol.CANCEL, None)):
        desk.obey(Control(5, protocol.PAUSE))
        desk.obey(Control(5, action, image))
        assert desk._go.is_set()
    assert desk.stopped == {3} and desk.cancelled
    with pytest.raises(desks.Cancelled):
        desk.check()
    now = [10.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    clock = desks.Clock()
    now[0] = 15.0
    assert clock.seconds == 5.0 and clock.due("a")
    clock.leave_out(2.0)
    assert clock.seconds == 3.0
    for later, due in ((15.05, False), (15.101, True), (15.15, False)):
        now[0] = later
        assert clock.due("a") == due
    assert clock.due("b")
    for now[0] in (0.0, desks.EVERY):
        assert clock.due("at the bound")


def test_warnings_of_a_job_are_remarks(data, tmp_path):
    def warns(images):
        warnings.warn("look", UserWarning, stacklevel=1)
        warnings.warn("no", DeprecationWarning, stacklevel=1)
        return brightness(images)

    model = Classifier.from_function(warns, (SIDE, SIDE, 1), 3, fingerprint="w", class_names=NAMES)
    told = performed(order(data=data, out=str(tmp_path / "run"), settings={"max_queries": 100}, limit=1), model)
    assert {m.text for m in of_kind(told, Remark)} == {"look"}


# --- what is remembered ---


def test_settings_by_hand(qapp, tmp_path):
    settings = Settings()
    assert settings.rate("search", "a/b") is None and settings.theme() == "system" and settings.recent() == []
    for value, kept in ((12.5, 12.5), (0.0, None), (-1.0, None), (float("inf"), None)):
        settings.remember_rate("search", "a/b", value)
        assert settings.rate("search", "a/b") == kept
    settings.save_theme("dark")
    assert settings.theme() == "dark"
    settings.save_theme("pink")
    assert settings.theme() == "system"
    folders = [tmp_path / str(k) for k in range(10)]
    for folder in folders:
        folder.mkdir()
        (folder / "run.json").touch()
        settings.add_recent(folder)
    assert settings.recent() == folders[:1:-1]
    settings.add_recent(folders[5])
    assert settings.recent()[:2] == [folders[5], folders[9]] and len(settings.recent()) == 8
    (folders[9] / "run.json").unlink()
    assert folders[9] not in settings.recent()
    (folders[9] / "search").mkdir()
    (folders[9] / "search" / "run.json").touch()  # as in an assessment
    assert folders[9] in settings.recent()
    settings.clear_recent()
    assert settings.recent() == []
    assert settings.runs_folder() == Path.home() / "tfstab-runs"
    settings.remember_runs_folder(tmp_path)
    assert settings.runs_folder() == tmp_path


def test_where_a_model_is_kept(tmp_path):
    path = tmp_path / "m.keras"
    model = {"name": "m", "fingerprint": "f1"}
    assert find_model(model) is None
    assert find_model({"name": "mnist-lenet", "fingerprint": "x", "preprocess": "unit"}) == (
        "mnist-lenet", {"preprocess": "unit"},
    )  # fmt: skip
    path.touch()
    remember_model("f1", Source(str(path), {"outputs": "logits"}))
    assert find_model(model) == (str(path), {"outputs": "logits"})
    unit = {**model, "preprocess": "unit"}  # a run that was made with another form than the last one
    assert find_model(unit) == (str(path), {"outputs": "logits", "preprocess": "unit"})
    card = path.with_suffix(".json")
    card.write_text('{"form": {"preprocess": "signed"}}')
    assert find_model(model) == (str(path), {"outputs": "logits", "preprocess": "none"}), "in spite of the card"
    assert source_at(path, model, False).options == {"outputs": "logits", "preprocess": "none"}
    card.unlink()
    remember_model("f1", Source(str(path), {"preprocess": "unit"}))
    assert find_model(model) == (str(path), {"preprocess": "none"}), "and of the options of the last run"
    remember_model("f1", Source(str(path), {"trust": True}, content_of(path)))
    assert find_model(model) == (str(path), {"trust": True})
    os.utime(path, ns=(1, 1))
    assert find_model(model) == (str(path), {"trust": True}), "a copy of the file that was trusted"
    assert known_model("f1").state == state_of(path), "which no other program needs to read again"
    path.write_bytes(b"another")
    os.utime(path, ns=(1, 1))
    assert find_model(model) is None, "another file than was trusted"
    remember_model("f1", Source(str(path), {}))
    (stored,) = user_data_path("tfstab", appauthor=False).glob("models/f1.json")
    for options, found in ({}, (str(path), {})), ({"trust": True}, None):
        stored.write_text(json.dumps([str(path), options, path.stat().st_mtime_ns]))  # by an earlier version
        assert find_model(model) == found
    path.unlink()
    assert find_model(model) is None


def test_a_saved_model_is_trusted_as_long_as_its_files_have_the_same_content(tmp_path):
    folder, model = tmp_path / "saved", {"name": "saved", "fingerprint": "s1"}
    (folder / "variables").mkdir(parents=True)
    graph, values = folder / "saved_model.pb", folder / "variables" / "variables.index"
    graph.write_bytes(b"graph")
    values.write_bytes(b"1234")
    remember_model("s1", Source(str(folder), {"trust": True}, content_of(folder)))
    known = str(folder), {"trust": True}
    assert find_model(model) == known and len(known_model("s1").checksum) == 64
    shutil.copytree(folder, tmp_path / "copy")  # as git does or a backup
    shutil.rmtree(folder)
    assert find_model(model) is None
    (tmp_path / "copy").rename(folder)
    assert find_model(model) == known
    was = values.stat()
    values.write_bytes(b"4321")  # of the same size, with its time set back
    os.utime(values, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert find_model(model) is None
    values.write_bytes(b"1234")
    assert find_model(model) == known
    (folder / "assets").mkdir()
    (folder / "assets" / "words.txt").touch()
    assert find_model(model) is None, "another file came"


def test_marks_by_hand(qapp, tmp_path):
    marks, changed = Marks(tmp_path / "m.json"), []
    marks.changed.connect(lambda: changed.append(len(marks)))
    marks.mark([(1,), (2,), (3,)])
    assert marks.undo_stack.undoText() == "mark 3 images" and marks.keys() == [(1,), (2,), (3,)]
    marks.mark([(1,)])
    assert changed == [3], "nothing was changed"
    marks.toggle([(1,), (4,)])
    assert marks.keys() == [(1,), (2,), (3,), (4,)] and marks.undo_stack.undoText() == "mark 1 image"
    marks.toggle([(1,), (4,)])
    assert marks.keys() == [(2,), (3,)] and marks.undo_stack.undoText() == "unmark 2 images"
    marks.write((2,), "a")
    marks.write((2,), "a")
    marks.write((2,), "")
    assert (2,) in marks and marks.undo_stack.count() == 5 and isinstance(marks.undo_stack, QUndoStack)
    info = {"kind": "k", "model": {"name": "a", "fingerprint": "f"}, "data": {"fingerprint": "d"}, "seed": 1,
            "settings": {"x": 1}}  # fmt: skip
    named = fingerprint(info)
    assert len(named) == 20 and fingerprint(info | {"model": {"name": "b", "fingerprint": "f"}}) == named
    for other in ({"kind": "l"}, {"seed": 2}, {"settings": {}}, {"model": {"name": "a", "fingerprint": "g"}}):
        assert fingerprint(info | other) != named
    images = [fingerprint(info | {"data": {"fingerprint": "d", "images_fingerprint": k, "note": n}}) for k, n in
              (("a", ""), ("b", ""), ("a", "elsewhere"))]  # fmt: skip
    assert images[0] != images[1] and images[0] == images[2] != named


# --- figures ---


def test_a_figure_is_twice_as_sharp_with_room_for_its_caption(qtbot, tmp_path):
    label = QLabel("content")
    qtbot.addWidget(label)
    label.resize(100, 40)
    figure = Figure(label, "name", "caption")
    size = figure._size()
    assert size.width() == 120 and size.height() == 40 + 10 + figure._head() and figure._head() > 20
    image = figure.image()
    assert (image.width(), image.height()) == (2 * size.width(), 2 * size.height())
    figure.save(str(tmp_path / "a.svg"))
    text = (tmp_path / "a.svg").read_text()
    assert "<svg" in text and "caption" in text and f'viewBox="0 0 {size.width()} {size.height()}"' in text
    figure.save(str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OSError, match=r"a\.nosuch cannot be written: a figure is saved as PNG, SVG or PDF, so choose"):
        figure.save(str(tmp_path / "a.nosuch"))
