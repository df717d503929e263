"""A flat folder of images with a table of labels, and pairs of npy files."""

import os
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tfstab import Dataset, load_dataset
from tfstab.datasets.splits import named_splits
from tfstab.errors import DataError, InputError
from tfstab.orders import ImageOptions, run_name
from tfstab.report.input_notes import group_notes

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3), np.uint8)


@pytest.fixture
def flat(tmp_path):
    for k, image in enumerate(IMAGES):
        Image.fromarray(image).save(tmp_path / f"{k}.png")
    return tmp_path


@pytest.mark.parametrize(
    "table",
    [
        "file,label\n2.png,dog\n0.png,cat\n3.png,cat\n",
        "2.png,dog\n0.png,cat\n3.png,cat\n",
        "\ufeffid;Class_Name;Filename\n1;dog;2.png\n2;cat;0.png\n\n3;cat;3.png\n",
        "image\tlabel\r\n2.png\tdog\r\n0.png\tcat\r\n3.png\tcat\r\n",
        "picture,what it is\n2.png, dog\n0.png, cat\n./3.png,cat\n",
        "file,label,split\n2.png,dog,test\n0.png,cat,test\n1.png,dog,train\n2.png,cat,val\n3.png,cat,test\n",
        "sign,split,image_id\ndog,test,2.png\ncat,test,0.png\ndog,train,1.png\ncat,test,3.png\n",
    ],
)
def test_tables_as_people_write_them(flat, table):
    (flat / "labels.csv").write_text(table, encoding="utf-8")
    for source in (f"folder:{flat}", flat, flat / "labels.csv", str(flat / "labels.csv")):
        made = load_dataset(source)
        assert made.class_names == ("cat", "dog") and made.labels.tolist() == [1, 0, 0]
        np.testing.assert_array_equal(made.images, IMAGES[[2, 0, 3]])


def test_labels_in_numbers_are_in_the_order_of_numbers(flat):
    (flat / "mine.csv").write_text("0.png,10\n1.png,9\n")
    made = load_dataset(f"folder:{flat}")
    assert made.class_names == ("9", "10") and made.labels.tolist() == [1, 0]


def test_a_split_may_have_a_folder_and_a_table_of_its_own(tmp_path):
    for split, label in (("train", "cat"), ("test", "dog")):
        (tmp_path / split / "images").mkdir(parents=True)
        Image.fromarray(IMAGES[0]).save(tmp_path / split / "images" / "a.png")
        (tmp_path / split / "labels.csv").write_text(f"file,label\nimages/a.png,{label}\n")
    assert load_dataset(f"folder:{tmp_path}").class_names == ("dog",)
    assert load_dataset(f"folder:{tmp_path}", "train").class_names == ("cat",)


def test_groups_in_a_table_that_a_folder_leaves_unused_are_noted(tmp_path):
    for name, image in zip(("test/cat/0.png", "test/dog/1.png"), IMAGES, strict=False):
        (tmp_path / name).parent.mkdir(parents=True)
        Image.fromarray(image).save(tmp_path / name)
    (tmp_path / "areas.csv").write_text("group,area\na,5\n")  # not of images
    assert load_dataset(tmp_path).groups is None
    table = tmp_path / "all photos.csv"
    table.write_text("file,label,group\ntest/cat/0.png,cat,a\ntest/dog/1.png,dog,b\n")
    with pytest.warns(UserWarning, match=rf"^all photos.csv in .* group, give '{table}' in"):
        images = load_dataset(tmp_path)
    (note,) = group_notes([SimpleNamespace(info={"data": {"name": images.name, "remarks": images.remarks}})])
    said = f"A table in {tmp_path.name} names groups of images, which are not used. If images of one group are alike, "
    assert images.groups is None and note.startswith(said)
    assert load_dataset(table).groups.tolist() == ["a", "b"]


