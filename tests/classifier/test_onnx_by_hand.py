"""What is read from an ONNX model's graph and judged by its outputs, by hand."""

import os

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import TensorProto, numpy_helper  # noqa: E402
from onnx.helper import make_graph, make_model, make_node, make_tensor_value_info  # noqa: E402

from tfstab.classifier import exported, onnx_graph  # noqa: E402
from tfstab.classifier.adapt import ModelInput  # noqa: E402
from tfstab.classifier.exported import judged  # noqa: E402
from tfstab.classifier.onnx_graph import input_of, without_end  # noqa: E402
from tfstab.errors import InputError, ModelError  # noqa: E402


def made(nodes=(), shape=("n", 3, 6, 6), given=("x",), returned="y"):
    """A model of these nodes, with a stored number "half"."""
    inputs = [make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in given]
    outputs = [make_tensor_value_info(returned, TensorProto.FLOAT, None)]
    stored = [numpy_helper.from_array(np.float32([0.5]), "half")]
    return make_model(make_graph([*nodes], "made", inputs, outputs, stored))


@pytest.mark.parametrize(
    ("shape", "taken"),
    [
        (("n", 3, 4, 5), ModelInput((4, 5, 3), "NCHW", None)), ((2, 4, 5, 3), ModelInput((4, 5, 3), "NHWC", 2)),
        ((1, 1, 4, 5), ModelInput((4, 5, 1), "NCHW", 1)), (("n", 4, 5), ModelInput((4, 5, 1), "NHW", None)),
        (("n", "h", "w", 1), ModelInput((None, None, 1), "NHWC", None)),
    ],
)  # fmt: skip
def test_how_images_are_taken(shape, taken):
    assert input_of(made(shape=shape), "net") == taken == input_of(made(shape=shape, given=("x", "half")), "net")
    with pytest.raises(ModelError, match="net takes 2 inputs"):
        input_of(made(shape=shape, given=("x", "z")), "net")


def test_how_many_numbers_an_input_may_have(monkeypatch):
    monkeypatch.setattr(onnx_graph, "MODEL_IMAGE", 36)
    assert input_of(made(shape=("n", 6, 6, 1)), "net").shape == (6, 6, 1)
    for shape in ((2, 6, 6, 1), ("n", 37, 1, 1)):
        with pytest.raises(ModelError, match="its input has more than 36 numbers"):
            input_of(made(shape=shape), "net")


@pytest.mark.parametrize(
    ("nodes", "end", "left"),
    [
        ([make_node("Softmax", ["x"], ["y"])], "softmax", "x"), ([make_node("Sigmoid", ["x"], ["y"])], "sigmoid", "x"),
        ([make_node("Softmax", ["x"], ["y"], axis=-1)], "softmax", "x"),
        ([make_node("Softmax", ["x"], ["y"], axis=1)], "softmax", "x"),
        ([make_node("Softmax", ["x"], ["y"], axis=0)], "", "y"),
        ([make_node("Softmax", ["x"], ["y"], axis=2)], "", "y"),
        ([make_node("Softmax", ["x"], ["s"]), make_node("Identity", ["s"], ["y"])], "softmax", "x"),
        ([make_node("Softmax", ["x"], ["s"]), make_node("Neg", ["s"], ["y"])], "", "y"),
        ([make_node("Constant", [], ["y"], value_float=1.0)], "", "y"), ([make_node("Neg", ["x"], ["z"])], "", "y"),
        ([make_node("Identity", ["y"], ["y"])], "", "y"),
    ],
)  # fmt: skip
def test_which_end_is_left_out(nodes, end, left):
    model = made(nodes)
    assert without_end(model, "net") == end and [output.name for output in model.graph.output] == [left]


ONE = np.array([[0.0], [1.0]])
SCORES, LOGITS = np.array([[0.25, 0.75]]), np.array([[1.0, 2.0]])


@pytest.mark.parametrize(
    ("given", "end", "outputs", "told"),
    [
        (ONE, "sigmoid", None, ("scores", "logits")), (LOGITS, "softmax", None, ("scores", "logits")),
        (LOGITS, "softmax", "scores", ("scores", "logits")), (ONE, "", "scores", ("scores", "scores")),
        (ONE, "", "logits", ("logits", "logits")), (3 * ONE - 1, "", "logits", ("logits", "logits")),
        (SCORES, "", None, ("scores", "scores")), (LOGITS, "", None, ("logits", "logits")),
        (SCORES, "", "logits", ("logits", "logits")), (SCORES, "", "scores", ("scores", "scores")),
        (LOGITS, "sigmoid", None, "several sigmoids"), (LOGITS, "softmax", "logits", "ends in a softmax"),
        (ONE, "sigmoid", "logits", "ends in a sigmoid"), (ONE, "", None, "gives one number an image"),
        (1.01 * ONE, "", "scores", "does not give scores"), (ONE - 0.01, "", "scores", "does not give scores"),
        (LOGITS, "", "scores", "does not give scores"), (LOGITS, "", "score", "unknown outputs 'score'"),
    ],
)  # fmt: skip
def test_what_a_model_returns_is_judged_by_its_end_and_its_outputs(given, end, outputs, told):
    if isinstance(told, tuple):
        assert judged(given, end, outputs, "net") == told
    else:
        with pytest.raises((ModelError, InputError), match=told):
            judged(given, end, outputs, "net")


@pytest.mark.parametrize(("told", "threads"), [("", 3), ("2", 2), ("5", 5), ("0", 3), ("many", 3)])
def test_a_session_has_as_many_threads_as_tensorflow_may_use(told, threads, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2} if process == 0 else {0}, raising=False)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", told)
    assert exported.threads() == threads
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert exported.threads() == threads
