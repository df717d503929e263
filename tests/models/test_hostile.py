"""Model files made to harm: each is refused with one sentence, and what it was to do is not done."""

import json
import os
import pickle
import struct
import zipfile

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from guard import nothing_outside
from tfstab import load_classifier
from tfstab.errors import ModelError
from tfstab.models import card_of, check_model


def tiny(*more):
    return keras.Sequential(
        [layers.Input((4, 4, 1)), layers.Flatten(), *more, layers.Dense(3, activation="softmax")], name="tiny"
    )


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The parts of a harmless file, by name."""
    path = tmp_path_factory.mktemp("harmless") / "tiny.keras"
    tiny().save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path, parts, compress=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compress) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def changed(path, parts, change):
    """The harmless file with its config changed by `change(layers)`."""
    config = json.loads(parts["config.json"])
    change(config["config"]["layers"])
    return written(path, {**parts, "config.json": json.dumps(config)})


def refusal(path, **options):
    with pytest.raises(ModelError) as refused, nothing_outside():
        load_classifier(path, **options)
    text = str(refused.value)
    assert str(path) in text and "\n" not in text and len(text) < 600
    return text


def layer(module, name, config, **more):
    return {"module": module, "class_name": name, "config": config, "registered_name": None, **more}


def function(module, name):
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def lambda_code(victim):
    return keras.src.utils.python_utils.func_dump(
        eval(f"lambda x: (__import__('pathlib').Path({str(victim)!r}).touch(), x)[1]")
    )


# What is put in the place of the second layer of a config: (layer, what is said of it).
IN_CONFIG = {
    "lambda": (
        lambda victim: layer("keras.layers", "Lambda", {
            "function": {"class_name": "__lambda__", "config": dict(zip(
                ("code", "defaults", "closure"), lambda_code(victim), strict=True))}}),
        "Lambda layer",
    ),
    "lambda deep in a wrapper": (
        lambda victim: layer("keras.layers", "TimeDistributed", {
            "layer": layer("keras.layers", "Lambda", {"function": function("keras.utils", "get_file")})}),
        "Lambda layer",
    ),
    "a lambda as an activation": (
        lambda victim: layer("keras.layers", "Activation", {
            "activation": {"class_name": "__lambda__", "config": {"value": lambda_code(victim)[0]}}}),
        "Lambda layer",
    ),
    "a lambda of the old format": (
        lambda victim: {"class_name": "Lambda", "config": {"function": list(lambda_code(victim)),
                                                           "function_type": "lambda"}},
        "Lambda layer",
    ),
    "any class (CVE-2025-1550)": (
        lambda victim: layer("os", "system", {"command": f"touch {victim}"}), "'system' of 'os'",
    ),
    "a function of any module": (
        lambda victim: layer("keras.layers", "Activation", {"activation": function("os", "system")}), "of 'os'",
    ),
    "a builtin": (
        lambda victim: layer("builtins", "exec", {"source": f"open({str(victim)!r}, 'w')"}), "of 'builtins'",
    ),
    "a download (CVE-2025-8747)": (
        lambda victim: layer("keras.layers", "Activation", {"activation": function("keras.utils", "get_file")}),
        "of 'keras.utils'",
    ),
    "the end of safe mode (CVE-2025-9906)": (
        lambda victim: layer("keras.config", "enable_unsafe_deserialization", {}), "of 'keras.config'",
    ),
    "another model, unsafely": (
        lambda victim: layer("keras.layers", "Activation", {"activation": function("keras.models", "load_model")}),
        "of 'keras.models'",
    ),
    "a function as a class": (lambda victim: layer("keras.models", "load_model", {}), "of 'keras.models'"),
    "a registered name": (
        lambda victim: layer("keras.layers", "Dense", {"units": 3}) | {"registered_name": "evil>Dense"}, "'Dense'",
    ),
    "a file as a vocabulary (CVE-2025-12058)": (
        lambda victim: layer("keras.layers", "StringLookup", {"vocabulary": "/etc/passwd"}), "read a file",
    ),
    "a graph (CVE-2026-1462)": (
        lambda victim: layer("keras.layers", "TFSMLayer", {"filepath": "/tmp/graph"}), "TFSMLayer",
    ),
    "a pickle of PyTorch": (
        lambda victim: layer("keras.layers", "TorchModuleWrapper", {"module": "AAAA"}), "TorchModuleWrapper",
    ),
    "a type": (
        lambda victim: {"class_name": "__typespec__", "spec_name": "system", "registered_name": "system",
                        "module": "os", "config": []},
        "'__typespec__'",
    ),
    "a module inside Keras that is no layer": (
        lambda victim: layer("keras.src.utils.file_utils", "Progbar", {}), "of 'keras.src.utils.file_utils'",
    ),
    "weights beyond memory": (
        lambda victim: layer("keras.layers", "Dense", {"units": 10**9}, build_config={"input_shape": [None, 16]}),
        "more weights than the file",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_CONFIG)
def test_configs_that_would_do_more_than_build_layers(case, parts, tmp_path):
    victim = tmp_path / "ran"
    make, said = IN_CONFIG[case]
    hostile = make(victim)
    path = changed(tmp_path / "a.keras", parts, lambda layers: layers.insert(2, hostile))
    assert said in refusal(path)
    assert not victim.exists()


def test_a_lambda_runs_with_trust_alone(tmp_path):
    victim = tmp_path / "ran"
    hostile = eval(f"lambda x: (__import__('pathlib').Path({str(victim)!r}).touch(), x)[1]")
    for name in ("a.keras", "a.h5"):
        tiny(layers.Lambda(hostile)).save(tmp_path / name)
        victim.unlink()
        assert "--trust" in refusal(tmp_path / name)
        assert not victim.exists()
        classifier = load_classifier(tmp_path / name, trust=True)
        assert classifier.scores(np.zeros((1, 4, 4, 1))).shape == (1, 3)
        assert victim.exists()  # so it was dangerous


def test_a_graph_that_writes_files_runs_with_trust_alone(tmp_path):
    import tensorflow as tf

    victim, network = tmp_path / "ran", tiny()

    class Graph(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 4, 4, 1))])
        def serve(self, images):
            tf.io.write_file(str(victim), "written")
            return network(images)

    graph = Graph()
    graph.network = network
    tf.saved_model.save(graph, str(tmp_path / "graph"), signatures={"serving_default": graph.serve})
    victim.unlink(missing_ok=True)
    assert "can run any code" in refusal(tmp_path / "graph")
    assert not victim.exists()
    load_classifier(tmp_path / "graph", trust=True).scores(np.zeros((1, 4, 4, 1)))
    assert victim.exists()


def symlink(name, target):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info, target


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "assets/../../escaped", "..\\escaped", "C:\\escaped"])
def test_archives_that_write_outside(name, parts, tmp_path):
    (tmp_path / "in").mkdir()
    path = written(tmp_path / "in" / "a.keras", {**parts, name: b"!"})
    assert "leads outside" in refusal(path)
    assert not (tmp_path / "escaped").exists()


def test_archives_with_links_or_two_configs(parts, tmp_path):
    path = written(tmp_path / "link.keras", parts)
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("assets/vocabulary.txt")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert "leads outside" in refusal(path)
    path = written(tmp_path / "two.keras", parts)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", parts["config.json"])
    assert "two files with the same name" in refusal(path)


def test_archives_that_unpack_to_more_than_there_is_memory_for(parts, tmp_path):
    bomb = written(tmp_path / "zip.keras", {**parts, "assets/zeros": bytes(100 << 20)}, zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 1 << 20
    assert "MB unpack to" in refusal(bomb)
    for member in ("config.json", "model.weights.h5"):
        content = parts[member] + bytes(100 << 20)
        assert "unpack to" in refusal(written(tmp_path / "b.keras", {**parts, member: content}, zipfile.ZIP_DEFLATED))
    # A member that says it is small, and is not.
    lying = bytearray(bomb.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = lying.rindex(signature)
        lying[at + offset : at + offset + 4] = struct.pack("<I", 10)
    (tmp_path / "lying.keras").write_bytes(lying)
    load_or_refuse(tmp_path / "lying.keras")
    nested = json.dumps({"class_name": "Sequential", "config": {}})[:-1] + ', "x": ' + "[" * 10**5 + "]" * 10**5 + "}"
    assert "damaged" in refusal(written(tmp_path / "deep.keras", {**parts, "config.json": nested}))


def load_or_refuse(path):
    try:
        assert load_classifier(path).num_classes == 3
    except ModelError as error:
        assert "\n" not in str(error)


def weights(tmp_path, make):
    """A weights file written by `make(file, group)`, in the place of the dense layer's."""
    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as file:
        make(file, file.create_group("layers/dense/vars"))
    return path.read_bytes()


