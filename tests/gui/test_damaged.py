"""Run folders of strangers, damaged in ways that no writer leaves: one sentence, and the window goes on."""

import json
import shutil

import numpy as np
import pytest
from made_up_runs import change_arrays, change_info
from PySide6.QtWidgets import QMessageBox


def boxes(window):
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def change_json(folder, **changes):
    change_info(folder, lambda info: info.update(changes))


def change_clean(folder, **changes):
    change_arrays(folder / "clean.npz", **changes)


HARM = {
    "parts": lambda folder: change_json(folder, parts=5),
    "data": lambda folder: change_json(folder, data={"name": "mnist"}),
    "model": lambda folder: change_json(folder, model="lenet"),
    "settings": lambda folder: change_json(folder, settings=[]),
    "no classes": lambda folder: change_clean(folder, class_index=None),
    "no image at all": lambda folder: change_clean(
        folder, images=np.zeros((0, 28, 28, 1), np.uint8), class_index=np.zeros(0, np.int64),
        indices=np.zeros(0, np.int64), scores=np.zeros((0, 10), np.float32),
    ),
    "fewer scores": lambda folder: change_clean(folder, scores=np.zeros((2, 10), np.float32)),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_a_damaged_run_is_one_sentence_and_the_window_goes_on(open_window, runs, settle, tmp_path, harm):
    folder = tmp_path / "damaged"
    shutil.copytree(runs / "sweep", folder)
    HARM[harm](folder)
    window = open_window(folder)
    (box,) = boxes(window)
    assert str(folder) in box.text() and not box.detailedText() and "\n" not in box.text()
    assert window.controller.opening == 0 and window.controller.sessions == []
    box.close()
    window.controller.open([runs / "sweep"])
    settle(window)
    assert window.controller.current is not None and boxes(window) == []


def test_folders_that_cannot_be_opened_are_one_message(open_window, runs, tmp_path):
    missing = [tmp_path / f"gone-{n}" for n in range(7)]
    window = open_window(*missing[:2], runs / "sweep")
    (box,) = boxes(window)
    assert all(str(path) in box.text() for path in missing[:2]) and len(window.controller.sessions) == 1
    box.close()
    window = open_window(*missing, missing[0])
    (box,) = boxes(window)
    assert box.text().count("does not exist") == 5
    assert box.text().endswith("The details say why 2 other folders could not be opened.")
    assert [str(path) in box.detailedText() for path in missing] == [False] * 5 + [True] * 2
    box.close()


def test_opening_fails_altogether_and_ends_all_the_same(open_window, runs, settle, monkeypatch):
    def fail():
        raise ImportError("no pyqtgraph")

    window = open_window()
    monkeypatch.setattr("tfstab.gui.opening.load_pages", fail)
    window.controller.open([runs / "sweep"])
    settle(window)
    assert window.controller.opening == 0 and len(boxes(window)) == 1


def test_a_strangers_run_has_no_other_file_read(open_window, runs, tmp_path, monkeypatch):
    """Its images would be in a folder that run.json names, or be downloaded."""
    folder = tmp_path / "stranger"
    shutil.copytree(runs / "sweep", folder)
    change_clean(folder, images=None)
    data = json.loads((folder / "run.json").read_text())["data"]
    monkeypatch.setenv("TFSTAB_DATA", str(tmp_path / "nothing"))
    for name, says in ((f"folder:{tmp_path}", "not an official data set"), ("mnist", "mnist.npz is not in")):
        change_json(folder, data={**data, "name": name})
        window = open_window(folder)
        (box,) = boxes(window)
        assert says in box.text()
    assert not (tmp_path / "nothing").exists()


def test_a_result_that_cannot_be_read_shows_no_other_image(open_window, runs, qtbot, settle, tmp_path):
    folder = tmp_path / "search"
    shutil.copytree(runs / "search", folder)
    window = open_window(folder)
    session = window.controller.current
    assert session.triple is not None
    part = next((folder / "parts").glob(f"*{session.entries[1].image:05d}-*"))
    kept = part.read_bytes()
    part.write_bytes(b"half")
    session.select(1)
    settle(window)
    assert session.triple is None and session.place == 1 and len(boxes(window)) == 1
    part.write_bytes(kept)
    session.select(1)
    settle(window)
    assert session.triple is not None and session.result.image == session.entries[1].image
