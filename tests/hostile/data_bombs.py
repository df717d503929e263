"""Data sets that are bombs: arrays, tables, folders that TFDS has prepared, image files."""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from bad_input.place import png, png_of
from hostile.bombs import Bomb
from hostile.run_bombs import npy_header, sparse, zeros


def harmless_arrays(at: Path, **changes: Any) -> Path:
    """An npz file of four blank images, with these arrays changed."""
    arrays = {"images": np.zeros((4, 4, 4), np.uint8), "labels": np.arange(4)} | changes
    np.savez_compressed(at / "d.npz", **arrays)
    return at / "d.npz"


def _packed(at: Path, name: str, shape: tuple[int, ...], kind: str) -> Path:
    path = harmless_arrays(at)
    zeros(path, name, shape, kind)
    return path


def _pair(at: Path, images: bytes | None = None, labels: bytes | None = None, size: int = 0) -> str:
    """images.npy and labels.npy; one of them these bytes, in a sparse file of that size."""
    np.save(at / "images.npy", np.zeros((4, 4, 4), np.uint8))
    np.save(at / "labels.npy", np.arange(4))
    for name, start in (("images", images), ("labels", labels)):
        if start is not None:
            sparse(at / f"{name}.npy", size, start)
    return f"folder:{at}"


def _features(classes: Any = "3", **changes: Any) -> dict[str, Any]:
    image = {"image": {"shape": {"dimensions": ["4", "4", "3"]}}} | changes
    return {"featuresDict": {"features": {"image": image, "label": {"classLabel": {"numClasses": classes}}}}}


def _prepared(at: Path, features: Any = None, names: str | None = None, records: bytes = b"", size: int = 0) -> str:
    """What TFDS prepares: features.json, names of classes, and a file of records."""
    text = features if isinstance(features, str) else json.dumps(features or _features())
    (at / "features.json").write_text(text, "utf-8")
    if names is not None:
        (at / "label.labels.txt").write_text(names, "utf-8")
    sparse(at / "d-test.tfrecord-00000-of-00001", max(size, len(records)), records)
    return f"folder:{at}"


def _table(at: Path, text: str) -> Path:
    (at / "a.png").write_bytes(png())
    (at / "labels.csv").write_text(text, "utf-8")
    return at / "labels.csv"


def _photo(at: Path, content: bytes) -> str:
    (at / "cat").mkdir()
    (at / "cat" / "a.png").write_bytes(content)
    return f"folder:{at}"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_with_text() -> bytes:
    """A PNG with a comment that unpacks to 20 MB."""
    plain = png()
    comment = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(20_000_000), 1))
    return plain[:33] + comment + plain[33:]


DATA_BOMBS = {
    "npz: 71 MB of zeros": Bomb("data", lambda at: _packed(at, "images", (4, 4200, 4200), "|u1"), "unpack to"),
    "npz: a class name of 5 MB": Bomb(
        "data", lambda at: _packed(at, "class_names", (1,), "<U1250000"), "1,250,000 characters",
    ),
    "npz: a million classes": Bomb(
        "data", lambda at: harmless_arrays(at, class_names=np.full(1_000_000, "x")), "1,000,000 class names",
    ),
    "npy: labels of no bytes": Bomb(
        "data", lambda at: _pair(at, labels=npy_header((10**12,), "<U0"), size=128), "values of 0 bytes",
    ),
    "npy: images of 1 TB, none of which is stored": Bomb(
        "data", lambda at: _pair(at, images=npy_header((1 << 20, 1 << 10, 1 << 10), "|u1"), size=(1 << 40) + 128),
        "a hole",
    ),
    "npy: labels of 8 GB, none of which is stored": Bomb(
        "data", lambda at: _pair(at, labels=npy_header((1 << 30,), "<i8"), size=(8 << 30) + 128), "a hole",
    ),
    "TFDS: a billion classes": Bomb("data", lambda at: _prepared(at, _features("1000000000")), "1,000,000,000 classes"),
    "TFDS: features of 5 MB": Bomb("data", lambda at: _prepared(at, "[" * 5_000_000), "more than 1 MB"),
    "TFDS: names of 10 MB": Bomb("data", lambda at: _prepared(at, names="x\n" * 5_000_000), "more than 8 MB"),
    "TFDS: a class name of 5 MB": Bomb("data", lambda at: _prepared(at, names="x" * 5_000_000), "characters"),
    "TFDS: a record of 10 GB, none of which is stored": Bomb(
        "data", lambda at: _prepared(at, records=struct.pack("<Q", 10 << 30), size=(10 << 30) + 16), "10,737,418,240",
    ),
    "TFDS: records of nothing in 1 TB, none of which is stored": Bomb(
        "data", lambda at: _prepared(at, size=1 << 40), "one of 0 bytes",
    ),
    "CSV: 2.1 million rows": Bomb("data", lambda at: _table(at, "a.png,1\n" * 2_100_000), "more than 2,000,000 rows"),
    "CSV: a label of 100,000 digits": Bomb("data", lambda at: _table(at, f"a.png,{'9' * 100_000}\n"), "characters"),
    "CSV: 1 TB, none of which is stored": Bomb(
        "data", lambda at: sparse(at / "labels.csv", 1 << 40) or at / "labels.csv", "larger than 256 MB",
    ),
    "PNG: 40 billion pixels": Bomb("data", lambda at: _photo(at, png_of(200_000, 200_000)), "a.png"),
    "PNG: a comment of 20 MB": Bomb("data", lambda at: _photo(at, _png_with_text()), "a.png"),
}  # fmt: skip
