"""Data at the edges: byte order marks, hidden files, sizes and labels just in and just out of range."""

import io
import struct
import sys
import warnings
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tfstab import Dataset, limits, load_dataset
from tfstab.datasets import store
from tfstab.datasets.arrays import find_pair, labels_of
from tfstab.datasets.damaged_files import damage_report, refuse_damaged
from tfstab.datasets.folders import list_folder, list_table
from tfstab.datasets.images import Look, decode, look
from tfstab.datasets.lazy import FileImages, named, pick
from tfstab.datasets.remarks import DAMAGED_LEFT_OUT
from tfstab.datasets.resize import Resize, noted_resize, parse_resize
from tfstab.datasets.tfdata import _is_batched
from tfstab.errors import DataError, InputError, unknown_name
from tfstab.names import csv_cell, drawn, printed, shortened


def save(path, level=5, size=(4, 3), mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, level).save(path)
    return path


# --- tables and folders ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("header", ["file,label\n", ""])
def test_a_byte_order_mark_is_no_part_of_a_table(tmp_path, encoding, header):
    for name in ("a.png", "ü.png"):
        save(tmp_path / name)
    (tmp_path / "labels.csv").write_text(f"{header}a.png,dog\nü.png,cat\n", encoding)
    listing = list_folder(tmp_path, "test")
    assert [file.name for file in listing.files] == ["a.png", "ü.png"]
    assert listing.class_names == ("cat", "dog") and listing.labels.tolist() == [1, 0]
    assert listing.root == tmp_path and listing.labels.dtype == np.int64


def test_hidden_files_and_folders_are_no_images_and_no_classes(tmp_path):
    for name in ("cat/1.png", "dog/2.PNG", "dog/.hidden.png", ".git/3.png", "empty/notes.txt", "dog/4.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        save(path) if name.lower().endswith("png") else path.write_text("no image")
    listing = list_folder(tmp_path, "test")
    assert [f"{file.parent.name}/{file.name}" for file in listing.files] == ["cat/1.png", "dog/2.PNG"]
    assert listing.class_names == ("cat", "dog") and listing.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("table", "files", "names"),
    [
        ("a.png;x\nb.png;y\n", ["a.png", "b.png"], ("x", "y")),
        ("name\tclassid\na.png\t10\nb.png\t9\n", ["a.png", "b.png"], ("9", "10")),
        ("id,Image_Path,Category\n1, a.png ,x\n\n2,b.png, y \n", ["a.png", "b.png"], ("x", "y")),
        ("file,label,split\na.png,x,train\nb.png,y,test\n", ["b.png"], ("y",)),
        ("label,file\nx,a.png\n", ["a.png"], ("x",)),
    ],
)
def test_tables_of_many_forms(tmp_path, table, files, names):
    for name in ("a.png", "b.png"):
        save(tmp_path / name)
    (tmp_path / "t.csv").write_text(table)
    listing = list_table(tmp_path / "t.csv", "test")
    assert [file.name for file in listing.files] == files and listing.class_names == names


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("file,label,split\na.png,x,train\n", r"has no rows of the split 'test'; it has: train"),
        ("file,label\na.png,x\nb.png,\n", "line 3: the label is missing"),
        ("file,label\na.png\n", "line 2: the label is missing"), ("file,label\n", "lists no images"),
        ("", "has the columns none"),
        ("a,b,c\na.png,x,y\n", "has the columns a, b, c"), ("file,label\n../a.png,x\n", "leads out of"),
        ("file,label\nmissing.png,x\n", "does not exist"), ("file,label\n.,x\n", "is not a regular file"),
    ],
)  # fmt: skip
def test_tables_that_are_refused(tmp_path, table, said):
    save(tmp_path / "in" / "a.png")
    save(tmp_path / "a.png")
    (tmp_path / "in" / "t.csv").write_text(table)
    with pytest.raises(DataError, match=said):
        list_table(tmp_path / "in" / "t.csv", "test")


