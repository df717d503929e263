"""Model files that are bombs. Made without TensorFlow: a hand-written config, and weights by h5py."""

import io
import json
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from hostile.bombs import Bomb


def layer(class_name: str, **settings: Any) -> dict[str, Any]:
    """The config of one of Keras' layers."""
    return {"module": "keras.layers", "class_name": class_name, "config": settings, "registered_name": None}


def config(*more: dict[str, Any], classes: int = 3) -> dict[str, Any]:
    """A Sequential model of images (4, 4, 1) with these layers before its last two."""
    layers = [
        layer("InputLayer", batch_shape=[None, 4, 4, 1], name="images"), *more,
        layer("GlobalAveragePooling2D", name="mean"),
        layer("Dense", units=classes, activation="softmax", name="dense"),
    ]  # fmt: skip
    built = {"input_shape": [None, 4, 4, 1]}
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "tiny", "layers": layers},
        "registered_name": None,
        "build_config": built,
    }


def _without_softmax(*more: dict[str, Any]) -> dict[str, Any]:
    """The same, whose scores are found by trying it."""
    model = config(*more)
    model["config"]["layers"][-1]["config"]["activation"] = "linear"
    return model


def weights(change=lambda file: None, classes: int = 3) -> bytes:
    """The weights of that model, changed by `change(file)`."""
    written = io.BytesIO()
    with h5py.File(written, "w") as file:
        variables = file.create_group("layers/dense/vars")
        variables["0"], variables["1"] = np.zeros((1, classes), "f4"), np.zeros(classes, "f4")
        change(file)
    return written.getvalue()


def keras_file(folder: Path, content: Any = None, hdf5: bytes | None = None, compress: bool = False) -> Path:
    """A `.keras` file of this config and these weights; the harmless ones by default."""
    path = folder / "m.keras"
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", method, compresslevel=1) as archive:
        text = content if isinstance(content, str | bytes) else json.dumps(content or config())
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", weights() if hdf5 is None else hdf5)
    return path


def _doubling(file: h5py.File) -> None:
    """Forty groups, each with two names for the next: 2^40 paths."""
    group = file.create_group("layers/double")
    for _ in range(40):
        below = group.create_group("a")
        group["b"] = below
        group = below


def _cycle(file: h5py.File) -> None:
    file["layers/again"] = file["/"]


def _many_groups(file: h5py.File) -> None:
    layers = file["layers"].id
    for number in range(32_000):
        h5py.h5g.create(layers, f"{number}".encode())


def _deep(file: h5py.File) -> None:
    file.create_group("/".join(["layers", *"d" * 2_000]))


# Dense layers whose kernels are 1000 x 15,000 or the other way round, 60 MB each.
UNALLOCATED = [layer("Dense", units=1 if k == 89 else (15_000, 1000)[k % 2], name=f"wide_{k}") for k in range(90)]


def _unallocated(file: h5py.File) -> None:
    """The kernels of these, of which nothing is stored."""
    for number, (inputs, outputs) in enumerate(pairwise([1, *(each["config"]["units"] for each in UNALLOCATED)])):
        variables = file.create_group(f"layers/dense_{number + 1}/vars")
        variables.create_dataset("0", (inputs, outputs), "f4", chunks=(min(inputs, 1000), min(outputs, 1000)))
        variables["1"] = np.zeros(outputs, "f4")


def _large_chunk(file: h5py.File) -> None:
    """A compressed chunk that is 300 MB when it is read: 80 times its size, so that only a limit of memory stops it.

    After a full flush the same bytes mean the same again, so the zeros are pressed once and written 30 times.
    """
    size, noise, zeros = 300_000_000, np.random.default_rng(0).bytes(3_500_000), bytes(10_000_000)
    data = file.create_dataset("layers/large/vars/0", (size,), "u1", chunks=(size,), compression="gzip")
    checksum = zlib.adler32(noise)
    for _ in range(30):
        checksum = zlib.adler32(zeros, checksum)
    stream = [b"\x78\x01", _pressed(noise, 0), *[_pressed(zeros, 9)] * 30, b"\x03\x00", checksum.to_bytes(4, "big")]
    data.id.write_direct_chunk((0,), b"".join(stream))


def _pressed(content: bytes, level: int) -> bytes:
    """A part of a deflate stream that needs nothing of the parts before it."""
    pressing = zlib.compressobj(level, wbits=-zlib.MAX_WBITS)
    return pressing.compress(content) + pressing.flush(zlib.Z_FULL_FLUSH)


def _shared(file: h5py.File) -> None:
    file["layers/dense/vars/2"] = file["layers/dense/vars/0"]


