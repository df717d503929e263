"""When the live page of a search is shown instead of its results; the child process is a double."""

import made_up_runs
import numpy as np
import pytest
from doubles import Silent

from tfstab.gui.jobs import queue, scorer
from tfstab.gui.jobs.protocol import Finished, Generations, Opened, RunOrder
from tfstab.gui.widgets.search.search_page import SearchPage


@pytest.fixture
def window(open_window, monkeypatch):
    for module in (queue, scorer):
        monkeypatch.setattr(module, "WorkerProcess", Silent)
    window = open_window()
    yield window
    window.controller.jobs.shut_down()
    window._closing = True


@pytest.fixture
def job(window, tmp_path, qtbot, settle):
    """A search in work whose run is in view."""
    made_up_runs.search(tmp_path / "run")
    job = window.controller.jobs.add(RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(tmp_path / "run")))
    qtbot.waitUntil(lambda: window.live.page is not None)
    assert not window.live.shown, "it only starts"
    window.controller.jobs.process.message.emit(Opened(1, str(tmp_path / "run")))
    settle(window)
    return job


def test_the_page_is_made_before_it_is_needed(window, job):
    live = window.live
    assert live.shown and window.stack.currentWidget() is live.page and live.page.job is job
    live.page.results_asked.emit()
    assert isinstance(window.page(), SearchPage)


def test_results_so_far_and_back(window, job, settle, qtbot):
    live, told, left = window.live, [], []
    live.triple_changed.connect(told.append)
    live.left.connect(lambda: left.append(1))
    live.page.results_asked.emit()
    assert not live.shown and isinstance(window.page(), SearchPage) and len(left) == 1
    assert told[-1] is window.controller.current.triple
    window.controller.current_changed.emit(window.controller.current)
    assert not live.shown, "it stays until it is asked for"
    window.commands["live"].trigger()
    assert live.shown and len(left) == 2
    live.page.results_asked.emit()
    window.controller.jobs.opened.emit(job)
    assert live.shown, "a search that starts is watched"
    left.clear()
    window.controller.jobs.opened.emit(job)
    assert left == [], "it is in view already"


def test_news_of_the_page_reach_the_window(window, job, qtbot):
    offered, triples = [], []
    window.live.offers_changed.connect(lambda: offered.append(1))
    window.live.triple_changed.connect(triples.append)
    noise = np.full((4, 4, 1), 2.0, np.float32)
    window.controller.jobs.process.message.emit(Generations(1, 2, 1, 200, True, [[15.0, 20.0, 15.0, 0.5]], noise))
    qtbot.waitUntil(lambda: len(triples) == 1)
    assert len(offered) == 1 and window.live.page.triple.triple is triples[0]


def test_the_end_of_a_search_shows_its_results(window, job, qtbot):
    live, ended = window.live, []
    live.left.connect(lambda: ended.append("left"))
    window.controller.jobs.process.message.emit(Finished(1, True, 4, 0.0))
    qtbot.waitUntil(lambda: not live.shown)
    assert ended == ["left"] and isinstance(window.page(), SearchPage)
    ended.clear()
    window.controller.jobs.ended.emit(job)
    qtbot.wait(40)
    assert ended == [], "it was not in view"
