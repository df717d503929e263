"""Marks and notes: kept by the viewer, undone and redone."""

import json

import pytest

from tfstab import open_run
from tfstab.gui.sessions.marks import Marks, fingerprint


def test_marks_are_undone_and_kept(qapp, tmp_path):
    path = tmp_path / "notes" / "run.json"
    marks = Marks(path)
    marks.mark([(1, 0, 2), (3, 1, 0)])
    marks.write((1, 0, 2), "looks like a 7")
    assert Marks(path).note((1, 0, 2)) == "looks like a 7" and len(Marks(path)) == 2
    marks.undo_stack.undo()
    assert marks.note((1, 0, 2)) == "" and (1, 0, 2) in marks
    marks.undo_stack.undo()
    assert len(marks) == 0 and json.loads(path.read_text())["marks"] == {}
    marks.undo_stack.redo()
    marks.undo_stack.redo()
    assert marks.note((1, 0, 2)) == "looks like a 7"
    marks.toggle([(1, 0, 2), (3, 1, 0)])
    assert len(marks) == 0
    marks.undo_stack.undo()
    assert marks.note((1, 0, 2)) == "looks like a 7", "a note comes back with its mark"


@pytest.mark.parametrize(
    "damaged", ['{"marks": [', '{"format": 1}', '{"format": 99, "marks": {"1": "of the future"}}', "[]"]
)
def test_marks_that_cannot_be_read_are_said_and_kept(qapp, qtbot, tmp_path, damaged):
    path = tmp_path / "run.json"
    path.write_text(damaged)
    marks = Marks(path)
    assert len(marks) == 0 and "cannot be read" in marks.problem
    with qtbot.waitSignal(marks.failed) as said:
        marks.mark([(1,)])
    assert "run.1.bak" in said.args[0] and (tmp_path / "run.1.bak").read_text() == damaged
    marks.mark([(2,)])
    assert Marks(path).keys() == [(1,), (2,)] and not Marks(path).problem


def test_two_windows_do_not_overwrite_each_others_marks(qapp, tmp_path):
    one, other = Marks(tmp_path / "run.json"), Marks(tmp_path / "run.json")
    one.write((1,), "of one")
    other.write((2,), "of the other")
    one.undo_stack.undo()
    one.mark([(3,)])
    assert Marks(tmp_path / "run.json").keys() == [(2,), (3,)] and one.note((2,)) == "of the other"


def test_a_folder_that_cannot_be_written_is_said(qapp, tmp_path, qtbot):
    (tmp_path / "file").write_text("")
    marks = Marks(tmp_path / "file" / "run.json")
    with qtbot.waitSignal(marks.failed) as said:
        marks.mark([(1,)])
    assert "cannot be saved" in said.args[0] and (1,) in marks


def test_the_fingerprint_is_of_what_was_run(runs):
    info = open_run(runs / "sweep").info
    assert fingerprint(info) == fingerprint(json.loads(json.dumps(info)))
    assert fingerprint(info) != fingerprint({**info, "seed": info["seed"] + 1})
    assert fingerprint(info) != fingerprint(open_run(runs / "search").info)
