"""Image files with the same content, in one class and in several: what is said of them, and how few are read."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tfstab import load_dataset
from tfstab.datasets import copies
from tfstab.datasets.copies import equal_files
from tfstab.datasets.remarks import UNDIVIDED
from tfstab.report.input_notes import file_notes

RGB = np.random.default_rng(0).integers(0, 256, (6, 6, 5, 3), np.uint8)


def save(folder, **files):
    """Write images, by number, into class folders; their names are CLASS_FILE."""
    for name, number in files.items():
        kind, file = name.split("_")
        (folder / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(RGB[number]).save(folder / kind / f"{file}.png")


def test_the_same_photograph_in_two_classes_and_copies_in_one_are_said(tmp_path):
    save(tmp_path, cat_a=0, cat_b=0, cat_c=1, cat_d=2, cat_e=2, cat_f=2, dog_g=0, dog_h=3, dog_i=4)
    with pytest.warns(UserWarning) as said:
        made = load_dataset(tmp_path)
    assert [str(each.message) for each in said] == [
        f"3 files of {tmp_path} have the same content as a file of another class (cat/a.png and dog/g.png, for "
        "example), so not all of their labels can be right: keep each image in one class only. 2 files of "
        f"{tmp_path} are copies of others in the same class (cat/d.png and cat/e.png, for example). Intervals assume "
        "independent images, so remove the copies if there are many."
    ]
    assert len(made) == 9, "none is left out"
    assert file_notes([SimpleNamespace(info={"data": {"name": made.name, "remarks": made.remarks}})]) == [
        f"3 files of {tmp_path.name} have the same content as a file of another class, so not all of their labels can "
        "be right.",
        f"2 files of {tmp_path.name} are copies of others in the same class. Intervals assume independent images: with "
        "many copies they are too narrow.",
    ]


def test_copies_within_a_group_are_no_news(tmp_path):
    save(tmp_path, all_a=0, all_b=0, all_c=1, all_d=1, all_e=2)
    lines = "file,label,group\n" + "".join(f"all/{f}.png,x,{g}\n" for f, g in zip("abcde", "vvwzz", strict=True))
    (tmp_path / "table.csv").write_text(lines)
    with pytest.warns(
        UserWarning, match=r"^1 file of .* is a copy of another in the same class \(all/c.png and all/d.png\)"
    ):
        assert load_dataset(tmp_path / "table.csv").remarks == f"files that are copies of others: 1, {UNDIVIDED}"


def test_only_files_that_may_be_equal_are_read(tmp_path, monkeypatch):
    """Photographs of one camera begin with the same bytes; files that are gone are left out."""
    head, size = bytes(range(256)) * 40, 30_000
    middles = {"a": b"one", "b": b"two", "c": b"one", "d": b"one", "short": b"one"}
    for name, middle in middles.items():
        content = head + middle.ljust(size - (name == "short"), name[:1].encode() if name == "d" else b"-")
        (tmp_path / name).write_bytes(content)
    read = []
    for name in ("_parts", "_digest"):
        original = getattr(copies, name)
        monkeypatch.setattr(copies, name, lambda file, f=original: read.append((f.__name__, file.name)) or f(file))
    assert equal_files([tmp_path / name for name in (*middles, "gone")]) == [[0, 2]]
    assert read == [*(("_parts", name) for name in "abcd"), *(("_digest", name) for name in "abc")]
