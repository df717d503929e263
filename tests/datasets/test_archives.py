"""Official archives, small ones made by hand: read as laid out, never run, and refused where they are damaged."""

import io
import os
import pickle
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tfstab import load_dataset
from tfstab.errors import DataError, InputError

rng = np.random.default_rng(0)
DATA = rng.integers(0, 256, (4, 3072), np.uint8)
LABELS = [3, 0, 9, 3]
SIGNS = rng.integers(0, 256, (3, 60, 70, 3), np.uint8)
CSV = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n"


# --- making archives in the official layouts ---


def python2_pickle(data, labels):
    """A batch as Python 2 and its NumPy pickled the official ones."""

    def text(value):
        return (b"U" + bytes([len(value)]) if len(value) < 256 else b"T" + struct.pack("<i", len(value))) + value

    shape = b"".join(b"J" + struct.pack("<i", n) for n in data.shape) + b"\x86"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
        + shape
        + b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + text(data.tobytes())
        + b"tb"
    )
    numbers = b"](" + b"".join(b"K" + bytes([k]) for k in labels) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(b"labels") + numbers + b"u."


def cifar(folder, batches):
    """cifar-10-python.tar.gz of {name: bytes}."""
    with tarfile.open(folder / "cifar-10-python.tar.gz", "w:gz") as tar:
        for name, content in {"readme.html": b"<html>", **batches}.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return folder


