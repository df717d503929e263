"""The official sets as they lie in the data directory."""

import pickle
import tarfile
from functools import cache

import numpy as np
import pytest

from tfstab import load_dataset
from tfstab.datasets.groups import UNNAMED_SIGNS

MNIST, CIFAR10 = "mnist.npz", "cifar-10-python.tar.gz"
SIGNS, SIGNS_TEST = "GTSRB_Final_Training_Images.zip", ("GTSRB_Final_Test_Images.zip", "GTSRB_Final_Test_GT.zip")

loaded = cache(load_dataset)


@pytest.mark.real_data(MNIST)
def test_mnist(data_dir):
    test, train = (loaded("mnist", split, data_dir) for split in ("test", "train"))
    assert test.images.shape == (10_000, 28, 28, 1) and train.images.shape == (60_000, 28, 28, 1)
    assert test.class_names == tuple("0123456789")
    assert test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert test.note == train.note == "official MNIST"


@pytest.mark.real_data(MNIST)
def test_every_digit_of_mnist_5k_is_in_mnists_training_set_with_its_label(data_dir, digits):
    train = loaded("mnist", "train", data_dir)
    labels = {image.tobytes(): label for image, label in zip(train.images, train.labels, strict=True)}
    assert [labels.get(image.tobytes()) for image in digits.images] == digits.labels.tolist()
    assert len(train.without(digits)) == 55_000
    assert len(loaded("mnist", "test", data_dir).without(digits)) == 10_000


@pytest.mark.real_data(CIFAR10)
def test_cifar10(data_dir):
    test = loaded("cifar10", "test", data_dir)
    assert test.images.shape == (10_000, 32, 32, 3)
    assert np.bincount(test.labels).tolist() == [1000] * 10
    if test.note == "official CIFAR-10":  # copies may have another order
        assert [test.class_names[k] for k in test.labels[:4]] == ["cat", "ship", "ship", "airplane"]
    # Against a plain unpickler, which this archive's owner trusts.
    with tarfile.open(data_dir / CIFAR10) as tar:
        member = next(m for m in tar if m.name.endswith("test_batch"))
        batch = pickle.load(tar.extractfile(member), encoding="bytes")
    np.testing.assert_array_equal(test.images.transpose(0, 3, 1, 2).reshape(10_000, -1), batch[b"data"])
    assert test.labels.tolist() == batch[b"labels"]


@pytest.mark.real_data(CIFAR10)
def test_cifar10_for_training(data_dir):
    train = loaded("cifar10", "train", data_dir)
    assert train.images.shape == (50_000, 32, 32, 3)
    assert np.bincount(train.labels).tolist() == [5000] * 10
    assert train.without(loaded("cifar10", "test", data_dir)).labels.size > 49_900


@pytest.mark.real_data(*SIGNS_TEST)
def test_gtsrb(data_dir):
    test = loaded("gtsrb", "test", data_dir)
    assert test.images.shape == (12_630, 48, 48, 3)
    assert test.num_classes == len(set(test.class_names)) == 43
    assert test.labels[:4].tolist() == [16, 1, 38, 33]
    assert test.class_names[38] == "Keep right"
    assert np.bincount(test.labels)[[0, 1, 2, 42]].tolist() == [60, 720, 750, 90]
    assert test.note.endswith(f", {UNNAMED_SIGNS}") and test.remarks == UNNAMED_SIGNS


@pytest.mark.real_data(SIGNS)
def test_gtsrb_for_training_is_split_by_track(data_dir):
    train = loaded("gtsrb", "train", data_dir)
    assert train.images.shape[1:] == (48, 48, 3)
    assert np.unique(train.labels).tolist() == list(range(43))
    tracks, first = np.unique(train.groups, return_index=True)
    assert (train.labels[first] == tracks // 100_000).all()  # a track shows one sign
    rest, held = train.split_off(0.1)
    assert not set(rest.groups) & set(held.groups)
    assert len(rest) + len(held) == len(train) and np.unique(held.labels).size > 35
