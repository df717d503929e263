"""Visits of viewpoints by a controller without a window: late arrivals, back and forward, saved views."""

import shutil
from pathlib import Path

import pytest
from doubles import Held, Silent
from numpy_runs import dataset, search, sweep

from tfstab.gui import controller as controllers
from tfstab.gui import visits as module
from tfstab.gui.content.saved_views import SavedView
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.controller import Controller
from tfstab.gui.jobs import queue, scorer
from tfstab.gui.sessions.marks import fingerprint
from tfstab.gui.settings import Settings


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two searches of the same images, a and b, and a sweep c."""
    folder = tmp_path_factory.mktemp("visited")
    for name in "ab":
        search(folder / name, data=dataset(3), queries=100)
    sweep(folder / "c")
    return folder


@pytest.fixture
def control(qapp, monkeypatch):
    """A controller whose `arrived`, `said`, `failed` and `changed` list what was told; the tab in view is `tab`."""
    monkeypatch.setattr(controllers, "Background", Held)
    for other in (queue, scorer):
        monkeypatch.setattr(other, "WorkerProcess", Silent)
    monkeypatch.setattr(module, "PAUSE", 0)
    made = Controller(Settings())
    made.arrived, made.sentences, made.wrong, made.changes, made.tab = [], [], [], [], ""
    visits = made.visits

    def arrive(session, viewpoint):
        made.arrived.append((session.name, viewpoint.view))
        made.tab = viewpoint.view

    def here():
        session = made.current
        return None if session is None else Viewpoint(str(session.real_path), made.tab, session.viewpoint_state())

    visits.arrived.connect(arrive)
    visits.changed.connect(lambda: made.changes.append(sorted(visits.offers())))
    visits.here = here
    made.said.connect(made.sentences.append)
    made.failed.connect(lambda sentence, _: made.wrong.append(sentence))
    yield made
    made.shut_down()


def visit(control, folder, view="", **state):
    control.visits.visit(Viewpoint(str(folder), view, state))
    control.background.answer_all()


def test_of_two_visits_only_the_latest_arrives(control, made):
    control.visits.visit(Viewpoint(str(made / "a"), "Images"))
    control.visits.visit(Viewpoint(str(made / "b"), "Results"))
    assert len(control.background.waiting) == 2 and control.arrived == []
    control.background.answer()
    assert control.arrived == [], "another place was asked for meanwhile"
    control.background.answer_all()
    assert control.arrived == [("b", "Results")] and control.current.name == "b"
    visit(control, made / "a", "Gallery")
    assert control.arrived[1:] == [("a", "Gallery")] and control.current.name == "a" and control.wrong == []


def test_back_and_forward_are_offered_where_there_is_something(control, made):
    visits = control.visits
    visits.note()
    assert visits.offers() == {} and control.changes == []
    for name in "abc":
        visit(control, made / name, name.upper())
    assert sorted(visits.offers()) == ["back"] and control.changes == [["back"]]
    for by, there, offered in ((-1, "b", ["back", "forward"]), (-1, "a", ["forward"]), (-1, "a", ["forward"]),
                               (1, "b", ["back", "forward"]), (1, "c", ["back"]), (1, "c", ["back"])):  # fmt: skip
        visits.step(by)
        control.background.answer_all()
        assert control.current.name == there and control.tab == there.upper() and sorted(visits.offers()) == offered
    assert control.changes == [["back"], ["back", "forward"], ["forward"], ["back", "forward"], ["back"]]
    control.current.select_class(1)  # another place, once nothing has changed for a moment
    visits.follow()
    visits.offers()["back"]()
    assert control.current.name == "c" and control.current.class_index == 0


def test_what_is_in_view_for_a_moment_is_noted_once(control, made, qapp):
    visit(control, made / "c")
    control.tab = "Gallery"
    control.visits.follow()
    for _ in range(3):
        qapp.processEvents()
    assert control.changes == [["back"]]
    control.tab = "Scatter"
    for _ in range(3):
        qapp.processEvents()
    assert control.visits.history.look(0).view == "Gallery", "the history is only written when a change is announced"


def test_a_run_that_is_gone_is_taken_out_of_the_history(control, made, tmp_path):
    shutil.copytree(made / "b", tmp_path / "gone")
    for folder in (made / "a", tmp_path / "gone", made / "c"):
        visit(control, folder)
    control.close(control.sessions[1])
    shutil.rmtree(tmp_path / "gone")
    control.visits.step(-1)
    control.background.answer_all()
    assert control.current.name == "c" and len(control.wrong) == 1 and str(tmp_path / "gone") in control.wrong[0]
    control.visits.step(-1)
    control.background.answer_all()
    assert control.current.name == "a" and sorted(control.visits.offers()) == ["forward"]


def test_compared_runs_are_opened_and_others_left_as_they_are(control, made):
    visit(control, made / "a", compared=[str(made / "b"), str(made / "c")])
    first, *_ = control.sessions
    assert sorted(s.name for s in control.sessions) == ["a", "b", "c"] and control.current is first
    assert [s.name for s in first.comparison.runs] == ["b"], "a sweep cannot be compared with a search"
    visit(control, made / "a")
    assert len(first.comparison.runs) == 1
    visit(control, made / "a", compared=[])
    assert first.comparison.runs == []
    count = len(control.arrived)
    for wrong in ([5], ["b"], [f"{made}/\0"], [str(made / "b")] * 101):
        visit(control, made / "a", compared=wrong)
        assert "no compared" in control.wrong.pop() and len(control.arrived) == count
    visit(control, made / "a", compared=[str(made / "b")] * 100)
    assert control.wrong == [] and len(control.arrived) == count + 1
    visit(control, made / "c", "Scatter", **{"class": 9})
    assert "no class" in control.wrong.pop() and control.arrived[-1] == ("c", "Scatter")


def test_a_view_is_saved_and_found_wherever_its_run_is(control, made, tmp_path):
    visits = control.visits
    visits.save("nothing")
    assert visits.saved.views() == [] and control.sentences == []
    shutil.copytree(made / "b", tmp_path / "moved")
    visit(control, tmp_path / "moved", "Results")
    visits.save(" my  view ")
    assert control.sentences == ["Saved the view my view."]
    (saved,) = visits.saved.views()
    assert saved.viewpoint.run == str(tmp_path / "moved") and saved.fingerprint == fingerprint(control.current.run.info)
    visit(control, made / "c", "Scatter")
    visits.visit_saved(saved)
    assert control.current.name == "moved" and control.tab == "Results" and control.wrong == []
    control.visits.step(-1)
    assert control.current.name == "c" and control.tab == "Scatter"
    elsewhere = SavedView("far", Viewpoint(str(tmp_path / "far"), "Results"), saved.fingerprint)
    visits.visit_saved(elsewhere)
    assert control.current.name == "moved" and control.wrong == [], "the same run is open from another folder"
    control.close(control.current)
    visits.visit_saved(elsewhere)
    assert control.wrong.pop().startswith(f"The run of the view far is not at {tmp_path / 'far'}: open its folder")
    # Its folder holds another run now.
    other = SavedView("other", Viewpoint(str(made / "c"), "Gallery", {"class": 1}), saved.fingerprint)
    visits.visit_saved(other)
    assert control.current.name == "c" and control.current.class_index == 0 and control.arrived[-1] == ("c", "")
    assert f"{made / 'c'} holds another run than when the view other was saved" in control.wrong.pop()
    visits.visit_saved(SavedView("any", other.viewpoint, ""))
    assert control.current.class_index == 1 and control.arrived[-1] == ("c", "Gallery") and control.wrong == []
    file = Path(visits.saved._path)
    file.write_text("{")
    visits.save("lost")
    assert "holds no saved views" in control.wrong.pop() and file.read_text() == "{"