def test_a_folder_of_a_split_comes_first_and_a_table_before_class_folders(tmp_path):
    save(tmp_path / "cat" / "1.png")
    save(tmp_path / "train" / "dog" / "2.png")
    assert list_folder(tmp_path, "train").class_names == ("dog",)
    (tmp_path / "labels.csv").write_text("cat/1.png,x\n")
    assert list_folder(tmp_path, "test").class_names == ("x",)
    one = tmp_path / "one"
    save(one / "1.png")
    (one / "only.CSV").write_text("1.png,x\n")
    assert list_folder(one, "test").class_names == ("x",)
    with pytest.raises(DataError, match="is not a folder"):
        list_folder(tmp_path / "nowhere", "test")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DataError, match="holds no images with classes"):
        list_folder(tmp_path / "nothing", "test")


def test_rows_of_files_that_are_left_out_keep_their_places(tmp_path):
    for k in range(4):
        save(tmp_path / "cat" / f"{k}.png", level=10 * k)
    (tmp_path / "cat" / "1.png").write_bytes(b"harm")
    with pytest.warns(
        UserWarning, match=r"1 of 4 files in .* cannot be read as an image: cat/1.png.*; it is left out\."
    ):
        dataset = load_dataset(f"folder:{tmp_path}", damaged="skip")
    assert dataset.indices.tolist() == [0, 2, 3] and dataset.images[:, 0, 0, 0].tolist() == [0, 20, 30]
    assert dataset.image_shape == (3, 4, 1) and dataset.note == f"images in {tmp_path}, damaged files left out: 1"
    with pytest.raises(DataError, match="or leave it out with --damaged skip"):
        load_dataset(f"folder:{tmp_path}")


# --- image files ---


def test_a_look_at_a_header(tmp_path):
    assert look(save(tmp_path / "a.png")) == Look((3, 4), True)
    assert look(save(tmp_path / "b.png", "red", mode="RGB")) == Look((3, 4), False)
    turned = Image.new("RGB", (4, 3))
    for orientation, size in {1: (3, 4), 4: (3, 4), 5: (4, 3), 8: (4, 3)}.items():
        exif = turned.getexif()
        exif[0x0112] = orientation
        turned.save(tmp_path / "t.jpg", exif=exif)
        assert look(tmp_path / "t.jpg").size == size == decode(tmp_path / "t.jpg", False).shape[:2]


def _chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


TURNED = Image.Exif()
TURNED[0x0112] = 6
PROFILE = b"\nexif\n26\n" + TURNED.tobytes().hex().encode()
TELLING = {
    "exif": _chunk(b"eXIf", TURNED.tobytes().removeprefix(b"Exif\0\0")),
    "profile": _chunk(b"tEXt", b"Raw profile type exif\0" + PROFILE),
    "packed profile": _chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(PROFILE)),
    "xmp": _chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="8"/>'),
}


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
@pytest.mark.parametrize("telling", TELLING)
def test_the_rotation_of_a_png_file_is_found_without_decoding(telling, before):
    """The chunk that tells it stands before the pixels or after them."""
    content = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400), np.uint8)).save(content, "PNG")
    upright = content.getvalue()
    assert upright.count(b"IDAT") > 1 and look(upright).size == (300, 400)
    place = upright.index(before) - 4
    turned = upright[:place] + TELLING[telling] + upright[place:]
    assert look(turned).size == (400, 300) == decode(turned, True).shape[:2]
    broken = turned.replace(upright[50_000:50_100], bytes(100))
    with pytest.raises(ValueError, match="broken"):
        decode(broken, True)
    assert look(broken).size == (400, 300)


