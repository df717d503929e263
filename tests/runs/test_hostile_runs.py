"""Run folders made to harm: nothing outside of them is read or written, nothing hangs, names stay names."""

import csv
import json
import os
import re
import shutil
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guard import nothing_outside
from processes import content, refused, tfstab, tfstab_here
from tfstab import SearchConfig, SweepConfig, open_run, run_search, run_sweep
from tfstab.errors import RunError, TfstabError
from tfstab.runs.files import checksum

CONFIG = SweepConfig(sigmas=(5, 40), copies=3)
EVIL = "<script>alert('&')</script> $\\frac{$ \x1b]0;owned\x07"


@pytest.fixture(scope="module")
def runs(mnist_lenet, digits, tmp_path_factory):
    """A sweep and a search."""
    folder = tmp_path_factory.mktemp("runs")
    run_sweep(mnist_lenet, digits.take(4), CONFIG, folder / "sweep")
    run_search(mnist_lenet, digits.take(2), SearchConfig(max_queries=300), folder / "search")
    return folder


@pytest.fixture(params=["sweep", "search"])
def run(runs, request, tmp_path):
    return shutil.copytree(runs / request.param, tmp_path / request.param)


@pytest.fixture
def sweep(runs, tmp_path):
    return shutil.copytree(runs / "sweep", tmp_path / "sweep")


def first_part(run: Path) -> Path:
    return min((run / "parts").iterdir())


def sealed(part: Path) -> Path:
    """The part under the name that its content wants: whoever makes a run can compute checksums."""
    return part.rename(part.with_name(f"{part.stem.rsplit('-', 1)[0]}-{checksum(part)}{part.suffix}"))


def said(run: Path) -> str:
    """The one sentence of a report of the run, which writes nothing."""
    out = run.parent / "out"
    with nothing_outside(out):
        sentence = refused(tfstab_here("report", run, "--out", out))
    assert not out.exists()
    return sentence


def change_info(run: Path, change) -> None:
    info = json.loads((run / "run.json").read_text("utf-8"))
    change(info)
    (run / "run.json").write_text(json.dumps(info), "utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are POSIX'")
@pytest.mark.parametrize("name", ["run.json", "clean.npz", "clean.npy", "log.jsonl", "run.lock", "parts", "a part"])
def test_a_link_out_of_a_run_is_neither_read_nor_written(run, name, tmp_path, mnist_lenet, digits):
    inside = first_part(run) if name == "a part" else run / name
    outside = tmp_path / "outside"
    inside.rename(outside) if inside.exists() else outside.write_text("precious")
    before = content(outside) if outside.is_dir() else outside.read_bytes()
    inside.symlink_to(outside)
    assert "is a link" in said(run)
    with pytest.raises(RunError, match="is a link"):
        run_sweep(mnist_lenet, digits.take(4), CONFIG, run)
    assert (content(outside) if outside.is_dir() else outside.read_bytes()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are POSIX'")
@pytest.mark.parametrize("name", ["run.json", "clean.npz", "log.jsonl", "run.lock", "a part"])
def test_a_pipe_does_not_make_anyone_wait(run, name):
    path = first_part(run) if name == "a part" else run / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    if name == "run.json" and run.name == "sweep":  # once in a process of its own, which could be killed
        assert "is no file" in refused(tfstab("view", run))
    else:
        assert "is no file" in said(run)


@pytest.mark.parametrize("name", ["../../outside", "/etc/passwd", "class-00000-00000/../../x", "C:\\x", "", "run.json"])
def test_parts_are_no_paths(run, name):
    change_info(run, lambda info: info["parts"].append(name))
    assert "is no part's name" in said(run)


def test_run_json_that_is_huge_or_deep_or_holds_no_numbers(run):
    whole = (run / "run.json").read_text("utf-8")
    with (run / "run.json").open("r+b") as file:
        file.truncate(1 << 40)  # of which none is on the disk
    assert "more than 64 MB" in said(run)
    for harm in ('"x": ' + "[" * 10**5 + "]" * 10**5, '"x": NaN', '"x": 1e999', '"x": "\\ud800"', f'"x": {"9" * 5000}'):
        (run / "run.json").write_text(whole.replace("{", "{" + harm + ",", 1), "utf-8")
        assert "is damaged" in said(run)


class Touch:
    def __init__(self, victim):
        self.victim = victim

    def __reduce__(self):
        return os.system, (f"touch {self.victim}",)


def change_arrays(path: Path, **changes) -> None:
    with np.load(path) as archive:
        np.savez_compressed(path, **{**archive, **changes})


@pytest.mark.parametrize("where", ["clean.npz", "a part"])
def test_arrays_are_never_unpickled(runs, where, tmp_path):
    run, victim = shutil.copytree(runs / "search", tmp_path / "run"), tmp_path / "ran"
    path = run / where if where == "clean.npz" else first_part(run)
    change_arrays(path, scores=np.array([[Touch(victim)]], object))
    if where == "a part":
        sealed(path)
    assert "damaged" in said(run)
    assert not victim.exists()


def with_header(path: Path, name: str, shape: tuple[int, ...]) -> None:
    """The npz file with the array of this name said to have another shape."""
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    old = members[f"{name}.npy"]
    start = 10 + struct.unpack("<H", old[8:10])[0]
    header = re.sub(rb"'shape': \([^)]*\)", b"'shape': " + str(shape).encode(), old[10:start])
    members[f"{name}.npy"] = old[:8] + struct.pack("<H", len(header)) + header + old[start:]
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)