def external(file, group):
    group["0"] = h5py.ExternalLink("/etc/passwd", "/")


def soft(file, group):
    group["0"] = h5py.SoftLink("/other")


def elsewhere(file, group):
    group.create_dataset("0", (16, 3), "f4", external=[("/etc/passwd", 0, 192)])


def virtual(file, group):
    layout = h5py.VirtualLayout((16, 3), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (16, 3))
    group.create_virtual_dataset("0", layout)


def declared(file, group):
    group.create_dataset("0", (1 << 20, 1 << 14), "f4", chunks=(1024, 1024), compression="gzip")


@pytest.mark.parametrize(
    ("make", "said"),
    [(external, "a link"), (soft, "a link"), (elsewhere, "in another file"), (virtual, "in another file"),
     (declared, "declare 68,719 MB")],
)  # fmt: skip
def test_weights_that_are_elsewhere_or_nowhere(make, said, parts, tmp_path):
    path = written(tmp_path / "a.keras", {**parts, "model.weights.h5": weights(tmp_path, make)})
    assert said in refusal(path)


class Touch:
    def __init__(self, victim):
        self.victim = victim

    def __reduce__(self):
        return os.system, (f"touch {self.victim}",)


def test_files_that_are_something_else(parts, tmp_path):
    victim = tmp_path / "ran"
    tiny().save(tmp_path / "old.h5")
    (tmp_path / "old.h5").rename(tmp_path / "renamed.keras")
    assert "is an HDF5 file, not a .keras file" in refusal(tmp_path / "renamed.keras")
    (tmp_path / "p.keras").write_bytes(pickle.dumps(Touch(victim)))
    (tmp_path / "p.h5").write_bytes(pickle.dumps(Touch(victim)))
    assert "damaged or not a .keras file" in refusal(tmp_path / "p.keras")
    assert "not an HDF5 file" in refusal(tmp_path / "p.h5", trust=True)
    array = tmp_path / "array.npz"
    np.savez(array, **{"layers/dense/vars/0": np.array([Touch(victim)], object)})
    path = written(
        tmp_path / "npz.keras",
        {
            "config.json": parts["config.json"],
            "metadata.json": parts["metadata.json"],
            "model.weights.npz": array.read_bytes(),
        },
    )
    assert "holds no model.weights.h5" in refusal(path)
    tiny().export(tmp_path / "folder.keras", verbose=False)
    assert "is a SavedModel" in refusal(tmp_path / "folder.keras")
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file.create_dataset("0", (3,))
    assert "weights only" in refusal(tmp_path / "weights.h5", trust=True)
    (tmp_path / "cut.h5").write_bytes((tmp_path / "renamed.keras").read_bytes()[:3000])
    refusal(tmp_path / "cut.h5", trust=True)
    (tmp_path / "empty").mkdir()
    assert "is not a file" in refusal(tmp_path / "empty")
    (tmp_path / "empty" / "saved_model.pb").write_bytes(b"no graph")
    assert "damaged or not a SavedModel" in refusal(tmp_path / "empty", trust=True)
    assert not victim.exists()