def test_sizes_in_words():
    assert parse_resize("crop") == ("crop", None, "bicubic")
    assert parse_resize("stretch:320x240") == ("stretch", (240, 320), "bicubic")
    assert parse_resize("crop:224") == ("crop", (224, 224), "bicubic")
    assert parse_resize("stretch:bilinear") == ("stretch", None, "bilinear")
    assert parse_resize("crop:224:nearest") == ("crop", (224, 224), "nearest")
    for wrong in (
        "", "fit", "crop:", "crop:1x", "crop:123456", " crop", "crop:10x10x3", "crop:cubic", "crop:lanczos:9",
        "lanczos",
    ):  # fmt: skip
        with pytest.raises(InputError, match="expected crop or stretch"):
            parse_resize(wrong)
    assert str(Resize((10, 20), "crop")) == "resized to 20 x 10 (crop, bicubic)"
    for size in ((1, 1), (10_000, 10_000)):
        assert Resize(size, "stretch").size == size
    for size in ((0, 5), (5, 10_001), (5,), (5, 5, 5)):
        with pytest.raises(InputError, match=r"expected \(height, width\)"):
            Resize(size, "crop")
    with pytest.raises(InputError, match="resize is 'fit'"):
        Resize((5, 5), "fit")
    with pytest.raises(InputError, match="expected nearest, bilinear, bicubic"):
        Resize((5, 5), "crop", "cubic")


def test_a_note_tells_how_images_were_resized():
    for option in ("crop:20x10", "stretch:5x5:nearest", "stretch:7x9:lanczos"):
        way, size, chosen = parse_resize(option)
        assert noted_resize(f"images in a, {Resize(size, way, chosen)}, {DAMAGED_LEFT_OUT}: 1") == option
    assert noted_resize("images in a, resized to 32 x 28 (crop)") == "crop:32x28"  # before there was a choice
    assert noted_resize("resized to 4 x 4 (stretch), classes as predicted") == "stretch:4x4"
    assert noted_resize("fitted to 10 x 20, classes as predicted") == "stretch:20x10"  # in older runs
    for folder in ("a", "resized to 5 x 5 (crop)", "a, resized to 5 x 5 (crop)/b"):  # a folder's name is no resizing
        assert noted_resize(f"images in {folder}") is None


def test_a_crop_takes_the_middle_and_stretching_all(tmp_path):
    wide = np.zeros((4, 12), np.uint8)
    wide[:, 4:8] = 200
    Image.fromarray(wide).save(tmp_path / "wide.png")
    assert (decode(tmp_path / "wide.png", True, Resize((4, 4), "crop")) == 200).all()
    stretched = decode(tmp_path / "wide.png", True, Resize((4, 4), "stretch"))[..., 0]
    assert stretched[:, 0].max() < 30 and stretched[:, 1].min() > 60 and stretched.shape == (4, 4)
    assert decode(tmp_path / "wide.png", False).shape == (4, 12, 3)


def test_what_is_said_of_damaged_files():
    damaged = [(f"{k}.png", "half") for k in range(7)]
    named_five = "; ".join(f"{k}.png (half)" for k in range(5))
    start = "of 9 files in X cannot be read as an image: "
    assert damage_report("X", damaged[:5], 9) == f"5 {start}{named_five}"
    assert damage_report("X", damaged, 9) == f"7 {start}{named_five}; and 2 more"
    assert damage_report("X", damaged[:1], 1500) == "1 of 1,500 files in X cannot be read as an image: 0.png (half)"
    refuse_damaged("X", [], 0, "fail")
    with pytest.raises(DataError, match="no image is left"):
        refuse_damaged("X", damaged, 7, "skip")


# --- many images ---


