"""Sessions of runs of NumPy classifiers: what they tell and when; reading is done when the test says."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import Held, telling
from numpy_runs import classifier, dataset, search, sweep
from PySide6.QtCore import QObject

from tfstab import SweepConfig
from tfstab.errors import RunError
from tfstab.gui import background as backgrounds
from tfstab.gui.background import Background
from tfstab.gui.content.matching import NOT_THERE
from tfstab.gui.content.points import read_points
from tfstab.gui.content.selection import ELSEWHERE, PointFilter
from tfstab.gui.sessions import beside as beside_module
from tfstab.gui.sessions import class_grids, search_session
from tfstab.gui.sessions.class_grids import ClassGrids
from tfstab.gui.sessions.compared_searches import ComparedSearches
from tfstab.gui.sessions.search_session import SearchSession, read_entries, read_result
from tfstab.gui.sessions.sweep_session import SweepSession


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("session") / "sweep")


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("session") / "search", queries=100)


@pytest.fixture
def held(qapp):
    return Held()


# --- sweeps ---


def test_each_change_of_a_sweep_is_told_once(held, swept):
    session = SweepSession(swept, held)
    told = telling(
        session,
        "points_changed",
        "shown_changed",
        "point_selected",
        "filter_changed",
        "measures_changed",
        "triple_changed",
    )

    def heard():
        held.answer_all()
        answer = list(told)
        told.clear()
        return answer

    assert session.accuracy == [] and session.said == "0 of 0 shown"
    assert sorted(heard()) == ["measures_changed", "points_changed"]
    assert len(session.accuracy) == 3
    session.select_class(0)
    session.set_filter(low=0.0)
    assert heard() == [], "as it was"
    session.set_filter(low=0.5)
    assert heard() == ["filter_changed", "shown_changed"]
    session.pick(np.array([[0, 0], [1, 0], [1, 1]]))
    session.sort("score", False)
    assert heard() == []
    session.select_point(2)
    assert heard() == ["point_selected", "triple_changed"] and session.point == 2 and session.triple is not None
    session.complete_triple(session.triple)
    assert heard() == ["triple_changed"]
    session.select_class(1)
    assert session.view.asked.picked is None and session.point is None and session.mark_key is None
    assert heard() == ["point_selected", "triple_changed", "filter_changed", "points_changed"]
    session.select_point(5)
    key = session.mark_key
    heard()
    session.reload()
    assert sorted(heard()) == ["measures_changed", "point_selected", "points_changed", "triple_changed"], "read again"
    assert session.mark_key == key
    session.select_class(None)
    assert heard()[:3] == ["point_selected", "triple_changed", "filter_changed"]
    assert set(session.grids.grids) == {0, 1, 2} and len(set(session.points.actual)) > 1
    assert session.said == session.grids.said and session.has_correct and len(session.points) == 162
    rows = session.view.rows
    assert 0 < len(rows) < 162 and (session.points.predicted[rows] != session.points.actual[rows]).all()
    session.set_filter(low=0.6)
    assert "filter_changed" in heard() and session.grids.grids[1].shown < session.grids.grids[1].total
    session.grids.start(swept, [0], PointFilter())
    session.stop()
    assert session.stopped and heard() == []


def test_points_in_the_table_are_stepped_through_from_its_beginning(held, swept):
    session = SweepSession(swept, held)
    session.step(1)
    assert session.point is None
    held.answer_all()
    rows = session.view.rows.tolist()
    correct = next(place for place in range(36) if place not in rows)
    session.select_point(correct)
    session.step(1)
    assert session.point == rows[0], "what was selected is not listed"


def test_columns_of_a_table_of_points(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    points = session.points
    expected = np.float32(swept.severities)[points.severity_index]
    np.testing.assert_array_equal(session.column(points, "severity"), expected)
    assert session.column(points, "psnr") is points.psnr and not session.column(points, "marked").any()
    key = points.key(4)
    session.marks.mark([key])
    assert np.flatnonzero(session.column(points, "marked")).tolist() == [4] and not held.waiting
    session.marks.undo_stack.undo()
    assert session.column(points, f"{ELSEWHERE}0") is points.predicted, "nothing is compared"


def test_a_point_that_cannot_be_degraded_is_said(held, swept, monkeypatch):
    session = SweepSession(swept, held)
    held.answer_all()
    session.select_point(1)

    def fail(*_):
        raise RunError("It is not known here.")

    monkeypatch.setattr("tfstab.gui.sessions.sweep_session.triple_of_point", fail)
    session.select_point(2)
    assert session.point == 2 and session.triple is None and held.said == ["It is not known here."]


def test_other_networks_points_beside(held, swept, tmp_path, monkeypatch):
    other_run = sweep(tmp_path / "other", model=classifier(lambda x: classifier().scores(255 - x), "negative"))
    session, other = SweepSession(swept, held), SweepSession(other_run, held)
    held.answer_all()
    told = telling(session.beside, "changed")
    compared = telling(session, "compared_changed")
    session.beside.compare([])
    assert compared == [] and session.beside.neighbours == []
    session.beside.compare([other])
    assert compared == ["compared_changed"] and session.beside.neighbours == []
    held.answer_all()
    (neighbour,) = session.beside.neighbours
    assert told == ["changed"] and neighbour.session is other and session.beside.unlike == []
    theirs = read_points(other_run, 0)
    np.testing.assert_array_equal(neighbour.predicted, theirs.predicted)
    assert (neighbour.predicted != NOT_THERE).all() and len(neighbour.shown.places) == 36
    np.testing.assert_array_equal(session.column(session.points, f"{ELSEWHERE}0"), theirs.predicted)
    session.set_filter(severity_index=1)
    held.answer_all()
    assert len(session.beside.neighbours[0].shown.places) == 12
    assert session.beside.neighbours[0].points is neighbour.points, "it is not read again"
    other.reload()
    held.answer_all()
    assert session.beside.neighbours[0].points is not neighbour.points, "it may have grown"
    count = len(compared)
    session.beside.compare([other])
    assert len(compared) == count
    session.select_class(None)
    assert session.beside.neighbours == [] and told[-1] == "changed"
    rows = len(read_points(other_run, None))
    for most, beside in ((rows, 1), (rows - 1, 0)):  # so many points of all classes are read
        monkeypatch.setattr(beside_module, "MOST_ROWS", most)
        session.beside.follow()
        held.answer_all()
        assert len(session.beside.neighbours) == beside
    session.select_class(0)
    session.beside.compare([])
    assert len(compared) == count + 1
    held.answer_all()
    assert session.beside.neighbours == []
    other.reload()
    held.answer_all()
    assert len(compared) == count + 1, "it is compared no more"


def test_a_compared_sweep_of_other_classes_or_that_is_damaged_has_no_points(held, swept, tmp_path):
    session = SweepSession(swept, held)
    held.answer_all()
    broken = sweep(tmp_path / "broken", SweepConfig(sigmas=(5,), copies=2))
    fresh = SweepSession(broken, held)
    held.answer_all()
    next(iter(broken.parts.values())).write_bytes(b"harm")
    of = SimpleNamespace(class_names=("x",))
    unlike = SimpleNamespace(run=of, real_path=tmp_path, measures_changed=fresh.measures_changed)
    session.beside.compare([fresh, unlike])
    held.answer_all()
    assert session.beside.neighbours == [] and session.beside.unlike == [unlike]


def test_a_mark_of_a_copy_that_the_run_lacks_marks_no_other_point(held, tmp_path):
    session = SweepSession(sweep(tmp_path, SweepConfig(sigmas=(5, 90), copies=2)), held)
    held.answer_all()
    image = int(session.points.image[0])
    session.marks.mark([(image, 0, 1), (image, 0, 2), (image, 0, 20)])  # of the same sweep with more copies
    points = session.points.take(np.flatnonzero(session.column(session.points, "marked")))
    assert [points.key(place) for place in range(len(points))] == [(image, 0, 1)]


def test_few_misclassified_points_of_many_are_kept(held, swept, monkeypatch):
    monkeypatch.setattr(class_grids, "MOST_ROWS", 5)
    grids, told = ClassGrids(held), []
    grids.finished.connect(told.append)
    grids.start(swept, [1, 2], PointFilter())
    held.answer_all()
    (mistakes,) = told
    assert len(mistakes) == 5
    points = read_points(swept, 1)
    grid = grids.grids[1]
    assert (grid.total, grid.shown, grid.wrong) == (108, 108, int((points.predicted != 1).sum()))
    left, _, right, _ = grids.view
    inside = int(((points.psnr >= left) & (points.psnr < right)).sum())
    assert sum(int(counts.sum()) for counts in grid.counts.values()) == inside >= 100 and grid.unchanged == 0
    columns = sum(counts.sum(axis=0) for counts in grid.counts.values())
    assert columns.tolist() == np.histogram(points.psnr, class_grids.WIDTH, (left, right))[0].tolist()
    assert all(counts.shape == (class_grids.HEIGHT, class_grids.WIDTH) for counts in grid.counts.values())
    assert grid.said == "108 of 108 shown"
    grids.start(swept, [], PointFilter())
    held.answer_all()
    assert len(told) == 1, "there is nothing to join"


# --- searches ---


def test_results_are_read_in_batches_and_listed_in_the_order_of_the_images(held, searched, monkeypatch):
    monkeypatch.setattr(search_session, "AT_ONCE", 4)
    session = SearchSession(searched, held)
    told = telling(session, "entries_changed", "selected", "result_changed", "triple_changed")
    session.step(1)
    session.reload()
    assert len(held.waiting) == 1, "they are being read"
    held.answer()
    assert [entry.image for entry in session.entries] == [0, 1, 2, 3] and told == ["entries_changed", "selected"]
    assert session.image == 0 and session.place == 0 and session.result is None and len(held.waiting) == 2
    held.answer_all()
    assert [entry.image for entry in session.entries] == list(range(9)) and told.count("entries_changed") == 3
    assert told.count("result_changed") == told.count("triple_changed") == 1 and session.result.image == 0
    session.reload()
    assert len(held.waiting) == 1
    held.answer_all()
    assert told.count("entries_changed") == 3, "nothing was added"
    assert [entry.image for entry in read_entries(searched, {0, 1, 2, 5}).entries] == [3, 4, 6, 7]
    told.clear()
    session.image = 77
    session._show_entries()
    assert told == ["entries_changed"], "the selected image is not listed"


def test_reading_that_fails_can_begin_again(held, searched, monkeypatch):
    session = SearchSession(searched, held)
    monkeypatch.setattr(search_session, "read_entries", lambda *_: {}["key"])
    held.answer_all()
    assert session.entries == [] and len(held.said) == 1
    monkeypatch.undo()
    session.reload()
    held.answer_all()
    assert len(session.entries) == 9


def test_a_damaged_result_is_said_once(held, tmp_path):
    run = search(tmp_path / "run", data=dataset(3), queries=100)
    run.parts["image-000000001"].write_bytes(b"harm")
    session = SearchSession(run, held)
    held.answer_all()
    assert [entry.image for entry in session.entries] == [0, 2] and len(held.said) == 1
    session.reload()
    held.answer_all()
    assert len(held.said) == 1 and session.extent == "3 of 3 images" and session.about.endswith("seed 0")
    assert read_result(run, 2).image == 2
    with pytest.raises(RunError, match="no longer exists"):
        read_result(SimpleNamespace(path=tmp_path / "none"), 2)


def test_news_of_compared_searches(held, searched):
    session, other = SearchSession(searched, held), SearchSession(searched, held)
    compared = ComparedSearches(session)
    told = telling(compared, "changed")
    compared.compare([other])
    compared.compare([other])
    assert told == ["changed"] and compared.runs == [other]
    other.entries_changed.emit()
    assert len(told) == 2
    compared.compare([])
    other.entries_changed.emit()
    assert len(told) == 3


def test_marks_that_cannot_be_kept_are_said_by_the_session(held, searched, tmp_path):
    kept = tmp_path / "data" / "tfstab"
    kept.mkdir(parents=True)
    (kept / "marks").touch()
    session = SearchSession(searched, held)
    session.marks.mark([(1,)])
    assert any("cannot be saved" in sentence for sentence in held.said)


# --- threads ---


def test_work_is_told_to_begin_and_end(qapp, qtbot):
    background, told = Background(), []
    background.busy_changed.connect(told.append)
    background.saved.connect(lambda: told.append("saved"))
    gate = threading.Event()
    background.run(gate.wait, told.append)
    background.run(gate.wait, told.append, saving=True)
    assert told == [True] and background.busy and background.saving
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert told.count("saved") == 1 and told.count(True) == 3 and told[-1] in (False, "saved") and not background.saving
    assert told.count(False) == 1
    threads = set()
    background.run(threading.current_thread, threads.add)
    qtbot.waitUntil(lambda: not background.busy)
    assert threads and threading.main_thread() not in threads


def test_failures_are_said_also_where_nothing_can_be_ended(qapp, qtbot):
    background, said, ended = Background(), [], []
    background.failed.connect(lambda *of: said.append(of))
    owner = QObject()

    def fail(error):
        raise error

    background.run(lambda: fail(RunError("A sentence.")), None)
    background.run(lambda: fail(ValueError()), None, lambda: ended.append("kept"), owner)
    qtbot.waitUntil(lambda: not background.busy)
    assert sorted(sentence for sentence, _ in said) == ["A sentence.", "Reading failed: ValueError."]
    assert ended == ["kept"]
    assert [bool(details) for sentence, details in sorted(said)] == [False, True]
    gate = threading.Event()
    background.run(lambda: gate.wait() and fail(RunError("Another.")), None, lambda: ended.append("gone"), owner)
    from shiboken6 import delete

    delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert ended == ["kept"] and said[-1] == ("Another.", "")


def test_a_stopped_pool_drops_what_waits_and_delivers_nothing(qapp, qtbot, monkeypatch):
    monkeypatch.setattr(backgrounds, "THREADS", 1)
    monkeypatch.setattr(backgrounds, "PATIENCE", 0)
    background, gate, ran, taken = Background(), threading.Event(), [], []
    background.run(gate.wait, taken.append)
    background.run(lambda: ran.append("waiting"), taken.append)
    background.stop()
    gate.set()
    background.run(lambda: ran.append("later"), taken.append)
    qtbot.wait(50)
    assert ran == taken == []
