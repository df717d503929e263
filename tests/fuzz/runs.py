"""Changed run folders: run.json, clean images, parts whose checksums fit again, and the log."""

import hashlib
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fuzz.files import Files
from fuzz.values import changed_bytes, changed_folder, changed_json, changed_npz
from hypothesis import strategies as st

EXTREMES = st.sampled_from(
    [0, 1, -1, 2, 3, 5, 127, -(2**15), 2**15 - 1, float("nan"), float("inf"), -float("inf"), 1e38, 0.5]
)
TYPES = st.sampled_from(
    [
        pa.int8(),
        pa.int32(),
        pa.int64(),
        pa.uint64(),
        pa.float16(),
        pa.float64(),
        pa.string(),
        pa.binary(),
        pa.bool_(),
        pa.null(),
        pa.list_(pa.int8()),
        pa.decimal128(5),
        pa.timestamp("ns"),
        pa.dictionary(pa.int32(), pa.int32()),
    ]
)


@st.composite
def changed_parquet(draw: Any, good: bytes) -> bytes:
    """A Parquet file with other values, rows, columns or types, or with its bytes changed."""
    table = pq.read_table(io.BytesIO(good))
    for _ in range(draw(st.integers(1, 2))):
        what = draw(
            st.sampled_from(["value"] * 4 + ["rows", "rows", "type", "remove", "rename", "null", "bytes", "order"])
        )
        place = draw(st.integers(0, max(0, table.num_columns - 1)))
        if what == "bytes" or not table.num_columns:
            return draw(changed_bytes(good))
        field, column = table.schema.field(place), table.column(place)
        if what in ("value", "null"):
            column = _with_value(column, field.type, None if what == "null" else draw(EXTREMES))
            table = table.set_column(place, pa.field(field.name, field.type), column)
        elif what == "rows":
            rows = draw(st.lists(st.integers(0, len(table) - 1), max_size=9)) if len(table) else []
            table = table.take(pa.array(rows, pa.int64()))
        elif what == "type":
            kind = draw(TYPES)
            table = table.set_column(place, field.name, pa.nulls(len(table), kind))
        elif what == "remove":
            table = table.remove_column(place)
        elif what == "rename":
            names = list(table.column_names)
            names[place] = draw(st.sampled_from(["x", "", *names]))
            table = table.rename_columns(names)
        else:
            table = table.select(list(range(table.num_columns))[::-1])
    written = io.BytesIO()
    pq.write_table(table, written, compression=draw(st.sampled_from(["NONE", "SNAPPY", "GZIP", "ZSTD"])))
    return written.getvalue()


def _with_value(column: pa.ChunkedArray, kind: pa.DataType, value: float | None) -> pa.Array:
    values = column.to_pylist()
    try:
        changed = pa.array([value, *values[1:]] if values else [], kind)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):  # the type has no such value
        return column
    return changed


def sealed(files: Files) -> Files:
    """Parts under the names that their contents want: whoever makes a run can compute checksums."""
    named: Files = {}
    for name, content in files.items():
        folder, _, last = name.rpartition("/")
        if folder.endswith("parts") and isinstance(content, bytes) and "-" in last:
            start, suffix = last.rpartition("-")[0], last.rpartition(".")[2]
            last = f"{start}-{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
        named[f"{folder}/{last}" if folder else last] = content
    return named


def changed_run(good: Files) -> st.SearchStrategy[Files]:
    """A run folder of a sweep or search, changed; the names of its parts mostly fit their contents."""
    info = json.loads(good["run/run.json"])
    strategies: dict[str, st.SearchStrategy[bytes]] = {
        "run/run.json": changed_json(info) | changed_plan(info) if info["kind"] == "sweep" else changed_json(info),
        "run/clean.npz": changed_npz(good["run/clean.npz"]),
        "run/log.jsonl": changed_bytes(good["run/log.jsonl"]) | changed_log(good["run/log.jsonl"]),
    }
    for name, content in good.items():
        if name.startswith("run/parts/"):
            strategies[name] = changed_parquet(content) if name.endswith(".parquet") else changed_npz(content)
    files = changed_folder(good, strategies, ("../outside", "/etc/passwd"))
    return files.map(sealed) | files.map(sealed) | files.map(sealed) | files


@st.composite
def changed_plan(draw: Any, info: Any) -> bytes:
    """A sweep's run.json with other blocks, or other numbers of images and copies."""
    info = json.loads(json.dumps(info))
    for _ in range(draw(st.integers(0, 3))):
        numbers = draw(st.lists(st.sampled_from([0, 0, 1, 1, 2, 3, 4, 99_999, 9_999_999]), min_size=4, max_size=4))
        block = "block-{:07d}-{:07d}-{:05d}-{:05d}".format(*numbers)
        info["parts"].insert(
            draw(st.integers(0, len(info["parts"]))), draw(st.sampled_from([block, block, "class-00000-00000"]))
        )
        if draw(st.booleans()):
            del info["parts"][draw(st.integers(0, len(info["parts"]) - 1))]
    info["settings"]["copies"] = draw(st.sampled_from([2, 2, 1, 3, 32_767]))
    info["data"]["images"] = draw(st.sampled_from([3, 3, 2, 4, 0, -1, 10**12]))
    info["format"] = draw(st.sampled_from([2, 2, 1]))
    return json.dumps(info).encode()


@st.composite
def changed_log(draw: Any, good: bytes) -> bytes:
    """The lines of a log with one changed, and that one a number of times."""
    lines = good.splitlines()
    place = draw(st.integers(0, len(lines) - 1))
    line = draw(changed_json(json.loads(lines[place]), 1)).replace(b"\n", b"")
    lines[place : place + 1] = [line] * draw(st.sampled_from([1, 2, 50]))
    return b"\n".join(lines) + draw(st.sampled_from([b"\n", b"", b"\n{"]))