def test_images_are_picked_the_same_way_wherever_they_are(tmp_path, monkeypatch):
    files = [save(tmp_path / f"{k}.png", level=k) for k in range(6)]
    lazy = FileImages(tmp_path, files, (3, 4), True, None)
    assert (len(lazy), lazy.shape, lazy.nbytes, lazy.ndim) == (6, (6, 3, 4, 1), 72, 4)
    colour = FileImages(tmp_path, files, (3, 4), False, None)
    assert colour.shape == (6, 3, 4, 3) and colour.nbytes == 216
    whole = np.asarray(lazy)
    assert whole[:, 0, 0, 0].tolist() == list(range(6)) and [int(i[0, 0, 0]) for i in lazy] == list(range(6))
    rows = np.array([4, 1, 2])
    for little in (1 << 30, 24):
        monkeypatch.setattr(store, "IN_MEMORY", little)
        np.testing.assert_array_equal(np.asarray(pick(lazy, rows)), whole[rows])
        np.testing.assert_array_equal(pick(whole, rows), whole[rows])
        np.testing.assert_array_equal(pick(whole, np.arange(6) > 2), whole[3:])
        np.testing.assert_array_equal(pick(whole, np.array([-1])), whole[5:])
    assert np.shares_memory(pick(whole, np.array([2, 3, 4])), whole), "rows that follow each other are not copied"
    assert not np.shares_memory(pick(whole, np.array([2, 4, 5])), whole)
    assert named(files[0], tmp_path) == "0.png" and named(files[0], tmp_path / "other") == str(files[0])


def test_a_store_moves_to_a_file_when_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(store, "IN_MEMORY", 24)
    kept = store.Store((3, 4, 1))
    images = np.arange(36, dtype=np.uint8).reshape(3, 3, 4, 1)
    kept.add(images[:2])  # which are 24 bytes
    assert kept._file is None
    kept.add(images[2])
    assert kept._file is not None and kept._memory is None
    np.testing.assert_array_equal(kept.images, images)
    assert [s.indices(10) for s in store.slices(10, store.AT_A_TIME // 4)] == [(0, 4, 1), (4, 8, 1), (8, 10, 1)]
    assert [s.indices(2) for s in store.slices(2, 10 * store.AT_A_TIME)] == [(0, 1, 1), (1, 2, 1)]
    np.testing.assert_array_equal(store.stored(iter(images), (3, 4, 1)), images)


# --- the Dataset type ---


def data(labels, **more):
    images = np.arange(len(labels) * 12, dtype=np.uint8).reshape(-1, 3, 4)
    return Dataset.from_arrays("d", "test", images, labels, **more)


def test_labels_at_the_edges():
    assert data([0, 2]).class_names == ("0", "1", "2") and data(np.array([[1], [0]])).labels.tolist() == [1, 0]
    assert data([0.0, 1.0]).labels.dtype == np.int64 and data([1], class_names=("a", "b")).num_classes == 2
    assert data([32_767]).num_classes == 32_768
    for labels, said in (
        ([32_768], "is not a class index"), ([0.5, 1], "not whole numbers"), ([-1, 0], "label -1 is out of range"),
        (["a", "b"], r"give \[class_names\.index\(label\)"), ([np.nan, 0], "not whole numbers"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=said):
            data(labels)
    for labels in (np.zeros((2, 2), int), np.zeros(3, int)):
        with pytest.raises(DataError, match="2 images but labels of shape"):
            Dataset.from_arrays("d", "test", np.zeros((2, 3, 4), np.uint8), labels)
    with pytest.raises(DataError, match="a single label was given"):
        Dataset.from_arrays("d", "test", np.zeros((1, 3, 4), np.uint8), 3)
    with pytest.raises(DataError, match="label 2 is out of range for 2 classes; labels run from 0 to 1"):
        data([0, 2], class_names=("a", "b"))


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3), (2, 4, 5, 3)])
@pytest.mark.parametrize("kind", [list, tuple])
def test_two_images_without_labels_are_not_taken_for_images_and_labels(shape, kind):
    with pytest.raises(DataError) as refused:
        load_dataset(kind([np.zeros(shape, np.uint8)] * 2))
    assert str(refused.value) == (
        f"two arrays of images were given, of shapes {shape} and {shape}; expected (images, labels): put all images "
        "into one array and give the class of each, as in (np.stack(images), labels)."
    )


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.full((1, 2, 2), 256), "values from 256 to 256"), (np.full((1, 2, 2), -1), "values from -1 to -1"),
        (np.full((1, 2, 2), 1.0), "values from 1 to 1"), (np.full((1, 2, 2), 255.5), "values from 255.5"),
        (np.full((1, 2, 2), np.inf), "NaN or infinite"), (np.zeros((0, 2, 2)), "no images"),
        (np.zeros((1, 2, 2, 2)), "shape"), (np.zeros((2, 2)), "shape"), (np.zeros((1, 2, 2), bool), "type bool"),
    ],
)  # fmt: skip
def test_grey_levels_just_out_of_range_are_refused(images, said):
    with pytest.raises(DataError, match=said):
        Dataset.from_arrays("d", "test", images, np.zeros(len(images), int))


