"""What the child process counts and refuses in the weights of a model, without TensorFlow."""

import io
import sys
import zipfile

import h5py
import numpy as np
import pytest

from tfstab.errors import ModelError
from tfstab.models import weights
from tfstab.models.weights import check_weights


@pytest.fixture
def weighed(tmp_path):
    """weighed(make, change) -> how many weights are in the file that make(h5py.File) fills and change(bytes) spoils."""

    def weighed_(make, change=bytes):
        content = io.BytesIO()
        with h5py.File(content, "w") as file:
            make(file)
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
            archive.writestr("model.weights.h5", change(content.getvalue()))
        return check_weights(tmp_path / "m.keras")

    return weighed_


def test_every_number_is_counted(weighed):
    def make(file):
        file["layers/dense/vars/0"] = np.zeros((4, 3), "f4")
        file["layers/seed/vars/0"] = np.zeros((), "u4")
        file["layers/seed/vars/0"].attrs["dtype"] = "uint32"
        file["empty"] = np.zeros((0, 9), "f4")

    assert weighed(make) == 13


def test_groups_as_deep_as_networks_can_be(weighed):
    """The root is the first level, so that 63 groups below it are the most."""
    assert weighed(lambda file: file.create_group("g/" * 62 + "g").create_dataset("0", data=np.zeros(2))) == 2
    with pytest.raises(ModelError, match="its weights are nested more than 64 levels deep; save the model again"):
        weighed(lambda file: file.create_group("g/" * 63 + "g"))


def test_attributes_are_read_and_damage_in_them_is_found_in_the_child(weighed):
    """Texts of variable length are in a heap of their own, whose mark is GCOL."""

    def make(file):
        file["0"] = np.zeros(3, "f4")
        file["0"].attrs["dtype"] = "bfloat16"

    assert weighed(make) == 3
    with pytest.raises(ModelError, match="its weights are damaged, or take more than 256 MB"):
        weighed(make, lambda content: content.replace(b"GCOL", b"LOCG"))


def test_a_child_that_does_not_start_or_end_is_said(weighed, monkeypatch):
    def make(file):
        file["0"] = np.zeros(3, "f4")

    with monkeypatch.context() as patch:
        patch.setattr(weights, "HDF5_PATIENCE", 0.0001)
        with pytest.raises(ModelError, match="is refused: its weights took more than 0 s to read"):
            weighed(make)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ModelError, match="was not loaded: no process could be started to check it"):
        weighed(make)
