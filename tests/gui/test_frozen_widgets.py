"""The pages and dialogs described widget by widget, as they were last recorded with `make frozen`.

What nobody would write an assertion for: texts, ranges, stretches, flags, entries, colours and widths of curves.
"""

from pathlib import Path

import made_up_runs
import numpy as np
import pytest
from frozen import check, rows
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QListWidgetItem, QSplitter

from tfstab import SweepConfig
from tfstab.gui.content import colours
from tfstab.gui.content.saved_views import SavedView
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.jobs.draft import Draft
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.jobs.protocol import Progress, RunOrder
from tfstab.gui.widgets.guide.contents import EXCERPT
from tfstab.gui.widgets.guide.window import GuideWindow
from tfstab.gui.widgets.jobs.job_row import JobRow
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog
from tfstab.gui.widgets.palette import Palette
from tfstab.gui.widgets.search.history_plot import HistoryPlot, make_plots
from tfstab.gui.widgets.search.live_page import LivePage
from tfstab.gui.widgets.views_dialog import ViewsDialog
from tfstab.runs import open_run
from tfstab.stepwise import finished

FROZEN = Path(__file__).parent / "frozen"
JPEG = SweepConfig(degradation="jpeg", severities=(80, 10), copies=1)


@pytest.fixture
def no_frame():
    """Timers are as they are."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs of four images with given predictions: a search, a sweep, another to compare it with, and one of JPEG."""
    folder = made_up_runs.search_and_sweeps(tmp_path_factory.mktemp("frozen"))
    made_up_runs.sweep(folder / "jpeg", JPEG)
    return folder


def test_the_page_of_a_search(frozen, open_window, made, settle):
    window = open_window(made / "search", overview=True)
    page = window.page()
    page.tabs.show_view("Images")
    settle(window)
    session = window.controller.current
    frozen("search-images", page, session, session.marks.undo_stack, session.compared, window.controller)
    page.tabs.setCurrentWidget(page.results.parentWidget())
    window.controller.current.select(3)
    settle(window)
    frozen("search-results", page.tabs, page.history.replay, window.facts)


def test_the_page_of_a_sweep(frozen, open_window, made, settle):
    window = open_window(made / "sweep", made / "other", overview=True)
    window.page().tabs.show_view("Scatter")
    settle(window)
    page, session = window.page(), window.controller.current
    (choice,) = page.compare.choices.values()
    choice.trigger()
    session.select_point(1)
    session.marks.toggle([session.points.key(1)])
    settle(window)
    frozen("sweep-scatter", page, session, session.marks, page.scatter.box)
    page.tabs.setCurrentWidget(page.points_page.parentWidget())
    settle(window)
    frozen("sweep-points", page.points_page)
    table = page.points_page.table
    widths = [table.columnWidth(column) for column in range(table.model().columnCount() - 1)]  # the last takes the rest
    titles = table.horizontalHeader()
    narrowest, predicted_in = max(30, titles.minimumSectionSize()), titles.sectionSizeHint(5)
    assert widths == [narrowest, 66, 76, 100, 100, predicted_in, 100, 130, 60, 54, 66, 70, 88]
    page.tabs.show_view("Metrics")
    page.metrics.tabs.setCurrentIndex(1)
    settle(window)
    frozen("sweep-metrics", page.metrics)
    session.select_class(None)
    page.tabs.show_view("Scatter")
    settle(window)
    frozen("sweep-all-classes", page.scatter_page.multiples, page.filters)


def test_the_page_of_another_degradation(frozen, open_window, made, settle):
    page = open_window(made / "jpeg").page()
    page.tabs.show_view("Metrics")
    settle(page.window())
    frozen("jpeg", page.filters, page.points_page.table.horizontalHeader(), page.metrics)


def test_the_window_without_runs(frozen, window_with_jobs, made, qtbot):
    window = window_with_jobs
    window.controller.open([str(made / "sweep")])
    qtbot.waitUntil(lambda: bool(window.controller.sessions) and not window.controller.busy)
    window.controller.close(window.controller.sessions[0])
    actions = [("File", QAction("&Open run…")), ("View", QAction("&Next", shortcut="Ctrl+N"))]
    frozen("welcome", window.welcome, Palette(actions, window), window.facts)


def test_saved_views_and_the_guide(frozen, window_with_jobs, made, qtbot, tmp_path):
    controller = window_with_jobs.controller
    controller.visits.saved.add([SavedView("one", Viewpoint.at(made / "sweep", "Gallery"), "")])
    frozen("saved-views", ViewsDialog(controller, window_with_jobs))
    (file,) = tmp_path.rglob("views.json")
    file.write_text("[")
    with qtbot.waitSignal(controller.failed) as said:
        ViewsDialog(controller, window_with_jobs)
    assert str(file) in said.args[0]
    guide = GuideWindow()
    qtbot.addWidget(guide)
    item = QListWidgetItem("Heading", guide.contents.found)
    item.setData(EXCERPT, "what is written below it")
    guide.contents.setCurrentIndex(1)
    frozen("guide", guide)


