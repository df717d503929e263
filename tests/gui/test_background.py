"""Work in other threads whose taker is gone, that fails, or that leaves garbage."""

import gc
import sys
import threading
import time

from PySide6.QtCore import QObject
from shiboken6 import delete

from tfstab.gui.background import Background
from tfstab.gui.preload import load_pages


def test_nothing_is_delivered_to_what_is_deleted(qapp, qtbot):
    background, owner, taken = Background(), QObject(), []
    background.run(lambda: time.sleep(0.2), taken.append, owner=owner)
    owner.deleteLater()
    qtbot.waitUntil(lambda: not background.busy, timeout=5_000)
    assert taken == []


def test_a_failure_ends_what_was_begun_and_is_said(qapp, qtbot):
    background, ended, said = Background(), [], []
    background.failed.connect(lambda sentence, details: said.append((sentence, details)))
    background.run(lambda: {}["key"], ended.append, lambda: ended.append("failed"))
    qtbot.waitUntil(lambda: not background.busy, timeout=5_000)
    assert ended == ["failed"] and len(said) == 1 and "key" in said[0][0] and "KeyError" in said[0][1]


def test_a_worker_may_end_after_the_window(qapp, monkeypatch):
    monkeypatch.setattr("tfstab.gui.background.PATIENCE", 1)
    background, go_on = Background(), threading.Event()
    background.run(lambda: go_on.wait(5), lambda _: None)
    background.stop()
    threading.Timer(0.1, go_on.set).start()
    said = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: said.append(error))
    delete(background)  # as the window does with it; waits for the worker
    assert said == []


def test_what_a_worker_is_the_last_to_need_ends_in_the_windows_thread(qapp, qtbot):
    background, ends = Background(), []

    class Page:
        def work(self):
            return sum(range(100))

        def done(self, result):
            assert result == 4950

        def __del__(self):
            ends.append(threading.current_thread())

    between = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that either thread may be the last
    try:
        for _ in range(6000):
            page = Page()
            background.run(page.work, page.done)
            del page
        qtbot.waitUntil(lambda: len(ends) == 6000, timeout=20_000)
    finally:
        sys.setswitchinterval(between)
    assert set(ends) == {threading.main_thread()}


def test_garbage_of_workers_is_collected_in_the_windows_thread(open_window, qtbot):
    load_pages()  # after which what is there is garbage no more
    window, ends = open_window(), []

    class Ring:
        def __init__(self):
            self.itself = self

        def __del__(self):
            ends.append(threading.current_thread())

    def work():
        for _ in range(2 * gc.get_threshold()[0]):  # so many that Python would look for garbage
            Ring()

    window.controller.background.run(work, lambda _: None)
    qtbot.waitUntil(lambda: bool(ends), timeout=10_000)
    assert set(ends) == {threading.main_thread()}
    window.close()
    assert gc.isenabled()
