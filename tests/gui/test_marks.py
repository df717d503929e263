"""Marks and notes: kept by the viewer, undone and redone."""

import json
import os

import pytest

from tfstab import open_run
from tfstab.gui.sessions.marks import Marks, fingerprint
from tfstab.gui.settings import Settings
from tfstab.limits import LARGEST_MARK
from tfstab.runs.known_models import find_model


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


def test_tags_are_kept_beside_notes_and_files_without_tags_are_read(qapp, tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"format": 1, "marks": {"1": "looks like a 7"}}')
    marks = Marks(path)
    marks.tag([(1,), (2,)], "  odd #one ")
    marks.tag([(2,)], "blurred")
    assert Marks(path).tags() == {"blurred": 1, "odd one": 2} and Marks(path).keys("blurred") == [(2,)]
    assert Marks(path).of((1,)).text == "#odd one looks like a 7" and marks.last_tag == "blurred"
    marks.tag([(1,), (2,)], "odd one")  # both have it: it is removed
    assert marks.tags() == {"blurred": 1} and marks.note((1,)) == "looks like a 7"
    marks.undo_stack.undo()
    assert marks.of((2,)).tags == ("blurred", "odd one")


@pytest.mark.parametrize(
    "damaged",
    [
        '{"marks": [', '{"format": 1}', '{"format": 99, "marks": {"1": "of the future"}}', "[]",
        '{"format": 1, "marks": ' + "[" * 100_000 + "]" * 100_000 + "}", '{"format": 1, "marks": {"1": "\\ud800"}}',
        '{"format": 1e999, "marks": {}}', '{"format": 1, "marks": {"' + "9" * 5_000 + '": ""}}',
        '{"format": 1, "marks": {"99999999999999999999": ""}}', '{"format": 1, "marks": {"-1": ""}}',
        '{"format": 2, "marks": {"1": {"note": ""}}}', '{"format": 2, "marks": {"1": {"note": "", "tags": "odd"}}}',
    ],
    ids=["half", "no marks", "newer", "list", "deep", "surrogate", "infinite", "digits", "huge", "negative", "tagless",
         "text"],
)  # fmt: skip
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


def test_a_file_of_millions_of_empty_lists_is_refused_before_it_is_parsed(qapp, tmp_path):
    (tmp_path / "run.json").write_bytes(b'{"format": 2, "marks": [' + b"[]," * 20_000_000 + b"[]]}")
    assert "more than 20,000,000 values" in Marks(tmp_path / "run.json").problem


def test_marks_of_another_kind_of_run_are_damage(qapp, tmp_path):
    (tmp_path / "run.json").write_text('{"format": 1, "marks": {"1": ""}}')
    assert "not an image of the run" in Marks(tmp_path / "run.json", length=3).problem
    assert not Marks(tmp_path / "run.json", length=1).problem


def test_a_note_with_half_a_character_is_kept_without_it(qapp, tmp_path):
    marks = Marks(tmp_path / "run.json")
    marks.write((1,), "a \ud83d b")
    assert marks.note((1,)) == Marks(tmp_path / "run.json").note((1,)) == "a \N{REPLACEMENT CHARACTER} b"


@pytest.mark.skipif(os.name != "posix", reason="pipes and folders that can be synced are POSIX'")
def test_marks_are_synced_and_a_pipe_is_not_waited_for(qapp, tmp_path, monkeypatch):
    synced, fsync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(os.fstat(descriptor).st_ino), fsync(descriptor)))
    path = tmp_path / "marks" / "run.json"
    Marks(path).mark([(1,)])
    assert {path.stat().st_ino, path.parent.stat().st_ino, tmp_path.stat().st_ino} == set(synced)
    assert [p.name for p in path.parent.iterdir()] == ["run.json"]
    path.unlink()
    os.mkfifo(path)
    assert "cannot be read" in Marks(path).problem


@pytest.mark.parametrize(
    "stored",
    [
        "[" * 100_000 + "]" * 100_000,
        '["m.keras", {}, 1e999]',
        "x" * 5_000,
        '["a\\u0000b", {}, 0]',
        '["\\ud800", {}, 0]',
    ],
    ids=["deep", "infinite", "long", "null", "surrogate"],
)
def test_settings_that_no_viewer_wrote_are_as_if_there_were_none(qapp, tmp_path, stored):
    settings = Settings()
    store = settings._store
    known = tmp_path / "data" / "tfstab" / "models" / "0.json"
    known.parent.mkdir(parents=True)
    known.write_text(stored, "utf-8", "surrogatepass")
    store.setValue("rates/sweep m", stored)
    store.setValue("recent", [stored, "/\ud800", "y" * 300])
    store.setValue("theme", [stored])
    assert find_model({"name": "mine", "fingerprint": "0"}) is None
    assert settings.rate("sweep", "m") is None and settings.recent() == [] and settings.theme() == "system"
    for rate in ("inf", "nan", "-1", 0):
        store.setValue("rates/sweep m", rate)
        assert settings.rate("sweep", "m") is None


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


def test_a_tag_goes_to_all_images_unless_all_have_it(qapp, tmp_path):
    marks = Marks(tmp_path / "run.json")
    marks.tag([(2,)], "odd")
    marks.tag([(1,), (2,)], "odd")
    assert marks.keys("odd") == [(1,), (2,)] and marks.undo_stack.count() == 2
    marks.tag([(1,)], " # ")
    assert marks.last_tag == "odd" and marks.undo_stack.count() == 2, "a tag needs a name"
    many = {"1": {"note": "", "tags": [f"t{k}" for k in range(99)]}}
    (tmp_path / "many.json").write_text(json.dumps({"format": 2, "marks": many}))
    marks = Marks(tmp_path / "many.json")
    for name in ("the last", "one too many"):
        marks.tag([(1,), (2,)], name)
    assert marks.keys("the last") == [(1,), (2,)] and marks.keys("one too many") == [(2,)]
    assert len(Marks(tmp_path / "many.json").of((1,)).tags) == 100
    marks.write((3,), "é")
    assert "é" in (tmp_path / "many.json").read_text("utf-8")


def test_what_was_saved_is_not_saved_again(qapp, tmp_path):
    one, other = Marks(tmp_path / "run.json"), Marks(tmp_path / "run.json")
    one.mark([(1,)])
    other.mark([(2,)])
    other.mark([(1,)], on=False)
    one.mark([(3,)])
    assert Marks(tmp_path / "run.json").keys() == one.keys() == [(2,), (3,)], "the other window has removed it"


@pytest.mark.parametrize(("key", "fits"), [("0/0", True), ("1/-2", False), ("{}/1", True), ("1/{}", False)])
def test_numbers_of_images_have_bounds(qapp, tmp_path, key, fits):
    most = LARGEST_MARK - fits
    (tmp_path / "run.json").write_text(
        f'{{"format": 2, "marks": {{"{key.format(most)}": {{"note": "", "tags": []}}}}}}'
    )
    assert (Marks(tmp_path / "run.json", length=2).problem == "") == fits


def test_the_fingerprint_is_the_same_in_whatever_order_the_settings_are(runs):
    info = open_run(runs / "sweep").info
    assert fingerprint({**info, "settings": dict(reversed(info["settings"].items()))}) == fingerprint(info)
