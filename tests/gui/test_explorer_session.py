"""What the explorer tells and asks the model as its state changes; it degrades and scores when the test says."""

import numpy as np
import numpy_runs
import pytest
from doubles import Held

from tfstab import SweepConfig
from tfstab.degradations import BUILT_IN, chain
from tfstab.errors import RunError
from tfstab.gui.background import Background
from tfstab.gui.content.explorer import Exploring, Step
from tfstab.gui.content.track import COARSE_SHARES
from tfstab.gui.jobs.protocol import Failed
from tfstab.gui.jobs.questions import Answer, AskOrder, DropOrder
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.jobs.severities import severity_at
from tfstab.gui.sessions import explorer as explorers
from tfstab.gui.sessions.explorer import Explorer

SIGNALS = ("steps_changed", "image_changed", "degraded_changed", "scores_changed")
SCORES = np.float32([[0.1, 0.2, 0.7]])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Images 0 to 8, of a model by a name that is known and that can be asked."""
    run = numpy_runs.sweep(tmp_path_factory.mktemp("explorer") / "run", SweepConfig(sigmas=(5,), copies=1))
    run.info["model"]["name"], run.info["environment"]["device"] = "mnist-lenet", "CPU"
    return run


class Explored:
    """An explorer, what it told since the last look, and the child process that it asks."""

    def __init__(self, run, qapp):
        self.scorer, self.window, self.told = Scorer(), Held(), []
        self.explorer, self._turn = Explorer(run, self.scorer, self.window), qapp.processEvents
        for name in SIGNALS:
            getattr(self.explorer, name).connect(lambda name=name: self.told.append(name))
        self.explorer.tracks.changed.connect(lambda: self.told.append("tracks_changed"))
        self.work, self.orders = self.explorer._worker, self.scorer.process.orders

    def wake(self):
        self.explorer.wake()
        del self.work.waiting[0]  # imports, which take long

    def heard(self):
        told, self.told[:] = list(self.told), []
        return told

    def asked(self, question):
        return [order for order in self.orders if isinstance(order, AskOrder) and order.question == question]

    def dropped(self):
        return [order.ticket for order in self.orders if isinstance(order, DropOrder)]

    def answer(self, order, part="scores", **values):
        self.scorer.process.message.emit(Answer(order.ticket, part, values or {"scores": SCORES}))
        self.scorer.process.message.emit(Answer(order.ticket, "", {}, last=True))

    def settle(self):
        self.work.answer_all()
        while len(orders := self.asked("scores")) > getattr(self, "answered", 0):
            self.answered = len(orders)
            self.answer(orders[-1])

    def pause(self):
        for _ in range(3):
            self._turn()


@pytest.fixture
def explored(qapp, run, monkeypatch):
    monkeypatch.setattr(explorers, "Background", Held)
    monkeypatch.setattr(explorers, "PAUSE", 0)
    made = Explored(run, qapp)
    yield made
    made.explorer.stop()


def test_a_change_is_degraded_scored_and_tracked_once_what_is_in_work_is_done(explored):
    explorer, heard, waiting = explored.explorer, explored.heard, explored.work.waiting
    explorer.add("brightness")
    assert heard() == ["tracks_changed", "steps_changed"] and not waiting, "it was never in sight"
    assert explorer.tracks.found == [()] and not any(bar.predicted for bar in explorer.triple.bars)
    assert {bar.degraded for bar in explorer.triple.bars} == {None}
    explored.wake()
    explorer.wake()
    explorer.set_severity(0, 30.0)
    assert heard() == ["tracks_changed"] and len(waiting) == 1, "the neutral image is being made"
    explored.work.answer()
    explored.pause()
    (first,) = explored.orders
    assert heard() == ["degraded_changed"] and len(waiting) == 1 and (explorer.degraded == explorer.clean).all()
    explored.work.answer()
    assert heard() == ["degraded_changed"] and explored.orders == [first], "the neutral image is being scored"
    assert np.array_equal(explorer.degraded, chain(explorer.clean, [("brightness", 30.0)], 0)) and not waiting
    explored.answer(first)
    assert heard() == ["scores_changed"] and not explorer.followed
    _, second = explored.orders
    for order, degraded in ((first, explorer.clean), (second, explorer.degraded)):
        assert order.question == "scores" and np.array_equal(order.arguments["images"], degraded[None])
    bars = {bar.name: (bar.degraded, bar.predicted) for bar in explorer.triple.bars}
    assert bars == {
        name: (pytest.approx(score), name == "2") for name, score in zip(numpy_runs.NAMES, SCORES[0], strict=True)
    }
    explored.answer(second)
    assert heard() == ["scores_changed"] and explorer.followed
    explored.pause()
    darker, track = explored.orders[2:]
    asked = track.arguments
    assert (asked["names"], asked["severities"], asked["seed"], asked["place"]) == (["brightness"], [30.0], 0, 0)
    assert (
        np.array_equal(asked["image"], explorer.clean)
        and asked["class_index"] == explorer.original.actual == 0
        and asked["image_shape"] == [4, 4, 1]
    )
    assert asked["along"].tolist() == [severity_at(BUILT_IN["brightness"], share) for share in COARSE_SHARES]
    assert darker.arguments["along"].tolist() == (-asked["along"]).tolist()
    explored.answer(track, "track", severities=np.array([0.0, 10, 50]), predicted=np.array([0, 0, 1]))
    assert heard() == [] and explorer.tracks.found == [()], "both directions are shown together"
    explored.answer(darker, "track", severities=np.array([0.0, -10, -50]), predicted=np.array([0, 0, 0]))
    (found,) = explorer.tracks.found
    assert heard() == ["tracks_changed"] and (found[1].flip, found[1].change) == (50, (0, 1))
    assert (found[0].flip, found[0].direction) == (None, "darker")
    explorer.set_severity(0, 20.0)
    explored.settle()
    explored.pause()
    assert len(explored.asked("explore")) == 2 and explorer.tracks.found == [found], "it holds wherever the slider is"
    explorer.set_severity(0, 20.0)
    explorer.set_image(0)
    explored.heard()
    explorer.set_seed(0)
    assert heard() == [] and not waiting, "nothing has changed"


def test_tracks_of_all_steps_are_asked_for_and_dropped_with_a_change(explored):
    explorer = explored.explorer
    explored.wake()
    explorer.restore(Exploring(99, (Step("brightness", 10.0), Step("gaussian_noise", 10.0)), 3))
    assert explorer.state.image == 0 and explorer.state.seed == 3, "the image is not in this run"
    explored.settle()
    explored.pause()
    tracks = explored.asked("explore")
    assert [order.arguments["place"] for order in tracks] == [0, 0, 1], "brightness has two directions"
    explorer.set_severity(1, 20.0)
    assert explored.dropped() == [order.ticket for order in tracks]
    explored.settle()
    explorer.stop()
    explored.pause()
    assert explored.asked("explore") == tracks, "the run was closed"
    explorer.set_seed(4)
    assert len(explored.dropped()) == 3
    for name in ("jpeg",) * 9:
        explorer.add(name)
    assert len(explorer.state.steps) == 8
    explorer.move(0, 1)
    explorer.remove(0)
    assert [step.name for step in explorer.state.steps] == ["brightness"] + ["jpeg"] * 6


def test_a_track_says_that_it_is_of_one_draw_if_any_degradation_draws_random_numbers(explored):
    explorer = explored.explorer
    explored.wake()
    for sigma, said in ((0.0, "stays cat up to 50"), (10.0, "stays cat up to 50 in this draw")):
        explorer.restore(Exploring(0, (Step("brightness", 10.0), Step("gaussian_noise", sigma))))
        explored.settle()
        explored.pause()
        for order in explored.asked("explore")[-3:]:
            end = -50.0 if order.arguments["along"][-1] < 0 else 50.0
            explored.answer(order, "track", severities=np.array([0.0, end]), predicted=np.array([0, 0]))
        (_, brighter), (noisier,) = explorer.tracks.found
        assert brighter.text(numpy_runs.NAMES) == f"brighter: {said}"
        assert noisier.text(numpy_runs.NAMES) == "stays cat up to 50 in this draw"


def test_closing_stops_what_was_asked(explored):
    explorer = explored.explorer
    explorer.add("brightness")
    explored.wake()
    explored.work.answer()
    (scores,) = explored.orders
    explored.pause()
    tracks = explored.orders[1:]
    explorer.stop()
    assert sorted(explored.dropped()) == [order.ticket for order in (scores, *tracks)] and len(tracks) == 2
    Background.run(explored.work, lambda: 1, print)
    assert not explored.work.busy, "its threads take no more work"


def test_images_are_stepped_through_and_what_comes_late_of_another_is_not_shown(explored, run, tmp_path):
    explorer, heard, waiting = explored.explorer, explored.heard, explored.work.waiting
    explored.wake()
    explorer.add("brightness")
    explored.settle()
    heard()
    explorer.step_image(-9)
    assert heard() == [] and explorer.scores is not None, "it is the first"
    for by, image in ((3, 3), (1, 4), (99, 8), (-2, 6)):
        explorer.step_image(by)
        assert explorer.state.image == image and explorer.scores is None
        assert explorer.degraded.dtype == np.float32 and np.array_equal(explorer.degraded, run.clean.images[image])
    assert heard() == ["image_changed", "tracks_changed"] * 4 and explorer.original.actual == run.clean.class_index[6]
    explorer.set_image(9)
    assert heard() == [] and len(waiting) == 1, "there is no such image"
    explored.work.answer()  # of image 3
    assert heard() == [] and len(waiting) == 1
    explored.work.answer()
    assert heard() == ["degraded_changed"]
    explorer.set_image(1)
    explored.answer(explored.orders[-1])  # of image 6
    assert heard() == ["image_changed", "tracks_changed"] and explorer.scores is None
    explored.settle()
    few = numpy_runs.sweep(tmp_path / "few", SweepConfig(sigmas=(5,), copies=1), numpy_runs.dataset().select([4, 5]))
    for fresh, image in ((run, 1), (few, 4)):
        explorer.take_run(fresh)
        assert explorer.run is fresh and (explorer.state.image, explorer.state.steps) == (
            image,
            (Step("brightness", 0),),
        )
        assert np.array_equal(explorer.degraded, explorer.clean)


def test_an_image_that_is_come_back_to_before_its_neighbour_was_made_is_degraded_and_scored(explored):
    explorer = explored.explorer
    explored.wake()
    explorer.add("brightness")
    explorer.set_severity(0, 30.0)
    explored.settle()
    for image in (1, 0):
        explorer.set_image(image)
    explored.settle()
    assert explorer.made == explorer.state and explorer.scores is not None and explorer.followed
    assert np.array_equal(explorer.degraded, chain(explorer.clean, [("brightness", 30.0)], 0))


def test_a_model_that_cannot_score_is_asked_again(explored):
    explorer, heard = explored.explorer, explored.heard
    explored.wake()
    explorer.add("brightness")
    explored.settle()
    explored.pause()
    heard()
    explorer.set_severity(0, 20.0)
    explored.work.answer()
    explored.scorer.process.message.emit(Failed("It cannot.", "", ticket=explored.orders[-1].ticket))
    assert heard() == ["tracks_changed", "degraded_changed", "scores_changed"]
    assert explorer.problem == "It cannot." and explorer.scores is None and not explorer.followed
    count = len(explored.orders)
    explored.pause()
    assert len(explored.orders) == count, "it is not asked for tracks"
    explorer.ask_again()
    assert heard() == ["scores_changed"] and explorer.problem == ""
    (again,) = explored.orders[count:]
    assert again.question == "scores"
    explored.pause()
    assert [order.question for order in explored.orders[count + 1 :]] == ["explore", "explore"]
    explored.answer(again)
    assert explorer.scores.tolist() == SCORES[0].tolist() and explorer.followed


@pytest.mark.parametrize("error", [RunError("It needs colours."), ZeroDivisionError()])
def test_an_image_that_cannot_be_degraded_is_said_and_the_next_change_followed(explored, monkeypatch, error):
    explorer, heard = explored.explorer, explored.heard
    explored.wake()
    explorer.add("brightness")
    explored.settle()
    explored.pause()
    heard()

    def fail(*_):
        raise error

    with monkeypatch.context() as harm:
        harm.setattr(explorers, "chain", fail)
        explorer.set_severity(0, 20.0)
        explored.work.answer()
    expected = isinstance(error, RunError)
    assert explorer.problem.startswith("It needs colours." if expected else "Degrading the image failed")
    assert heard() == ["tracks_changed", "scores_changed"] and explorer.scores is None
    assert not explored.work.waiting and len(explored.window.said) == (0 if expected else 1), "it is said once"
    explorer.set_severity(0, 30.0)
    explored.settle()
    assert heard() == ["tracks_changed", "degraded_changed", "scores_changed"]
    assert explorer.problem == "" and explorer.followed
