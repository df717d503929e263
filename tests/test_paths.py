"""Names that no file can have, or that are not UTF-8: one sentence in the library, and on the command line."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import made_up_runs as made
import numpy as np
import pytest
from bad_input.place import png

from processes import refused, tfstab_here
from tfstab import load_dataset, open_run
from tfstab.errors import DataError, DiskError, InputError, RunError
from tfstab.names import encodable
from tfstab.paths import check_writable
from tfstab.report.saving import check_page_folder
from tfstab.runs.files import check_room
from tfstab.search.aim import class_named

NOT_UTF8 = os.fsdecode(b"photos-\xff")
BAD = {"a null character": "a\0b", "5,000 characters": "a" * 5000, "4,000 in many folders": "a/" * 2500,
       "300 in a name": "b/" + "a" * 300}  # fmt: skip
POSIX_NAMES = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode here")


@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
@pytest.mark.parametrize("form", ["folder:{}", "{}.npz", "{}.npy", "{}.csv"])
def test_data_at_a_path_that_cannot_be(name, form):
    with pytest.raises(DataError, match="cannot be used as a path") as told:
        load_dataset(form.format(name))
    assert len(str(told.value)) < 400


@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
def test_files_in_a_table_that_cannot_be(name, tmp_path):
    (tmp_path / "labels.csv").write_text(f"file,label\n{name}.png,cat\n", "utf-8")
    with pytest.raises(DataError, match="cannot be used as a path"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("name", [*BAD.values(), NOT_UTF8], ids=[*BAD, "not UTF-8"])
def test_results_at_a_path_that_cannot_be(name, tmp_path):
    for check, error in ((check_room, RunError), (check_page_folder, InputError)):
        with pytest.raises(error, match="cannot be used as a path") as told:
            check(tmp_path / name)
        assert encodable(str(told.value))


@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
def test_a_run_at_a_path_that_cannot_be(name):
    with pytest.raises(RunError, match="cannot be used as a path"):
        open_run(name)


@POSIX_NAMES
def test_folders_that_are_not_utf8(tmp_path):
    for folder in (tmp_path / NOT_UTF8 / "cat", tmp_path / "photos" / NOT_UTF8):
        folder.mkdir(parents=True)
        (folder / "a.png").write_bytes(png())
    with pytest.raises(DataError, match="is not UTF-8"):
        load_dataset(tmp_path / NOT_UTF8)
    with pytest.raises(DataError, match="cannot be written as UTF-8") as told:
        load_dataset(tmp_path / "photos")
    assert encodable(str(told.value))


@POSIX_NAMES
def test_files_that_are_not_utf8_are_read(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / f"{NOT_UTF8}.png").write_bytes(png())
    assert len(load_dataset(tmp_path)) == 1


@pytest.mark.parametrize("option", ["--out", "--data"])
@pytest.mark.parametrize("name", [NOT_UTF8, "a\0b"], ids=["not UTF-8", "a null character"])
def test_such_names_on_the_command_line(option, name, tmp_path):
    assert "is not UTF-8 text" in refused(tfstab_here("sweep", option, name, cwd=tmp_path))
    assert not list(tmp_path.iterdir())


def test_long_names_on_the_command_line(tmp_path):
    run = made.sweep(tmp_path / "run")
    assert "cannot be used as a path" in refused(tfstab_here("report", run, "--out", "a" * 5000, cwd=tmp_path))
    assert "cannot be used as a path" in refused(tfstab_here("inspect", "a" * 5000))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_class_names_and_labels_of_any_length(tmp_path):
    (tmp_path / "a.png").write_bytes(png())
    for label, said in (("9" * 5000, "5,000 characters"), ("x" * 2000, "2,000 characters")):
        (tmp_path / "labels.csv").write_text(f"a.png,{label}\n", "utf-8")
        with pytest.raises(DataError, match=said):
            load_dataset(tmp_path)
    np.savez(tmp_path / "d.npz", images=np.zeros((1, 4, 4), np.uint8), labels=[0], class_names=["x" * 2000])
    with pytest.raises(DataError, match="2,000 characters"):
        load_dataset(str(tmp_path / "d.npz"))
    (tmp_path / "labels.csv").write_text("a.png," + "9" * 900 + "\n", "utf-8")
    assert load_dataset(tmp_path).class_names == ("9" * 900,)
    for digits in (10, 5000):
        with pytest.raises(InputError, match="unknown class"):
            class_named("9" * digits, ["cat", "dog"])


def test_a_name_within_all_limits_is_used(tmp_path):
    folder = tmp_path / ("é" * 100)
    made.sweep(folder)
    assert len(open_run(Path(folder)).measures) == 4


def test_a_drive_that_does_not_tell_its_size_is_not_full(tmp_path, monkeypatch):
    monkeypatch.setattr("tfstab.paths.shutil.disk_usage", lambda _: SimpleNamespace(total=0, used=0, free=0))
    check_writable(tmp_path / "new")
    monkeypatch.setattr("tfstab.paths.shutil.disk_usage", lambda _: SimpleNamespace(total=9, used=9, free=0))
    with pytest.raises(DiskError, match="the disk is full"):
        check_writable(tmp_path / "new")