def ppm(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PPM")
    return file.getvalue()


def zipped(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def gtsrb_train(folder):
    """Two frames of one track of class 0 and a frame of class 14; regions of interest (5, 6)-(64, 53), ..."""
    root = "GTSRB/Final_Training/Images"
    track = CSV + "00000_00000.ppm;70;60;5;6;64;53;0\n00000_00001.ppm;70;60;0;0;47;47;0\n"
    zipped(
        folder / "GTSRB_Final_Training_Images.zip",
        **{
            f"{root}/00000/GT-00000.csv": track,
            f"{root}/00000/00000_00000.ppm": ppm(SIGNS[0]),
            f"{root}/00000/00000_00001.ppm": ppm(SIGNS[1]),
            f"{root}/00014/GT-00014.csv": CSV + "00000_00000.ppm;70;60;10;5;57;52;14\n",
            f"{root}/00014/00000_00000.ppm": ppm(SIGNS[2]),
        },
    )
    return folder


def gtsrb_test(folder, table=CSV + "00000.ppm;70;60;5;6;64;53;42\n00001.ppm;70;60;22;12;69;59;7\n"):
    zipped(folder / "GTSRB_Final_Test_GT.zip", **{"GT-final_test.csv": table})
    images = {f"GTSRB/Final_Test/Images/0000{k}.ppm": ppm(SIGNS[k]) for k in range(2)}
    zipped(folder / "GTSRB_Final_Test_Images.zip", **images)
    return folder


def mnist(folder):
    grey = DATA[:, :784].reshape(4, 28, 28)
    np.savez_compressed(folder / "mnist.npz", x_train=grey, y_train=LABELS, x_test=grey[:2], y_test=LABELS[:2])
    return folder


# --- what is read ---


def test_cifar10_planes_become_rgb_pixels(tmp_path):
    made = load_dataset("cifar10", "test", cifar(tmp_path, {"test_batch": python2_pickle(DATA, LABELS)}))
    assert made.images.shape == (4, 32, 32, 3) and made.labels.tolist() == LABELS
    assert made.class_names[made.labels[0]] == "cat"
    for channel in range(3):
        np.testing.assert_array_equal(
            made.images[1, :, :, channel].ravel(), DATA[1, 1024 * channel : 1024 * (channel + 1)]
        )
    assert "not the official archive" in made.note


def test_cifar10_batches_of_python_3_and_in_any_order(tmp_path):
    parts = {f"data_batch_{k}": {b"data": DATA + k, b"labels": [k] * 4} for k in (4, 2, 5, 1, 3)}
    made = load_dataset("cifar10", "train", cifar(tmp_path, {n: pickle.dumps(p, 3) for n, p in parts.items()}))
    assert made.labels.tolist() == np.repeat([1, 2, 3, 4, 5], 4).tolist()
    np.testing.assert_array_equal(made.images[4].transpose(2, 0, 1).ravel(), DATA[0] + 2)


def test_gtsrb_signs_are_cut_out_at_their_region_of_interest(tmp_path):
    made = load_dataset("gtsrb", "train", gtsrb_train(tmp_path))
    assert made.images.shape == (3, 48, 48, 3) and made.labels.tolist() == [0, 0, 14]
    # The second and third regions have 48 x 48 pixels, both corners counted: they need no resizing.
    np.testing.assert_array_equal(made.images[1], SIGNS[1, :48, :48])
    np.testing.assert_array_equal(made.images[2], SIGNS[2, 5:53, 10:58])
    cut = Image.fromarray(SIGNS[0, 6:54, 5:65]).resize((48, 48), Image.Resampling.BILINEAR)
    inside = slice(1, -1)  # the outermost pixels blend with what lies beside the region
    np.testing.assert_array_equal(made.images[0, inside, inside], np.asarray(cut)[inside, inside])
    assert made.class_names[14] == "Stop"
    groups = made.groups.tolist()
    assert groups[0] == groups[1] != groups[2]


def test_gtsrb_test_signs_are_in_the_order_of_their_table(tmp_path):
    made = load_dataset("gtsrb", "test", gtsrb_test(tmp_path))
    assert made.labels.tolist() == [42, 7] and made.groups is None and not made.remarks
    np.testing.assert_array_equal(made.images[1], SIGNS[1, 12:60, 22:70])


def test_a_region_that_leaves_the_image_is_cut_at_its_border(tmp_path):
    made = load_dataset("gtsrb", "test", gtsrb_test(tmp_path, CSV + "00001.ppm;70;60;22;12;90;80;7\n"))
    np.testing.assert_array_equal(made.images[0], SIGNS[1, 12:60, 22:70])


# --- what is never run ---


class _Runs:
    """Unpickling it calls a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def test_a_cifar10_archive_cannot_run_a_command(tmp_path):
    victim = tmp_path / "ran"
    command = f"{sys.executable} -c \"open(r'{victim}', 'w')\""
    payload = pickle.dumps({b"data": DATA, b"labels": LABELS, b"more": _Runs(os.system, command)}, 3)
    with pytest.raises(DataError, match=r"test_batch holds more than arrays \((posix|nt).system\)"):
        load_dataset("cifar10", "test", cifar(tmp_path, {"test_batch": payload}))
    assert not victim.exists()
    pickle.loads(payload)
    assert victim.exists()  # so it was dangerous


@pytest.mark.parametrize(
    "hostile",
    [
        _Runs(eval, "1"),
        _Runs(np.frombuffer, b"1" * 4 * 3072, "u1"),
        _Runs(np.ndarray, (4, 3072), "O", b"\x10" * 8 * 4 * 3072),  # would take the bytes for addresses of objects
        _Runs(np.ndarray, (4, 3072), "u1", None, 0, (10**9, 10**9)),  # would read far outside
        _Runs(np.ndarray, (4, 3072), "u1"),  # would show what lay in memory before
        _Runs(subprocess.Popen, ["true"]),
    ],
)
def test_cifar10_data_must_be_stored_arrays(tmp_path, hostile):
    payload = pickle.dumps({b"data": hostile, b"labels": LABELS}, 3)
    with pytest.raises(DataError, match="official archive"):
        load_dataset("cifar10", "test", cifar(tmp_path, {"test_batch": payload}))


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        ([1, 2], "uint8 data"),
        ({b"labels": LABELS}, "uint8 data"),
        ({b"data": DATA.astype(np.float32), b"labels": LABELS}, "uint8 data"),
        ({b"data": DATA.astype(np.int8), b"labels": LABELS}, "uint8 data"),
        ({b"data": DATA[:, :-1], b"labels": LABELS}, "uint8 data"),
        ({b"data": np.asfortranarray(DATA), b"labels": LABELS}, "uint8 data"),
        ({b"data": DATA}, "one label an image"),
        ({b"data": DATA, b"labels": LABELS[:3]}, "one label an image"),
        ({b"data": DATA, b"labels": [[1], [1, 2], [], 0]}, "one label an image"),
        ({b"data": DATA, b"labels": [0, 1, 2, 10]}, "label 10 is out of range for 10 classes"),
    ],
)
def test_cifar10_batches_of_another_form_are_refused(tmp_path, batch, said):
    with pytest.raises(DataError, match=said):
        load_dataset("cifar10", "test", cifar(tmp_path, {"test_batch": pickle.dumps(batch, 3)}))


def test_a_cifar10_archive_without_a_batch_says_which(tmp_path):
    cifar(tmp_path, {"data_batch_1": python2_pickle(DATA, LABELS)})
    with pytest.raises(DataError, match="holds no data_batch_2"):
        load_dataset("cifar10", "train", tmp_path)
    with pytest.raises(DataError, match="holds no test_batch"):
        load_dataset("cifar10", "test", tmp_path)


# --- what is damaged ---

MADE = {
    ("mnist", "test"): (mnist, "mnist.npz"),
    ("cifar10", "test"): (
        lambda folder: cifar(folder, {"test_batch": python2_pickle(DATA, LABELS)}), "cifar-10-python.tar.gz",
    ),
    ("gtsrb", "train"): (gtsrb_train, "GTSRB_Final_Training_Images.zip"),
    ("gtsrb", "test"): (gtsrb_test, "GTSRB_Final_Test_Images.zip"),
}  # fmt: skip
each_set = pytest.mark.parametrize(("name", "split"), MADE)


@each_set
@pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.9])
def test_an_archive_that_is_cut_short_is_refused_in_one_sentence(tmp_path, name, split, share):
    make, filename = MADE[name, split]
    path = make(tmp_path) / filename
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(DataError) as refusal:
        load_dataset(name, split, tmp_path)
    assert str(tmp_path) in str(refusal.value) and "\n" not in str(refusal.value)


@each_set
def test_a_file_that_only_has_the_name_is_refused(tmp_path, name, split):
    make, filename = MADE[name, split]
    (make(tmp_path) / filename).write_text("<html>404: moved to another host</html>\n" * 40)
    with pytest.raises(DataError, match="damaged"):
        load_dataset(name, split, tmp_path)


@each_set
@given(at=st.floats(0, 1, exclude_max=True), change=st.binary(min_size=1, max_size=4))
def test_changed_bytes_give_a_data_error_or_a_data_set_but_no_traceback(name, split, at, change):
    make, filename = MADE[name, split]
    with tempfile.TemporaryDirectory() as folder:
        path = make(Path(folder)) / filename
        content = bytearray(path.read_bytes())
        start = int(at * len(content))
        content[start : start + len(change)] = change
        path.write_bytes(content)
        try:
            assert len(load_dataset(name, split, folder)) > 0
        except DataError as error:
            assert folder in str(error) or filename in str(error) or name in str(error)


@pytest.mark.parametrize(
    "table",
    [
        CSV,
        CSV + "00000.ppm;70;60;5;6\n",  # cut short
        CSV + "00000.ppm;70;60;5;6;4;5;1\n",  # no area
        CSV + "00000.ppm;70;60;a;6;64;53;1\n",
        CSV + "missing.ppm;70;60;5;6;64;53;1\n",
        "Filename,ClassId\n00000.ppm,1\n",
        b"\xff\xfe\x00",
    ],
)
def test_gtsrb_tables_that_make_no_sense_are_refused(tmp_path, table):
    with pytest.raises(DataError, match="GTSRB files that are damaged"):
        load_dataset("gtsrb", "test", gtsrb_test(tmp_path, table))


def test_a_gtsrb_class_beyond_43_is_refused(tmp_path):
    with pytest.raises(DataError, match="label 43 is out of range for 43 classes"):
        load_dataset("gtsrb", "test", gtsrb_test(tmp_path, CSV + "00000.ppm;70;60;5;6;64;53;43\n"))


def test_a_gtsrb_archive_without_tables_says_so(tmp_path):
    zipped(tmp_path / "GTSRB_Final_Training_Images.zip", **{"GTSRB/Readme.txt": "nothing"})
    with pytest.raises(DataError, match="no GT-"):
        load_dataset("gtsrb", "train", tmp_path)


# --- names ---


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("mnst", "unknown data set 'mnst': did you mean 'mnist'"),
        ("mnist5k", "did you mean 'mnist-5k'"),
        ("CIFAR10", "did you mean 'cifar10'"),
        ("cifar-10", "did you mean 'cifar10'"),
        ("gtsbr", "did you mean 'gtsrb'"),
    ],
)
def test_unknown_names_suggest_the_nearest(asked, said):
    with pytest.raises(InputError, match=said):
        load_dataset(asked)


def test_an_unknown_split_says_which_there_are(tmp_path):
    with pytest.raises(InputError, match="cifar10 has no split 'val'; it has: train, test"):
        load_dataset("cifar10", "val", tmp_path)
    with pytest.raises(InputError, match="mnist-5k has no split 'train'; it has: test"):
        load_dataset("mnist-5k", "train")


def test_the_data_directory_is_the_argument_before_the_environment(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    mnist(tmp_path / "a")
    monkeypatch.setenv("TFSTAB_DATA", str(tmp_path / "a"))
    assert len(load_dataset("mnist", "train")) == 4
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mnist.npz").write_bytes(b"damaged")
    with pytest.raises(DataError, match="damaged"):
        load_dataset("mnist", "train", tmp_path / "b")