def test_grey_levels_at_the_ends_of_the_range():
    for images in (np.array([[[0, 255]]]), np.array([[[0.0, 255.0]]]), np.array([[[0, 1]]]), np.array([[[2.0, 0.0]]])):
        made = Dataset.from_arrays("d", "test", images, [0])
        assert made.images.dtype == np.uint8 and made.images[0, ..., 0].tolist() == images[0].astype(int).tolist()


def test_between_takes_from_the_first_to_before_the_last():
    dataset = data([0, 1, 0, 1, 0]).select(np.array([1, 2, 4]))
    assert dataset.between(2, 4).indices.tolist() == [2] and dataset.between(1, 5).indices.tolist() == [1, 2, 4]
    with pytest.raises(InputError, match=r"images 3:4 select nothing: the 3 images of d have indices from 1 to 4"):
        dataset.between(3, 4)
    with pytest.raises(InputError, match=r"images 5: select nothing"):
        dataset.between(5, sys.maxsize)


def test_a_sample_by_hand():
    dataset = data([0] * 6 + [1] * 2)
    for seed in (0, 5):
        four = dataset.take(4, seed)
        assert four.labels.tolist() == [0, 0, 0, 1] and len(dataset.take(1, seed)) == 1
    assert dataset.take(4, 1).indices.tolist() != dataset.take(4, 2).indices.tolist()
    with pytest.raises(InputError, match="at least 1"):
        dataset.take(0)
    grouped = data([0, 0, 1, 1, 1, 0], groups=np.array([7, 7, 9, 9, 9, 8]))
    rest, held = grouped.split_off(0.34)
    assert len(set(held.groups)) == 1 and not set(rest.groups) & set(held.groups) and len(rest) + len(held) == 6
    rest, held = data([0] * 10).split_off(0.01)
    assert (len(rest), len(held)) == (9, 1)


# --- sources ---


def test_pairs_of_npy_files_are_found_by_name(tmp_path):
    assert find_pair(tmp_path, "test") is None
    for name in ("x_test.npy", "images.npy", "labels.npy"):
        (tmp_path / name).touch()
    assert find_pair(tmp_path, "test").name == "images.npy"
    (tmp_path / "y_test.npy").touch()
    assert find_pair(tmp_path, "test").name == "x_test.npy" and find_pair(tmp_path, "train").name == "images.npy"
    for images, labels in {"x_train": "y_train", "my-images-2": "my-labels-2", "photos": "labels"}.items():
        assert labels_of(tmp_path / f"{images}.npy").name == f"{labels}.npy"


def test_an_npz_file_prefers_the_arrays_of_its_split(tmp_path):
    levels = {key: np.full((2, 3, 4), level, np.uint8) for key, level in (("x_test", 1), ("x_train", 2), ("images", 3))}
    labels = {key: np.array([0, 1]) for key in ("y_test", "y_train", "labels")}
    np.savez(tmp_path / "a.npz", **levels, **labels, class_names=np.array(["b", "a"]))
    for split, level in {"test": 1, "train": 2, "other": 3}.items():
        made = load_dataset(tmp_path / "a.npz", split)
        assert made.images.max() == level and made.class_names == ("b", "a") and made.split == split
        assert made.note == f"arrays in {tmp_path / 'a.npz'}" and made.name == str(tmp_path / "a.npz")
    for name in (b"a" * (limits.CLASS_NAME + 1), "a" * (limits.CLASS_NAME + 1)):
        np.savez(tmp_path / "long.npz", x_test=levels["x_test"], y_test=[0, 1], class_names=np.array([name, name]))
        with pytest.raises(DataError, match="class names of up to"):
            load_dataset(tmp_path / "long.npz")
    np.savez(tmp_path / "b.npz", x_test=levels["x_test"], labels=labels["labels"])
    with pytest.raises(InputError, match="holds labels, x_test; expected x_test and y_test"):
        load_dataset(tmp_path / "b.npz")


