"""Images are called by their file names: in data sets, in samples of them and in runs, also of strangers."""

import os
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import SIDE, classifier, dataset, search, sweep
from PIL import Image

from tfstab import Dataset, SweepConfig, limits, load_dataset, open_run
from tfstab.errors import DataError, RunError
from tfstab.orders import ImageOptions

FILES = ["cat/a.png", "cat/b.png", "dog/a.png", "dog/c.png"]
FEW = SweepConfig(sigmas=(5,), copies=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("photos")
    pixels = np.random.default_rng(3).integers(0, 256, (4, SIDE, SIDE), np.uint8)
    for name, image in zip(FILES, pixels, strict=True):
        (root / name).parent.mkdir(exist_ok=True)
        Image.fromarray(image).save(root / name)
    (root / "table.csv").write_text("file,label\n" + "".join(f"{name},{name[:3]}\n" for name in reversed(FILES)))
    return root


def named(count=9):
    """The data set of the NumPy runs, with file names."""
    return replace(dataset(count), names=np.array([f"p/{k}.png" for k in range(count)]))


def test_every_kind_of_files_has_names(folder):
    assert load_dataset(f"folder:{folder}").names.tolist() == FILES
    assert load_dataset(folder / "table.csv").names.tolist() == FILES[::-1]
    plain = ImageOptions(f"images:{folder / 'dog'}").load(classifier)
    assert plain.names.tolist() == ["a.png", "c.png"]
    single = ImageOptions(f"images:{folder / 'dog' / 'a.png'}").load(classifier)
    assert single.names.tolist() == ["a.png"]
    (folder / "dog" / "b.png").write_bytes(b"no image")
    try:
        with pytest.warns(match="left out"):
            kept = load_dataset(f"folder:{folder}", damaged="skip")
        assert kept.names.tolist() == FILES and kept.indices.tolist() == [0, 1, 2, 4]
    finally:
        (folder / "dog" / "b.png").unlink()


def test_names_stay_with_their_images(folder):
    whole = load_dataset(f"folder:{folder}")
    rest, held = whole.split_off(0.5)
    some = [whole.select(np.array([3, 1])), whole.take(2), whole.between(1, 3), rest, held]
    some += [replace(whole, groups=np.array([0, 0, 1, 1])).split_off(0.5)[1], whole.without(whole.take(1))]
    for part in some:
        assert part.names.tolist() == [FILES[k] for k in part.indices]
        assert [part.name_of(row) for row in range(len(part))] == part.names.tolist()


def test_images_without_a_file_are_called_by_their_index():
    assert dataset().names is None and dataset().between(3, 5).name_of(1) == "image 4"
    made = Dataset.from_arrays("a", "test", np.zeros((2, 4, 4), np.uint8), [0, 1], names=["", "b.png"])
    assert (made.name_of(0), made.name_of(1)) == ("image 0", "b.png")
    with pytest.raises(DataError, match="2 images but 3 file names"):
        Dataset.from_arrays("a", "test", np.zeros((2, 4, 4), np.uint8), [0, 1], names=["a", "b", "c"])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_cannot_be_shown_are_replaced(folder, tmp_path):
    content = (folder / FILES[0]).read_bytes()
    deep = "/".join(["d" * 100] * 4)
    for name in (b"\x1b[2J.png", b"\xff.png", deep.encode() + b"/e.png"):
        path = os.fsencode(tmp_path / "cat") + b"/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120  # no Path is made of bytes
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(content)
    (tmp_path / "labels.csv").write_text(f"file,label\ncat/{deep}/e.png,cat\n")
    (long,) = load_dataset(f"folder:{tmp_path}").names
    assert long == ("…" + f"cat/{deep}/e.png"[-(limits.IMAGE_NAME - 1) :]) and len(long) == limits.IMAGE_NAME
    (tmp_path / "labels.csv").unlink()
    (tmp_path / os.fsdecode(b"\xfe")).mkdir()
    with pytest.warns(UserWarning, match=r"the folder \\udcfe, which holds no images\. 1 image is in .* \(…d{59}\),"):
        names = load_dataset(f"folder:{tmp_path}").names
    assert names.tolist() == ["cat/\ufffd[2J.png", long, "cat/\\udcff.png"]


def test_runs_keep_names_and_runs_without_them_still_open(tmp_path):
    run = sweep(tmp_path / "sweep", FEW, named().between(2, 6))
    assert run.clean.name(4) == "p/4.png" and run.clean.names.tolist() == [f"p/{k}.png" for k in range(2, 6)]
    found = search(tmp_path / "search", named(3), queries=100)
    assert open_run(found.path).clean.name(2) == "p/2.png"
    old = sweep(tmp_path / "old", FEW)
    assert old.clean.names is None and old.clean.name(4) == "image 4"
    with np.load(old.path / "clean.npz") as arrays:
        assert set(arrays) == {"images", "class_index", "indices", "scores", "order"}
    with pytest.raises(RunError, match="not in this run"):
        run.clean.name(7)
    assert sweep(old.path, FEW, named()).clean.names is None  # names make no other run


ODD = np.array([[0x110000], [65]], np.uint32).view("U1").ravel()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (np.array(["a"]), "1 names for 2 images"),
        (np.array([["a"], ["b"]]), "expected 1 of str_"),
        (np.array([b"a", b"b"]), "expected 1 of str_"),
        (np.array(["a", "b" * (limits.IMAGE_NAME + 1)]), "301 characters; expected at most 300"),
        (np.array(["a", "\x1b[2J"]), "no printable text"),
        (np.array(["a", "b\x7f"]), "no printable text"),
        (np.array(["a", "b\x9f"]), "no printable text"),
        (np.array(["a", "b\0c"]), "no printable text"),
        (np.array(["a", "\ud800"]), "no printable text"),
        (np.array(["a", "\udfff"]), "no printable text"),
        (ODD, "no printable text"),
    ],
    ids=range(11),
)
def test_names_of_strangers_are_checked(tmp_path, names, said):
    run = sweep(tmp_path, FEW, named(2))
    with np.load(run.path / "clean.npz") as arrays:
        kept = dict(arrays)
    for what in ("names", "groups"):
        np.savez(run.path / "clean.npz", **kept | {what: names})
        with pytest.raises(RunError, match="damaged") as caught:
            open_run(run.path).clean  # noqa: B018  # read when it is first needed
        assert said in f"{caught.value} {caught.value.__cause__}"


def test_names_at_the_limits_are_taken(tmp_path):
    names = np.array(["\xa0~ \ue000\ud7ff", "b" * limits.IMAGE_NAME])
    run = sweep(tmp_path, FEW, replace(named(2), names=names))
    assert open_run(run.path).clean.names.tolist() == names.tolist()
