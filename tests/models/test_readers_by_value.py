"""How files of models are read within limits: blocks of weights, time for a child, weights in a second file."""

import io
import json
import sys
import zipfile
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
import tensorflow as tf

from tfstab import limits, load_classifier
from tfstab.errors import InputError, ModelError
from tfstab.models import hdf5_child, keras_files, onnx_file, weights
from tfstab.models.saved_model import SavedSignature, _content


def weighing(path, monkeypatch, **given):
    """A file with 10 numbers of 4 bytes, whose check has these limits; and what the process may then take."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["a"] = np.arange(10, dtype="f4")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.weights.h5", content.getvalue())
    allowed = []
    monkeypatch.setattr(hdf5_child, "limit", lambda *taken: allowed.append(taken))
    for name, value in given.items():
        monkeypatch.setattr(hdf5_child, name, value)
    return len(content.getvalue()), allowed


@pytest.mark.parametrize(
    ("small", "expansion", "fine"), [(40, 0, True), (39, 0, False), (0, 1, True), (0, 0.9, False), (39, 1, True)]
)
def test_weights_may_declare_little_more_than_the_file_holds(small, expansion, fine, tmp_path, monkeypatch):
    path = tmp_path / "m.keras"
    size, allowed = weighing(path, monkeypatch, MODEL_SMALL=small, MODEL_EXPANSION=expansion, HDF5_MEMORY=1000)
    if fine:
        assert hdf5_child._numbers(path) == 10
    else:
        with pytest.raises(hdf5_child.RefusedError, match="declare 0 MB, which the file does not hold"):
            hdf5_child._numbers(path)
    assert allowed == [(limits.cpu_seconds(path.stat().st_size), 1000 + 2 * size)]


class Part:
    """A data set that records how it is read."""

    def __init__(self, *shape):
        self.shape, self.dtype, self.attrs, self.read = shape, np.dtype("f4"), {}, []

    def __getitem__(self, key):
        self.read.append((key.start, key.stop) if isinstance(key, slice) else key)


@pytest.mark.parametrize(
    ("shape", "read"),
    [
        ((), [()]), ((5,), [(0, 10)]), ((25,), [(0, 10), (10, 20), (20, 30)]), ((4, 5), [(0, 2), (2, 4)]),
        ((3, 11), [(0, 1), (1, 2), (2, 3)]), ((3, 0), [(0, 40)]), ((1, 5), [(0, 2)]),
        ((0, 9), []), ((10, 1), [(0, 10)]),
    ],
)  # fmt: skip
def test_a_data_set_is_read_in_blocks(shape, read, monkeypatch):
    monkeypatch.setattr(hdf5_child, "BLOCK", 40)  # bytes
    part = Part(*shape)
    hdf5_child._read(part)
    assert part.read == read


def test_a_child_has_a_multiple_of_its_seconds(tmp_path, monkeypatch):
    path, asked = tmp_path / "m.keras", []
    path.write_bytes(bytes(1000))

    def answering(answer):
        def answer_of_child(module, arguments, seconds, file):
            asked.append((module, arguments[0], seconds, file))
            return answer

        monkeypatch.setattr(weights, "answer_of_child", answer_of_child)
        monkeypatch.setattr(onnx_file, "answer_of_child", answer_of_child)

    seconds = limits.cpu_seconds(1000)
    answering({"numbers": 7})
    assert weights.check_weights(path) == 7
    assert asked.pop() == (weights.CHILD, str(path), limits.HDF5_PATIENCE * seconds, path)
    for answer, said in (
        ({}, f"take more than {seconds} s to read"), ({"refused": "are odd"}, "its weights are odd; save"),
        ({"numbers": "7"}, "take more than"),
    ):  # fmt: skip
        answering(answer)
        with pytest.raises(ModelError, match=said):
            weights.check_weights(path)
    seconds += limits.ONNX_SECONDS
    answering({"fine": True})
    assert onnx_file.try_in_child(onnx_file.CHILD, path, "m", {}) is None
    assert asked.pop() == (onnx_file.CHILD, str(path), limits.HDF5_PATIENCE * seconds, path)
    for answer, kind, said in (
        ({}, ModelError, f"to score a few images takes more than {seconds} s or too much memory"),
        ({"error": "is odd", "kind": "InputError"}, InputError, "^is odd$"), ({"fine": 1}, ModelError, "takes more"),
        ({"error": "is odd", "kind": "ModelError"}, ModelError, "^is odd$"), ({"fine": False}, ModelError, "or crash"),
    ):  # fmt: skip
        answering(answer)
        with pytest.raises(kind, match=said):
            onnx_file.try_in_child(onnx_file.CHILD, path, "m", {})


def test_a_bundled_network_needs_no_check_of_its_weights(monkeypatch):
    monkeypatch.setattr(keras_files, "check_weights", lambda path: pytest.fail("a process was started"))
    assert load_classifier("mnist-lenet").num_classes == 10


def test_the_child_that_tries_an_onnx_model_may_take_so_much(tmp_path, monkeypatch, capsys):
    """It grows with the file and the weights beside it, up to the largest file."""
    pytest.importorskip("onnxruntime")
    from tfstab.models import onnx_child

    path, allowed = tmp_path / "net.onnx", []
    path.write_bytes(bytes(3000))
    (tmp_path / "net.onnx.data").write_bytes(bytes(4000))
    monkeypatch.setattr(onnx_child, "limit", lambda *taken: allowed.append(taken))
    monkeypatch.setattr(sys, "argv", ["onnx_child", str(path), "mine", "{}"])
    monkeypatch.setattr(onnx_child, "ONNX_MEMORY", 10)
    for largest, size in ((9000, 7000), (5000, 5000)):
        monkeypatch.setattr(onnx_child, "ONNX_FILE", largest)
        onnx_child.main()
        assert f"{path} is damaged" in json.loads(capsys.readouterr().out)["error"]
        assert allowed.pop() == (limits.cpu_seconds(size) + limits.ONNX_SECONDS, 10 + limits.ONNX_COPIES * size)


def test_a_model_that_is_sent_is_checked_as_one_of_unknown_origin(tmp_path):
    for config, names, said in (("{}", ["../outside"], "leads outside"), ('{"class_name": "Lambda"}', [], "Lambda")):
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
            archive.writestr("config.json", config)
            for name in ("model.weights.h5", *names):
                archive.writestr(name, "")
        with pytest.raises(ModelError, match=said):
            keras_files.read_untrusted(tmp_path / "m.keras")


def test_the_size_of_an_onnx_file_and_weights_beside_it(tmp_path, monkeypatch):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from tfstab.models import onnx_external

    path = tmp_path / "net.onnx"
    path.write_bytes(bytes(range(10)))
    monkeypatch.setattr(onnx_file, "ONNX_FILE", 10)
    assert onnx_file.check_onnx(path) is None
    monkeypatch.setattr(onnx_file, "ONNX_FILE", 9)
    with pytest.raises(ModelError, match=r"is refused: it has 0\.0 GB"):
        onnx_file.check_onnx(path)
    for offset, size, found in (
        ("4", 6, bytes(range(4, 10))), ("0", 10, bytes(range(10))), ("10", 0, b""), ("0" * 19 + "4", 2, b"\4\5"),
    ):  # fmt: skip
        assert onnx_external._read(path, offset, size) == found
    for offset, size in (("5", 6), ("11", 0), ("0" * 20 + "4", 2), ("-1", 2), ("x", 2), ("", 2), ("²", 2)):
        with pytest.raises(ModelError, match="is too short"):
            onnx_external._read(path, offset, size)
    tensor = onnx.TensorProto(data_type=onnx.TensorProto.DOUBLE, dims=[2, 3])
    assert onnx_external._size(tensor, path) == 48
    assert onnx_external._size(onnx.TensorProto(data_type=onnx.TensorProto.INT8, dims=[2, -3]), path) == 0
    assert onnx_external._size(onnx.TensorProto(data_type=onnx.TensorProto.INT8), path) == 1
    with pytest.raises(ModelError, match="weights of an unknown type"):
        onnx_external._size(onnx.TensorProto(data_type=99, dims=[2]), path)
    for name in ("net.onnx.data", "network", "other.data", "net-folder"):
        (tmp_path / name).mkdir() if name == "net-folder" else (tmp_path / name).touch()
    (tmp_path / "net.link").symlink_to(tmp_path / "other.data")
    assert [one.name for one in onnx_external.files_of(path)] == ["net.onnx", "net.onnx.data", "network"]
    assert onnx_external.is_outside(onnx.TensorProto(data_location=onnx.TensorProto.EXTERNAL))
    assert not onnx_external.is_outside(tensor)
    tensor.external_data.add(key="location", value="x")
    assert onnx_external.is_outside(tensor)


class Signature:
    """The signature of a saved graph that returns what it is given, once more at the end."""

    def __init__(self, dtype):
        self.structured_input_signature = (), {"x": tf.TensorSpec((None, 2), dtype)}
        self.structured_outputs = {"y": tf.TensorSpec((None, 4), tf.float32)}

    def __call__(self, x):
        return {"y": tf.cast(tf.concat([x, x], axis=1), tf.float32)}


def test_a_graph_of_whole_numbers_gets_rounded_grey_levels():
    images = tf.constant([[-3.0, 254.6], [1.4, 300.0]])
    for dtype, given in ((tf.uint8, [[0, 255], [1, 255]]), (tf.float32, [[-3, 254.6], [1.4, 300]])):
        layer = SavedSignature(SimpleNamespace(signatures={"serving_default": Signature(dtype)}), "checksum")
        np.testing.assert_allclose(layer.call(images), np.concatenate([given, given], axis=1), rtol=1e-6)
        assert layer.compute_output_shape((7, 2)) == (7, 4) and not layer.trainable
        assert layer.get_config()["content"] == "checksum"


def test_the_checksum_of_a_saved_model_is_of_graph_variables_and_assets(tmp_path):
    (tmp_path / "variables").mkdir()
    graph, values = tmp_path / "saved_model.pb", tmp_path / "variables" / "variables.index"
    graph.write_text("graph")
    values.write_text("values")
    first = _content(tmp_path)
    (tmp_path / "fingerprint.pb").write_text("changes with each export")
    assert _content(tmp_path) == first and len(first) == 64
    graph.write_text("other")
    second = _content(tmp_path)
    values.write_text("more")
    third = _content(tmp_path)
    values.rename(values.with_name("renamed"))
    fourth = _content(tmp_path)
    (tmp_path / "assets" / "words").mkdir(parents=True)
    asset = tmp_path / "assets" / "words" / "a.txt"
    asset.write_text("1")
    fifth = _content(tmp_path)
    asset.write_text("2")
    assert len({first, second, third, fourth, fifth, _content(tmp_path)}) == 6