def _noise(k: int) -> dict[str, Any]:
    ours = {"module": "tfstab.models.noise_layer", "registered_name": "tfstab>AddNoise"}
    return layer("AddNoise", sigma=1.0, noise_seed=k, copy=k, name=f"noise_{k}") | ours


# The first two noise fields together have more numbers than are allowed, 1 and 33 million, and neither has alone.
NOISE = [
    layer("Resizing", height=1000, width=1000, name="large"),
    _noise(0),
    layer("Resizing", height=5750, width=5750, name="larger"),
    *map(_noise, range(1, 100)),
]


def _card(folder: Path, content: str) -> Path:
    """The harmless model, with this card."""
    (folder / "m.json").write_text(content, "utf-8")
    return keras_file(folder)


def _named_type(file: h5py.File) -> None:
    file["layers/type"] = np.dtype("f8")


MODEL_BOMBS = {
    "archive: 70 MB of zeros": Bomb(
        "model", lambda at: keras_file(at, json.dumps(config()) + " " * 70_000_000, compress=True), "unpack to",
    ),
    "weights: groups that contain themselves": Bomb(
        "model", lambda at: keras_file(at, hdf5=weights(_cycle)), "in two places",
    ),
    "weights: groups that double at each level": Bomb(
        "model", lambda at: keras_file(at, hdf5=weights(_doubling)), "in two places",
    ),
    "weights: 32,000 groups": Bomb("model", lambda at: keras_file(at, hdf5=weights(_many_groups)), "more than"),
    "weights: 2,000 levels": Bomb("model", lambda at: keras_file(at, hdf5=weights(_deep)), "levels"),
    "weights: unallocated data": Bomb(
        "model", lambda at: keras_file(at, config(*UNALLOCATED), weights(_unallocated)), "declare 5",
    ),
    "weights: a named type": Bomb("model", lambda at: keras_file(at, hdf5=weights(_named_type)), "neither"),
    "weights: a chunk of 300 MB": Bomb("model", lambda at: keras_file(at, hdf5=weights(_large_chunk)), "memory"),
    "weights: data in two places": Bomb("model", lambda at: keras_file(at, hdf5=weights(_shared)), "in two places"),
    "config: 15 MB of JSON": Bomb(
        "model", lambda at: keras_file(at, json.dumps(config())[:-1] + ', "x": [' + "[]," * 5_000_000 + "[]]}"),
        "config.json is larger than",
    ),
    "config: 100,000 levels": Bomb(
        "model", lambda at: keras_file(at, json.dumps(config())[:-1] + ', "x": ' + "[" * 10**5 + "]" * 10**5 + "}"),
        "damaged",
    ),
    "config: an image of 10^12 pixels": Bomb(
        "model",
        lambda at: keras_file(at, json.dumps(config()).replace("[null, 4, 4, 1]", "[null, 1000000, 1000000, 1]")),
        "too large for an image",
    ),
    "layers: resizing to 20,000 x 20,000": Bomb(
        "model", lambda at: keras_file(at, config(layer("Resizing", height=20_000, width=20_000, name="large"))),
        "409.6 GB",
    ),
    "layers: resizing, and no softmax": Bomb(
        "model", lambda at: keras_file(at, _without_softmax(layer("Resizing", height=20_000, width=20_000))), "6.4 GB",
    ),
    "layers: a thousandfold upsampling": Bomb(
        "model", lambda at: keras_file(at, config(layer("UpSampling2D", size=1000, name="large"))),
        "smaller batch_size",
    ),
    "layers: padding": Bomb(
        "model", lambda at: keras_file(at, config(layer("ZeroPadding2D", padding=100_000, name="large"))), "is refused",
    ),
    "layers: 100 noise fields": Bomb(
        "model", lambda at: keras_file(at, config(*NOISE)), "noise fields",
    ),
    "card: 6 MB of JSON": Bomb("model", lambda at: _card(at, "[" + "[]," * 2_000_000 + "[]]"), "more than 4 MB"),
    "card: 100,000 levels": Bomb("model", lambda at: _card(at, "[" * 10**5 + "]" * 10**5), "cannot be read"),
    "card: a name of 3 MB": Bomb(
        "model", lambda at: _card(at, json.dumps({"class_names": ["x" * 3_000_000, "b", "c"]})), "3,000,000 characters",
    ),
    "card: 100,000 names": Bomb(
        "model", lambda at: _card(at, json.dumps({"class_names": [""] * 100_000})), "99,997 others the same name",
    ),
}  # fmt: skip