def test_the_column_of_labels_is_named_after_the_table(flat):
    (flat / "all.csv").write_text("file,label,Kind,split\n0.png,17,cat,test\n1.png,18,dog,test\n2.png,19,cat,val\n")
    source = f"{flat / 'all.csv'}:kind"
    named = load_dataset(source)
    assert named.class_names == ("cat", "dog") and named.labels.tolist() == [0, 1] and named.name == source
    assert load_dataset(flat / "all.csv").class_names == ("17", "18")
    assert load_dataset(flat / "all.csv:kind", "val").class_names == ("cat",)
    options = ImageOptions(source)
    options.check()
    assert options.count() == 2 and named_splits(source) == ("test", "val")
    assert np.array_equal(options.load(lambda: None).labels, named.labels)
    assert run_name("assess", "my.keras", source) == "assess-my-all-labels-kind"
    with pytest.raises(
        DataError, match=r"all\.csv has no column 'sort' for the labels; it has: file, label, kind, split"
    ):
        load_dataset(f"{flat / 'all.csv'}:sort")
    with pytest.raises(DataError, match="is not a file"):
        ImageOptions(str(flat / "none.csv:kind")).check()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "has the columns none"),
        (
            "a,b,c\n1,2,3\n",
            "columns a, b, c, and it is not clear which has the files and which the labels: name them `file`",
        ),
        (
            "image_id,sign,split,by\n0.png,stop,test,ben\n",
            "which has the labels: name it `label` in the first line, or give",
        ),
        ("file,label\n", "lists no images"),
        ("file,label\n0.png\n", "line 2: the label is missing; fill it in, or delete the line"),
        ("file,label\n\n0.png,cat\n,cat\n", "line 4: the file is missing"),
        ("file,label,split\n0.png,cat,\n1.png,dog,test\n", "line 2: the split is missing; fill it in"),
        ("file,label\n0.png,7\n1.png,007\n", "labels 007 and 7, which are the same number: write one of them"),
        (
            "file,label\n9.png,cat\n",
            r"9\.png does not exist: put it there, or correct .*, in which files are relative to",
        ),
        (
            "file,label\n0.png,cat\n./0.png,dog\n",
            r"lists \./0\.png twice, in lines 2 and 3, with the labels cat and dog",
        ),
        ("file,label\n0.png,cat\n1.png,cat\n0.png,cat\n", "twice, in lines 2 and 4: delete one of the lines"),
        ("file,label\n../x.png,cat\n", "leads out of"),
        ("file,label\n/etc/passwd,cat\n", "leads out of"),
        ("file,label,split\n0.png,cat,train\n", "no rows of the split 'test'; it has: train"),
        (b"\xff\xfe\x00\x01", "cannot be read as a CSV table"),
        (b'file,label\n"' + b"a" * 200_000 + b"\n", "cannot be read as a CSV table"),
    ],
)
def test_tables_that_are_refused(flat, table, said):
    (flat / "labels.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    with pytest.raises(DataError, match=said):
        load_dataset(f"folder:{flat}")


def test_a_table_beside_the_folder_of_its_images_is_named(flat, monkeypatch):
    (flat / "images").mkdir()
    (flat / "1.png").rename(flat / "images" / "1.png")
    if hasattr(os, "mkfifo"):
        os.mkfifo(flat / "first.csv")  # opening it would wait for ever
    (flat / "mine.csv").write_text("image_id,sign\n0.png,cat\n1.png,dog\n")
    with pytest.raises(
        DataError, match=r"/mine\.csv lists its images: give that table if it names them as images/NAME"
    ):
        load_dataset(flat / "images")
    monkeypatch.chdir(flat)
    with pytest.raises(
        DataError, match=f"^1.png does not exist in {flat}, but images/1.png does: .* move it to images"
    ):
        load_dataset("mine.csv")
    (flat / "mine.csv").write_text("image_id,sign\n0.png,cat\nimages/1.png,dog\n")
    assert len(load_dataset("mine.csv")) == 2
    (flat / "mine.csv").write_text("image_id,sign,split\n0.png,cat,test\nimages/1.png,dog,val\n")
    assert load_dataset("mine.csv", "val").class_names == ("dog",), "a split may have any name"


def test_several_tables_are_not_guessed_among(flat):
    for name in ("a.csv", "b.csv"):
        (flat / name).write_text("0.png,cat\n")
    with pytest.raises(DataError, match=r"holds 2 CSV files and none is labels\.csv: name the one"):
        load_dataset(f"folder:{flat}")
    assert len(load_dataset(str(flat / "b.csv"))) == 1
    with pytest.raises(DataError, match="is not a file"):
        load_dataset(str(flat / "c.csv"))


@pytest.mark.parametrize(
    "names", [("images.npy", "labels.npy"), ("x_test.npy", "y_test.npy"), ("my-images.npy", "my-labels.npy")]
)
def test_pairs_of_npy_files(tmp_path, names):
    np.save(tmp_path / names[0], IMAGES)
    np.save(tmp_path / names[1], [0, 1, 1, 0])
    np.save(tmp_path / "class_names.npy", ["cat", "dog"])
    expected = Dataset.from_arrays("x", "test", IMAGES, np.array([0, 1, 1, 0]), ("cat", "dog")).fingerprint
    assert load_dataset(str(tmp_path / names[0])).fingerprint == expected
    if names[0][0] != "m":
        assert load_dataset(f"folder:{tmp_path}").fingerprint == expected


def test_npy_files_that_are_refused(tmp_path):
    with pytest.raises(DataError, match="is not a file"):
        load_dataset(str(tmp_path / "images.npy"))
    np.save(tmp_path / "images.npy", IMAGES)
    with pytest.raises(DataError, match=r"labels\.npy is not a file"):
        load_dataset(str(tmp_path / "images.npy"))
    np.save(tmp_path / "labels.npy", np.array([{}] * 4, object), allow_pickle=True)
    with pytest.raises(DataError, match="npy file of a plain array"):
        load_dataset(str(tmp_path / "images.npy"))
    np.save(tmp_path / "labels.npy", [0, 1, 0])
    with pytest.raises(DataError, match="4 images but labels of shape"):
        load_dataset(str(tmp_path / "images.npy"))
    with (tmp_path / "images.npy").open("wb") as file:
        np.savez(file, images=IMAGES)
    with pytest.raises(DataError, match="npz file with another name"):
        load_dataset(str(tmp_path / "images.npy"))


def test_images_in_fractions_or_numbers_of_more_bits(tmp_path):
    np.save(tmp_path / "labels.npy", [0, 1, 1, 0])
    expected = Dataset.from_arrays("x", "test", IMAGES, np.array([0, 1, 1, 0])).fingerprint
    for kind in (np.float32, np.int64, np.uint16):
        np.save(tmp_path / "images.npy", IMAGES.astype(kind))
        assert load_dataset(tmp_path).fingerprint == expected
    np.save(tmp_path / "images.npy", IMAGES / 255)
    with pytest.raises(DataError, match="multiply images"):
        load_dataset(tmp_path)


def test_sources_of_no_kind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="neither a file or folder 'photos' nor a data set of this name: correct"):
        load_dataset("photos")
    (tmp_path / "photo").mkdir()
    (tmp_path / "photos.csv").touch()
    (tmp_path / "photos.txt").touch()
    with pytest.raises(InputError, match=r"photos does not exist: did you mean photos\.csv or photo\?"):
        load_dataset("photos")
    (tmp_path / "photo" / "test").mkdir()
    with pytest.raises(InputError, match=r"photos/test does not exist: did you mean photo/test\?"):
        load_dataset("photos/test")
    with pytest.raises(InputError, match="neither a file or folder 'photos/train'"):
        load_dataset("photos/train")
    with pytest.raises(InputError, match=r"a ndarray was given; .* or arrays as \(images, labels\)"):
        load_dataset(IMAGES)


def test_a_table_of_windows_and_a_spreadsheet(tmp_path):
    (tmp_path / "part").mkdir()
    for k in range(2):
        Image.fromarray(np.full((3, 4), 90 * k, np.uint8)).save(tmp_path / "part" / f"{k}.png")
    (tmp_path / "labels.csv").write_text("file,label\npart\\0.png,ok\n.\\part\\1.png,nok\n", "utf-8")
    made = load_dataset(tmp_path / "labels.csv")
    assert np.asarray(made.images)[:, 0, 0, 0].tolist() == [0, 90] and made.names.tolist() == [
        "part/0.png",
        "part/1.png",
    ]
    (tmp_path / "labels.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"labels\.xlsx is a spreadsheet, .*: save it as CSV, and give that file\.$"):
        load_dataset(tmp_path / "labels.xlsx")
