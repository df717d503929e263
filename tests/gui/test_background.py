"""Work in other threads whose taker is gone, that fails, or that leaves garbage."""

import gc
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete

from tfstab.gui import background as backgrounds
from tfstab.gui.background import Background
from tfstab.gui.preload import load_pages


def test_nothing_is_delivered_to_what_is_deleted(qapp, qtbot):
    background, owner, taken = Background(), QObject(), []
    background.run(lambda: time.sleep(0.2), taken.append, owner=owner)
    owner.deleteLater()
    qtbot.waitUntil(lambda: not background.busy)
    assert taken == []


def test_a_failure_ends_what_was_begun_and_is_said(qapp, qtbot):
    background, ended, said = Background(), [], []
    background.failed.connect(lambda sentence, details: said.append((sentence, details)))
    background.run(lambda: {}["key"], ended.append, lambda: ended.append("failed"))
    qtbot.waitUntil(lambda: not background.busy)
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
        qtbot.waitUntil(lambda: len(ends) == 6000)
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
    qtbot.waitUntil(lambda: bool(ends))
    assert set(ends) == {threading.main_thread()}
    window.close()
    assert gc.isenabled()


@pytest.fixture
def stepping(qapp, monkeypatch):
    """turn() lets steps be done once, after other work of so many seconds; a step takes an eighth of a second."""
    now, done, background = [100.0], [], Background()
    monkeypatch.setattr(backgrounds, "time", SimpleNamespace(thread_time=lambda: now[0]))
    monkeypatch.setattr(backgrounds, "MUCH", 0.25)
    background.told, background.ended = [], done
    background.busy_changed.connect(background.told.append)

    def steps(name, count):
        try:
            for k in range(count):
                done.append(f"{name}{k}")
                now[0] += 0.125
                yield
        finally:
            done.append(f"{name} ended")

    def turn(other=0.0):
        now[0] += other
        background._turns.timeout.emit()
        answer, done[:] = list(done), []
        return answer

    background._spent = now[0]
    return background, steps, turn


def test_work_in_steps_is_done_as_it_comes_and_spare_work_last(stepping):
    background, steps, turn = stepping
    background.in_steps(steps("spare", 3), spare=True)
    background.in_steps(steps("a", 3))
    background.in_steps(steps("b", 1))
    assert background.busy and background.told == [True]
    turns = [turn() for _ in range(5)]
    assert turns == [
        ["a0", "a1"],
        ["a2", "a ended"],
        ["b0", "b ended"],
        ["spare0", "spare1"],
        ["spare2", "spare ended"],
    ]
    assert not background.busy and background.told == [True, False] and not background._turns.isActive()
    assert turn() == [], "there is nothing to do"


def test_steps_give_way_to_other_work_but_not_for_long(stepping):
    background, steps, turn = stepping
    background.in_steps(steps("a", 9))
    assert turn(0.25) == ["a0", "a1"], "that is not much"
    assert [turn(0.5) for _ in range(5)] == [[], [], [], ["a2", "a3"], []]
    assert turn(0.125) == ["a4", "a5"]
    assert [turn(9.0) for _ in range(4)] == [[], [], [], ["a6", "a7"]]


def test_steps_end_with_their_owner_and_with_the_window(stepping, qtbot):
    background, steps, turn = stepping
    owner, taken = QObject(), []
    background.in_steps(steps("owned", 9), owner)
    background.in_steps(steps("left", 9))
    assert turn() == ["owned0", "owned1"]
    delete(owner)
    assert turn() == ["owned ended"] and turn() == ["left0", "left1"]
    background.in_steps(steps("spare", 9), spare=True)
    background.stop()
    assert background.ended == ["left ended"] and not background._turns.isActive()
    background.in_steps(steps("late", 9))
    background.run(lambda: 3, taken.append)
    qtbot.wait(20)
    assert background.ended == ["left ended"] and taken == []


def test_a_result_may_be_taken_in_steps(qapp, qtbot):
    background, taken = Background(), []

    def take(result):
        for k in range(3):
            taken.append((result, k))
            yield

    background.run(lambda: 7, take)
    qtbot.waitUntil(lambda: not background.busy)
    assert taken == [(7, 0), (7, 1), (7, 2)]
