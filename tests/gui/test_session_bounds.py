"""Sessions at the bounds: cells of a density, images that are not listed, runs that lack a point; no window."""

import numpy as np
import pytest
from doubles import Held, telling
from numpy_runs import brightness, classifier, dataset, search, sweep

from tfstab import SweepConfig
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG, SweepPoints
from tfstab.gui.content.selection import ELSEWHERE, GAINED, Against, PointFilter
from tfstab.gui.sessions.class_grids import ClassGrids, grids_of
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.sessions.sweep_session import SweepSession


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("bounds") / "sweep")


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("bounds") / "search", data=dataset(3), queries=100)


@pytest.fixture
def held(qapp):
    return Held()


# --- densities ---


def points_at(*rows):
    """Points of (class, severity index, predicted, kind, PSNR, row of a grid)."""
    actual, severity, predicted, kind, psnr, row = (np.array(column) for column in zip(*rows, strict=True))
    zeros = np.zeros(len(rows), np.int16)
    score = (0.25 + row / 128).astype(np.float32)
    return SweepPoints(None, zeros, actual, severity, zeros, psnr.astype(np.float32), predicted, score, score, kind)


def test_points_at_the_edges_of_a_density():
    view = (10.0, 0.25, 106.0, 0.25 + 60 / 128)  # columns of 1 dB
    points = points_at(
        (0, 0, 1, WRONG, 10, 0),  # in the first cell
        (0, 0, 0, CORRECT, 106, 10), (0, 0, 0, CORRECT, 9.5, 10), (0, 0, 0, CORRECT, 30, 60),
        (0, 0, 0, CORRECT, 30, -1),
        (0, 0, 0, CORRECT, 12.5, 3.5), (0, 0, 0, CORRECT, 10, 5.5), (0, 0, 0, CORRECT, np.inf, 30),
        (1, 0, 0, CLEAN_WRONG, 105.5, 59.5),  # in the last cell
        (1, 1, 2, WRONG, 12.5, 3.5),  # at another severity
    )  # fmt: skip
    first, second = grids_of(points, [0, 1], PointFilter(severity_index=0), view).values()
    assert (first.class_index, first.total, first.shown, first.wrong, first.unchanged) == (0, 8, 8, 1, 1)
    assert (second.class_index, second.total, second.shown, second.wrong, second.unchanged) == (1, 2, 1, 1, 0)
    cells = [{kind: np.argwhere(c).tolist() for kind, c in grid.counts.items()} for grid in (first, second)]
    assert cells == [
        {CORRECT: [[3, 2], [5, 0]], WRONG: [[0, 0]], CLEAN_WRONG: []},
        {CORRECT: [], WRONG: [], CLEAN_WRONG: [[59, 95]]},
    ]
    # In 32 bits, this PSNR below the right edge is 96 columns from the left one.
    (grid,) = grids_of(points_at((0, 0, 0, 0, 25.19999885559082, 7)), [0], PointFilter(), (10, 0, 25.2, 1)).values()
    assert np.argwhere(grid.counts[CORRECT])[0, 1] == 95


def test_a_class_is_told_as_it_is_read_and_a_run_that_cannot_be_read_has_the_usual_range(held, tmp_path):
    config = SweepConfig(degradation="jpeg", severities=(60, 1))
    run, grids = sweep(tmp_path / "run", config), ClassGrids(held)
    told = telling(grids, "changed", "finished")
    grids.start(run, [0, 1, 2], PointFilter())
    held.answer_all()
    assert told == ["changed", "finished"]
    grids.start(run, [0, 1], PointFilter())
    held.answer_all()
    assert told[2:] == ["changed", "changed", "finished"]
    for part in run.parts.values():
        part.write_bytes(b"harm")
    grids.start(run, [0, 1, 2], PointFilter())
    held.answer()
    assert grids.view == (0.0, 0.0, 60.0, pytest.approx(1.0)) and grids.view[3] > 1


# --- searches ---


def test_an_image_that_has_no_result_is_not_selected(held, tmp_path):
    run = search(tmp_path / "run", data=dataset(3), queries=100)
    run.parts["image-000000001"].unlink()
    session = SearchSession(run, held)
    session.restore({"selected": 1})
    assert session.viewpoint_state()["selected"] == 1 and session.image is None
    held.answer_all()
    assert session.image == 0 == session.viewpoint_state()["selected"] and session.result.image == 0
    session.restore({"selected": 1})
    assert session.image == 0
    told = telling(session, "selected")
    session.image = 1
    session.step(1)
    assert session.image == 2 and told == ["selected"], "one that is not listed counts as the first"


def test_a_replay_is_shown_once_and_ended_once(held, searched):
    session = SearchSession(searched, held)
    session.replay(1)
    held.answer_all()
    told = telling(session, "triple_changed")
    for generation, changes in ((None, 0), (1, 1), (1, 0), (None, 1), (None, 0), (1, 1)):
        session.replay(generation)
        assert len(told) == changes
        told.clear()
    session.course = None  # nothing was kept on the way
    session.replay(None)
    session.replay(2)
    assert told == []


# --- sweeps ---


