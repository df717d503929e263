"""ONNX models: what they take and return, and which files are refused."""

import json
import sys

import cloudpickle
import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="needs onnx")
pytest.importorskip("onnxruntime", reason="needs onnxruntime")

from onnx import TensorProto, numpy_helper  # noqa: E402
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

from tfstab import SearchConfig, assess, load_classifier, search_minimum_noise  # noqa: E402
from tfstab.classifier.adapt import ModelInput  # noqa: E402
from tfstab.classifier.onnx_model import OnnxClassifier  # noqa: E402
from tfstab.classifier.taken import describe_model  # noqa: E402
from tfstab.errors import InputError, ModelError  # noqa: E402
from tfstab.models import check_model, onnx_external, onnx_file  # noqa: E402
from tfstab.models.input_shape import input_of_file  # noqa: E402
from tfstab.models.onnx_child import check_graph  # noqa: E402
from tfstab.models.onnx_file import check_onnx  # noqa: E402

HALF = numpy_helper.from_array(np.float32([0.5]), "half")
IMAGES = np.random.default_rng(2).integers(0, 256, (5, 6, 6, 3), np.uint8)
CNN = [
    make_node("Conv", ["x", "kernel"], ["maps"], pads=[1, 1, 1, 1]),
    make_node("Relu", ["maps"], ["positive"]),
    make_node("GlobalAveragePool", ["positive"], ["means"]),
    make_node("Flatten", ["means"], ["features"]),
    make_node("Gemm", ["features", "weights"], ["y"]),
]


def model(nodes=CNN, shape=("n", 3, 6, 6), *, outputs=4, end=None, kind=TensorProto.FLOAT, more=(), returned="y"):
    """A convolutional network with the nodes given, as an ONNX model; `more` are further stored arrays by name."""
    rng = np.random.default_rng(0)
    arrays = {"kernel": rng.normal(size=(5, 3, 3, 3)), "weights": 40 * rng.normal(size=(5, outputs)), **dict(more)}
    stored = [
        numpy_helper.from_array(np.asarray(a, np.float32) if name in ("kernel", "weights") else a, name)
        for name, a in arrays.items()
    ]
    if end:
        nodes, returned = [*nodes, make_node(end, ["y"], ["end"])], "end"
    given, found = make_tensor_value_info("x", kind, shape), make_tensor_value_info(returned, TensorProto.FLOAT, None)
    graph = make_graph(nodes, "tiny", [given], [found], stored)
    return make_model(graph, opset_imports=[make_opsetid("", 17)], ir_version=8)


def classifier(made=None, **settings):
    return OnnxClassifier((made or model()).SerializeToString(), "tiny", **settings)