def test_what_is_refused_is_refused_before_tensorflow_starts(parts, tmp_path):
    """As far as that can be seen in the archive: `check_model` knows no Keras."""
    for name in ("link", "h5"):
        path = tmp_path / f"{name}.keras"
        written(path, {**parts, "../x": b""}) if name == "link" else path.write_bytes(parts["model.weights.h5"])
        with pytest.raises(ModelError):
            check_model(path)


CARDS = {
    "no object": ('[{"class_names": ["a", "b", "c"]}]', ""),
    "text": ("no JSON", "cannot be read"),
    "deep": ("[" * 10**5, "cannot be read"),
    "a number of 10,000 digits": ('{"seed": ' + "9" * 10_000 + "}", "cannot be read"),
    "half a character": (r'{"class_names": ["\ud800", "b", "c"]}', "cannot be read"),
    "half a character elsewhere": (r'{"about": "\ud800"}', "cannot be read"),
    "more than 4 MB": ('{"about": "' + "x" * 5_000_000 + '"}', "more than 4 MB"),
    "a name of a megabyte": (json.dumps({"class_names": ["a", "b", "c" * 10**6]}), "1,000,000 characters"),
    "more names than scores": (json.dumps({"class_names": list("abcd")}), "3 classes but 4 class names"),
    "names that are numbers": ('{"class_names": [1, 2, 3]}', "not a list of names"),
}


@pytest.mark.parametrize("case", CARDS)
def test_cards_that_nobody_can_use(case, parts, tmp_path):
    content, said = CARDS[case]
    path = written(tmp_path / "a.keras", parts)
    path.with_suffix(".json").write_text(content)
    assert card_of(path) is None or "class_names" in json.loads(content)
    if said:
        with pytest.raises(ModelError, match=said):
            load_classifier(path)
    else:
        assert load_classifier(path).class_names == ("0", "1", "2")


def test_a_card_that_is_a_pipe_is_no_card(parts, tmp_path):
    path = written(tmp_path / "a.keras", parts)
    os.mkfifo(path.with_suffix(".json"))
    assert card_of(path) is None and load_classifier(path).class_names == ("0", "1", "2")
    assert card_of("~no-such-user-at-all/m.keras") is None and card_of("a\0b.keras") is None


@pytest.mark.skipif(os.name != "posix", reason="names of files are text on this system")
def test_a_file_whose_name_is_not_utf_8(parts, tmp_path):
    path = written(tmp_path / os.fsdecode(b"\xff.keras"), parts)
    assert load_classifier(path).name == "?"
