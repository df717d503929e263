"""The child's side in the test's own process: the worker's orders, and what observers of runs tell and when."""

import io
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import SIDE, brightness, classifier, dataset, search

from tfstab.gui.jobs import desk as desks
from tfstab.gui.jobs import worker as workers
from tfstab.gui.jobs.live import LiveSearch
from tfstab.gui.jobs.protocol import (
    Control,
    Failed,
    Finished,
    Generations,
    ImageDone,
    Opened,
    Progress,
    Quit,
    RunOrder,
    decode,
    encode,
)
from tfstab.gui.jobs.questions import QUESTIONS, Answer, AskOrder, DropOrder
from tfstab.gui.jobs.watching import SearchWatch, SweepWatch, parts_of
from tfstab.gui.jobs.worker import Worker
from tfstab.orders import ModelOptions
from tfstab.search import Stop
from tfstab.sweep.progress import SweepProgress

DARK, LIGHT = "mnist-lenet", "cifar10-quick"  # names that are known, of other models
IMAGES = np.full((2, SIDE, SIDE, 1), 40, np.uint8)


def ask(ticket, model, fingerprint="", **more):
    """Ask for the scores of IMAGES."""
    return AskOrder(ticket, "scores", model, fingerprint, arguments={"images": IMAGES}, **more)


def negative(images):
    return brightness(255 - images)


class Later:
    """A timer that only notes what it would do."""

    made = None

    def __init__(self, seconds, function, arguments):
        self.what, self.daemon, self.started = (seconds, function, arguments), False, False
        Later.made.append(self)

    def start(self):
        self.started = self.daemon


@pytest.fixture
def worked(monkeypatch):
    """worked(*orders) -> the worker after it has carried them out, and its messages."""
    Later.made = []
    loads = []
    own = {DARK: classifier(), LIGHT: classifier(negative, "negative")}

    def load(options):
        loads.append(options.name)
        return own[options.name]

    monkeypatch.setattr(ModelOptions, "load", load)
    own_threading = SimpleNamespace(Thread=threading.Thread, Timer=Later, Lock=threading.Lock)
    monkeypatch.setattr(workers, "threading", own_threading)

    def work(*orders):
        told, done = io.BytesIO(), threading.Event()

        def written():
            yield from (order if isinstance(order, bytes) else encode(order) for order in (*orders, Quit()))
            done.wait(20)  # the window stays open

        worker = Worker(written(), told)
        worker.work()
        done.set()
        while not Later.made or not Later.made[-1].started:
            time.sleep(0.001)
        worker.loads = loads
        return worker, [decode(line) for line in told.getvalue().splitlines()]

    return work


def test_orders_are_carried_out_one_by_one(worked, tmp_path):
    few = dataset(4)
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels)
    runs = [
        RunOrder(job, "search", DARK, str(tmp_path / "few.npz"), str(tmp_path / str(job)), {"max_queries": 100})
        for job in (1, 2)
    ]
    dark, light = (ask(k, name) for k, name in ((3, DARK), (4, LIGHT)))
    worker, told = worked(Control(2, "cancel"), *runs, dark, light, dark, b"harm\n")
    first, second = [m for m in told if isinstance(m, Finished)]
    assert (first.job, first.complete) == (1, True) and (second.job, second.complete, second.steps) == (2, False, 0)
    assert len([m for m in told if isinstance(m, Opened)]) == 1, "the cancelled one was not begun"
    scores = [m for m in told if isinstance(m, Answer) and not m.last]
    assert [m.ticket for m in scores] == [3, 4, 3] and worker.loads == [DARK, LIGHT, DARK], "one model is kept"
    np.testing.assert_array_equal(scores[0].values["scores"], classifier().scores(IMAGES))
    np.testing.assert_array_equal(scores[1].values["scores"], classifier(negative, "negative").scores(IMAGES))
    (failed,) = [m for m in told if isinstance(m, Failed)]
    assert "no order" in failed.sentence and failed.job is None and worker._desk.cancelled
    assert list(worker._models) == [ModelOptions(DARK, imports=())] and list(worker._fitted) == [IMAGES.shape[1:]]
    (end,) = Later.made
    assert end.what == (workers.LAST_SECONDS, workers.os._exit, [1]) and end.daemon and end.started


