"""Viewpoints: what is on screen is kept as data, visited again, and gone back to."""

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from tfstab.errors import InputError
from tfstab.gui.content.history import History
from tfstab.gui.content.viewpoint import Viewpoint

ALT = Qt.KeyboardModifier.AltModifier
pytestmark = pytest.mark.usefixtures("no_pause")


def test_a_viewpoint_brings_back_everything_even_after_the_run_was_closed(window, runs, settle):
    session, page = window.controller.current, window.page()
    session.select_class(5)
    session.set_filter(severity_index=2, low=0.25)
    session.view.ask(correct_too=True)
    page.tabs.setCurrentWidget(page.points_page.parentWidget())
    settle(window)
    psnr = [column.name for column in page.points_page.model.columns].index("psnr")
    page.points_page.table.sortByColumn(psnr, Qt.SortOrder.DescendingOrder)
    settle(window)
    page.points_page.table.selectRow(4)
    settle(window)
    rows, key, there = session.view.rows.tolist(), session.mark_key, page.viewpoint()
    assert len(rows) > 5 and there.state["selected"] == list(key)
    window.controller.close(session)
    window.controller.visit(Viewpoint.from_json(there.to_json()))
    settle(window)
    again, page = window.controller.current, window.page()
    assert again is not session and again.view.rows.tolist() == rows and again.mark_key == key
    assert page.viewpoint() == there
    table = page.points_page.table
    assert (
        page.points_page is page.view.made and table.currentIndex().row() == 4 and page.points_page.correct.isChecked()
    )
    assert table.horizontalHeader().sortIndicatorSection() == psnr
    assert again.triple is not None and page.filters.low.value() == 0.25


def test_back_and_forward_return_to_places_with_their_selection(window, qtbot, settle):
    controller, page, session = window.controller, window.page(), window.controller.current
    start = page.viewpoint()
    controller.visits.history = History()  # opening takes long enough on a busy machine for the overview to be noted
    controller.visits.note()
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    controller.visits.note()
    session.select_class(None)
    settle(window)
    session.select_point(1)
    everywhere = page.viewpoint()
    search = controller.sessions[0]
    last = search.entries[-1].image
    controller.visit(Viewpoint(str(search.path.resolve()), "Results", {"selected": last}))
    settle(window)
    assert controller.current is search and window.page().results is window.page().view.made and search.image == last
    for there in (everywhere, None, start):
        qtbot.keyClick(window, Qt.Key.Key_BracketLeft, ALT)
        settle(window)
        assert there is None or window.page().viewpoint() == there
    assert not window.commands["back"].isEnabled()
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_BracketRight, ALT)
        settle(window)
    assert window.page().viewpoint() == everywhere and session.point == 1
    session.select_class(3)  # a new place: what came after it is forgotten
    controller.visits.note()
    assert not window.commands["forward"].isEnabled() and window.commands["back"].isEnabled()


def test_a_link_names_only_what_it_changes(window, settle):
    controller, session = window.controller, window.controller.current
    session.set_filter(low=0.5, image=7)
    run = str(session.path.resolve())
    controller.visit(Viewpoint(run, "Metrics", {"metrics": {"severity_index": 1, "table": "Confusion"}}))
    settle(window)
    assert session.filter.low == 0.5 and window.page().metrics.severities.currentData() == 1
    controller.visit(Viewpoint(run, "Misclassifications", {"class": 4, "filter": {"severity_index": 2}}))
    settle(window)
    assert (session.class_index, session.filter.severity_index, session.filter.low) == (4, 2, 0.0)
    image = int(session.points.image[0])
    controller.visit(Viewpoint(run, "Scatter", {"class": None}))
    controller.visit(Viewpoint(run, "", {"selected": image}))
    settle(window)
    assert session.class_index == 4 and session.mark_key[0] == image and window.page().tabs.currentIndex() >= 0


def test_compared_runs_are_opened_and_compared_again(open_window, runs, settle, tmp_path):
    shutil.copytree(runs / "sweep", tmp_path / "other")
    window = open_window(runs / "sweep")
    there = window.page().viewpoint()
    there.state["compared"] = [str(tmp_path / "other")]
    window.controller.visit(there)
    settle(window)
    session, other = window.controller.sessions
    assert session.beside.runs == [other] and window.page().compare.choices[other].isChecked()
    assert "other" in window.page().compare.text() and window.page().viewpoint() == there
    window.controller.visits.step(-1)
    settle(window)
    assert session.beside.runs == [] and not window.page().compare.choices[other].isChecked()


STRANGE = [
    {"class": 99},
    {"class": True},
    {"class": []},
    {"filter": {"severity_index": 3}},
    {"filter": {"low": "x"}},
    {"filter": []},
    {"listed": {"picked": [[0, 0], [1, "a"], [2, 2]]}},
    {"listed": {"sort": ["run", True]}},
    {"selected": [1, 2]},
    {"selected": 10**30},
    {"selected": [0, 0, 99]},
    {"selected": {}},
    {"class": 1, "selected": [0, 0, 0]},
    {"compared": ["a"]},
]


def test_a_state_that_the_run_cannot_show_is_said_and_changes_nothing(window, settle):
    before = window.page().viewpoint()
    for state in STRANGE:
        window.controller.visit(Viewpoint(before.run, before.view, state))
        settle(window)
        (box,) = [b for b in window.findChildren(QMessageBox) if b.isVisible()]
        assert "cannot be shown" in box.text() and window.page().viewpoint() == before, state
        box.close()


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", '{"run": "/a", "view": ""}', '{"run": "a", "view": "", "state": {}}',
        '{"run": "/a", "view": 1, "state": {}}', '{"run": "/a", "view": "", "state": {"a": NaN}}',
        '{"run": "/a", "view": "", "state": []}', '{"run": "/a\\u0000", "view": "", "state": {}}',
        '{"run": "/\\ud800", "view": "", "state": {}}', "[" * 100_000, " " * 2_000_000,
    ],
    ids=range(11),
)  # fmt: skip
def test_a_text_that_is_no_viewpoint_is_refused(text):
    with pytest.raises(InputError, match="not a saved view"):
        Viewpoint.from_json(text)


def test_a_run_that_is_gone_is_said_and_skipped(open_window, runs, settle, tmp_path):
    shutil.copytree(runs / "sweep", tmp_path / "gone")
    window = open_window(tmp_path / "gone", runs / "search")
    controller = window.controller
    controller.visits.history = History()
    controller.visits.note()
    controller.select(controller.sessions[1])
    settle(window)
    controller.close(controller.sessions[0])
    shutil.rmtree(tmp_path / "gone")
    controller.visits.step(-1)
    settle(window)
    (box,) = [b for b in window.findChildren(QMessageBox) if b.isVisible()]
    assert "gone" in box.text() and controller.current.kind == "search" and not window.commands["back"].isEnabled()
    box.close()
