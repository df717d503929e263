"""The good files that fuzzing changes, each written by what writes it in earnest, as small as can be."""

import contextlib
import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from fuzz.files import Files, read_files
from fuzz.values import as_json, npy, npz
from PIL import Image

from tfstab import Classifier, Dataset, SearchConfig, SweepConfig, run_search, run_sweep
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.explanation.analyses import analyses
from tfstab.runs.files import checksum
from tfstab.training.recipes import RECIPES, Recipe

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 4, 4, 1), np.uint8)
LABELS = np.array([0, 1, 2, 1])
SWEEP = SweepConfig(sigmas=(40, 120), copies=2)
SEARCH = SearchConfig(max_queries=200)
EXPLANATION = ExplanationConfig(copies=2, max_queries=100)
FORMATS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "tif": "TIFF", "bmp": "BMP", "ppm": "PPM", "webp": "WEBP"}
CARD = {"class_names": ["cat", "dog", "fox"], "name": "tiny", "accuracy": {"test": {"correct": 1, "images": 2}}}


def classifier() -> Classifier:
    """Of 4 x 4 grey images, 3 classes, without TensorFlow."""
    weights = np.random.default_rng(1).normal(0, 0.02, (16, 3))

    def scores(images: np.ndarray) -> np.ndarray:
        raised = np.exp(images.reshape(len(images), 16) @ weights)
        return raised / raised.sum(1, keepdims=True)

    return Classifier.from_function(scores, (4, 4, 1), 3, fingerprint="fuzzed", class_names=("cat", "dog", "fox"))


def dataset() -> Dataset:
    """Images whose labels the classifier agrees with, but for one."""
    labels = classifier().scores(PIXELS[:3]).argmax(1)
    return Dataset.from_arrays("tiny", "test", PIXELS[:3], [*labels[:2], (labels[2] + 1) % 3], ("cat", "dog", "fox"))


def run(folder: Path, kind: str) -> Files:
    """A finished run of three images; a sweep was begun with two of them, and one copy."""
    if kind == "sweep":
        run_sweep(
            classifier(), dataset().select(range(2)), SweepConfig(sigmas=SWEEP.severities, copies=1), folder / "run"
        )
        run_sweep(classifier(), dataset(), SWEEP, folder / "run")
    elif kind == "explanation":
        run_explanation(classifier(), dataset(), EXPLANATION, folder / "run")
        _add_analyses(folder / "run")
    else:
        run_search(classifier(), dataset(), SEARCH, folder / "run")
    return {name: content for name, content in read_files(folder).items() if not name.endswith(".lock")}


def _add_analyses(run: Path) -> None:
    """Add parts with random numbers of the analyses that a classifier without layers does not allow."""
    rng = np.random.default_rng(3)
    info = json.loads((run / "run.json").read_text("utf-8"))
    sizes = {"image": 3, "h": 4, "w": 4, "c": 1, "class": 3, "network": 1}
    for name, analysis in analyses().items():
        if f"{name}-0000000-0000003" in info["parts"]:
            continue
        arrays = {}
        for entry, field in analysis.fields.items():
            shape = [axis if isinstance(axis, int) else sizes.get(axis, 3) for axis in field.axes]
            values = rng.uniform(max(field.low, 0), min(field.high, 1), shape)
            if issubclass(field.kind, np.str_):
                values = np.array(["input", "hidden", "logits"])
            elif field.along == "network" or issubclass(field.kind, np.bool_):
                values = np.zeros(shape, np.int64 if field.along else bool)
            elif issubclass(field.kind, np.integer):
                values = np.maximum(rng.integers(0, 3, shape), int(max(field.low, 0)))
            arrays[entry] = values
        part = run / "parts" / "new"
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)
        part.rename(part.with_name(f"{name}-0000000-0000003-{checksum(part)}.npz"))
        info["parts"].append(f"{name}-0000000-0000003")
    (run / "run.json").write_text(json.dumps(info), "utf-8")


def image(suffix: str, mode: str = "RGB", size: tuple[int, int] = (4, 4)) -> bytes:
    """An image file of this kind."""
    pixels = np.random.default_rng(2).integers(0, 256, (size[1], size[0], 3), np.uint8)
    extra = {"exif": exif()} if suffix == "jpg" else {}
    written = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(written, FORMATS[suffix], **extra)
    return written.getvalue()


def exif() -> bytes:
    tags = Image.Exif()
    tags[0x0112] = 6
    return tags.tobytes()


