"""Work in other threads whose taker is gone or that fails."""

import time

from PySide6.QtCore import QObject

from tfstab.gui.background import Background


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
