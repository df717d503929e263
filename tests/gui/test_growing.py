"""Runs that grow, go or are replaced under the window, and the replay of a finished search."""

import shutil

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from numpy_runs import classifier, dataset, search, sweep
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from tfstab import SweepConfig, open_run, run_sweep
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.protocol import Finished, Opened
from tfstab.gui.sessions.marks import Marks
from tfstab.gui.widgets.run_list import DETAILS

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """The window looks at its runs ten times a second, so that tests need not wait."""
    monkeypatch.setattr("tfstab.gui.sessions.run_watcher.EVERY", 100)


def boxes(window):
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


@pytest.mark.parametrize("kind", ["search", "sweep"])
def test_a_run_that_is_written_by_another_process_refreshes_by_itself(open_window, runs, qtbot, tmp_path, kind):
    growing = tmp_path / "growing"
    shutil.copytree(runs / kind, growing)
    parts = sorted((growing / "parts").iterdir())
    kept = [part.rename(tmp_path / part.name) for part in parts[2:]]
    window = open_window(growing)
    session = window.controller.current
    assert session.progress == (2, len(parts)) and not session.complete
    for part in kept:
        part.rename(growing / "parts" / part.name)
    qtbot.waitUntil(lambda: session.complete)
    said = {"search": f"{len(parts)} of {len(parts)} images", "sweep": "20 copies of each of 30 images"}[kind]
    assert window.page().header.state.text() == said
    qtbot.waitUntil(lambda: session.headline in window.run_list.runs()[0].data(DETAILS) != "")
    if kind == "search":
        qtbot.waitUntil(lambda: window.page().strip.model().rowCount() == len(parts))


def test_the_share_that_is_done_counts_degraded_images_not_parts(open_window, tmp_path):
    config = SweepConfig(sigmas=(5, 90), copies=1)
    few = run_sweep(classifier(), dataset(), config, tmp_path / "run", degraded=2)
    assert few.share_done == 1, "no more are planned"
    begun = set(few.parts)
    run = sweep(tmp_path / "run", config)
    for name in set(run.parts) - begun:
        run.parts[name].unlink()
    window = open_window(tmp_path / "run")
    header, session = window.page().header, window.controller.current
    assert session.progress[0] / session.progress[1] > 0.3 and session.share_done == pytest.approx(2 / 9)
    assert header.bar.isVisible() and header.bar.text() == "22 % done" and "1 copy for 2 of 9" in header.state.text()


def test_a_part_of_an_assessment_that_has_ended_is_not_called_unfinished(open_window, tmp_path):
    run = sweep(tmp_path / "run", SweepConfig(sigmas=(5, 90), copies=2))
    last = list(run.parts.values())[-1]
    last.unlink()
    assert "planned" in run.extent
    (tmp_path / "assessment.json").write_text("{}")
    header = open_window(tmp_path / "run").page().header
    assert not header.bar.isVisible() and header.state.text() == "1 copy of each of 9 images"
    assert "an assessment that has ended" in header.state.toolTip().replace("\n", " ")


@pytest.mark.parametrize("kind", ["search", "sweep"])
def test_a_folder_deleted_under_the_window_is_said_and_harms_nothing(open_window, runs, qtbot, settle, tmp_path, kind):
    doomed = tmp_path / "doomed"
    shutil.copytree(runs / kind, doomed)
    window = open_window(doomed, runs / "search")
    session = window.controller.sessions[0]
    shutil.rmtree(doomed)
    window.controller.step(1)
    settle(window)
    qtbot.waitUntil(lambda: "no longer exists" in window.page().header.state.text())
    assert len(boxes(window)) == (kind == "search")  # whose next image could not be read
    for box in boxes(window):
        assert "no longer exists" in box.text() and not box.detailedText()
        box.close()
    if kind == "sweep":  # an image of another class, in the gallery
        clean = session.run.clean
        window.page().gallery.chosen.emit(int(clean.indices[clean.class_index != session.class_index][0]))
        settle(window)
        (box,) = boxes(window)
        assert "no longer exists" in box.text() and "restore the folder" in box.text()
        box.close()
    window.commands["refresh"].trigger()
    settle(window)
    (box,) = boxes(window)
    assert "is not a run folder" in box.text() and not box.detailedText()
    box.close()
    shutil.copytree(runs / kind, doomed)
    qtbot.waitUntil(lambda: not session.gone)
    assert "no longer exists" not in window.page().header.state.text()