def keras_file(folder: Path) -> Files:
    """A model of 4 x 4 grey images with its card."""
    import keras
    from keras import layers

    path = folder / "m.keras"
    keras.Sequential(
        [
            layers.Input((4, 4, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(2, 2),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ],
        name="tiny",
    ).save(path)
    return {"m.keras": path.read_bytes(), "m.json": as_json(CARD)}


def onnx_file() -> Files:
    """A model of 4 x 4 grey images in ONNX."""
    onnx = pytest.importorskip("onnx", reason="needs onnx")
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    make, rng = onnx.helper, np.random.default_rng(1)
    stored = {"kernel": rng.normal(size=(2, 1, 2, 2)), "weights": rng.normal(size=(18, 3))}
    graph = make.make_graph(
        [
            make.make_node("Conv", ["x", "kernel"], ["maps"], pads=[0, 0, 0, 0]),
            make.make_node("Flatten", ["maps"], ["features"]),
            make.make_node("Gemm", ["features", "weights"], ["logits"]),
            make.make_node("Softmax", ["logits"], ["y"]),
        ],
        "tiny",
        [make.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ("n", 1, 4, 4))],
        [make.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ("n", 3))],
        [onnx.numpy_helper.from_array(values.astype(np.float32), name) for name, values in stored.items()],
    )
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    return {"m.onnx": model.SerializeToString()}


def tflite_file() -> Files:
    """A model of colour images in TFLite, quantised."""
    pytest.importorskip("ai_edge_litert", reason="needs ai-edge-litert")
    from tflite_files import converted, network

    return {"m.tflite": converted(network(), np.int8)}


RECIPE: Recipe = Recipe("mnist-lenet", "mnist", 2, 8, 1e-3, 1e-4, validation=0.25)


class StopError(Exception):
    """Ends a training after its first epoch."""


def training_data() -> tuple[Dataset, Dataset]:
    """A few images of the network's size, to train on and to test on."""
    images, labels = np.random.default_rng(3).integers(0, 256, (16, 28, 28, 1), np.uint8), np.arange(16) % 3
    return (
        Dataset.from_arrays("few", "train", images[:12], labels[:12]),
        Dataset.from_arrays("few", "test", images[12:], labels[12:]),
    )


def training(folder: Path) -> Files:
    """A training that was stopped after the first of two epochs."""
    from tfstab import train

    def stop(figures: object) -> None:
        raise StopError

    assert RECIPE.model in RECIPES
    with contextlib.suppress(StopError):
        train(RECIPE, *training_data(), out=folder / "training", on_epoch=stop)
    return {name: content for name, content in read_files(folder).items() if not name.endswith(".lock")}


def _crc(content: bytes) -> bytes:
    """The masked CRC-32C of a TFRecord."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(content: bytes) -> bytes:
    """A record of a TFRecord file."""
    length = struct.pack("<Q", len(content))
    return length + _crc(length) + content + _crc(content)


def _field(number: int, content: bytes) -> bytes:
    size, length = len(content), b""
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def example(image_content: bytes, label: int) -> bytes:
    """A tf.train.Example as TFDS writes it, in protobuf's wire format."""
    pixels = _field(1, b"image") + _field(2, _field(1, _field(1, image_content)))
    classes = _field(1, b"label") + _field(2, _field(3, _field(1, bytes([label]))))
    return _field(1, _field(1, pixels) + _field(1, classes))


SHARD = "tiny-test.tfrecord-00000-of-00001"
FEATURES = {
    "featuresDict": {"features": {
        "image": {"pythonClassName": "Image", "image": {"shape": {"dimensions": ["4", "4", "3"]}, "dtype": "uint8"}},
        "label": {"pythonClassName": "ClassLabel", "classLabel": {"numClasses": "3"}},
    }},
    "pythonClassName": "FeaturesDict",
}  # fmt: skip


def tfds() -> Files:
    """A folder as TensorFlow Datasets prepares it."""
    examples = [example(image("png"), label) for label in (0, 2)]
    return {
        "d/features.json": json.dumps(FEATURES).encode(),
        "d/label.labels.txt": b"cat\ndog\nfox",
        f"d/{SHARD}": b"".join(map(record, examples)),
    }


def photos() -> Files:
    """A folder with a class folder each for two classes, one image of each kind of file."""
    return {f"d/{'cat' if k % 2 else 'dog'}/{k}.{suffix}": image(suffix) for k, suffix in enumerate(FORMATS)}


TABLE = [["file", "label", "split"], ["a.png", "cat", "test"], ["b.png", "dog", "test"], ["b.png", "cat", "train"]]


def table() -> Files:
    """Images with a table of labels."""
    return {
        "d/a.png": image("png"),
        "d/b.png": image("png"),
        "d/labels.csv": "\n".join(map(",".join, TABLE)).encode(),
    }


def arrays() -> dict[str, np.ndarray]:
    return {"images": PIXELS, "labels": LABELS, "class_names": np.array(["cat", "dog", "fox"])}


def npz_file() -> Files:
    return {"d.npz": npz(arrays())}


def npy_files() -> Files:
    return {f"d/{name}.npy": npy(array) for name, array in arrays().items()}