def test_a_file_gives_the_scores_that_the_reference_computes(tmp_path):
    made = model(end="Softmax")
    onnx.save(made, tmp_path / "tiny.onnx")
    (tmp_path / "tiny.json").write_text(json.dumps({"class_names": ["cat", "dog", "fox", "owl"]}))
    loaded = load_classifier(tmp_path / "tiny.onnx", preprocess="imagenet")
    assert (
        describe_model(loaded)
        == "tiny: 6 x 6 x 3, 4 outputs, scores, inputs 0..1 less ImageNet's mean, divided by its standard deviation"
    )
    assert loaded.class_names == ("cat", "dog", "fox", "owl")
    assert input_of_file(str(tmp_path / "tiny.onnx")) == ModelInput((6, 6, 3), "NCHW", None)
    scaled = (IMAGES / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    (expected,) = ReferenceEvaluator(made).run(None, {"x": scaled.transpose(0, 3, 1, 2).astype(np.float32)})
    np.testing.assert_allclose(loaded.scores(IMAGES), expected, atol=1e-5)
    np.testing.assert_array_equal(loaded.scores(IMAGES[:1]), loaded.scores(IMAGES)[:1])
    sent = cloudpickle.loads(cloudpickle.dumps(loaded))  # to a worker
    np.testing.assert_array_equal(sent.scores(IMAGES), loaded.scores(IMAGES))
    assert loaded.fingerprint == sent.fingerprint != loaded.with_preprocess("unit").fingerprint
    stated = loaded.with_preprocess("unit/mean=0.485,0.456,0.406/std=0.229,0.224,0.225")  # those of ImageNet
    np.testing.assert_allclose(stated.scores(IMAGES), expected, atol=1e-5)
    with pytest.raises(InputError, match="refine needs gradients, which tiny"):
        search_minimum_noise(loaded, IMAGES, [0] * 5, SearchConfig(refine=True))


def test_the_softmax_at_the_end_is_left_out():
    logits, scores = classifier(), classifier(model(end="Softmax"))
    assert (logits.returns, scores.returns) == ("logits", "scores")
    np.testing.assert_array_equal(logits.log_scores(IMAGES), scores.log_scores(IMAGES))
    assert scores.log_scores(IMAGES).min() < -200  # which float32 scores cannot say


@pytest.mark.parametrize(
    ("shape", "nodes"),
    [
        (("n", 6, 6, 3), [make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]), *CNN]),
        ((1, 3, 6, 6), CNN),
        ((2, 3, 6, 6), CNN),
        (("n", 3, "h", "w"), CNN),
    ],
)
def test_forms_of_input(shape, nodes):
    if nodes is not CNN:
        nodes = [nodes[0], make_node("Conv", ["t", "kernel"], ["maps"], pads=[1, 1, 1, 1]), *CNN[1:]]
    taken = classifier(model(nodes, shape)).for_images((6, 6, 3))
    assert (
        taken.batch_size == (256 if shape[0] == "n" else shape[0]) == taken.with_batch_size(taken.batch_size).batch_size
    )
    np.testing.assert_allclose(taken.log_scores(IMAGES), classifier().log_scores(IMAGES), rtol=1e-4)
    with pytest.raises(InputError, match="but tiny takes"):
        classifier(model(nodes, shape)).for_images((6, 6, 1)).for_images((7, 7, 2))
    grey = classifier(model(nodes, shape), image_shape=(6, 6, 1)).scores(IMAGES[..., :1])
    np.testing.assert_array_equal(grey, taken.scores(np.repeat(IMAGES[..., :1], 3, axis=3)))


def test_a_model_of_one_image_at_a_time_is_assessed(tmp_path):
    """As PyTorch exports a model by default."""
    onnx.save(model(shape=(1, 3, 6, 6)), tmp_path / "tiny.onnx")
    images = np.random.default_rng(1).integers(0, 256, (30, 6, 6, 3), np.uint8)
    labels = classifier().scores(images).argmax(axis=1)
    np.savez(tmp_path / "six.npz", images=images, labels=labels)
    found = assess(
        tmp_path / "tiny.onnx", tmp_path / "six.npz", minutes=0.05, degradations=["contrast"], out=tmp_path / "out"
    )
    assert found.figures.clean.value == 1 and len(found.figures.families[0].images) > 0


def test_one_number_is_the_score_of_class_1():
    logit = classifier(model(outputs=1), outputs="logits")
    ends = classifier(model(outputs=1, end="Sigmoid"))
    assert (ends.num_classes, ends.returns, logit.returns) == (2, "scores", "logits")
    np.testing.assert_array_equal(logit.log_scores(IMAGES), ends.log_scores(IMAGES))
    hidden = model(
        [*CNN, make_node("Sigmoid", ["y"], ["s"]), make_node("Abs", ["s"], ["end"])], outputs=1, returned="end"
    )
    np.testing.assert_allclose(classifier(hidden, outputs="scores").scores(IMAGES), ends.scores(IMAGES), atol=1e-6)


