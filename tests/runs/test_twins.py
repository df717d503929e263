"""The clean images of runs beside each other are on the disk once, and each run is as if it had its own."""

import errno
import os
import shutil

import numpy as np
import pytest
from numpy_runs import classifier, dataset

from tfstab import SweepConfig, open_run, run_sweep

ALL = dataset(12)
FIRST = ALL.select(np.arange(8))


def swept(folder, images=FIRST, **settings):
    return run_sweep(classifier(), images, SweepConfig(copies=1, **settings), folder)


def inode(folder):
    return (folder / "clean.npz").stat().st_ino


def test_sweeps_of_the_same_images_share_a_file_until_one_is_deleted_or_grows(tmp_path):
    fog, jpeg, rain = (tmp_path / "all" / name for name in ("fog", "jpeg", "contrast"))
    swept(fog, degradation="fog")
    content = (fog / "clean.npz").read_bytes()
    swept(jpeg, degradation="jpeg")
    assert inode(fog) == inode(jpeg)
    swept(fog, ALL, degradation="fog")
    assert (jpeg / "clean.npz").read_bytes() == content and len(open_run(jpeg).clean.indices) == 8
    assert inode(fog) != inode(jpeg) and len(open_run(fog).clean.indices) == 12
    swept(rain, degradation="contrast")
    assert inode(rain) not in (inode(fog), inode(jpeg)), "the last file written is of other images"
    shutil.rmtree(fog)
    np.testing.assert_array_equal(open_run(jpeg).clean.images, FIRST.images)


def test_files_elsewhere_and_files_that_have_changed_are_not_shared(tmp_path):
    first, away, beside = tmp_path / "a" / "one", tmp_path / "b" / "two", tmp_path / "b" / "three"
    swept(first)
    swept(away)
    assert inode(first) != inode(away)
    with (away / "clean.npz").open("r+b") as file:
        file.write(b"damaged")
    swept(beside)
    assert inode(beside) != inode(away) and open_run(beside).clean.problem(8) is None


def test_a_file_that_is_damaged_without_a_trace_is_restored(tmp_path):
    """As by a bad sector: its size and time are those of the file that this process wrote."""
    one, two = tmp_path / "one", tmp_path / "two"
    swept(one)
    swept(two)
    before = (two / "clean.npz").stat()
    with (two / "clean.npz").open("r+b") as file:
        file.write(b"damaged")
    os.utime(two / "clean.npz", ns=(before.st_atime_ns, before.st_mtime_ns))
    swept(one)
    swept(two)
    assert all(open_run(run).clean.problem(8) is None for run in (one, two))


def test_a_disk_without_links_gets_copies(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    swept(tmp_path / "one")
    swept(tmp_path / "two")
    assert inode(tmp_path / "one") != inode(tmp_path / "two")
    assert (tmp_path / "one/clean.npz").read_bytes() == (tmp_path / "two/clean.npz").read_bytes()
    assert [path.name for path in (tmp_path / "two").glob(".*")] == []


@pytest.mark.skipif(os.name != "posix", reason="counts the names of a file")
def test_an_assessment_keeps_its_clean_images_once(tmp_path):
    import tfstab

    made = tfstab.assess(classifier(), FIRST, minutes=10, out=tmp_path, degradations=["fog", "jpeg"], search=False)
    assert {(tmp_path / name / "clean.npz").stat().st_nlink for name in ("fog", "jpeg")} == {2}
    assert len(made.runs) == 2
