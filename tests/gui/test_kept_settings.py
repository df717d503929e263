"""What is kept from one session to the next: settings, where models are, and marks."""

import json
import os
import shutil
from pathlib import Path

from platformdirs import user_data_path
from PySide6.QtGui import QUndoStack

from tfstab.classifier.source import Source
from tfstab.content import content_of, state_of
from tfstab.gui.sessions.marks import Marks, fingerprint
from tfstab.gui.settings import Settings
from tfstab.runs.known_models import find_model, known_model, remember_model, source_at


def test_settings_by_hand(qapp, tmp_path):
    settings = Settings()
    assert settings.rate("search", "a/b") is None and settings.theme() == "system" and settings.recent() == []
    for value, kept in ((12.5, 12.5), (0.0, None), (-1.0, None), (float("inf"), None)):
        settings.remember_rate("search", "a/b", value)
        assert settings.rate("search", "a/b") == kept
    settings.save_theme("dark")
    assert settings.theme() == "dark"
    settings.save_theme("pink")
    assert settings.theme() == "system"
    folders = [tmp_path / str(k) for k in range(10)]
    for folder in folders:
        folder.mkdir()
        (folder / "run.json").touch()
        settings.add_recent(folder)
    assert settings.recent() == folders[:1:-1]
    settings.add_recent(folders[5])
    assert settings.recent()[:2] == [folders[5], folders[9]] and len(settings.recent()) == 8
    (folders[9] / "run.json").unlink()
    assert folders[9] not in settings.recent()
    (folders[9] / "search").mkdir()
    (folders[9] / "search" / "run.json").touch()  # as in an assessment
    assert folders[9] in settings.recent()
    settings.clear_recent()
    assert settings.recent() == []
    assert settings.runs_folder() == Path.home() / "tfstab-runs"
    settings.remember_runs_folder(tmp_path)
    assert settings.runs_folder() == tmp_path


def test_where_a_model_is_kept(tmp_path):
    path = tmp_path / "m.keras"
    model = {"name": "m", "fingerprint": "f1"}
    assert find_model(model) is None
    assert find_model({"name": "mnist-lenet", "fingerprint": "x", "preprocess": "unit"}) == (
        "mnist-lenet", {"preprocess": "unit"},
    )  # fmt: skip
    path.touch()
    remember_model("f1", Source(str(path), {"outputs": "logits"}))
    assert find_model(model) == (str(path), {"outputs": "logits"})
    unit = {**model, "preprocess": "unit"}  # a run that was made with another form than the last one
    assert find_model(unit) == (str(path), {"outputs": "logits", "preprocess": "unit"})
    card = path.with_suffix(".json")
    card.write_text('{"form": {"preprocess": "signed"}}')
    assert find_model(model) == (str(path), {"outputs": "logits", "preprocess": "none"}), "in spite of the card"
    assert source_at(path, model, False).options == {"outputs": "logits", "preprocess": "none"}
    card.unlink()
    remember_model("f1", Source(str(path), {"preprocess": "unit"}))
    assert find_model(model) == (str(path), {"preprocess": "none"}), "and of the options of the last run"
    remember_model("f1", Source(str(path), {"trust": True}, content_of(path)))
    assert find_model(model) == (str(path), {"trust": True})
    os.utime(path, ns=(1, 1))
    assert find_model(model) == (str(path), {"trust": True}), "a copy of the file that was trusted"
    assert known_model("f1").state == state_of(path), "which no other program needs to read again"
    path.write_bytes(b"another")
    os.utime(path, ns=(1, 1))
    assert find_model(model) is None, "another file than was trusted"
    remember_model("f1", Source(str(path), {}))
    (stored,) = user_data_path("tfstab", appauthor=False).glob("models/f1.json")
    for options, found in ({}, (str(path), {})), ({"trust": True}, None):
        stored.write_text(json.dumps([str(path), options, path.stat().st_mtime_ns]))  # by an earlier version
        assert find_model(model) == found
    path.unlink()
    assert find_model(model) is None


def test_a_saved_model_is_trusted_as_long_as_its_files_have_the_same_content(tmp_path):
    folder, model = tmp_path / "saved", {"name": "saved", "fingerprint": "s1"}
    (folder / "variables").mkdir(parents=True)
    graph, values = folder / "saved_model.pb", folder / "variables" / "variables.index"
    graph.write_bytes(b"graph")
    values.write_bytes(b"1234")
    remember_model("s1", Source(str(folder), {"trust": True}, content_of(folder)))
    known = str(folder), {"trust": True}
    assert find_model(model) == known and len(known_model("s1").checksum) == 64
    shutil.copytree(folder, tmp_path / "copy")  # as git does or a backup
    shutil.rmtree(folder)
    assert find_model(model) is None
    (tmp_path / "copy").rename(folder)
    assert find_model(model) == known
    was = values.stat()
    values.write_bytes(b"4321")  # of the same size, with its time set back
    os.utime(values, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert find_model(model) is None
    values.write_bytes(b"1234")
    assert find_model(model) == known
    (folder / "assets").mkdir()
    (folder / "assets" / "words.txt").touch()
    assert find_model(model) is None, "another file came"


def test_marks_by_hand(qapp, tmp_path):
    marks, changed = Marks(tmp_path / "m.json"), []
    marks.changed.connect(lambda: changed.append(len(marks)))
    marks.mark([(1,), (2,), (3,)])
    assert marks.undo_stack.undoText() == "mark 3 images" and marks.keys() == [(1,), (2,), (3,)]
    marks.mark([(1,)])
    assert changed == [3], "nothing was changed"
    marks.toggle([(1,), (4,)])
    assert marks.keys() == [(1,), (2,), (3,), (4,)] and marks.undo_stack.undoText() == "mark 1 image"
    marks.toggle([(1,), (4,)])
    assert marks.keys() == [(2,), (3,)] and marks.undo_stack.undoText() == "unmark 2 images"
    marks.write((2,), "a")
    marks.write((2,), "a")
    marks.write((2,), "")
    assert (2,) in marks and marks.undo_stack.count() == 5 and isinstance(marks.undo_stack, QUndoStack)
    info = {"kind": "k", "model": {"name": "a", "fingerprint": "f"}, "data": {"fingerprint": "d"}, "seed": 1,
            "settings": {"x": 1}}  # fmt: skip
    named = fingerprint(info)
    assert len(named) == 20 and fingerprint(info | {"model": {"name": "b", "fingerprint": "f"}}) == named
    for other in ({"kind": "l"}, {"seed": 2}, {"settings": {}}, {"model": {"name": "a", "fingerprint": "g"}}):
        assert fingerprint(info | other) != named
    images = [fingerprint(info | {"data": {"fingerprint": "d", "images_fingerprint": k, "note": n}}) for k, n in
              (("a", ""), ("b", ""), ("a", "elsewhere"))]  # fmt: skip
    assert images[0] != images[1] and images[0] == images[2] != named
