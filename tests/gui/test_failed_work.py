"""Work that failed is tried again when it is asked for."""

import made_up_runs
import numpy as np
import pytest
from doubles import Held

from tfstab import open_run
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.sweep_session import SweepSession


@pytest.fixture
def held(qapp):
    return Held()


def fail(held):
    """Let the work that waits fail for a reason that nobody expects."""
    _, _, failed = held.waiting.pop(0)
    failed()


def test_pictures_are_asked_for_again_after_a_failure(held, qtbot):
    pictures = LazyPictures(held, lambda key: np.full((1, 1, 1), key, np.uint8))
    pictures.get(1)
    qtbot.waitUntil(lambda: len(held.waiting) == 1)
    fail(held)
    assert pictures.get(1) is None
    qtbot.waitUntil(lambda: len(held.waiting) == 1)
    held.answer()
    assert pictures.get(1).tolist() == [[[1]]]


def test_a_list_is_computed_again_after_a_failure(held, tmp_path):
    session = SweepSession(open_run(made_up_runs.sweep(tmp_path / "sweep")), held)
    held.answer_all()
    session.sort("psnr", True)
    fail(held)
    session.sort("psnr", False)
    held.answer_all()
    assert (np.diff(session.points.psnr[session.view.rows]) >= 0).all() and session.view.settled
