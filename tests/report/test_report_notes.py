"""The notes above a report, when the page of an explanation is written again, and which sweeps share a figure."""

import json
import os
from types import SimpleNamespace

import numpy as np
import pytest

from made_runs import made_search, made_sweep
from tfstab import SweepConfig, open_run
from tfstab.assessment.results import INPUT_NOTE, RESULTS, UNMEASURED, UNSEARCHED
from tfstab.report import explain
from tfstab.report.input_notes import file_notes, input_notes, unmeasured_notes
from tfstab.report.run_files import sweep_overview


def noted(path, note, images=9, model="net"):
    """A run whose check of the inputs said this."""
    described = {"model": {"name": model, "fingerprint": model}, "data": {"name": "d", "split": "", "images": images}}
    return SimpleNamespace(info=described, path=path, input_note=note)


def test_the_note_of_an_assessment_or_of_the_largest_run_is_told_of_each_model(tmp_path):
    several = [noted(tmp_path / "a", "Few."), noted(tmp_path / "b", "Many.", 20), noted(tmp_path / "c", "", 30),
               noted(tmp_path / "d", "Other.", model="two")]  # fmt: skip
    wrong = "The inputs or classes of {} seem to be wrong. {}"
    assert input_notes(several) == [wrong.format("net", "Many."), wrong.format("two", "Other.")]
    (tmp_path / RESULTS).write_text(json.dumps({INPUT_NOTE: "Of all."}))
    assert input_notes(several)[0] == wrong.format("net", "Of all.")
    assert input_notes([noted(tmp_path / "one" / "run", "")]) == []


def test_damaged_and_grey_files_are_told_once():
    note = "image files, resized to 48 x 64 (crop), damaged files left out: 1, grey files among those in colour: 1,053"
    runs = [SimpleNamespace(info={"data": {"name": "folder:a/field", "note": note}}) for _ in range(2)]
    assert file_notes(runs) == [
        "1 damaged file of field left out.",
        "1,053 files of field are grey, the others in colour.",
    ]
    assert file_notes([SimpleNamespace(info={"data": {"name": "field", "note": "image files"}})]) == []


def test_what_an_assessment_had_no_time_for_is_told_unless_it_has_been_swept_since(tmp_path):
    (tmp_path / RESULTS).write_text(json.dumps({UNMEASURED: ["fog", "jpeg", "gamma"]}))
    search = made_search(tmp_path / "search", [1.0])
    fog = made_sweep(tmp_path / "fog", SweepConfig(degradation="fog", severities=(20,), copies=1), np.zeros((1, 1, 1)))
    assert unmeasured_notes([search, fog]) == ["The assessment ended before it came to JPEG compression and gamma."]
    assert unmeasured_notes([open_run(made_search(tmp_path / "other" / "search", [1.0]).path)]) == []


def test_what_no_assessment_measured_is_told_once_and_otherwise_of_which(tmp_path):
    said, runs = "The minimum noise was not searched for, because of --no-search.", []
    for folder, name in (("old", "net"), ("new", "hardened"), ("third", "net")):
        config = SweepConfig(degradation="fog", severities=(20,), copies=1)
        runs.append(made_sweep(tmp_path / folder / "fog", config, np.zeros((1, 1, 1)), name=name))
        (tmp_path / folder / RESULTS).write_text(json.dumps({UNSEARCHED: said if folder != "third" else None}))
    assert unmeasured_notes(runs[:1]) == unmeasured_notes(runs[:2]) == [said]
    assert unmeasured_notes(runs[1:]) == [f"hardened: {said}"]
    assert unmeasured_notes(runs) == [f"net (old) and hardened (new): {said}"]


@pytest.fixture
def explained(tmp_path, monkeypatch):
    """A run whose files are from the year 2100; and the pages that were written for it."""
    run, written = SimpleNamespace(path=tmp_path, parts={"one": tmp_path / "one", "two": tmp_path / "two"}), []
    monkeypatch.setattr(explain, "write_report", lambda runs, page, **_: written.append(page))
    for name, second in (("run.json", 0), ("one", 5), ("two", 3)):
        _made(tmp_path / name, second)
    return run, written


def _made(path, second):
    path.touch()
    os.utime(path, (4e9 + second, 4e9 + second))


@pytest.mark.parametrize(("second", "again"), [(4, True), (5, True), (6, False)])
def test_a_page_is_written_again_if_a_part_is_as_new(explained, second, again):
    run, written = explained
    assert explain.write_page(run) == run.path / "report.html" and len(written) == 1
    _made(run.path / "report.html", second)
    explain.write_page(run)
    assert len(written) == 1 + again


def test_a_link_is_no_page(explained, tmp_path):
    run, written = explained
    _made(tmp_path / "elsewhere", 9)
    (run.path / "report.html").symlink_to(tmp_path / "elsewhere")
    explain.write_page(run)
    assert len(written) == 1


def test_two_sweeps_are_drawn_together(tmp_path):
    fog, brightness, empty = (
        made_sweep(tmp_path / name, SweepConfig(degradation=name, severities=(2,), copies=1), np.zeros((2, 1, 1)))
        for name in ("fog", "brightness", "gamma")
    )
    next(iter(empty.parts.values())).unlink()
    [picture] = sweep_overview([fog, empty, brightness]).parts
    assert len(picture.figure.axes) == 2
    assert sweep_overview([fog, empty]) is None and sweep_overview([]) is None
