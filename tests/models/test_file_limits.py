"""What a model file may hold, at the limits, and models that cannot be copied or sent."""

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from explanation.small import dense

from tfstab import Classifier
from tfstab.errors import ModelError
from tfstab.execution.task import SentModel
from tfstab.models import archive, hdf5_child
from tfstab.models.archive import check_archive
from tfstab.models.copying import copy_classifier, copy_model

LIMITED = """
import resource
from tfstab.models.child import limit

bytearray(256 << 20)
limit(50, 64 << 20)
print(resource.getrlimit(resource.RLIMIT_CPU)[0], resource.getrlimit(resource.RLIMIT_CORE)[0])
bytearray(16 << 20)
limit(60, 1 << 40)
print(resource.getrlimit(resource.RLIMIT_CPU)[0])
bytearray(256 << 20)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells the memory in use")
def test_a_child_process_has_so_many_seconds_and_so_much_more_memory():
    child = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=False)
    assert child.stdout == "50 0\n50\n" and child.stderr.rstrip().endswith("MemoryError")


# --- archives ---


def zipped(path, config=b"{}", metadata=b"{}", weights=b"", more=()):
    """A .keras file with this content, not compressed."""
    with zipfile.ZipFile(path / "own.keras", "w") as made:
        for name, content in (("config.json", config), ("metadata.json", metadata), ("model.weights.h5", weights)):
            if content is not None:
                made.writestr(name, content)
        for name in more:
            made.writestr(name, b"")
    return path / "own.keras"


@pytest.mark.parametrize("part", ["config", "metadata"])
def test_a_config_up_to_the_largest_size(tmp_path, monkeypatch, part):
    monkeypatch.setattr(archive, "MODEL_CONFIG", 1 << 20)
    check_archive(zipped(tmp_path, **{part: b"x" * (1 << 20)}))
    with pytest.raises(ModelError, match=rf"its {part}\.json is larger than 1 MB"):
        check_archive(zipped(tmp_path, **{part: b"x" * ((1 << 20) + 1)}))


def test_how_far_an_archive_unpacks(tmp_path, monkeypatch):
    path = zipped(tmp_path, weights=b"w" * 1000)
    monkeypatch.setattr(archive, "MODEL_EXPANSION", 0)
    monkeypatch.setattr(archive, "MODEL_SMALL", 1004)
    check_archive(path)
    monkeypatch.setattr(archive, "MODEL_SMALL", 1003)
    with pytest.raises(ModelError, match=r"its 0\.0 MB unpack to 0 MB; expected at most 0 MB"):
        check_archive(path)
    monkeypatch.setattr(archive, "MODEL_EXPANSION", 1)  # of what is stored, with its headers
    check_archive(path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"weights": None}, r"it holds no model\.weights\.h5"), ({"config": None}, r"it holds no config\.json"),
        ({"more": ["../x"]}, "'../x', which leads outside"), ({"more": ["a:b"]}, "leads outside"),
        ({"more": ["/x"]}, "leads outside"), ({"more": [r"a\..\..\b"]}, "leads outside"),
    ],
)  # fmt: skip
def test_archives_that_are_refused(tmp_path, given, said):
    with pytest.raises(ModelError, match=said):
        check_archive(zipped(tmp_path, **given))
    check_archive(zipped(tmp_path, metadata=None, more=["a/..b"]))


# --- weights ---


def weights(make):
    """How many data sets weights made by a function have; what is refused is raised."""
    file = io.BytesIO()
    with h5py.File(file, "w") as made:
        make(made)
    with h5py.File(file, "r") as made:
        return len(list(hdf5_child._data_sets(made)))


def test_weights_up_to_the_deepest_level_and_the_most_parts(monkeypatch):
    monkeypatch.setattr(hdf5_child, "HDF5_DEPTH", 3)
    assert weights(lambda file: file.create_dataset("a/b/c", (2,))) == 1
    with pytest.raises(hdf5_child.RefusedError, match="nested more than 3 levels deep"):
        weights(lambda file: file.create_dataset("a/b/c/d", (2,)))

    def several(file):
        """The root, 4 parts in it, an attribute of the root and one of the last data set, which is found at the end."""
        for name in "wxyz":
            file.create_dataset(name, (2,))
        file.attrs["one"] = file["z"].attrs["two"] = 1

    monkeypatch.setattr(hdf5_child, "HDF5_OBJECTS", 6)
    assert weights(several) == 4
    monkeypatch.setattr(hdf5_child, "HDF5_OBJECTS", 5)
    with pytest.raises(hdf5_child.RefusedError, match="have more than 5 parts"):
        weights(several)

    def nested(file):
        """The root, 2 parts in it, an attribute of the first, and one more part of the second, which comes last."""
        file.create_dataset("a", (2,)).attrs["one"] = 1
        file.create_dataset("b/c", (2,))

    assert weights(nested) == 2
    monkeypatch.setattr(hdf5_child, "HDF5_OBJECTS", 4)
    with pytest.raises(hdf5_child.RefusedError, match="have more than 4 parts"):
        weights(nested)


@pytest.mark.parametrize(
    ("content", "attribute", "said"),
    [
        (np.zeros(2, "f2"), None, None), (np.zeros(2, "?"), "bfloat16", None), (np.zeros(2, "c8"), None, None),
        (np.zeros(2, "V2"), None, None), (np.zeros(2, "S2"), None, "does not consist of numbers"),
        (h5py.Empty("f4"), None, "does not consist of numbers"), (np.zeros(2), ["a", "b"], "are damaged"),
    ],
)  # fmt: skip
def test_weights_are_numbers(content, attribute, said):
    def make(file):
        file["a"] = content
        if attribute is not None:
            file["a"].attrs["dtype"] = attribute

    if said is None:
        assert weights(make) == 1
    else:
        with pytest.raises(hdf5_child.RefusedError, match=said):
            weights(make)


def test_what_appears_in_two_places_or_is_a_type_is_refused():
    def twice(file):
        file["a"] = np.zeros(2)
        file["b"] = file["a"]

    def group_twice(file):
        file.create_dataset("a/b", (2,))
        file["c"] = file["a"]

    for make in (twice, group_twice):
        with pytest.raises(hdf5_child.RefusedError, match="appears in two places"):
            weights(make)
    with pytest.raises(hdf5_child.RefusedError, match="neither a group nor a data set"):
        weights(lambda file: file.__setitem__("kind", np.dtype("f4")))


# --- copies ---


class Whole(keras.Model):
    """A model whose settings are its layers themselves."""

    def __init__(self, part, **settings):
        super().__init__(**settings)
        self.part = part

    def call(self, images):
        return self.part(images)

    def get_config(self):
        return {"part": self.part}


class Scaled(keras.layers.Layer):
    """A layer that does not tell its settings."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, images):
        return images * self.factor


