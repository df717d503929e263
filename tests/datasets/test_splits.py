"""Which splits images are divided into is known before any is read."""

import numpy as np
import pytest
from PIL import Image

from tfstab import load_dataset
from tfstab.datasets import splits_of
from tfstab.datasets.splits import check_there, named_splits, training_split_of
from tfstab.errors import DataError

BOTH = ("train", "test")


def photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 3)).save(path)


def arrays(folder, *names):
    for name in names:
        np.save(folder / f"{name}.npy", np.zeros((2, 3, 4) if name[0] in "xi" else 2, np.uint8))


def table(text):
    return lambda at: (at / "labels.csv").write_text(text)


def photos(*folders):
    return lambda at: [photo(at / name / "a.png") for name in folders]


@pytest.mark.parametrize(
    ("make", "splits"),
    [
        (photos("cat", "dog"), ()),
        (photos("train/cat", "test/cat"), BOTH),
        (photos("train/cat", "val/cat"), ("train",)),
        (table("file,label,split\na.png,cat,train\nb.png,cat,test\nc.png,cat,valid\n"), BOTH),
        (table("file,label,split\na.png,cat,test\n"), ("test",)),
        (table("file,label\na.png,cat\n"), ()),
        (lambda at: arrays(at, "x_train", "y_train", "x_test", "y_test"), BOTH),
        (lambda at: arrays(at, "images", "labels"), ()),
        (lambda at: [(at / "train").mkdir(), (at / "test").mkdir(), arrays(at / "test", "images", "labels")], BOTH),
        (lambda at: [(at / name).touch() for name in ("features.json", "d-train.tfrecord-00000-of-00001")], ("train",)),
    ],
)
def test_folders(make, splits, tmp_path):
    make(tmp_path)
    assert splits_of(tmp_path) == splits_of(f"folder:{tmp_path}") == splits


def test_files_and_names(tmp_path):
    images, labels = np.zeros((2, 3, 4), np.uint8), np.zeros(2, int)
    np.savez(tmp_path / "both.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    np.savez(tmp_path / "all.npz", images=images, labels=labels, x_test=images)
    (tmp_path / "t.csv").write_text("file,label,split\na.png,cat,test\n")
    (tmp_path / "broken.npz").write_text("no arrays")
    found = {name: splits_of(tmp_path / name) for name in ("both.npz", "all.npz", "t.csv", "none.npz")}
    assert found == {"both.npz": BOTH, "all.npz": (), "t.csv": ("test",), "none.npz": ()}
    assert len(load_dataset(tmp_path / "both.npz", "train")) == 2
    assert splits_of("cifar10") == BOTH and splits_of("mnist-5k") == ("test",)
    with pytest.raises(DataError, match="damaged"):
        splits_of(tmp_path / "broken.npz")


def test_a_split_that_is_missing_is_said_with_those_that_there_are(tmp_path):
    photos("own/training/cat", "own/validation/cat", "vehicles/train", "vehicles/car")(tmp_path)
    own, vehicles, listed = (tmp_path / name for name in ("own", "vehicles", "t.csv"))
    listed.write_text("file,label,split\na.png,cat,fold 1\nb.png,cat,train\n")
    assert named_splits(own) == ("validation", "training") and training_split_of(own) == "training"
    for source, split, said in (
        (
            own,
            "test",
            r"own has no split 'test', only validation and training: choose one of these with --split \(in Py",
        ),
        (listed, "test", r"t\.csv has no split 'test', only train and fold 1: choose one of these with --split"),
        (
            own,
            "train",
            "own has no split 'train', only .*: choose another split, or call that of the training images tr",
        ),
    ):
        with pytest.raises(DataError, match=said):
            check_there(source, split)
    check_there(own, "validation")
    check_there(listed, "fold 1")
    check_there(vehicles, "test")  # which has two classes, one of which is called train
