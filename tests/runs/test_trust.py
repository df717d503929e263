"""Code that may run without asking, when a run is explained, is what was loaded, not what took its place later."""

import sys

import keras
import numpy as np
import pytest
from keras import layers

from tfstab import Dataset, SweepConfig, load_classifier, run_sweep
from tfstab.content import content_of
from tfstab.degradations import get_degradation, registry
from tfstab.errors import InputError
from tfstab.models import import_modules
from tfstab.orders.model_of_run import model_of_run
from tfstab.runs.info import model_of
from tfstab.runs.known_degradations import load_degradation
from tfstab.runs.known_models import find_for_form, find_model, known_model, source_at, where_is

OWN = """
import keras

@keras.saving.register_keras_serializable("trust")
class Same(keras.layers.Layer):
    def call(self, x):
        return x
"""
DIM = """
from dataclasses import replace

from tfstab.degradations import get_degradation, register

register(replace(get_degradation("fog"), name="dim"))
"""


def sweep(classifier, out, **config):
    images = np.arange(4 * 16, dtype=np.uint8).reshape(4, 4, 4, 1)
    data = Dataset.from_arrays("levels", "test", images, np.array([0, 1, 0, 1]), ("a", "b"))
    return run_sweep(classifier, data, SweepConfig(copies=1, **({"sigmas": (5,)} | config)), out)


def save(path, *more):
    model = keras.Sequential([layers.Input((4, 4, 1)), *more, layers.Flatten(), layers.Dense(2, "softmax")])
    model.save(path)
    return path


@pytest.fixture
def unload(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for module in ("trust_own", "trust_dim"):
        sys.modules.pop(module, None)
    registry._registered.pop("dim", None)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_a_model_that_was_replaced_after_it_was_loaded_is_not_trusted(tmp_path):
    path, other = save(tmp_path / "net.h5"), tmp_path / "other.h5"
    classifier = load_classifier(path, trust=True)
    path.rename(other)
    path.write_bytes(b"anything")
    run = sweep(classifier, tmp_path / "run")
    model = model_of(run.info)
    assert find_model(model) is None, "what took its place would be loaded unseen"
    with pytest.raises(InputError, match=r"net\.h5 has changed since it was trusted: give it with --model and --trust"):
        model_of_run(run.info)
    there = str(path), {"trust": True}
    assert where_is(model) == there and find_for_form(model) == (str(path), {}), "a form asks again"

    other.replace(path)  # what was loaded
    assert find_for_form(model) == (str(path), {}), "which is not read while somebody waits"
    assert find_model(model) == find_for_form(model) == there, "and not twice"


def test_what_is_read_is_read_once_as_long_as_it_does_not_change(tmp_path, monkeypatch):
    (path := tmp_path / "big").write_bytes(b"1")
    first, digests = content_of(path), []
    monkeypatch.setattr("tfstab.content.hashlib.file_digest", lambda *_: digests.append(True))
    assert content_of(path) == first and not digests
    path.write_bytes(b"2")
    monkeypatch.undo()
    second = content_of(path)
    assert second.checksum != first.checksum and second.state != first.state


def test_modules_of_a_model_are_trusted_as_they_were_imported(tmp_path, unload, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (own := tmp_path / "trust_own.py").write_text(OWN)
    import_modules(["trust_own"])  # as commands do long before the model is loaded
    path = save(tmp_path / "net.keras", sys.modules["trust_own"].Same())
    own.write_text("raise KeyboardInterrupt('run unseen')")
    run = sweep(load_classifier(path, imports=["trust_own"]), tmp_path / "run")
    model = model_of(run.info)
    assert known_model(model["fingerprint"]).options == {"imports": [str(own)]}, "wherever another program looks for it"
    assert find_model(model) is None
    with pytest.raises(InputError, match=r"needs .*trust_own\.py, .* with --model, and trust_own\.py with --import"):
        model_of_run(run.info)
    assert source_at(path, model, trust=True).options == {"trust": True} and find_for_form(model) == (str(path), {})
    own.write_text(OWN)
    there = str(path), {"imports": [str(own)]}
    assert find_model(model) == find_for_form(model) == there
    assert source_at(path, model, trust=False).options == there[1]


def test_a_package_in_the_current_folder_is_not_imported_unasked(tmp_path, unload, monkeypatch):
    for folder, text in (("own", OWN), ("installed", OWN), ("stranger", "raise KeyboardInterrupt('run unseen')")):
        (package := tmp_path / folder / "trust_own").mkdir(parents=True)
        (package / "__init__.py").write_text(text)
    monkeypatch.chdir(tmp_path / "own")
    import_modules(["trust_own"])
    path = save(tmp_path / "net.keras", sys.modules["trust_own"].Same())
    run = sweep(load_classifier(path, imports=["trust_own"]), tmp_path / "run")
    sys.modules.pop("trust_own")  # another program, begun in a folder from anybody
    monkeypatch.chdir(tmp_path / "stranger")
    assert find_model(model := model_of(run.info)) is None and find_for_form(model) == (str(path), {})
    assert source_at(path, model, trust=False).options == {}
    with pytest.raises(InputError, match=r"needs trust_own, which is not an .*: .* and trust_own with --import"):
        model_of_run(run.info)
    monkeypatch.syspath_prepend(tmp_path / "installed")
    assert find_model(model) == (str(path), {"imports": ["trust_own"]})


def test_a_degradation_is_trusted_as_it_registered_itself(tmp_path, unload, mnist_lenet):
    (file := tmp_path / "trust_dim.py").write_text(DIM)
    import_modules([str(file)])
    file.write_text("raise KeyboardInterrupt('run unseen')")
    images = Dataset.from_arrays(
        "black", "test", np.zeros((2, 28, 28, 1), np.uint8), np.array([0, 1]), tuple("0123456789")
    )
    run = run_sweep(mnist_lenet, images, SweepConfig(degradation="dim", severities=(20,), copies=1), tmp_path / "run")
    registry._registered.pop("dim")
    sys.modules.pop("trust_dim")
    assert f"{file} has changed since the run was made" in load_degradation(run.info["settings"])
    file.write_text(DIM)
    assert load_degradation(run.info["settings"]) == "" and get_degradation("dim").name == "dim"
