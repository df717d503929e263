"""Closing runs: nothing of them stays, and nothing reaches their pages any more."""

import gc
import threading
import weakref

import pytest

from tfstab.gui.widgets.sweep import metrics_page

PATIENCE = 120  # seconds, after which something that should have happened fails the test


@pytest.mark.parametrize("kind", ["search", "sweep"])
def test_a_closed_run_is_let_go(open_window, runs, qtbot, settle, kind):
    window = open_window(runs / kind)
    session = weakref.ref(window.controller.current)
    window.controller.step(1)
    settle(window)
    session().marks.mark([session().mark_key])
    window.commands["close"].trigger()
    settle(window)

    def freed():
        gc.collect()
        return session() is None

    qtbot.waitUntil(freed)


def test_what_is_computed_for_a_closed_page_is_dropped(open_window, runs, qtbot, settle, monkeypatch):
    window = open_window(runs / "sweep")
    compute, closed = metrics_page.headline, threading.Event()

    def late(*arguments):
        assert closed.wait(PATIENCE)
        return compute(*arguments)

    monkeypatch.setattr(metrics_page, "headline", late)
    page = window.page()
    deleted = []
    page.destroyed.connect(lambda: deleted.append(True))
    page.metrics.refresh()
    window.commands["close"].trigger()
    qtbot.waitUntil(lambda: bool(deleted))
    assert window.controller.busy, "it is deleted before all is computed"
    closed.set()
    settle(window)  # an error in a slot fails the test


def test_a_closed_run_is_read_no_more(open_window, runs, qtbot, settle, monkeypatch):
    from tfstab.gui.sessions import search_session

    monkeypatch.setattr(search_session, "AT_ONCE", 1)
    read, of, closed = [], search_session.Entry.of, threading.Event()

    def first_alone(result):
        read.append(result.image)
        assert len(read) == 1 or closed.wait(PATIENCE)
        return of(result)

    monkeypatch.setattr(search_session.Entry, "of", first_alone)
    window = open_window()
    window.controller.open([runs / "search"])
    qtbot.waitUntil(lambda: len(read) == 2)
    window.controller.close(window.controller.current)
    closed.set()
    settle(window)
    qtbot.wait(50)
    assert len(read) == 2


def test_the_window_waits_for_what_is_being_saved(open_window, qtbot):
    window, written, disk = open_window(), [], threading.Event()

    def save():
        assert disk.wait(PATIENCE)
        written.append("file")

    for _ in range(3):
        window.controller.background.run(save, lambda _: None, saving=True)
    window.close()
    assert window.isVisible() and "saved" in window.statusBar().currentMessage()
    disk.set()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert len(written) == 3


def test_the_window_closes_though_a_read_hangs(open_window, qtbot, monkeypatch):
    monkeypatch.setattr("tfstab.gui.background.PATIENCE", 100)
    window, reading, hang, read_in = open_window(), threading.Event(), threading.Event(), []

    def read():
        reading.set()
        hang.wait(PATIENCE)
        read_in.append("file")

    window.controller.background.run(read, lambda _: None)
    assert reading.wait(PATIENCE)
    window.close()
    assert not window.isVisible() and read_in == []
    hang.set()


def test_a_closed_window_starts_no_child(open_window, runs):
    window = open_window(runs / "sweep")
    scorer, run = window.controller.scorer, window.controller.current.run
    window.close()
    assert scorer.score(run.info["model"], run.clean.images[:1], lambda _: None) is None
    assert not scorer.busy and not scorer.process.running
