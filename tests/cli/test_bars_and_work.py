"""Progress bars of all long work, and how much work is said to be ahead."""

import io
from dataclasses import replace

import numpy as np
import pytest
from own_time import own_time
from rich.console import Console
from rich.progress import Progress

from tfstab import Classifier, SearchProgress
from tfstab.cli.output import print_table, progress_bar
from tfstab.cli.reproduce import _Watch as StepWatch
from tfstab.cli.search_watch import SearchWatch
from tfstab.cli.sweep_watch import SweepsWatch
from tfstab.cli.train import _Watch as TrainingWatch
from tfstab.cli.workload import clean_speed, state_work
from tfstab.report.tables import Table
from tfstab.sweep.progress import SweepProgress
from tfstab.training import RECIPES
from tfstab.wording import roughly


def test_bars_by_hand(runs, tmp_path):
    bar = Progress(disable=True)
    watch = SearchWatch(bar, 20, runs / "search", norm="linf")
    (task,) = bar.tasks
    assert (task.completed, task.total) == (9, 20)

    def progress(generation, flipped):
        return SearchProgress(3, generation, 50, 1.0, 2.0, 41.6, flipped, 0.5, np.zeros((1, 1, 1), np.float32))

    watch.on_generation(progress(9, True))
    assert task.fields["note"] == ""
    watch.on_generation(progress(10, True))
    assert task.fields["note"] == "image 3, generation 10: Linf 41.6"
    watch.on_generation(progress(20, False))
    assert task.fields["note"] == "image 3, generation 20: not yet flipped"
    watch.on_result(None)
    assert task.completed == 10
    watch.finish()
    assert task.completed == 10 and task.fields["note"] == ""  # it may have been stopped

    swept = SweepsWatch(bar, [("title", 50)])
    swept.begin()
    swept.on_progress(SweepProgress(13, 50))
    assert bar.tasks[1].completed == 13 and bar.tasks[1].description == "title" and bar.tasks[1].visible
    swept.finish()
    assert bar.tasks[1].completed == 13 and len(bar.tasks) == 2

    training = TrainingWatch(bar, replace(RECIPES["mnist-lenet"], epochs=4), 3)
    training.on_batch(2, 1, 5, 10)
    assert (bar.tasks[2].completed, bar.tasks[2].total) == ((4 + 1) * 10 + 5, 3 * 4 * 10)
    training.on_epoch(2, {"epoch": 3.0, "validation_accuracy": 0.5})
    assert bar.tasks[2].fields["note"] == "network 2 of 3, epoch 3: validation 50.0 %"
    alone = TrainingWatch(bar, RECIPES["mnist-lenet"], 1)
    alone.member(alone.on_epoch)({"epoch": 1.0, "validation_accuracy": 0.123})
    assert bar.tasks[3].fields["note"] == "epoch 1: validation 12.3 %"

    steps = StepWatch(bar)
    steps.on_step("sweep", 1, 4)
    steps.on_step("sweep", 2, 4)
    steps.on_step("search", 1, 2)
    assert [(t.description, t.completed, t.total) for t in bar.tasks[4:]] == [("sweep", 2, 4), ("search", 1, 2)]


def test_two_bars_for_many_sweeps():
    bar = Progress(disable=True)
    watch = SweepsWatch(bar, [("fog", 50), ("jpeg", 30), ("noise", 20)])
    everything, one = bar.tasks
    assert (everything.total, everything.description) == (100, "3 sweeps") and not one.visible
    for number, (title, total, before) in enumerate([("fog", 50, 0), ("jpeg", 30, 50), ("noise", 20, 80)], 1):
        watch.begin()
        assert (one.description, one.completed, one.total, one.visible) == (title, 0, total, True)
        watch.on_progress(SweepProgress(13, total))
        assert (one.completed, everything.completed) == (13, before + 13)
        assert everything.fields["note"] == f"{number} of 3"
        watch.finish()
    assert (one.completed, everything.completed, len(bar.tasks)) == (13, 100, 2)
    watch.on_progress(SweepProgress(10, 40))  # the run has other copies than were asked for
    assert (one.completed, one.total) == (10, 40)
    for progress, done in ((SweepProgress(10, 30), 6), (SweepProgress(1, 1), 20), (SweepProgress(0, 0), 0)):
        watch.on_progress(progress)
        assert everything.completed == 100 + done, "in images that were planned, of which there are 20"


def test_the_work_in_words(capsys):
    state_work("noise sweep: 6,000 degraded images of 100 images", 6_000, 290)
    state_work("search", 6_000, 1e9, searching=True)
    state_work("fog", 6_000, None)
    state_work("fog", 6_000, 290, minutes=1.5, known="an accuracy within 0.5 points")
    assert capsys.readouterr().err.splitlines() == [
        "noise sweep: 6,000 degraded images of 100 images; about 20 s at the speed of the clean images",
        "search; scoring so many takes about 1 s at the speed of the clean images, without the search's own work",
        "fog",
        "fog; about 20 s at the speed of the clean images; stops at an accuracy within 0.5 points; stops after 1.5 min",
    ]  # fmt: skip
    times = [0, 0.4, 7.7, 23, 89, 91, 3_000, 5_900, 200_000]
    assert [roughly(seconds) for seconds in times] == [
        "1 s", "1 s", "8 s", "20 s", "2 min", "2 min", "50 min", "1 h 40 min", "56 h",
    ]  # fmt: skip


def test_the_speed_is_of_whole_batches():
    seen = []

    def function(images):
        seen.append(images.shape)
        clock.now += 0.05
        return np.full((len(images), 3), 1 / 3)

    slow = Classifier.from_function(function, (2, 2, 1), 3, fingerprint="slow", batch_size=20)
    with own_time() as clock:
        assert clean_speed(slow, np.zeros((3, 2, 2, 1), np.uint8)) == pytest.approx(400, rel=1e-3)
    assert seen == [(20, 2, 2, 1)] * 2


def test_brackets_in_names_are_no_markup():
    with progress_bar() as bar:
        bar.add_task("[/b]", total=2, unit="images", note="cat/[/red].png, generation 10")
        text = Console(width=120, file=io.StringIO())
        text.print(bar.get_renderable())
    print_table(Table("net[/b] on photos", ("[/i]",), [("[/u]",)]))
    assert "cat/[/red].png" in text.file.getvalue()