def test_an_end_of_input_ends_the_worker(worked):
    told = io.BytesIO()
    Worker(io.BytesIO(), told).work()
    assert told.getvalue() == b""


def test_scores_of_another_model_are_refused(worked):
    wanted = (classifier().fingerprint, "other", "")
    orders = [ask(k, DARK, fingerprint) for k, fingerprint in enumerate(wanted, 1)]
    worker, told = worked(*orders, ask(4, DARK, options={"colour": 1}), ask(5, "none"))
    told = [m for m in told if not (isinstance(m, Answer) and m.last)]
    assert [type(m) for m in told] == [Answer, Failed, Answer, Failed, Failed]
    assert told[1].ticket == 2 and f"{DARK} is not the model of this run any more" in told[1].sentence
    assert told[3].ticket == 4 and "no such option" in told[3].sentence and told[3].details == ""
    assert told[4].ticket == 5 and "(KeyError)" in told[4].sentence and "KeyError: 'none'" in told[4].details
    assert worker.loads == [DARK, "none"]


STEPS = []  # of the slow question


def slow(classifier, arguments):
    """Answer in three parts; while the first is made, a drop and a quick question come in."""
    for part in range(3):
        STEPS.append(part)
        if part == 0:
            arguments["meanwhile"]()
        yield None if part == 1 else (f"part {part}", {"scores": classifier.scores(arguments["images"])})


@pytest.mark.parametrize("drops", [False, True])
def test_an_urgent_question_comes_between_the_parts_of_a_slow_one(monkeypatch, drops):
    monkeypatch.setitem(QUESTIONS, "slow", f"{__name__}:slow")
    monkeypatch.setattr(ModelOptions, "load", lambda _: classifier())
    STEPS.clear()
    told = io.BytesIO()
    worker = Worker(io.BytesIO(), told)

    def meanwhile():
        worker._in = iter([encode(ask(8, DARK)), *([encode(DropOrder(7))] if drops else []), encode(Quit())])
        worker._read()

    order = AskOrder(7, "slow", DARK, "", arguments={"images": IMAGES, "meanwhile": meanwhile})
    monkeypatch.setattr(workers, "decode", lambda line: line if isinstance(line, AskOrder) else decode(line))
    monkeypatch.setattr(workers.threading, "Timer", lambda *_: SimpleNamespace(start=lambda: None))
    worker._in = iter([order])
    worker.work()
    answers = [decode(line) for line in told.getvalue().splitlines()]
    slow_parts = [] if drops else [(7, "part 0")], [] if drops else [(7, "part 2"), (7, "")]
    assert [(m.ticket, m.part) for m in answers] == [*slow_parts[0], (8, "scores"), (8, ""), *slow_parts[1]]
    assert ([0] if drops else [0, 1, 2]) == STEPS


def test_a_closed_window_cancels_what_runs(monkeypatch):
    class Closed(io.BytesIO):
        def write(self, data):
            raise BrokenPipeError

    worker = Worker(io.BytesIO(), Closed())
    worker._tell(Failed("x"))
    assert worker._desk.cancelled and worker._telling.acquire(blocking=False)


# --- observers ---


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(desks.time, "perf_counter", lambda: now[0])
    return now


def step(image, generation, queries, noise=None):
    """What a search tells of a generation."""
    return SimpleNamespace(
        image=image,
        generation=generation,
        queries=queries,
        flipped=generation > 1,
        best=1.0 * generation,
        mean=2.0,
        norm=3.0,
        share_misclassified=0.25,
        noise=np.full((2, 2, 1), float(generation), np.float32),
    )


def result(image, queries, found=True):
    return SimpleNamespace(image=image, queries=queries, found=found, size=5.0, stop_reason="patience")


def watching(kind, tmp_path, images=2, **config):
    told, desk = [], desks.Desk(1)
    order = RunOrder(1, "search", "m", "d", str(tmp_path / "run"))
    watch = kind(order, desk, told.append, images, SimpleNamespace(**config))

    def heard():
        answer = list(told)
        told.clear()
        return answer

    return watch, desk, heard