def test_settings_of_loading_that_contradict_each_other(tmp_path):
    for more, said in (
        ({"size": (3, 3)}, "expected both"), ({"resize": "crop"}, "no size; expected one"),
        ({"damaged": "drop"}, "expected fail or skip"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            load_dataset("mnist-5k", **more)
    with pytest.raises(InputError, match="has no split 'train'; it has: test"):
        load_dataset("mnist-5k", "train")
    with pytest.raises(InputError, match="a list was given"):
        load_dataset([1])


def test_resized_data_have_another_name_only_where_they_are_changed(digits, tmp_path):
    from tfstab.datasets.registry import resized

    few = digits.select(np.arange(2))
    assert resized(few, Resize((28, 28), "crop")) is few and resized(few, None) is few
    smaller = resized(few, Resize((14, 7), "stretch"))
    assert smaller.name == "mnist-5k-7x14" and smaller.image_shape == (14, 7, 1)
    assert smaller.note.endswith(", resized to 7 x 14 (stretch, bicubic)")
    assert resized(replace(few, name="own"), Resize((14, 7), "stretch")).name == "own"


@pytest.mark.parametrize(
    ("image", "label", "batched"),
    [((8, 8), (), False), ((8, 8, 3), (), False), ((8, 8, 3), (10,), False), ((2, 8, 8), (2,), True),
     ((2, 8, 8, 3), (2,), True), ((2, 8, 8, 3), (2, 10), True), ((8, 8), (10,), False)],
)  # fmt: skip
def test_which_elements_are_batches(image, label, batched):
    class Shape(tuple):
        @property
        def rank(self):
            return len(self)

    assert _is_batched(Shape(image), Shape(label)) == batched


# --- names and numbers ---


def test_names_made_safe():
    assert printed("a\x00\x1fb\x7f\x9f\xa0ü") == "a\ufffd\ufffdb\ufffd\ufffd\xa0ü" and printed("a\nb", " ") == "a b"
    assert shortened("abcd", 4) == "abcd" and shortened("abcde", 4) == "abc…"
    assert drawn("$x$") == r"\$x\$" and len(drawn("y" * 61)) == 60 and drawn("y" * 60) == "y" * 60
    for cell in ("=1+1", "+x", "@a", "\tb", "-x"):
        assert csv_cell(cell) == f"'{cell}"
    for cell in ("-3.5", "a=", "", "+2"):
        assert csv_cell(cell) == cell
    assert csv_cell(-3) == -3


def test_near_names():
    assert str(unknown_name("engine", "zzz", ["pygad", "random"])) == "unknown engine 'zzz': known: pygad, random."
    assert "did you mean 'random'?" in str(unknown_name("engine", "randon", iter(["pygad", "random"])))
    assert "did you mean 'abcdefgh'?" in str(unknown_name("engine", "abcdexyzw", ["abcdefgh"]))  # 10 of 17 letters
    assert "did you mean" not in str(unknown_name("engine", "abcdvxyzw", ["abcdefgh"]))  # 8 of 17


def test_no_warning_where_all_is_well(tmp_path):
    save(tmp_path / "a" / "1.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(load_dataset(f"folder:{tmp_path}", damaged="skip")) == 1


@pytest.mark.parametrize(("mode", "grey"), [("L", True), ("I;16", True), ("I;16B", True), ("RGB", False), ("P", False)])
def test_files_without_colours_are_told_from_others(tmp_path, mode, grey):
    Image.new(mode, (4, 3)).save(tmp_path / "one.tif")
    assert look(tmp_path / "one.tif") == Look((3, 4), grey, sixteen_bits=mode.startswith("I;16"))
