"""Which kinds of files are fuzzed: of each the good ones, how they are changed, and the door that opens them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz import doors, good
from fuzz.files import Files
from fuzz.models import changed_hdf5
from fuzz.onnx_models import changed_onnx
from fuzz.runs import changed_run
from fuzz.values import (
    TEXTS,
    VALUES,
    changed_bytes,
    changed_folder,
    changed_json,
    changed_npy,
    changed_npz,
    changed_zip,
    unzipped,
)
from hypothesis import strategies as st

OUTSIDE = ("../outside", "/etc/passwd")
Strategy = st.SearchStrategy[Files]


@dataclass(frozen=True)
class Format:
    """good(folder): the good files, made there if that needs a folder. strategy(good files). door(folder).

    outputs: what the door may write to, in the folder. share: of all cases; small where a case takes long. slow: a case
    takes seconds, so only `make fuzz` tries it.
    """

    good: Callable[[Path], Files]
    strategy: Callable[[Files], Strategy]
    door: Callable[[Path], None]
    outputs: tuple[str, ...] = ()
    share: float = 1.0
    slow: bool = False
    may_raise: bool = True  # a TfstabError


def _model(files: Files) -> Strategy:
    parts = unzipped(files["m.keras"])
    members = {
        "config.json": changed_json(json.loads(parts["config.json"])),
        "metadata.json": changed_json(json.loads(parts["metadata.json"])),
        "model.weights.h5": changed_hdf5(parts["model.weights.h5"]),
    }
    model = changed_zip(files["m.keras"], members)
    return changed_folder(files, {"m.keras": model, "m.json": changed_json(good.CARD)}, OUTSIDE)


def _training(files: Files) -> Strategy:
    state = changed_json(json.loads(files["training/training.json"]))
    strategies: dict[str, Any] = {"training/training.json": state}
    for name, content in files.items():
        if name.endswith(".keras"):
            strategies[name] = changed_zip(
                content, {"config.json": changed_json(json.loads(unzipped(content)["config.json"]))}
            )
    return changed_folder(files, strategies, OUTSIDE)


def _images(files: Files) -> Strategy:
    return changed_folder(files, {}, OUTSIDE)


def _mask(suffix: str) -> Callable[[Files], Strategy]:
    return lambda files: changed_folder(files, {"m.png": changed_bytes(good.image(suffix))}, OUTSIDE)


@st.composite
def changed_shard(draw: Any) -> bytes:
    """Records whose checksums fit, of images and labels that do not."""
    examples = [
        good.example(draw(changed_bytes(good.image("png")) | st.just(good.image("gif"))), draw(st.integers(0, 255)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return b"".join(map(good.record, [draw(changed_bytes(e)) if draw(st.booleans()) else e for e in examples]))


def _tfds(files: Files) -> Strategy:
    shard = f"d/{good.SHARD}"
    return changed_folder(
        files,
        {
            "d/features.json": changed_json(good.FEATURES),
            shard: changed_shard() | changed_bytes(files[shard]),
            "d/label.labels.txt": TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
            | st.just(b"\n" * 10_000),
        },
        OUTSIDE,
    )


ODD_CELLS = ["a.png", "b.png", "cat", "test", "/etc/passwd", '"', "\r", "A.PNG", ".", "a.png/x", "²", "٣"]
CELLS = TEXTS | st.sampled_from(ODD_CELLS)


@st.composite
def changed_table(draw: Any) -> bytes:
    """A CSV file with cells, rows, its separators or its encoding changed."""
    rows = [list(row) for row in good.TABLE]
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.integers(0, len(rows) - 1))
        what = draw(st.sampled_from(["cell", "cell", "cell", "shorter", "longer", "double", "remove"]))
        if what == "cell" and rows[row]:
            rows[row][draw(st.integers(0, len(rows[row]) - 1))] = draw(CELLS)
        elif what == "shorter":
            rows[row] = rows[row][:1]
        elif what == "longer":
            rows[row] = rows[row] * 2
        elif what == "double":
            rows.insert(row, rows[row])
        elif len(rows) > 1:
            del rows[row]
    separator, end = (
        draw(st.sampled_from([",", ",", ";", "\t", "|"])),
        draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])),
    )
    text = end.join(separator.join(row) for row in rows)
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"])), "replace")


def _table(files: Files) -> Strategy:
    return changed_folder(files, {"d/labels.csv": changed_table() | changed_bytes(files["d/labels.csv"])}, OUTSIDE)


def _npz(files: Files) -> Strategy:
    return changed_folder(files, {"d.npz": changed_npz(files["d.npz"])}, OUTSIDE)


def _npy(files: Files) -> Strategy:
    return changed_folder(files, {name: changed_npy(content) for name, content in files.items()}, OUTSIDE)


MARKS = {"format": 1, "marks": {"1/0/2": "looks like a 7", "3": "", "4/1/0": "é"}}
ORDER = {
    "is": "RunOrder", "job": 1, "kind": "sweep", "model": "mnist-lenet", "data": "mnist-5k", "out": "/nowhere/run",
    "settings": {"copies": 3}, "split": "test", "limit": 10, "images": None, "target": None, "mask": None,
    "resize": None, "options": {},
}  # fmt: skip
SETTINGS = {
    "General": {"recent": "/nowhere/a, /nowhere/b", "theme": "dark", "runs-folder": "/nowhere"},
    "window-4": {"geometry": "@ByteArray(\\x1\\xd9)", "layout": "@ByteArray(\\0\\0)"},
    "rates": {"sweep%20mnist-lenet": "123.5"},
    "models": {"f": '"[\\"mnist-lenet\\", {}, 0]"', "g": '"[\\"/nowhere/m.keras\\", {\\"trust\\": true}, 5]"'},
}
STORED = (
    TEXTS
    | VALUES.map(lambda value: json.dumps(value, default=str))
    | st.sampled_from(
        [
            "@Invalid()",
            "@ByteArray(\\xff)",
            "@Variant(\\0\\0\\0\\x8)",
            "@Size(1 2)",
            "@Point(9)",
            "a, b, c",
            '"[' + "[" * 5000,
            '"[\\"a\\", [1], 2]"',
            '"[\\"~nobody/x\\", {}, 1e400]"',
            '"[\\"a\\\\u0000b\\", {}, 1]"',
            "nan",
            "-1",
            "1e999",
        ]
    )
)


@st.composite
def changed_settings(draw: Any) -> bytes:
    """An INI file as Qt keeps it, with values changed."""
    kept = {group: dict(values) for group, values in SETTINGS.items()}
    for _ in range(draw(st.integers(1, 3))):
        group = draw(st.sampled_from(sorted(kept)))
        kept[group][draw(st.sampled_from(sorted(kept[group])))] = draw(STORED)
    lines = [f"[{group}]\n" + "\n".join(f"{k}={v}" for k, v in values.items()) for group, values in kept.items()]
    return "\n\n".join(lines).encode("utf-8", "surrogatepass")


INI = "tfstab/viewer.ini"


def _settings_file() -> bytes:
    lines = [f"[{group}]\n" + "\n".join(f"{k}={v}" for k, v in values.items()) for group, values in SETTINGS.items()]
    return "\n\n".join(lines).encode()


def _settings(files: Files) -> Strategy:
    """A file always: Qt itself opens it, in the user's own folder, and would wait for a pipe."""
    return st.fixed_dictionaries({INI: changed_settings() | changed_bytes(_settings_file())})