@pytest.mark.parametrize("shape", [(10**6, 10**6, 10**3, 1), (-1, 28, 28, 1), (4, 28, 28), (2**62, 2**62, 1, 1)])
def test_arrays_that_say_they_are_larger_than_they_are(run, shape):
    with_header(run / "clean.npz", "images", shape)
    assert "damaged" in said(run)


def test_arrays_that_unpack_to_more_than_there_is_memory_for(sweep):
    change_arrays(sweep / "clean.npz", images=np.zeros((1, 16_400, 16_400, 1), np.uint8))
    with pytest.raises(RunError) as error:
        _ = open_run(sweep).clean
    assert "unpack to 269 MB" in str(error.value.__cause__)


def rows(part: Path, count: int = 24, **changes) -> None:
    """Change values in the first row of a sweep's part, or how many rows it has."""
    table = pq.read_table(part)
    for name, value in changes.items():
        values = table[name].to_pylist()
        values[0] = value
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))
    pq.write_table(table.take(pa.array(np.arange(count) % len(table))), part)


NOT_SWEPT = {
    "another class": {"predicted": 11}, "a class below none": {"class_index": -1}, "another image": {"image": 4711},
    "a negative image": {"image": -5}, "another severity": {"severity": 7.5}, "another copy": {"copy": 999},
    "no score": {"score": float("nan")}, "a score of more": {"true_score": 1e30}, "no decibels": {"psnr": float("nan")},
    "too many rows": {"count": 500_000},
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_SWEPT)
def test_parts_of_a_sweep_with_values_that_no_sweep_writes(sweep, case):
    part = first_part(sweep)
    rows(part, **NOT_SWEPT[case])
    sealed(part)
    run = open_run(sweep)
    with pytest.raises(RunError, match="damaged"):
        run.samples()  # all columns
        _ = run.measures


def test_names_in_a_report_stay_names(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tfstab.report.saving.FIGURE_FORMATS", ("svg",))  # each of the three takes as long

    def rename(info):
        info["model"]["name"] = info["data"]["name"] = info["data"]["note"] = EVIL
        info["data"]["class_names"] = [f"=cmd|' /C calc'!A0 {EVIL}", *(f"[{k}] {EVIL}" for k in range(1, 10))]
        info["environment"]["device"] = EVIL

    change_info(run, rename)
    result = tfstab_here("report", run, "--files", "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page and "\x1b" not in page
    for path in (tmp_path / "out" / "tables").glob("*.tex"):
        text = path.read_text("utf-8")
        assert "\\frac" not in text and not re.search(r"\\\\\n\s*[\[*]", text)
    cells = [
        cell for path in (tmp_path / "out" / "tables").glob("*.csv") for row in csv.reader(path.open()) for cell in row
    ]
    assert any(cell.startswith("'=cmd") for cell in cells) and not any(cell.startswith("=") for cell in cells)
    shown = tfstab_here("inspect", run)
    one = tfstab_here("inspect", run, "--image", open_run(run).clean.indices[0], "--out", tmp_path / "image.png")
    assert shown.returncode == one.returncode == 0 and "\x1b" not in shown.stdout + one.stdout
    assert "\x1b" not in capsys.readouterr().out


def test_settings_that_no_run_records(run):
    for harm in ({"sigmas": [10**400]}, {"degradation": ["x"]}, {"copies": "many"}, {"target": 99}, {"engine": {}},
                 {"max_queries": "all"}, {"lambda_": 10**400}, {"sigmas": "abc", "severities": None}):  # fmt: skip
        try:
            change_info(run, lambda info, harm=harm: info["settings"].update(harm))
            open_run(run)
        except TfstabError as error:
            assert "\n" not in str(error)


def test_a_degradations_names_are_words_as_axes_take_html(mnist_lenet, digits, tmp_path):
    jpeg = SweepConfig(degradation="jpeg", severities=(60, 5))
    run_sweep(mnist_lenet, digits.take(2), jpeg, tmp_path / "jpeg")
    for name in ("title", "parameter", "unit"):
        other = shutil.copytree(tmp_path / "jpeg", tmp_path / name)
        change_info(
            other,
            lambda info, name=name: info["settings"]["family"].update(
                {name: "<img src='file:///etc/passwd'>", "version": "9"}
            ),
        )
        assert "plain words" in refused(tfstab_here("inspect", other))


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        (0.0, "model/threshold is not between 0 and 1"),
        (5.0, "model/threshold is not between 0 and 1"),
        (0.3, "model/threshold is 0.3, but data/class_names has 10 classes, not two"),
    ],
)
def test_a_threshold_that_no_model_has_is_damage(sweep, threshold, said):
    info = json.loads((sweep / "run.json").read_text())
    info["model"]["threshold"] = threshold
    (sweep / "run.json").write_text(json.dumps(info))
    with pytest.raises(RunError, match=rf"damaged \({said}\)"):
        open_run(sweep)