def test_a_search_is_told_every_tenth_of_a_second(tmp_path, clock):
    watch, desk, heard = watching(SearchWatch, tmp_path, max_queries=1_000)
    assert list(watch.observers) == ["on_generation", "on_result", "on_clean"] and watch.steps == 0
    clock[0] = 150.0
    assert watch.on_generation(step(4, 1, 50)) is None
    opened, first, progress = heard()
    assert isinstance(opened, Opened) and (opened.job, opened.out) == (1, str(tmp_path / "run"))
    assert (first.image, first.generation, first.queries, first.flipped, first.noise) == (4, 1, 50, False, None)
    assert first.rows == [[1.0, 2.0, 3.0, 0.25]]
    assert (progress.done, progress.total, progress.share, progress.unit) == (0, 2, 0.025, "images")
    assert progress.rate == 50 / 1e-3, "the clock began when the folder was opened"
    clock[0] = 150.05
    assert watch.on_generation(step(4, 2, 100)) is None and heard() == []
    desk.obey(Control(1, "watch", 4))
    (asked,) = heard()
    assert [row[0] for row in asked.rows] == [2.0] and asked.noise[0, 0, 0] == 2.0 and asked.flipped
    desk.obey(Control(1, "watch", 9))
    assert heard() == [], "it is not searched"
    clock[0] = 152.0
    watch.on_generation(step(5, 1, 60))
    other, progress = heard()
    assert other.image == 5 and other.noise is None and progress.share == pytest.approx(160 / 1_000 / 2)
    assert progress.rate == pytest.approx(160 / 2) and watch.steps == 160 and watch.rate == pytest.approx(80)
    desk.obey(Control(1, "stop image", 4))
    assert watch.on_generation(step(4, 3, 150)) is Stop.IMAGE and watch.on_generation(step(5, 2, 120)) is None
    heard()
    watch.on_result(result(4, 150))
    last, done = heard()
    assert last.rows == [] and (done.image, done.found, done.norm, done.reason) == (4, True, 5.0, "patience")
    watch.tell_of(4)
    assert heard() == [] and watch.steps == 270
    watch.on_result(result(5, 200))
    generations, done, progress = heard()
    assert [row[0] for row in generations.rows] == [2.0] and isinstance(done, ImageDone)
    assert (progress.done, progress.share) == (2, 1.0) and watch.steps == 350
    clock[0] = 160.0
    watch.on_result(result(6, 0, found=False))
    assert heard()[-1].done == 2, "never more than there are"
    desk.cancel()
    assert watch.on_generation(step(7, 1, 10)) is Stop.ALL


def test_the_first_result_tells_that_the_folder_can_be_opened_where_generations_are_not_seen(tmp_path, clock):
    watch, _, heard = watching(SearchWatch, tmp_path, max_queries=1_000)
    observers = watch.observers_on("cluster")
    observer = observers["on_result"]
    assert list(observers) == ["on_result", "on_clean"] and observer(result(1, 50)) is None
    assert [type(message) for message in heard()[:1]] == [Opened]
    observer(result(0, 50))
    assert not any(isinstance(message, Opened) for message in heard())


def test_a_pause_of_a_search_is_not_counted(tmp_path, clock, monkeypatch):
    watch, desk, _ = watching(SearchWatch, tmp_path, max_queries=1_000)
    watch.open()
    monkeypatch.setattr(desk, "wait", lambda: 7.0)
    clock[0] = 110.0
    watch.on_generation(step(1, 1, 90))
    assert watch.clock.seconds == pytest.approx(3.0) and watch.rate == pytest.approx(30.0)
    sweeping, desk, _ = watching(SweepWatch, tmp_path)
    sweeping.open()
    monkeypatch.setattr(desk, "wait", lambda: 4.0)
    clock[0] = 120.0
    sweeping.on_progress(SweepProgress(10, 40))
    assert sweeping.clock.seconds == pytest.approx(6.0)


def test_a_cancelled_image_does_not_count_as_searched_but_a_stopped_one_does(tmp_path, clock):
    watch, desk, heard = watching(SearchWatch, tmp_path, images=3, max_queries=1_000)
    cut = [SimpleNamespace(**{**vars(result(k, 50)), "stop_reason": "observer"}) for k in (1, 2)]
    desk.stopped.add(1)
    for each in cut:
        watch.on_result(each)
    assert [m.image for m in heard() if isinstance(m, ImageDone)] == [1]
    clock[0] += 1.0
    watch.on_generation(step(3, 1, 0))
    assert [m.done for m in heard() if isinstance(m, Progress)] == [1]