@st.composite
def changed_orders(draw: Any) -> bytes:
    """Lines of orders, one a job."""
    lines = [draw(changed_json(ORDER)).replace(b"\n", b"") for _ in range(draw(st.integers(1, 2)))]
    return b"\n".join(lines) + b"\n"


FORMATS: dict[str, Format] = {
    "keras": Format(good.keras_file, _model, doors.model, share=0.5),
    "onnx": Format(lambda at: good.onnx_file(),
                   lambda files: changed_folder(files, {"m.onnx": changed_onnx(files["m.onnx"])}, OUTSIDE),
                   doors.onnx_model, share=0.2),
    "tflite": Format(lambda at: good.tflite_file(),
                     lambda files: changed_folder(files, {"m.tflite": changed_bytes(files["m.tflite"])}, OUTSIDE),
                     doors.tflite_model, share=0.2),
    "sweep": Format(lambda at: good.run(at, "sweep"), changed_run, doors.run, share=2),
    "search": Format(lambda at: good.run(at, "search"), changed_run, doors.run, share=2),
    "explanation": Format(lambda at: good.run(at, "explanation"), changed_run, doors.run, share=0.2),
    "resumed sweep": Format(lambda at: good.run(at, "sweep"), changed_run, doors.resumed_sweep, ("run",)),
    "resumed search": Format(lambda at: good.run(at, "search"), changed_run, doors.resumed_search, ("run",), 0.5),
    "training": Format(good.training, _training, doors.resumed_training, ("training",), 0.1,
                       slow=True),
    "images": Format(lambda at: good.photos(), _images, doors.resized_data, share=2),
    **{
        f"mask {suffix}": Format(
            lambda at, suffix=suffix: {"m.png": good.image(suffix)}, _mask(suffix), doors.mask, share=0.3
        )
        for suffix in good.FORMATS
    },
    "tfds": Format(lambda at: good.tfds(), _tfds, doors.data),
    "csv": Format(lambda at: good.table(), _table, doors.data, share=2),
    "npz": Format(lambda at: good.npz_file(), _npz, doors.npz, share=2),
    "npy": Format(lambda at: good.npy_files(), _npy, doors.data, share=2),
    "settings": Format(lambda at: {INI: _settings_file()},
                       _settings,
                       doors.settings, ("",), may_raise=False),
    "marks": Format(lambda at: {"marks.json": json.dumps(MARKS).encode()},
                    lambda files: changed_folder(files, {"marks.json": changed_json(MARKS)}),
                    doors.marks, ("",), may_raise=False),
    "jobs": Format(lambda at: {"jobs/a.jobs": json.dumps(ORDER).encode() + b"\n"},
                   lambda files: changed_folder(files, {"jobs/a.jobs": changed_orders()}),
                   doors.jobs, ("",), may_raise=False),
}  # fmt: skip
