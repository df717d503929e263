"""What arrives late, in another order, or of something that was let go, changes nothing that is shown."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from doubles import Held
from numpy_runs import dataset, search, sweep

from tfstab import SweepConfig, open_run
from tfstab.errors import RunError
from tfstab.gui.content.points import SweepPoints, read_points
from tfstab.gui.content.selection import PointFilter
from tfstab.gui.sessions import class_grids
from tfstab.gui.sessions.class_grids import ClassGrids
from tfstab.gui.sessions.compared_searches import entries_elsewhere
from tfstab.gui.sessions.run_watcher import RunWatcher, how_far
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.sessions.sweep_session import SweepSession


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("late") / "sweep")


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("late") / "search", queries=100)


@pytest.fixture
def held(qapp):
    return Held()


# --- sessions ---


def test_points_of_a_class_that_was_left_are_dropped(held, swept):
    session = SweepSession(swept, held)
    assert session.classes == [0, 1, 2] and session.class_index == 0
    session.select_class(1)
    session.select_class(2)
    reading = len(held.waiting)
    assert reading == 4  # classes 0, 1 and 2, and the measures
    held.answer(3)
    while held.waiting:
        held.answer(-1)
    assert session.points.class_index == 2 and set(session.points.actual) == {2}
    np.testing.assert_array_equal(session.points.key(0), read_points(swept, 2).key(0))
    np.testing.assert_array_equal(session.measures.correct, swept.measures.correct)
    assert len(session.accuracy) == 3


def test_a_filter_that_was_changed_meanwhile_is_what_is_shown(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    session.set_filter(severity_index=0)
    session.set_filter(severity_index=1)
    session.sort("score", True)
    held.answer()
    assert len(held.waiting) == 1 and session.filter == PointFilter(severity_index=1)
    held.answer_all()
    points = session.points
    assert set(points.severity_index[session.shown]) == {1}
    rows = session.view.rows
    assert (np.diff(points.score[rows]) <= 0).all() and (points.predicted[rows] != points.actual[rows]).all()
    assert session.said == f"{len(session.shown)} of 36 shown"


def test_a_point_wanted_of_another_class_is_selected_once_it_is_there(held, swept):
    session, selected = SweepSession(swept, held), []
    session.point_selected.connect(selected.append)
    session.select((3, 1, 2))  # before anything is read
    assert session.class_index == 1 and session.point is None
    session.select((4, 0, 5))  # of the same class, still being read
    held.answer_all()
    assert session.points.key(session.point) == (4, 0, 5) == session.mark_key
    assert selected[-1] == session.point and session.triple.title == "Image 4, sigma 5, copy 5"
    session.select(7)  # an image: its first failure
    session.select_class(0)
    held.answer_all()
    assert session.class_index == 0 and session.point is None, "another class was asked for after it"
    session.select((0, 9, 9))
    assert session.point is None
    session.select(0)
    place = session.points.first_failure(0, swept.config.distances)
    assert session.point == place and place is not None


def test_steps_stay_within_the_rows(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    rows = session.view.rows.tolist()
    assert len(rows) > 3
    for by, row in ((5, 0), (1, 1), (1, 2), (-1, 1), (-9, 0), (99, len(rows) - 1)):
        session.step(by)
        assert session.point == rows[row]
    assert session.view.row_of(None) is None and session.view.row_of(rows[2]) == 2 and session.view.row_of(-5) is None


def test_only_marked_points_are_listed_and_sorted_by_their_mark(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    key = session.points.key(7)
    session.marks.mark([key])
    try:
        session.view.ask(marked_only=True)
        held.answer_all()
        assert session.view.rows.tolist() == [7]
        session.marks.mark([session.points.key(9)])
        held.answer_all()
        assert session.view.rows.tolist() == [7, 9]
        session.view.ask(marked_only=False, correct_too=True)
        session.sort("marked", True)
        held.answer_all()
        assert session.view.rows[:3].tolist() == [7, 9, 0]
        np.testing.assert_array_equal(session.column(session.points, "severity")[:1], [5])
    finally:
        session.marks.toggle([key, session.points.key(9)])
    name, clean, degraded = session.picture((0, 1, 4))
    assert name == "image-0-sigma-90-copy-4"
    np.testing.assert_array_equal(clean, swept.clean.images[0])
    np.testing.assert_array_equal(degraded, swept.degraded_image(0, 1, 4))


def test_a_point_in_one_line(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    points = session.points
    place = int(np.flatnonzero(points.image == 8)[0])
    predicted, name = int(points.predicted[place]), swept.class_names[points.predicted[place]]
    assert session.describe(place) == (
        f"Image 8, wrong when clean · sigma 5 · copy {points.copy[place]} · predicted "
        f"{name if name == str(predicted) else f'{name} [{predicted}]'} · score {points.score[place]:.3f} · "
        f"PSNR {points.psnr[place]:.2f} dB"
    )
    assert session.describe(0).startswith("Image 0 · sigma 5 · copy 0 · predicted cat [0] · score ")


def test_results_of_an_image_that_was_left_are_dropped(held, searched):
    session, shown = SearchSession(searched, held), []
    session.result_changed.connect(lambda result: shown.append(result.image))
    held.answer_all()
    assert [entry.image for entry in session.entries] == list(range(9)) and shown == [0]
    session.select(3)
    session.select(5)
    assert len(held.waiting) == 2
    held.answer(1)
    held.answer(0)  # of image 3, late
    assert shown == [0, 5] and session.result.image == 5 == session.image == session.place
    final = session.triple
    session.replay(1)
    assert session.triple is not final and "generation 1" in session.triple.title
    session.replay(None)
    assert session.triple.title == final.title
    session.select(5)
    assert not held.waiting  # it is there
    for by, image in ((1, 6), (-3, 3), (-99, 0), (99, 8)):
        session.step(by)
        assert session.image == image and session.mark_key == (image,)
    held.answer_all()
    name, clean, degraded = session.picture((2,))
    assert name == "image-2"
    whole = searched.result(2).degraded_uint8
    np.testing.assert_array_equal(degraded, searched.result(2).degraded if whole is None else whole)
    np.testing.assert_array_equal(clean, searched.clean.images[2])


def test_a_result_that_cannot_be_read_is_shown_as_nothing_and_tried_again(held, tmp_path):
    run = search(tmp_path / "run", data=dataset(3), queries=100)
    session = SearchSession(run, held)
    held.answer_all()
    path = run.parts["image-000000001"]
    content = path.read_bytes()
    path.write_bytes(b"harm")
    session.select(1)
    held.answer_all()
    assert session.image == 1 and session.result is None and session.triple is None and len(held.said) == 1
    path.write_bytes(content)
    session.select(1)
    held.answer_all()
    assert session.result.image == 1 and session.triple.title == "Image 1"
    session.select(2)
    session.reload()
    held.answer_all()
    assert session.result.image == 2 and len(session.entries) == 3
    (run.path / "parts").rename(tmp_path / "elsewhere")
    run.path.rename(tmp_path / "gone")
    session.select(0)
    held.answer_all()
    assert "no longer exists" in held.said[-1]


def test_results_of_a_closed_search_are_not_added(held, searched):
    session = SearchSession(searched, held)
    session.stop()
    held.answer_all()
    assert session.entries == [] and session.stopped


def test_a_session_says_what_it_is(held, searched, swept):
    session, other = SearchSession(searched, held), SweepSession(swept, held)
    assert (session.name, session.kind, session.complete) == ("search", "search", True)
    assert session.extent == "9 of 9 images" and session.path == Path(searched.path)
    assert other.extent == "6 copies of each of 9 images"
    assert other.about == "Gaussian noise, brightness on levels (test), 9 images, seed 0"
    assert not session.comparable(other) and not other.comparable(session) and session.comparable(session)
    changed = []
    session.changed.connect(lambda: changed.append(session.gone))
    session.lose()
    session.lose()
    assert changed == [True]
    session.replace(searched)
    assert changed == [True, False] and session.progress == (9, 9)


def test_entries_of_the_same_images_elsewhere(held, searched):
    session = SearchSession(searched, held)
    held.answer_all()
    own = session.entries
    other_class = dataclasses.replace(own[1], class_index=2)
    other_pixels = dataclasses.replace(own[2], clean=own[2].clean + 1)
    assert entries_elsewhere(own[:4], [own[3], other_class, other_pixels, own[0]]) == [own[0], None, None, own[3]]


# --- class grids ---


@pytest.fixture
def too_large(monkeypatch):
    """The points of the run, 162, cannot all be kept, so that its classes are read one after the other."""
    monkeypatch.setattr(class_grids, "MOST_ROWS", 161)


def test_grids_of_an_earlier_start_are_dropped(held, swept, too_large):
    grids, told = ClassGrids(held), []
    grids.finished.connect(told.append)
    grids.start(swept, [0, 1, 2], PointFilter())
    held.answer()
    held.answer()  # the ends, and the first class
    assert list(grids.grids) == [0] and len(held.waiting) == 1
    grids.start(swept, [1, 2], PointFilter(severity_index=1))
    assert len(held.waiting) == 2
    held.answer(0)  # class 1 of the first start, late
    assert list(grids.grids) == [0]
    held.answer_all()
    assert grids.grids[0].shown == 36 and grids.grids[1].shown == 36 and grids.grids[2].shown == 6
    (mistakes,) = told
    every = [read_points(swept, k) for k in (1, 2)]
    assert len(mistakes) == sum(int((p.predicted != p.actual).sum()) for p in every)
    assert grids.said == f"{36 + 36 + 6} of {36 + 108 + 18} shown"


def test_grids_that_were_stopped_tell_nothing_more(held, swept, too_large):
    for answered in range(5):  # the ends, three classes, their mistakes
        grids, told = ClassGrids(held), []
        grids.finished.connect(told.append)
        grids.start(swept, [0, 1, 2], PointFilter())
        for _ in range(answered):
            held.answer()
        grids.stop()
        held.answer_all()
        assert not told and len(grids.grids) == max(0, min(answered - 1, 3))


def test_a_filter_that_was_replaced_does_not_bring_stopped_grids_back(held, swept):
    grids = ClassGrids(held)
    grids.start(swept, [0, 1, 2], PointFilter())
    held.answer_all()
    before = grids.grids
    for severity_index in (0, 1):
        grids.filter(swept, [0, 1, 2], PointFilter(severity_index=severity_index))
    grids.stop()
    held.answer_all()
    assert grids.grids is before and not grids.complete


def test_a_start_that_ends_after_a_later_one_and_its_filter_is_dropped(held, swept):
    grids, told = ClassGrids(held), []
    grids.finished.connect(told.append)
    for severity_index in (0, 1):
        grids.start(swept, [0, 1, 2], PointFilter(severity_index=severity_index))
    held.answer(1)
    grids.filter(swept, [0, 1, 2], PointFilter(severity_index=2))
    later = grids.grids
    held.answer(0)  # the first start
    assert grids.grids is later and len(told) == 1


def test_all_classes_at_once_are_as_one_by_one(held, swept, monkeypatch):
    chosen, found = PointFilter(severity_index=2, low=0.6), []
    for most in (161, 162):
        monkeypatch.setattr(class_grids, "MOST_ROWS", most)
        grids, told = ClassGrids(held), []
        grids.finished.connect(told.append)
        for filter_ in (PointFilter(), chosen):  # read with the first, filtered by the second
            grids.filter(swept, [0, 1, 2], filter_)
            held.answer_all()
        found.append((grids, told))
    (one_by_one, mistakes), (at_once, everything) = found
    assert (one_by_one.complete, at_once.complete, len(everything)) == (False, True, 1)
    every = SweepPoints.join([read_points(swept, k) for k in range(3)])
    for mine, theirs in zip(everything[0].columns, every.columns, strict=True):
        assert np.array_equal(mine, theirs)
    assert len(mistakes[-1]) == (every.predicted != every.actual).sum()
    for k in range(3):
        own, other = one_by_one.grids[k], at_once.grids[k]
        assert (own.shown, own.total, own.wrong, own.unchanged) == (other.shown, other.total, other.wrong, 0)
        assert own.shown and all(np.array_equal(own.counts[kind], other.counts[kind]) for kind in own.counts)
    at_once.filter(swept, [0, 1, 2], chosen)
    at_once.stop()
    before = at_once.grids
    held.answer_all()
    assert at_once.grids is before and not at_once.complete


def test_the_view_of_the_grids_is_the_runs_range(held, swept):
    grids = ClassGrids(held)
    assert grids.view == (0, 0, 1, 1)
    grids.start(swept, [0], PointFilter())
    held.answer_all()
    left, bottom, right, top = grids.view
    assert left == pytest.approx(20 * np.log10(255 / 90) - 1) and right == pytest.approx(20 * np.log10(255 / 5) + 4)
    assert bottom == 0 and 1 < top < 1.001


def test_a_damaged_class_is_said_and_the_others_are_shown(held, tmp_path):
    data = dataset()
    for rows in (np.flatnonzero(data.labels != 1), np.arange(len(data))):
        run = sweep(tmp_path / "run", data=data.select(rows))
    first, *_, last = run.parts.values()
    last.write_bytes(b"harm")  # of images of class 1 alone
    grids, told = ClassGrids(held), []
    grids.finished.connect(told.append)
    grids.start(run, [0, 1, 2], PointFilter())
    held.answer_all()
    assert list(grids.grids) == [0, 2] and len(held.said) == 1 and len(told) == 1
    first.write_bytes(b"harm")  # of the other classes
    for _ in range(2):
        held.said.clear()
        grids.start(open_run(run.path), [0, 2], PointFilter())
        held.answer_all()
        assert len(held.said) == 1 and len(told) == 1, "it is one part for two classes"


# --- watching runs ---


def test_a_watcher_tells_of_what_has_grown_or_gone(qapp, qtbot, tmp_path):
    run = search(tmp_path / "run", data=dataset(3), queries=100)
    background = Held()
    session = SearchSession(run, background)
    assert how_far(run, True) == (3, 3) and how_far(run, False) == (3, 3)
    watcher, grown, there = RunWatcher(lambda: sessions), [], [session]
    sessions = there
    watcher.grown.connect(grown.append)
    watcher.stop()
    watcher._compare([session], [(3, 3)])
    assert grown == []
    watcher._compare([session], [(2, 3)])
    assert grown == [session]
    sessions = []
    watcher._compare([session], [None])
    assert not session.gone, "it was closed meanwhile"
    sessions = there
    watcher._compare([session], [None])
    assert session.gone
    watcher._compare([session], [(3, 3)])
    assert grown == [session] * 2, "it is there again"
    (run.path / "run.json").write_text("{")
    assert how_far(run, True) == (3, 3), "what was read can still be shown"
    (run.path / "run.json").unlink()
    assert how_far(run, True) is None


def test_a_complete_sweep_that_was_given_more_has_more_parts(tmp_path):
    run = sweep(tmp_path, SweepConfig(sigmas=(5,), copies=1))
    assert how_far(run, True) == run.progress == (1, 1)
    grown = sweep(tmp_path, SweepConfig(sigmas=(5,), copies=4))
    assert how_far(run, True) == grown.progress == (3, 3)
    list(grown.parts.values())[-1].unlink()
    assert how_far(run, True) == (2, 3) and how_far(grown, True) == (3, 3), "its parts are not listed"


def test_an_error_that_a_worker_meets_is_said(qapp):
    background = Held()
    background.run(lambda: (_ for _ in ()).throw(RunError("A sentence.")), lambda _: None)
    background.answer()
    background.run(lambda: {}["key"], lambda _: None)
    background.answer()
    assert background.said == ["A sentence.", "Reading failed: 'key'."]


def test_a_sweep_of_one_copy_names_no_copy(held, tmp_path):
    run = sweep(tmp_path / "run", SweepConfig(sigmas=(5, 90), copies=1))
    session = SweepSession(run, held)
    held.answer_all()
    assert session.describe(0).startswith("Image 0 · sigma 5 · predicted ")
