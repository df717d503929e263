"""What a child tells of a job from its start to its end, performed here without a child."""

import dataclasses
import time
import warnings

import numpy as np
import pytest
from job_orders import order
from numpy_runs import NAMES, SIDE, brightness, classifier, dataset, search
from PIL import Image

from tfstab import Classifier, open_run
from tfstab.errors import RunError
from tfstab.gui.jobs import desk as desks
from tfstab.gui.jobs import protocol, running
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
