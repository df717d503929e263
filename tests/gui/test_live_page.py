"""The page of a search in work, step by step: its images are watched, stopped, zoomed and forgotten."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from tfstab import open_run
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.jobs.protocol import Progress, RunOrder
from tfstab.gui.widgets.search.history_plot import HistoryPlot, make_plots
from tfstab.gui.widgets.search.live_page import LivePage
from tfstab.stepwise import finished


class Watched:
    """Records which images the page asks the jobs to watch or to stop."""

    def __init__(self, monkeypatch, jobs):
        self.asked = []
        monkeypatch.setattr(jobs, "watch", lambda job, image: self.asked.append(("watch", image)))
        monkeypatch.setattr(jobs, "stop_image", lambda job, image: self.asked.append(("stop", image)))


@pytest.fixture
def live(window_with_jobs, made, qtbot, monkeypatch):
    controller = window_with_jobs.controller
    watched = Watched(monkeypatch, controller.jobs)
    page = LivePage(controller, window_with_jobs.commands, HistoryPlot(finished(make_plots()), replay=False))
    qtbot.addWidget(page)
    page._timer.setInterval(10**6)  # the test takes the steps itself
    order = RunOrder(1, "search", "net", "data", str(made / "search"))
    job = Job(order, State.RUNNING, progress=Progress(1, 0, 4, 0, 12.0, "images"))
    noise = np.full((4, 4, 1), 2.0, np.float32)
    row = [15.0, 20.0, 15.0, 0.5]
    job.live.images = {2: LiveImage(2, 1, rows=[row], noise=noise), 3: LiveImage(3, 1, rows=[row, row])}
    job.live.images |= {k: LiveImage(k, 1, rows=[row] * 3) for k in range(100, 130)}
    page.show()
    return page, job, open_run(made / "search"), watched.asked, controller


def test_a_search_in_work_step_by_step(live, qtbot):
    page, job, run, asked, controller = live
    assert "stop-image" not in page.offers()
    page.set_job(job, run)
    assert page._timer.isActive() and asked == [("watch", 2)], "the first one in work is watched"
    assert page.text.text() == "<b>Searching</b> 32 images · 0 of 4 images · 12 a second"
    assert page.list.table.rowCount() == 32 and page.list.table.classes == {2: "cat", 3: "cat", 5: "dog", 8: "fox"}
    assert not page.history.isVisible() and page.triple.triple is None
    told, offered = [], []
    page.triple_changed.connect(told.append)
    page.offers_changed.connect(lambda: offered.append(1))
    job.live.watched = 2
    controller.jobs.live_changed.emit(job)
    page._look()
    assert page.history.isVisible() and page.history.norm.line.yData.tolist() == [15]
    others = page.history.norm.contents[0].getData()[1]
    assert np.isnan(others).sum() == 1 + 24 and np.nansum(others) == 15 * (2 + 23 * 3)
    page._look()
    assert len(told) == len(offered) == 1 and page.triple.triple is told[0]
    np.testing.assert_array_equal(told[0].noise[..., 0], 2)
    controller.jobs.job_changed.emit(job)
    page._look()
    page._look()
    assert len(told) == 1, "the same generation is drawn once"
    job.live.images[2].generation = 2
    page._look()
    page._look()
    assert len(told) == 1, "without news nothing is drawn"
    controller.jobs.live_changed.emit(Job(job.order))
    page._look()
    page._look()
    assert len(told) == 1, "of another job"
    controller.jobs.live_changed.emit(job)
    page._look()
    page._look()
    assert len(told) == 2 and len(offered) == 1
    page.hide()
    assert not page._timer.isActive()


def test_watching_and_stopping_images(live):
    page, job, run, asked, _ = live
    job.live.watched = 2
    page.set_job(job, run)
    page._look()
    asked.clear()
    page.offers()["previous"]()
    assert asked == [] and page.list.currentIndex().row() == 0
    page.offers()["next"]()
    assert asked == [("watch", 3)] and page.list.currentIndex().row() == 1
    page.offers()["previous"]()
    assert asked[1:] == [("watch", 2)]
    page.list.setCurrentIndex(page.list.table.index(31, 0))
    page.offers()["next"]()
    assert page.list.currentIndex().row() == 31 and asked[2:] == [("watch", 129)]
    page.offers()["stop-image"]()
    assert asked[3:] == [("stop", 2)]
    for state, offered in ((State.PAUSED, True), (State.STOPPING, False), (State.RUNNING, True)):
        job.state = state
        assert ("stop-image" in page.offers()) == offered
    job.live.watched = None
    page.offers()["stop-image"]()
    assert asked[4:] == []
    job.live.images = {2: LiveImage(2, reason="converged"), 3: LiveImage(3)}
    job.live.watched = 2
    page.set_job(job, run)
    page._look()
    assert asked[4:] == [("watch", 3)] and page.text.text().startswith("<b>Searching</b> 1 image ·")
    job.live.images = {}
    page.set_job(job, run)
    page._look()
    assert asked[5:] == [] and page.text.text().startswith("<b>Searching</b> 0 images")


def test_zooming_of_curves_and_images_is_undone_together(live):
    page, job, run, _, _ = live
    job.live.watched = 2
    page.set_job(job, run)
    page._look()
    page._look()
    pane, plot = page.triple.clean.view, page.history.norm

    def ranges():
        page.offers()["fit"]()
        plot.getViewBox().updateAutoRange()
        return [*pane.viewRange(), plot.viewRange()[0]]

    whole = ranges()
    pane.setRange(QRectF(1, 1, 2, 2), padding=0)
    plot.setXRange(50, 60, padding=0)
    assert np.allclose(ranges(), whole, atol=0.1) and whole[2][1] < 5


def test_another_job_starts_with_nothing(live, made):
    page, job, run, _, _ = live
    job.live.watched = 2
    page.set_job(job, run)
    page._look()
    page._look()
    assert page.triple.triple is not None
    page.set_job(job, run)
    assert page.triple.triple is not None, "of the same job nothing is forgotten"
    page.set_job(Job(job.order, State.RUNNING), run)
    assert page.triple.triple is None and not page.history.isVisible()