@pytest.mark.parametrize(("before", "after"), [("search", "sweep"), ("sweep", "rgb")])
def test_another_run_in_the_same_folder_is_not_poured_into_the_old_one(
    open_window, runs, settle, tmp_path, before, after
):
    folder = tmp_path / "folder"
    shutil.copytree(runs / before, folder)
    window = open_window(runs / "search", folder)
    old = window.controller.sessions[1]
    window.controller.select(old)
    # At a stroke: a look at the folder amid the copying would rightly say that it is gone.
    shutil.copytree(runs / after, tmp_path / "other")
    folder.rename(tmp_path / "away")
    (tmp_path / "other").rename(folder)
    window.commands["refresh"].trigger()
    settle(window)
    new = window.controller.current
    assert new is window.controller.sessions[1] is not old and len(window.controller.sessions) == 2
    assert new.kind == "sweep" and new.marks.path != old.marks.path
    assert window.stack.currentWidget() is window.page() and old not in window.pages
    assert new.points is not None and boxes(window) == []


def test_the_history_is_replayed_along_the_slider(open_window, runs, qtbot, settle):
    window, run = open_window(runs / "search"), open_run(runs / "search")
    place = next(k for k, result in enumerate(run) if len(result.history) > 5)
    window.controller.current.select(place)
    settle(window)
    history, plot = run.result(int(run.images[place])).history, window.page().history
    bar = plot.replay
    assert bar.slider.maximum() == bar.slider.value() == len(history) and not plot.norm.cursor.isVisible()
    qtbot.keyClick(bar.slider, Qt.Key.Key_Home)
    qtbot.keyClick(bar.slider, Qt.Key.Key_Right)
    assert bar.slider.value() == 2
    for curve in plot.plots:
        assert curve.cursor.isVisible() and curve.cursor.value() == 2
    best, mean, norm, share = history[1]
    for text in (
        f"Generation 2 of {len(history)}",
        f"{best:.4g}",
        f"{mean:.4g}",
        f"{norm:.1f}",
        f"{100 * share:.0f} %",
    ):
        assert text in bar.values.text()
    # The images are those of this generation, and the final ones at the end of the slider.
    result, triple = run.result(int(run.images[place])), window.page().triple
    generation, noise = run.course(result).at(2)
    assert np.allclose(triple.triple.noise, noise, atol=0.5) and f"generation {generation}" in triple.triple.title
    assert f"generation {generation}" in triple.triple.degraded_says and "kept" in bar.slider.toolTip()
    assert not np.allclose(triple.triple.noise, result.noise, atol=1)
    qtbot.keyClick(bar.slider, Qt.Key.Key_End)
    assert np.array_equal(triple.triple.noise, result.noise) and "generation" not in triple.triple.title
    qtbot.keyClick(bar.slider, Qt.Key.Key_Home)
    x, y = plot.fitness.lines[1].getOriginalDataset()
    assert list(x) == list(range(1, len(history) + 1)) and np.allclose(y, np.maximum(history[:, 1], 0.01))
    qtbot.mouseClick(bar.play, LEFT)
    qtbot.waitUntil(lambda: bar.slider.value() > len(history) // 4)
    qtbot.mouseClick(bar.play, LEFT)
    stopped = bar.slider.value()
    qtbot.wait(200)
    assert bar.slider.value() == stopped < len(history)


def test_a_finished_sweep_that_is_given_more_copies_and_images_shows_them(open_window, qtbot, settle, tmp_path):
    config, data = SweepConfig(sigmas=(5, 90), copies=2), dataset()
    few = data.select([0, 2, 4, 7, 8])
    sweep(tmp_path / "run", config, few)
    window = open_window(tmp_path / "run")
    page, session = window.page(), window.controller.current
    assert session.complete and page.header.state.text() == "2 copies of each of 5 images"
    session.select_class(1)
    settle(window)
    session.select_point(1)
    session.marks.mark([session.points.key(1)])
    key, marks, points = session.points.key(1), session.marks.path, len(session.points)

    for copies, images, said in ((5, few, "5 copies of each of 5 images"), (5, data, "5 copies of each of 9 images")):
        run = sweep(tmp_path / "run", SweepConfig(sigmas=(5, 90), copies=copies), images)
        qtbot.waitUntil(lambda said=said: session.extent == said)
        settle(window)
        assert window.controller.current is session and session.complete and boxes(window) == []
        assert page.header.state.text() == said and session.headline in window.run_list.runs()[0].data(DETAILS)
        assert len(session.points) == run.samples(class_index=1).num_rows > points
        assert [a.total for a in session.accuracy] == [copies * len(images)] * 2
        assert session.points.key(session.point) == key and session.marks.keys() == [key]
        points = len(session.points)
    assert Marks.of_run(run.info).path == marks, "they are found again when the run is opened later"
    assert f"{len(data):,} images" in page.header.text.text()


def test_a_sweep_that_is_given_images_of_another_class_gets_a_new_page(open_window, qtbot, settle, tmp_path):
    config, data = SweepConfig(sigmas=(5, 90), copies=1), dataset()
    sweep(tmp_path / "run", config, data.select(np.flatnonzero(data.labels != 2)))
    window = open_window(tmp_path / "run")
    old = window.controller.current
    old.marks.mark([old.points.key(0)])
    assert old.classes == [0, 1]
    sweep(tmp_path / "run", config, data)
    qtbot.waitUntil(lambda: window.controller.current is not old)
    settle(window)
    (new,) = window.controller.sessions
    assert new.classes == [0, 1, 2] and new.marks.keys() == old.marks.keys() and boxes(window) == []
    assert window.statusBar().currentMessage() == f"{tmp_path / 'run'} has images of further classes now."


def test_a_finished_search_that_is_given_more_images_shows_them(open_window, qtbot, settle, tmp_path):
    search(tmp_path / "run", dataset().select([1, 4]), queries=100)
    window = open_window(tmp_path / "run")
    session = window.controller.current
    session.select(1)
    settle(window)
    session.marks.mark([(session.image,)])
    run = search(tmp_path / "run", dataset().select([0, 1, 4, 8]), queries=100)
    qtbot.waitUntil(lambda: session.extent == "4 of 4 images" and len(session.entries) == 4)
    settle(window)
    assert window.controller.current is session and boxes(window) == [] and session.image == 4
    assert window.page().strip.model().rowCount() == 4 and session.marks.keys() == [(4,)]
    assert Marks.of_run(run.info).keys() == [(4,)]


def test_what_is_still_measured_says_so_above_its_verdict(window_with_jobs, qtbot, settle, tmp_path):
    window, folder = window_with_jobs, tmp_path / "assessed"
    for name in ("jpeg", "fog"):
        sweep_of(folder, name, first_of((0.8, 0.5, 0.2), 30))
    hear = window.controller.jobs.process.message.emit
    window.controller.jobs.add(CommandOrder(0, "assess", str(folder), {"model": "my.keras", "data": "photos"}))
    hear(Opened(1, str(folder)))
    qtbot.waitUntil(lambda: bool(window.controller.sessions))
    settle(window)
    overview, header = window.page().overview, window.page().header
    (row,) = window.run_list.runs()
    assert overview.growing.text() == "Measuring… these figures will still change." and overview.verdict.isVisible()
    assert overview.growing.isVisible() and overview.growing.geometry().bottom() < overview.verdict.y()
    assert header.state.text().startswith("Measuring… · 30 images") and "measuring…" in row.data(DETAILS)
    window.controller.open([folder / "fog"])  # a part of it, which changes, too
    qtbot.waitUntil(lambda: len(window.controller.sessions) == 2)
    qtbot.waitUntil(lambda: window.controller.sessions[1].at_work)
    (folder / "assessment.json").write_text("{}")
    hear(Finished(1, True, 0, 1.0))
    settle(window)
    assert not overview.growing.isVisible() and header.state.text().startswith("30 images")
    assert not any(session.at_work for session in window.controller.sessions)


def test_what_an_assessment_had_no_time_for_is_said_everywhere_but_not_while_it_is_measured(
    window_with_jobs, qtbot, settle, tmp_path
):
    window, folder = window_with_jobs, tmp_path / "assessed"
    sweep_of(folder, "fog", first_of((0.8, 0.5, 0.2), 30))
    (folder / "assessment.json").write_text('{"unmeasured": ["jpeg", "rotation"]}')
    window.controller.open([folder])
    qtbot.waitUntil(lambda: bool(window.controller.sessions))
    settle(window)
    (row,) = window.run_list.runs()
    assert "% kept under 1 of 3 degradations" in row.data(DETAILS)
    verdict, missing = window.page().overview.verdict.label, "1 of 3 degradations was measured; the assessment ended"
    assert verdict.text().startswith(missing)
    hear = window.controller.jobs.process.message.emit
    window.controller.jobs.add(CommandOrder(0, "assess", str(folder), {"model": "my.keras", "data": "photos"}))
    hear(Opened(1, str(folder)))
    settle(window)
    assert "ended before" not in verdict.text() and verdict.text().strip(), "it may be measured now"
    hear(Finished(1, True, 0, 1.0, "1 of 3 degradations measured"))
    settle(window)
    assert verdict.text().startswith(missing)
    job = window.controller.jobs.jobs[0]
    assert (
        job.is_at == "Out of time"
        and job.sentence.startswith("1 of 3 degradations measured; resume it")
        and job.resumable
    )


def test_an_assessment_that_another_process_makes_is_called_unfinished_until_its_end(open_window, qtbot, tmp_path):
    run = sweep_of(tmp_path, "gaussian_noise", first_of((0.8, 0.5, 0.2), 30, 2), copies=2)
    sweep_of(tmp_path, "fog", first_of((0.8, 0.5, 0.2), 30))
    list(run.parts.values())[-1].unlink()
    growing = open_window(tmp_path, overview=True).page().overview.growing
    assert growing.isVisible() and growing.text() == "Not finished: these figures will still change if it goes on."
    (tmp_path / "assessment.json").write_text("{}")
    qtbot.waitUntil(lambda: not growing.isVisible())