def test_what_a_compared_sweep_says_of_a_point(held, swept, tmp_path, monkeypatch):
    session, other = SweepSession(swept, held), SweepSession(sweep(tmp_path / "few", SweepConfig(sigmas=(5,))), held)
    held.answer_all()
    session.beside.compare([other])
    held.answer_all()
    ((neighbour,), points) = session.beside.neighbours, session.points
    assert neighbour.places[:7].tolist() == [0, 1, 2, 3, 4, 5, -1] and points.severity_index[6] == 1
    clean = swept.clean.scores[0]
    for place in (0, 1):
        ((heading, pairs),) = neighbour.facts(place)
        assert heading == "The same image in few" and dict(pairs) == {
            "Model": "brightness", "Prediction when clean": f"cat [0]  ({clean.max():.3f})",
            "Prediction when degraded": f"cat [0]  ({points.score[place]:.3f})",
            "Score of the true class": f"{clean[0]:.3f} → {points.true_score[place]:.3f}",
        }  # fmt: skip
    monkeypatch.setitem(other.run.info["data"], "remarks", AS_PREDICTED)
    assert [name for name, _ in neighbour.facts(0)[0][1]] == [
        "Model", "Prediction when clean", "Prediction when degraded",
    ], "it has no true class"  # fmt: skip
    assert neighbour.facts(6) == (("The same image in few", (("Prediction when degraded", "not in that run"),)),)


def test_points_that_another_run_gets_right_are_listed_while_it_is_compared(held, swept, tmp_path):
    brighter = classifier(lambda images: brightness(np.clip(images + 40, 0, 255)), "brighter")
    session, other = SweepSession(swept, held), SweepSession(sweep(tmp_path / "other", model=brighter), held)
    session.select_class(1)
    held.answer_all()
    session.beside.compare([other])
    held.answer_all()
    points, (neighbour,) = session.points, session.beside.neighbours
    session.view.ask(against=Against(f"{ELSEWHERE}0", GAINED))
    held.answer_all()
    gained = np.flatnonzero((points.predicted == 1) & (neighbour.predicted != 1))
    assert 0 < len(gained) < 108 and session.view.rows.tolist() == gained.tolist()
    assert session.view.lists_correct and session.view.settled
    session.select_point(gained[0])
    assert [heading for heading, _ in session.triple.facts[2:]] == ["The same image in other"]
    session.beside.compare([])
    assert len(session.triple.facts) == 2 and session.view.asked.against is None and not session.view.settled
    held.answer_all()
    assert session.view.rows.tolist() == np.flatnonzero(points.predicted != 1).tolist() and session.view.settled


def test_a_point_of_other_points_is_described(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    assert session.describe(0, session.points.take(np.array([5, 4]))) == session.describe(5)


def test_a_state_is_restored_once_its_class_is_read(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    listed = {"correct_too": True, "sort": ["score", True]}
    session.restore({"class": 1, "filter": {"severity_index": 1}, "listed": listed, "selected": [2, 1, 3]})
    assert session.class_index == 1 and session.selected == (2, 1, 3) and session.point is None
    held.answer_all()
    assert session.points.key(session.point) == (2, 1, 3) == session.selected
    rows = session.view.rows
    assert len(rows) == 36 and set(session.points.severity_index[rows]) == {1}
    assert (np.diff(session.points.score[rows]) <= 0).all() and session.view.asked.correct_too
    told = telling(session, "point_selected", "filter_changed", "points_changed")
    session.restore({})
    session.restore({"selected": [2, 1, 3]})
    assert told == [] and held.waiting == []
    session.restore({"listed": {"correct_too": True, "sort": ["score", False]}, "selected": [4, 1, 0]})
    assert told == ["point_selected"] and session.selected == session.mark_key == (4, 1, 0)
    session.restore({"selected": None})
    assert session.point is None and session.selected is None and session.triple is None
    held.answer_all()
    assert (np.diff(session.points.score[session.view.rows]) >= 0).all()


def test_all_classes_that_come_late_do_not_replace_the_one_in_view(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    session.select_class(None)
    session.select_class(1)
    while held.waiting:
        held.answer(-1)  # the later first
    assert session.points.class_index == 1 and session.said == "108 of 108 shown"


def test_measures_that_cannot_be_computed_are_told_until_they_can(held, tmp_path):
    run = sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1))
    part = next(iter(run.parts.values()))
    content = part.read_bytes()
    part.write_bytes(b"harm")
    session = SweepSession(run, held)
    told = telling(session, "measures_changed", "points_changed", "changed")
    assert not session.unmeasured
    held.answer_all()
    assert session.unmeasured and sorted(told) == ["measures_changed", "points_changed"] and session.points is None
    part.write_bytes(content)
    told.clear()
    session.reload()
    held.answer_all()
    assert not session.unmeasured and sorted(told) == ["changed", "measures_changed", "points_changed"]
    assert session.headline and len(session.points) > 0
    session.lose()
    told.clear()
    listed = telling(session.view, "shown_changed", "rows_changed")
    session.select((5, 0, 0))
    assert listed == ["shown_changed", "rows_changed"] and len(session.view.rows) == len(session.shown) == 0
    assert session.selected is None and session.class_index == 1 and session.points is None, "it cannot be read"
    assert told == ["points_changed"] and "no longer exists" in held.said[-1]


def test_lists_by_tags_and_marks_follow_them(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    keys = [session.points.key(place) for place in (4, 9, 2)]
    session.marks.tag(keys[:1], "odd")
    session.view.ask(tag="odd")
    held.answer_all()
    assert session.view.rows.tolist() == [4]
    session.marks.tag(keys[1:2], "odd")
    held.answer_all()
    assert session.view.rows.tolist() == [4, 9]
    session.view.ask(tag="", correct_too=True)
    session.sort("marked", True)
    held.answer_all()
    session.marks.mark(keys[2:])
    held.answer_all()
    assert session.view.rows[:4].tolist() == [2, 4, 9, 0]
    session.marks.mark(keys, on=False)
