"""Closing runs: nothing of them stays, and nothing reaches their pages any more."""

import gc
import threading
import time
import weakref

import pytest

from tfstab.gui.widgets.sweep import metrics_page


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

    qtbot.waitUntil(freed, timeout=5_000)


def test_what_is_computed_for_a_closed_page_is_dropped(open_window, runs, qtbot, settle, monkeypatch):
    window = open_window(runs / "sweep")
    compute = metrics_page.headline

    def slowly(*arguments):
        time.sleep(0.3)
        return compute(*arguments)

    monkeypatch.setattr(metrics_page, "headline", slowly)
    page = window.page()
    deleted = []
    page.destroyed.connect(lambda: deleted.append(True))
    page.metrics.refresh()
    window.commands["close"].trigger()
    qtbot.waitUntil(lambda: bool(deleted), timeout=5_000)
    assert window.controller.busy, "it is deleted before all is computed"
    settle(window)  # an error in a slot fails the test


def test_a_closed_run_is_read_no_more(open_window, runs, qtbot, settle, monkeypatch):
    from tfstab.gui.sessions import search_session

    monkeypatch.setattr(search_session, "AT_ONCE", 1)
    read, of = [], search_session.Entry.of

    def slowly(result):
        time.sleep(0.1)
        read.append(result.image)
        return of(result)

    monkeypatch.setattr(search_session.Entry, "of", slowly)
    window = open_window()
    window.controller.open([runs / "search"])
    qtbot.waitUntil(lambda: len(read) == 1, timeout=10_000)
    window.controller.close(window.controller.current)
    settle(window)
    qtbot.wait(300)
    assert len(read) <= 2


def test_the_window_waits_for_what_is_being_saved(open_window, qtbot):
    window, written = open_window(), []

    def save():
        time.sleep(0.4)
        written.append("file")

    for _ in range(3):
        window.controller.background.run(save, lambda _: None, saving=True)
    window.close()
    assert window.isVisible() and "saved" in window.statusBar().currentMessage()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5_000)
    assert len(written) == 3


def test_the_window_closes_though_a_read_hangs(open_window, qtbot, monkeypatch):
    monkeypatch.setattr("tfstab.gui.background.PATIENCE", 100)
    window, hang = open_window(), threading.Event()
    window.controller.background.run(hang.wait, lambda _: None)
    qtbot.wait(100)
    begun = time.monotonic()
    threading.Timer(5, hang.set).start()
    window.close()
    assert time.monotonic() - begun < 4 and not window.isVisible()
    hang.set()


def test_a_closed_window_starts_no_child(open_window, runs):
    window = open_window(runs / "sweep")
    scorer, run = window.controller.scorer, window.controller.current.run
    window.close()
    assert scorer.score(run.info["model"], run.clean.images[:1], lambda _: None) is None
    assert not scorer.busy and not scorer.process.running
