"""The known vulnerabilities of Keras' model files, one named test for each: the file is refused and has done nothing.

What each does was read in the CVE records. Two that the list did not name (CVE-2026-12479 and -12481) are here too.
"""

import io
import json
import zipfile

import h5py
import keras
import numpy as np
import pytest
from hostile.model_bombs import config, keras_file, layer, weights
from keras.src.saving.serialization_lib import in_safe_mode

from guard import nothing_outside
from tfstab import load_classifier
from tfstab.errors import ModelError


def refusal(path, **options):
    """The sentence with which a file is refused, while it can start no process and change nothing."""
    with nothing_outside(), pytest.raises(ModelError) as refused:
        load_classifier(path, **options)
    text = str(refused.value)
    assert str(path) in text and "\n" not in text and len(text) < 600
    return text


def function(module, name):
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def code(victim):
    """The code of a function that makes a file, as Keras keeps a lambda."""
    return keras.src.utils.python_utils.func_dump(eval(f"lambda x: (open({str(victim)!r}, 'w'), x)[1]"))


def lambda_layer(victim):
    keys = ("code", "defaults", "closure")
    value = {"class_name": "__lambda__", "config": dict(zip(keys, code(victim), strict=True))}
    return layer("Lambda", function=value, name="code")


def h5_with_a_lambda(path, victim):
    keras.Sequential(
        [
            keras.layers.Input((4, 4, 1)),
            keras.layers.Lambda(eval(f"lambda x: (open({str(victim)!r}, 'w'), x)[1]")),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    ).save(path)
    victim.unlink(missing_ok=True)
    return path


def test_cve_2024_3660_code_of_a_lambda_layer_in_the_old_formats(tmp_path):
    victim = tmp_path / "ran"
    old = {"class_name": "Lambda", "config": {"function": list(code(victim)), "function_type": "lambda"}}
    assert "Lambda layer" in refusal(keras_file(tmp_path, config(old)))
    assert "--trust" in refusal(h5_with_a_lambda(tmp_path / "old.hdf5", victim))
    assert not victim.exists()


def test_cve_2025_1550_any_function_of_any_module(tmp_path):
    victim = tmp_path / "ran"
    command = layer("system", command=f"touch {victim}") | {"module": "os"}
    assert "'system' of 'os'" in refusal(keras_file(tmp_path, config(command)))
    activation = layer("Activation", activation=function("subprocess", "call"), name="a")
    assert "of 'subprocess'" in refusal(keras_file(tmp_path, config(activation)))
    assert not victim.exists()


def test_cve_2025_8747_keras_own_functions_as_gadgets(tmp_path):
    for name in ("get_file", "load_img"):
        gadget = layer("Activation", activation=function("keras.utils", name), name="a")
        assert "of 'keras.utils'" in refusal(keras_file(tmp_path, config(gadget)))
    inner = layer("TimeDistributed", layer=layer("Dense", units=3, activation=function("keras.models", "load_model")))
    assert "of 'keras.models'" in refusal(keras_file(tmp_path, config(inner)))


def test_cve_2025_9905_h5_files_ignore_safe_mode(tmp_path):
    victim = tmp_path / "ran"
    path = h5_with_a_lambda(tmp_path / "old.h5", victim)
    assert "which can run any code" in refusal(path)
    path.rename(tmp_path / "renamed.keras")
    assert "is an HDF5 file" in refusal(tmp_path / "renamed.keras")
    assert not victim.exists()


def test_cve_2025_9906_a_config_that_switches_safe_mode_off(tmp_path):
    victim = tmp_path / "ran"
    switch = layer("enable_unsafe_deserialization") | {"module": "keras.config"}
    assert "of 'keras.config'" in refusal(keras_file(tmp_path, config(switch)))
    assert "was not loaded" in refusal(keras_file(tmp_path, config(switch, lambda_layer(victim))))
    as_function = layer("Activation", activation=function("keras.config", "enable_unsafe_deserialization"), name="a")
    assert "of 'keras.config'" in refusal(keras_file(tmp_path, config(as_function)))
    assert not victim.exists() and in_safe_mode() is not False


@pytest.mark.parametrize("vocabulary", ["/etc/passwd", "https://example.org/words.txt"])
def test_cve_2025_12058_a_file_or_an_address_as_a_vocabulary(vocabulary, tmp_path):
    for name in ("StringLookup", "IntegerLookup", "TextVectorization"):
        assert "as a vocabulary" in refusal(keras_file(tmp_path, config(layer(name, vocabulary=vocabulary, name="v"))))
    weighted = layer("StringLookup", vocabulary=["a"], idf_weights=vocabulary, name="v")
    assert "as a vocabulary" in refusal(keras_file(tmp_path, config(weighted)))


def test_cve_2025_12060_archives_that_unpack_outside_their_folder(tmp_path):
    """In Keras it is `get_file` that unpacks any tar file: no model gets to call it. Nor does a model's own archive."""
    download = layer("get_file", origin="file:///tmp/x.tar", extract=True) | {"module": "keras.utils"}
    assert "of 'keras.utils'" in refusal(keras_file(tmp_path, config(download)))
    path = keras_file(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("assets/../../escaped", "x")
    assert "leads outside" in refusal(path)
    assert not (tmp_path.parent / "escaped").exists()


def test_cve_2025_49655_a_pickle_of_pytorch(tmp_path):
    assert "TorchModuleWrapper" in refusal(keras_file(tmp_path, config(layer("TorchModuleWrapper", module="gASVAAAA"))))


def test_cve_2026_0897_weights_that_declare_more_than_there_is_memory_for(tmp_path):
    def declare(file):
        file.create_dataset("layers/dense_1/vars/0", (50_000_000, 50_000_000), "f4", chunks=(1024, 1024))

    assert "declare 10,000,000,000 MB" in refusal(keras_file(tmp_path, hdf5=weights(declare)))


def test_cve_2026_1462_a_layer_that_is_a_graph_in_another_folder(tmp_path):
    assert "TFSMLayer" in refusal(keras_file(tmp_path, config(layer("TFSMLayer", filepath=str(tmp_path), name="g"))))


def replaced(make):
    """Weights whose kernel is what `make(group)` puts in its place."""

    def change(file):
        del file["layers/dense/vars/0"]
        make(file["layers/dense/vars"])

    return weights(change)


@pytest.fixture
def secret(tmp_path):
    """A HDF5 file of somebody's, with the parts of a model's weights."""
    path = tmp_path / "secret.h5"
    path.write_bytes(weights(lambda file: file["layers/dense/vars/0"].write_direct(np.full((1, 3), 42, "f4"))))
    return path


def test_cve_2026_1669_weights_that_are_in_another_file(tmp_path, secret):
    def external(group):
        group.create_dataset("0", (1, 3), "f4", external=[(str(secret), 0, 12)])

    def linked(group):
        group["0"] = h5py.ExternalLink(str(secret), "layers/dense/vars/0")

    assert "in another file" in refusal(keras_file(tmp_path, hdf5=replaced(external)))
    assert "a link" in refusal(keras_file(tmp_path, hdf5=replaced(linked)))


def test_cve_2026_12480_weights_that_are_a_virtual_data_set(tmp_path, secret):
    def virtual(group):
        layout = h5py.VirtualLayout((1, 3), "f4")
        layout[:] = h5py.VirtualSource(str(secret), "layers/dense/vars/0", (1, 3))
        group.create_virtual_dataset("0", layout)

    assert "in another file" in refusal(keras_file(tmp_path, hdf5=replaced(virtual)))


@pytest.mark.parametrize("place", ["layers", "layers/dense", "layers/dense/vars"])
def test_links_in_the_middle_of_a_path(place, tmp_path, secret):
    """Keras looked at the last part of a path only (keras-team/keras#23163)."""
    for link in (h5py.ExternalLink(str(secret), place), h5py.SoftLink("/elsewhere")):

        def change(file, link=link):
            file.copy(place, "elsewhere")
            del file[place]
            file[place] = link

        assert "a link" in refusal(keras_file(tmp_path, hdf5=weights(change)))


@pytest.mark.parametrize("name", [".", ".."])
def test_cve_2026_12479_names_of_layers_that_are_paths(name, tmp_path):
    assert "is a path" in refusal(keras_file(tmp_path, config(layer("ReLU", name=name))))


def test_cve_2026_12481_a_lambda_that_is_only_copied(tmp_path):
    """Safe mode does not hold where a loaded model is cloned, which is done here: none with a Lambda gets there."""
    victim = tmp_path / "ran"
    inner = config(lambda_layer(victim))
    assert "Lambda layer" in refusal(keras_file(tmp_path, config(inner)))
    assert not victim.exists()


@keras.saving.register_keras_serializable(package="test_cves")
class Witness(keras.layers.Layer):
    """Notes whether safe mode is on when it is made from a config."""

    seen = []  # noqa: RUF012  (of all)

    def call(self, x):
        return x

    @classmethod
    def from_config(cls, settings):
        cls.seen.append(in_safe_mode())
        return super().from_config(settings)


@pytest.mark.parametrize("trust", [False, True])
def test_keras_loads_in_safe_mode_but_with_trust(trust, tmp_path):
    Witness.seen.clear()
    keras.Sequential(
        [
            keras.layers.Input((4, 4, 1)),
            Witness(),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    ).save(tmp_path / "a.keras")
    load_classifier(tmp_path / "a.keras", trust=trust)
    assert Witness.seen and all(on is not trust for on in Witness.seen)


def test_the_harmless_file_is_loaded(tmp_path):
    """So that all of the above are refused for what was changed. Members in another order, and compressed, too."""
    for compress in (False, True):
        assert load_classifier(keras_file(tmp_path, compress=compress)).num_classes == 3
    written = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "m.keras") as archive, zipfile.ZipFile(written, "w") as other:
        for name in sorted(archive.namelist(), reverse=True):
            other.writestr(name, archive.read(name))
    (tmp_path / "m.keras").write_bytes(written.getvalue())
    assert load_classifier(tmp_path / "m.keras").num_classes == 3
    assert json.loads(zipfile.ZipFile(tmp_path / "m.keras").read("config.json")) == config()