@pytest.mark.parametrize(
    ("made", "settings", "said"),
    [
        (model(end="Sigmoid"), {}, "several sigmoids"),
        (model(end="Softmax"), {"outputs": "logits"}, "ends in a softmax"),
        (model(), {"outputs": "scores"}, "does not give scores"),
        (model(outputs=1), {}, "one number an image"),
        (
            model(shape=("n", 3 * 36)),
            {},
            r"takes input of shape \('any', 108\); expected images .*, not rows of numbers: use the model in Python",
        ),
        (model(kind=TensorProto.UINT8), {}, "type uint8, which would round noise"),
        (model(returned="maps"), {}, r"output of shape \(4, 5, 6, 6\) for 4 images"),
        (model([make_node("Nonsense", ["x"], ["y"])]), {}, "was not loaded by onnxruntime"),
        (model([]), {}, "no operators"),
        (model([*CNN[:-1], make_node("Identity", ["y"], ["y"])]), {}, "not acyclic"),
        (model([*CNN[:-1], make_node("Softmax", [], ["y"])]), {}, "has input size 0"),
        (model(kind=999), {}, "type 999"),
        (model(shape=("n", 3, 1 << 40, 6)), {}, "its input has more than 268,435,456 numbers"),
        (
            model(
                [
                    *CNN[:-1],
                    make_node("Gemm", ["features", "weights"], ["all"]),
                    make_node("ReduceMean", ["all"], ["y"], axes=[0]),
                ]
            ),
            {},
            r"output of shape \(1, 4\) for 4 images",
        ),
        (
            model(
                [
                    *CNN[:-1],
                    make_node("Gemm", ["features", "weights"], ["mean"]),
                    make_node("RandomNormalLike", ["mean"], ["noise"]),
                    make_node("Add", ["mean", "noise"], ["y"]),
                ]
            ),
            {},
            "different scores for the same images",
        ),
    ],
)
def test_models_that_are_no_classifiers(made, settings, said):
    with pytest.raises(ModelError, match=said):
        classifier(made, **settings)


def between(*nodes):
    """The network with nodes that turn "x" into "z", whose sum is added to the logits."""
    return [*CNN[:-1], *nodes, make_node("ReduceSum", ["z"], ["sum"], keepdims=0), make_node(
        "Gemm", ["features", "weights"], ["before"]), make_node("Add", ["before", "sum"], ["y"])]  # fmt: skip


BRANCH = make_graph([make_node("Identity", ["x"], ["b"])], "b", [], [make_tensor_value_info("b", 1, None)])


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([make_node("Gelu", ["x"], ["z"], domain="com.microsoft")], "'Gelu' is of another domain, 'com.microsoft'"),
        ([make_node("ZipMap", ["x"], ["z"], domain="ai.onnx.ml")], "'ZipMap' .* rows .*: use the model in Python"),
        ([make_node("If", ["yes"], ["z"], then_branch=BRANCH, else_branch=BRANCH)], "'If' holds a graph of its own"),
        (
            [make_node("Neg", ["late"], ["z"]), make_node("Neg", ["x"], ["late"])],
            "'Neg' takes what is computed only",
        ),
        (
            [
                make_node("ReduceMax", ["x"], ["most"], keepdims=0),
                make_node("Cast", ["most"], ["number"], to=TensorProto.INT64),
                make_node("Unsqueeze", ["number", "zero"], ["size"]),
                make_node("ConstantOfShape", ["size"], ["z"]),
            ],
            "the size of what its operator 'ConstantOfShape' returns depends on the images",
        ),
    ],
)
def test_graphs_that_are_refused(nodes, said):
    with pytest.raises(ModelError, match=said):
        check_graph(model(between(*nodes), more={"yes": np.array(True), "zero": np.array([0])}), "tiny")


def test_sizes_may_follow_from_the_images_size():
    nodes = [make_node("Shape", ["x"], ["size"]), make_node("ConstantOfShape", ["size"], ["z"])]
    check_graph(model(between(*nodes)), "tiny")


def test_a_model_that_fills_the_memory_does_so_in_the_child(tmp_path):
    nodes = [make_node("ConstantOfShape", ["size"], ["zeros"]), make_node("Add", ["zeros", "one"], ["z"])]
    stored = {"size": np.array([1 << 34]), "one": np.float32([1])}
    onnx.save(model(between(*nodes), more=stored), tmp_path / "bomb.onnx")
    with pytest.raises(ModelError, match="bomb"):
        load_classifier(tmp_path / "bomb.onnx")