def test_models_that_cannot_be_copied():
    model = Whole(keras.layers.Dense(2))
    model(np.zeros((1, 3), np.float32))
    with pytest.raises(ValueError, match="get_config of Whole returns layers instead of their settings"):
        copy_model(model)
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="plain")
    assert copy_model(plain).name == "plain" and copy_model(plain, "twin").name == "twin"
    layers = [keras.Input((2, 2, 1)), Scaled(2.0), keras.layers.Flatten(), keras.layers.Dense(2)]
    scaled = Classifier(keras.Sequential(layers), outputs="logits", name="scaled")
    with pytest.raises(
        ModelError, match=r"^scaled cannot be saved as a \.keras file and loaded again \(.{200}\): give its"
    ):
        copy_classifier(scaled, "mine")
    with pytest.raises(ModelError, match=r"^scaled cannot be (saved to be )?sent to"):
        SentModel.pack(scaled)


def test_models_that_a_worker_does_not_get_as_they_were():
    sent = SentModel.pack(dense(2))
    assert sent.unpack().fingerprint == sent.fingerprint and sent.imports == ()
    for changed, said in (
        (replace(sent, fingerprint="other"), "is not the same once saved and loaded"),
        (replace(sent, content=b"damaged"), r"cannot be sent to a cluster: .* is damaged or not a \.keras file"),
        (replace(sent, content=b"damaged", is_function=True), "cannot be loaded by a worker .*: install the packages"),
    ):
        with pytest.raises(ModelError, match=said):
            changed.unpack()
    of_script = type("Own", (keras.layers.Dense,), {"__module__": "__main__"})
    layers = [keras.Input((2, 2, 1)), keras.layers.Flatten(), of_script(2)]
    with pytest.raises(ModelError, match="has classes of the script itself: put them into a module"):
        SentModel.pack(Classifier(keras.Sequential(layers), outputs="logits"))
