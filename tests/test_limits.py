"""Limits at their boundary: the largest that is taken, and the next one, which is refused.

Where reaching a limit takes time or memory, it is lowered for the test: then its boundary is tested, not its size.
"""

import io
import json
from pathlib import Path

import made_up_runs as made
import numpy as np
import pytest
from frozen import check
from PIL import Image

from tfstab import Dataset, SweepConfig, limits, load_dataset
from tfstab.classifier.class_names import named_outputs, parse_class_names
from tfstab.datasets.arrays import expands_too_far, open_npz
from tfstab.datasets.images import decode
from tfstab.degradations import get_degradation
from tfstab.errors import DataError, InputError, ModelError, RunError
from tfstab.paths import check_path
from tfstab.runs.info import read_info
from tfstab.runs.log import read_log

FOG = get_degradation("fog")


def png(width, height):
    content = io.BytesIO()
    Image.new("L", (width, height)).save(content, "PNG")
    return content.getvalue()


# --- settings ---


@pytest.mark.parametrize(
    ("largest", "next_one", "said"),
    [
        ({"copies": 32_767, "severities": (9,)}, {"copies": 32_768, "severities": (9,)}, "from 1 to 32,767"),
        ({"copies": 1, "severities": (9,)}, {"copies": 0, "severities": (9,)}, "copies is 0; expected a whole"),
        ({"copies": 8192, "severities": np.arange(1, 513) / 8}, {"copies": 8193, "severities": np.arange(1, 513) / 8},
         "512 severities and 8193 copies make 4,194,816 degraded images of each; expected at most 4,194,304"),
    ],
)  # fmt: skip
def test_copies_and_degraded_images_of_an_image(largest, next_one, said):
    assert SweepConfig(**largest).copies == largest["copies"]
    with pytest.raises(InputError, match=said):
        SweepConfig(**next_one)


def test_severities_of_a_family():
    assert len(FOG.check(np.arange(1, 1001) / 20)) == 1000
    with pytest.raises(InputError, match="density of fog has 1,001 values; expected at most 1,000"):
        FOG.check(np.arange(1, 1002) / 20)


# --- names and paths ---


def test_class_names_of_a_model():
    assert named_outputs(["c" * 1000, "b"], 2, "net") == ("c" * 1000, "b")
    assert named_outputs({1: "b"}, 3, "net") == ("0", "b", "2") and named_outputs(None, 2, "net") == ("0", "1")
    for names, said in (
        (["c" * 1001, "b"], "has 1,001 characters; expected at most 1,000"),
        ({2: "b"}, r"class 'b' was given as output 2, but net has outputs 0 to 1: correct class_names"),
        ({-1: "b"}, "was given as output -1"),
        ({"0": "b"}, "was given as output 0"),
        (["a"], "net has 2 classes but 1 class names were given"),
        ("ab", "expected a list of 2 names"),
        (["a", "\ud800"], r"class name '\\ud800' is not valid text"),
    ):
        with pytest.raises(ModelError, match=said):
            named_outputs(names, 2, "net")


@pytest.mark.parametrize("text", ["", "a,,b", "a,", " ,a"])
def test_class_names_that_are_empty(text):
    with pytest.raises(InputError, match="in which a name is empty; expected NAME,NAME"):
        parse_class_names(text)


def test_outputs_that_are_named_twice_and_numbers_too_long_for_one():
    with pytest.raises(InputError, match="in which two names have the same output"):
        parse_class_names("a=1,b=1")
    assert parse_class_names("a=12345,b=0") == {12345: "a", 0: "b"}
    assert parse_class_names("a=123456,b=0") == ["a=123456", "b=0"], "names that contain a sign"


def test_classes_of_data(monkeypatch):
    monkeypatch.setattr(limits, "MOST_CLASSES", 3)
    pixels = np.zeros((1, 2, 2, 1), np.uint8)
    assert Dataset.from_arrays("mine", "test", pixels, [0], ["a", "b", "c" * 1000]).num_classes == 3
    with pytest.raises(DataError, match="mine has 4 classes; expected at most 3"):
        Dataset.from_arrays("mine", "test", pixels, [0], ["a", "b", "c", "d"])
    with pytest.raises(DataError, match="1,001 characters"):
        Dataset.from_arrays("mine", "test", pixels, [0], ["c" * 1001])


@pytest.mark.parametrize("kind", [str, bytes])
def test_class_names_in_an_npz_file(tmp_path, kind):
    for length in (1000, 1001):
        names = np.array(["c" * length, "d"]).astype("U" if kind is str else "S")
        np.savez(tmp_path / f"{length}.npz", images=np.zeros((2, 2, 2), np.uint8), labels=[0, 1], class_names=names)
    assert load_dataset(tmp_path / "1000.npz").class_names == ("c" * 1000, "d")
    with pytest.raises(DataError, match=r"has 2 class names of up to 1,001 characters; expected at most .* of 1,000"):
        load_dataset(tmp_path / "1001.npz")


def test_paths_and_the_names_in_them(tmp_path):
    check_path(tmp_path / ("x" * 255))
    check_path(tmp_path / ("ä" * 127))
    with pytest.raises(DataError, match="a name in it has 256 bytes; expected at most 255"):
        check_path(tmp_path / ("ä" * 128))
    long = "/" + "x/" * 2047
    check_path(type(tmp_path)(f"{long}y"))
    with pytest.raises(DataError, match="it has 4,097 characters; expected at most 4,096"):
        check_path(type(tmp_path)(f"{long}yy"))


# --- data ---