def test_a_sweep_is_told_every_tenth_of_a_second_and_at_its_end(tmp_path, clock):
    watch, desk, heard = watching(SweepWatch, tmp_path)
    assert list(watch.observers) == ["on_progress"]
    watch.on_progress(SweepProgress(10, 40))
    opened, progress = heard()
    assert isinstance(opened, Opened) and (progress.done, progress.total, progress.share) == (10, 40, 0.25)
    assert progress.rate == 0 and progress.unit == "degraded images" and watch.steps == 0
    clock[0] += 0.05
    watch.on_progress(SweepProgress(20, 40))
    assert heard() == [] and watch.steps == 10
    watch.on_progress(SweepProgress(40, 40))
    (progress,) = heard()
    assert isinstance(progress, Progress) and progress.share == 1.0 and progress.rate == pytest.approx(30 / 0.05)
    desk.cancel()
    with pytest.raises(desks.Cancelled):
        watch.on_progress(SweepProgress(40, 40))


@pytest.mark.parametrize("kind", [SearchWatch, SweepWatch])
def test_clean_images_are_told_before_the_folder_can_be_opened(kind, tmp_path, clock):
    watch, desk, heard = watching(kind, tmp_path)
    told = watch.on_clean if kind is SearchWatch else lambda done, of: watch.on_progress(SweepProgress(0, 40, done, of))
    told(2, 9)
    (progress,) = heard()
    assert (progress.done, progress.total, progress.share, progress.unit) == (2, 9, 0.0, "clean images")
    desk.cancel()
    with pytest.raises(desks.Cancelled):
        told(3, 9)


def test_parts_that_are_there_count_as_searched(tmp_path, clock):
    search(tmp_path / "run", data=dataset(3), queries=100)
    assert parts_of(str(tmp_path / "run")) == 3 and parts_of(str(tmp_path / "none")) == 0
    watch, _, heard = watching(SearchWatch, tmp_path, images=4, max_queries=100)
    watch.on_generation(step(3, 1, 50))
    progress = heard()[-1]
    assert (progress.done, progress.share) == (3, pytest.approx(3.5 / 4))
    clock[0] += 1
    watch.on_generation(step(3, 2, 130))
    assert (heard()[-1].done, watch.steps) == (3, 130)
    clock[0] += 1
    watch.on_generation(step(4, 1, 120))
    progress = heard()[-1]
    assert isinstance(progress, Progress) and progress.share == 1.0, "never more than the whole"


def test_a_desk_waits_while_the_job_is_paused():
    desk = desks.Desk(1)
    assert desk.wait() == 0.0
    desk.obey(Control(1, "pause"))
    threading.Timer(0.5, desk.obey, [Control(1, "resume")]).start()
    assert 0 < desk.wait() < 30
    desk.obey(Control(1, "stop image"))
    assert desk.stopped == set(), "without an image"


# --- what the window keeps of it ---


def test_a_watched_image_stays_until_another_is_watched():
    live, noise = LiveSearch(), np.ones((2, 2, 1), np.float32)
    live.watch(None)
    live.add(Generations(1, 4, 1, 50, False, [], noise))
    live.add(Generations(1, 4, 2, 80, False, []))
    first = live.images[4]
    assert first.noise is noise and first.norm == 0.0 and (first.generation, first.queries) == (2, 80)
    assert first.history.shape == (0, 4) and first.norms.tolist() == [] and first.state == "not flipped yet"
    live.watch(4)
    assert first.noise is noise and live.watched == 4
    live.add(Generations(1, 4, 3, 90, True, [[1.0, 2.0, 3.0, 0.5], [1.0, 2.0, 2.5, 0.5]]))
    assert first.norms.tolist() == [3.0, 2.5] and first.norm == 2.5 and first.state == "norm 2.5"
    live.end(ImageDone(1, 9, True, 1.0, "queries"))  # never searched
    live.end(ImageDone(1, 4, False, 0.0, "queries"))
    assert first.state == "not found" and live.images == {4: first} and live.in_work == []
    live.watch(5)
    assert first.noise is None and live.images == {} and live.watched == 5