def test_a_new_run(frozen, window_with_jobs, qtbot):
    controller = window_with_jobs.controller
    dialog = NewRunDialog(controller.settings, controller.background, Draft(), window_with_jobs)
    for timer in dialog.findChildren(QTimer):  # when images and times are shown depends on the machine
        timer.stop()
    dialog.show()
    qtbot.waitUntil(lambda: not controller.busy)
    frozen("new-search", dialog)
    dialog.kinds.buttons["sweep"].click()
    frozen("new-sweep", dialog.kinds)
    sweep, search = dialog.kinds.parts["sweep"], dialog.kinds.parts["search"]
    frozen("new-sweep-settings", sweep)
    sweep.degradation.setCurrentIndex(sweep.degradation.findData("jpeg"))
    frozen("new-jpeg-settings", sweep)
    for k in range(search.engine.count()):
        search.engine.setCurrentIndex(k)
        frozen(f"new-engine-{k}", search.own, search.queries)
    dialog.reject()


def test_a_search_in_work(frozen, window_with_jobs, made, qtbot):
    window, run = window_with_jobs, open_run(made / "search")
    page = LivePage(window.controller, window.commands, HistoryPlot(finished(make_plots()), replay=False))
    qtbot.addWidget(page)
    order = RunOrder(1, "search", "net", "data", str(made / "search"))
    job = Job(order, State.RUNNING, progress=Progress(1, 1, 4, 0.25, 12.0, "images"))
    rows = [[15.0, 20.0, 15.0, 0.5], [14.0, 18.0, 14.0, 0.25]]
    job.live.images = {
        3: LiveImage(3, 2, 400, True, 14.0, np.full((4, 4, 1), 3.5, np.float32), rows=rows),
        5: LiveImage(5, 1, 200, False, 9.0, rows=rows[:1]),
    }  # fmt: skip
    job.live.watched = 3
    page.set_job(job, run)
    page.show()
    page._look()
    page._look()
    frozen("live", page, window.controller.jobs)
    page.hide()


def test_colours():
    points = [f"{kind}: {colours.LIGHT_POINTS[kind]} {colours.DARK_POINTS[kind]}" for kind in colours.LIGHT_POINTS]
    noise = [rows(colour) for colour in colours.DIVERGING]
    counts = np.random.default_rng(0).integers(0, 4, (12, 14)) * np.random.default_rng(1).integers(0, 9, (12, 14))
    pictures = [colours.density_image([(counts, (200, 101, 50), hatch)], counts.shape) for hatch in colours.Hatch]
    check(FROZEN / "colours.txt", points + noise + [rows(line) for picture in pictures for line in picture])


def test_how_splitters_divide_their_room(open_window, made, monkeypatch, settle, window_with_jobs, qtbot):
    """What they are asked for first: what they are given depends on the fonts."""
    asked, divide = {}, QSplitter.setSizes

    def set_sizes(splitter, sizes):
        asked.setdefault(splitter, list(sizes))
        divide(splitter, sizes)

    monkeypatch.setattr(QSplitter, "setSizes", set_sizes)
    controller, commands = window_with_jobs.controller, window_with_jobs.commands
    qtbot.addWidget(LivePage(controller, commands, HistoryPlot(finished(make_plots()), replay=False)))
    assert list(asked.values()) == [[230, 600], [420, 200]]
    asked.clear()
    window = open_window(made / "search")
    window.page().tabs.show_view("Gallery")
    assert window.page().gallery.isVisible() and list(asked.values()) == [[350, 200], [1, 1]]
    asked.clear()
    window = open_window(made / "sweep")
    window.page().tabs.show_view("Metrics")
    assert window.page().metrics.isVisible() and list(asked.values()) == [[380, 280], [310, 490], [90, 530]]


@pytest.mark.parametrize("state", State)
def test_the_row_of_a_job(frozen, window_with_jobs, tmp_path, state):
    job = Job(
        RunOrder(1, "sweep", "net", "data", str(tmp_path / "<run>")),
        state,
        "reading",
        "It broke.",
        remarks=["one", "two"],
        progress=Progress(1, 25, 100, 0.25, 12.0, "images"),
    )
    row = JobRow(window_with_jobs.controller, job)
    frozen(f"job-{state.name.lower()}", row)