def test_pixels_of_an_image_file(monkeypatch):
    monkeypatch.setattr(limits, "MOST_PIXELS", 60)
    assert decode(png(10, 6), True, None).shape == (6, 10, 1)
    with pytest.raises(ValueError, match="it has 61 x 1 pixels, more than 60"):
        decode(png(61, 1), True, None)


def test_tables_of_labels(tmp_path, monkeypatch):
    for k in range(3):
        (tmp_path / f"{k}.png").write_bytes(png(2, 2))
    table = tmp_path / "labels.csv"
    table.write_text("0.png,1\n1.png,0\n2.png,1\n")
    monkeypatch.setattr(limits, "MOST_TABLE_ROWS", 3)
    monkeypatch.setattr(limits, "LARGEST_TABLE", 24)
    assert load_dataset(f"folder:{tmp_path}").labels.tolist() == [1, 0, 1]
    monkeypatch.setattr(limits, "MOST_TABLE_ROWS", 2)
    for text in ("0.png,1\n1.png,0\n2.png,1\n", "0.png,1\r1.png,0\r2.png,1\r"):
        table.write_bytes(text.encode())
        with pytest.raises(DataError, match="more than 2 rows: it is not a table of labels"):
            load_dataset(f"folder:{tmp_path}")
    monkeypatch.setattr(limits, "LARGEST_TABLE", 23)
    with pytest.raises(DataError, match="is larger than 0 MB"):
        load_dataset(f"folder:{tmp_path}")


def test_arrays_in_an_npz_file(tmp_path, monkeypatch):
    path = tmp_path / "mine.npz"
    np.savez(path, images=np.zeros((3, 4, 4), np.uint8), labels=np.zeros(3, np.uint8))
    size = 3 * 16 + 128  # with the header
    monkeypatch.setattr(limits, "LARGEST_ARRAY", size)
    assert len(load_dataset(str(path))) == 3
    monkeypatch.setattr(limits, "LARGEST_ARRAY", size - 1)
    with pytest.raises(DataError, match=r"holds 'images.npy' of 0.0 GB: save it as images.npy beside labels.npy"):
        load_dataset(str(path))


def test_how_far_arrays_unpack(tmp_path, monkeypatch):
    """Two arrays of 64 and 1000 bytes with headers of 128, of which only the second can be compressed."""
    path = tmp_path / "mine.npz"
    np.savez_compressed(path, a=np.random.default_rng(0).integers(0, 256, 64, np.uint8), b=np.zeros(1000, np.uint8))
    with np.load(path) as archive:
        packed = sum(archive.zip.getinfo(name).compress_size for name in ("a.npy", "b.npy"))
    unpacked = 64 + 1000 + 2 * 128
    assert 2 * packed < unpacked < 10 * packed
    assert len(open_npz(path, ["a", "b"], small=0)) == 2 and not expands_too_far(path, 0)
    monkeypatch.setattr(limits, "MOST_ARRAY_EXPANSION", 2)
    assert [len(array) for array in open_npz(path, ["a", "b"], small=unpacked)] == [64, 1000]
    assert len(open_npz(path, ["a"], small=0)) == 1 and not expands_too_far(path, unpacked)
    assert expands_too_far(path, unpacked - 1)
    with pytest.raises(DataError, match=r"is refused: the 0.0 MB of its 'b.npy' unpack to 0 MB"):
        open_npz(path, ["a", "b"], small=unpacked - 1)


# --- run folders ---


@pytest.mark.parametrize(
    ("limit", "most", "change", "said"),
    [
        ("MOST_CLASSES", 3, lambda info: info["data"]["class_names"].append("d"), "it has 4 classes"),
        ("CLASS_NAME", 5, lambda info: info["data"].update(class_names=["cat", "d" * 6]), "a class name has 6 char"),
        ("LONGEST_TEXT", 10_000, lambda info: info["data"].update(note="n" * 10_001), "a text has 10,001 characters"),
    ],
)  # fmt: skip
def test_what_run_json_holds(tmp_path, monkeypatch, limit, most, change, said):
    run = made.sweep(tmp_path / "run")
    made.change_info(run, lambda info: info["data"].update(class_names=["cat", "d" * 5, ""], note="n" * 10_000))
    monkeypatch.setattr(limits, limit, most)
    assert read_info(run)["data"]["class_names"][1] == "ddddd"
    made.change_info(run, change)
    with pytest.raises(RunError, match=said):
        read_info(run)


def test_lines_of_a_log(tmp_path, monkeypatch):
    """A line of 10,000 bytes and its end are read, longer ones left out; of a long log only the beginning is read."""
    entry = {"event": "begun", "note": ""}
    room = 10_000 - len(json.dumps(entry)) - 1
    lines = [json.dumps(entry | {"note": "n" * count}) + "\n" for count in (room + 1, room + 2, 0, 1)]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(lines))
    assert [len(entry["note"]) for entry in read_log(log)] == [room + 1, 0, 1]
    monkeypatch.setattr(limits, "LARGEST_LOG", 10_000)
    assert [len(entry["note"]) for entry in read_log(log)] == [room + 1]


def test_the_limits_are_as_recorded():
    """They bound memory and time, which no test can wait for; `make frozen` records them again."""
    lines = [f"{name} {value}" for name, value in vars(limits).items() if name.isupper()]
    lines += [f"cpu_seconds({size}) {limits.cpu_seconds(size)}" for size in (0, 1 << 20, 1 << 30)]
    check(Path(__file__).with_name("limits.txt"), lines)