def test_only_a_model_that_is_trusted_is_loaded_without_a_child(tmp_path, monkeypatch):
    onnx.save(model(), tmp_path / "tiny.onnx")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    with pytest.raises(ModelError, match="no process could be started to check it"):
        load_classifier(tmp_path / "tiny.onnx")
    assert load_classifier(tmp_path / "tiny.onnx", trust=True).scores(IMAGES).shape == (5, 4)


def test_a_batch_that_would_fill_the_memory_is_refused():
    nodes = [
        make_node("Shape", ["x"], ["size"]), make_node("Gather", ["size", "first"], ["n"]),
        make_node("Concat", ["n", "n", "n", "n"], ["many"], axis=0), make_node("ConstantOfShape", ["many"], ["z"]),
    ]  # fmt: skip
    greedy = classifier(model(between(*nodes), more={"first": np.array([0])}))
    with pytest.raises(ModelError, match="needs more than 16 GiB for 256 images; choose a smaller batch_size"):
        greedy.scores(IMAGES)
    assert greedy.with_batch_size(4).scores(IMAGES).shape == (5, 4)


def test_a_file_that_looks_like_the_format_of_onnxruntime_is_read_as_onnx():
    made = model()
    made.producer_name = "ORTM"  # at byte 4 of the file, where onnxruntime looks for it
    np.testing.assert_array_equal(classifier(made).scores(IMAGES), classifier().scores(IMAGES))


def test_weights_in_a_file_beside_it(tmp_path):
    path = tmp_path / "tiny.onnx"
    onnx.save(model(), path, save_as_external_data=True, location="tiny.onnx.data", size_threshold=0)
    np.testing.assert_array_equal(load_classifier(path).scores(IMAGES), classifier().scores(IMAGES))
    data = tmp_path / "tiny.onnx.data"
    content = data.read_bytes()
    data.write_bytes(content[:-9])
    with pytest.raises(ModelError, match="too short for the weights"):
        load_classifier(path, trust=True)
    whole = onnx.load(path, load_external_data=False)
    damaged = onnx.ModelProto.FromString(whole.SerializeToString())
    next(e for e in damaged.graph.initializer[0].external_data if e.key == "offset").value = "~~~"
    path.write_bytes(damaged.SerializeToString().replace(b"~~~", b"\xff\xfe\xfd"))  # which is no text
    with pytest.raises(ModelError, match="too short for the weights"):
        load_classifier(path, trust=True)
    onnx.save(whole, path)
    data.rename(tmp_path / "elsewhere")
    data.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="expected a file in the same folder"):
        load_classifier(path)


def test_weights_beside_it_up_to_the_largest_size(tmp_path, monkeypatch):
    """The kernel has 5 x 3 x 3 x 3 float32 numbers and the weights 5 x 4, beyond the file itself."""
    path = tmp_path / "tiny.onnx"
    onnx.save(model(), path, save_as_external_data=True, location="tiny.onnx.data", size_threshold=0)
    size = path.stat().st_size + 4 * (135 + 20)
    monkeypatch.setattr(onnx_external, "ONNX_FILE", size)
    monkeypatch.setattr(onnx_file, "ONNX_FILE", size - 620)
    check_onnx(path)
    whole = onnx.ModelProto.FromString(onnx_external.content_of(path))
    assert [len(tensor.raw_data) for tensor in whole.graph.initializer] == [540, 80]
    monkeypatch.setattr(onnx_external, "ONNX_FILE", size - 1)
    with pytest.raises(ModelError, match="its weights have more than"):
        onnx_external.content_of(path)
    monkeypatch.setattr(onnx_file, "ONNX_FILE", size - 621)
    with pytest.raises(ModelError, match=r"it has 0.0 GB; expected at most 0.0 GB"):
        check_onnx(path)
    made = onnx.load(path, load_external_data=False)
    made.graph.initializer[1].data_type = 99
    path.write_bytes(made.SerializeToString())
    with pytest.raises(ModelError, match="weights of an unknown type"):
        onnx_external.content_of(path)


def test_a_graph_inside_an_operator_is_refused_however_it_is_declared():
    whole, several, kind = onnx.AttributeProto(name="a"), onnx.AttributeProto(name="a"), onnx.AttributeProto(name="a")
    whole.g.CopyFrom(BRANCH)
    several.graphs.add()
    kind.type = onnx.AttributeProto.GRAPH
    for attribute in (whole, several, kind):
        node = make_node("Neg", ["x"], ["z"], alpha=1.0)
        node.attribute.append(attribute)
        with pytest.raises(ModelError, match="'Neg' holds a graph of its own"):
            check_graph(model(between(node)), "tiny")


def test_parts_of_a_graph_that_are_refused():
    own, sparse, outside = model(), model(), model(between(make_node("Constant", [], ["z"], value=HALF)))
    own.functions.add().name = "mine"
    sparse.graph.sparse_initializer.add()
    constant = next(node for node in outside.graph.node if node.op_type == "Constant").attribute[0].t
    constant.data_location = TensorProto.EXTERNAL
    for made, said in (
        (own, "it holds functions of its own"), (sparse, "it holds sparse weights"),
        (outside, "a constant of an operator is in another file"),
    ):  # fmt: skip
        with pytest.raises(ModelError, match=f"^tiny is refused: {said}; add --trust"):
            check_graph(made, "tiny")
    check_graph(model(), "tiny")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "is refused: to score a few images takes too much memory"),
        (PermissionError(13, "Permission denied"), r"cannot be read \(Permission denied\)"),
        (ValueError("odd"), r"is damaged or not an ONNX model \(odd\): export it again"),
    ],
)
def test_whatever_a_library_raises_is_one_sentence(tmp_path, error, said):
    onnx.save(model(), tmp_path / "tiny.onnx")

    def check(content):
        raise error

    with pytest.raises(ModelError, match=said):
        onnx_file.read_onnx(tmp_path / "tiny.onnx", "tiny", None, {}, check)


def test_files_that_are_damaged_and_packages_that_are_missing(tmp_path, monkeypatch):
    path = tmp_path / "damaged.onnx"
    path.write_bytes(b"\x08\x08" + bytes(range(200)))
    with pytest.raises(ModelError, match="damaged or not an ONNX model"):
        load_classifier(path, trust=True)
    monkeypatch.setattr(onnx_file, "NEEDED", ("onnx", "onnx_on_mars"))
    with pytest.raises(InputError, match=r"needs onnx_on_mars: install it with pip install 'tfstab\[onnx\]'"):
        check_model(path)


def test_graphs_that_take_or_return_several_things():
    two = model()
    two.graph.output.append(make_tensor_value_info("features", TensorProto.FLOAT, None))
    with pytest.raises(ModelError, match=r"^tiny has 2 outputs; expected one output, scores \(N, K\): export only one"):
        classifier(two)
    two = model()
    two.graph.input.append(make_tensor_value_info("z", TensorProto.FLOAT, ("n", 3, 6, 6)))
    with pytest.raises(ModelError, match=r"^tiny takes 2 inputs; expected one image input\.$"):
        classifier(two)
    with pytest.raises(InputError, match="unknown outputs 'score'"):
        classifier(outputs="score")
    with pytest.raises(InputError, match=r"^images of shape \(1, 5, 5, 3\) were given, but tiny takes \(N, 6, 6, 3\)"):
        classifier(image_shape=(5, 5, 3))


def test_grey_images_without_an_axis_of_channels():
    nodes = [make_node("Flatten", ["x"], ["features"]), make_node("Gemm", ["features", "weights"], ["y"])]
    weights = np.random.default_rng(0).normal(size=(36, 4)).astype(np.float32) / 100
    grey = classifier(model(nodes, ("n", 6, 6), more={"weights": weights}.items()))
    assert grey.input_shape == (6, 6, 1)
    expected = IMAGES[..., 0].reshape(5, 36).astype(np.float64) @ weights
    scores = np.exp(expected - expected.max(axis=1, keepdims=True))
    np.testing.assert_allclose(grey.scores(IMAGES[..., :1]), scores / scores.sum(axis=1, keepdims=True), rtol=1e-4)
    with pytest.raises(InputError, match=r"^preprocess is 'caffe', which is for colours, but tiny takes grey images"):
        classifier(model(nodes, ("n", 6, 6), more={"weights": weights}.items()), preprocess="caffe")
