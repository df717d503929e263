"""Run folders that are bombs, made from tiny ones without TensorFlow."""

import zipfile
from pathlib import Path
from typing import Any

import made_up_runs as made
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hostile.bombs import Bomb
from numpy.lib import format as npy


def sparse(path: Path, size: int, start: bytes = b"") -> None:
    """A file of this size that takes no space on the disk."""
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)


def npy_header(shape: tuple[int, ...], kind: str) -> bytes:
    """The start of an npy file."""
    head = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return npy.magic(1, 0) + len(head).to_bytes(2, "little") + head


def zeros(path: Path, name: str, shape: tuple[int, ...], kind: str = "|u1") -> None:
    """Put an array of zeros into an npz file in place of another, packed a thousandfold."""
    with np.load(path) as archive:
        arrays = {key: archive[key] for key in archive.files if key != name}
    np.savez(path, **arrays)
    size, block = int(np.prod(shape)) * np.dtype(kind).itemsize, bytes(1 << 20)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(f"{name}.npy", "w") as file,
    ):
        file.write(npy_header(shape, kind))
        for start in range(0, size, len(block)):
            file.write(block[: size - start])


def _info(at: Path, kind: str = "sweep", **changes: Any) -> Path:
    """A run with run.json changed: `data__note="..."` inside of it."""

    def change(info: dict[str, Any]) -> None:
        for name, value in changes.items():
            *inside, last = name.split("__")
            place = info
            for key in inside:
                place = place[key]
            place[last] = value

    return made.change_info((made.sweep if kind == "sweep" else made.search)(at / "run"), change)


def _many_values(at: Path) -> Path:
    run = made.sweep(at / "run")
    text = (run / "run.json").read_text("utf-8")
    (run / "run.json").write_text(text.replace("{", '{"x": [' + "[]," * 5_000_000 + "0],", 1), "utf-8")
    return run


def _many_images(at: Path) -> Path:
    run = made.sweep(at / "run")
    zeros(run / "clean.npz", "images", (4, 8_200, 8_200, 1))
    return run


def _sparse_images(at: Path) -> Path:
    run = made.sweep(at / "run")
    made.change_arrays(run / "clean.npz", images=None)
    shape = (4, 1 << 19, 1 << 19, 1)
    sparse(run / "clean.npy", 128 + int(np.prod(shape)), npy_header(shape, "|u1"))
    return run


def _many_rows(at: Path) -> Path:
    """500,000 rows where 12 are planned."""
    run = made.sweep(at / "run")
    part = made.first_part(run)
    row = pq.read_table(part).slice(0, 1)
    pq.write_table(row.take(pa.array(np.zeros(500_000, np.int64))), part, compression="zstd")
    made.seal(part)
    return run


def _long_text(at: Path) -> Path:
    """A degradation whose name has 20 MB, of which the file's description tells nothing."""
    run = made.sweep(at / "run")
    part = made.first_part(run)
    table = pq.read_table(part)
    kind = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(table), np.int32)), pa.array(["x" * 20_000_000]))
    place = table.schema.get_field_index("degradation")
    pq.write_table(
        table.set_column(place, "degradation", kind),
        part,
        compression="zstd",
        write_statistics=False,
    )
    told = _varint(2 * pq.read_metadata(part).row_group(0).column(place).total_uncompressed_size)
    content = part.read_bytes()
    assert told in content
    part.write_bytes(content.replace(told, b"\xd0" + b"\x80" * (len(told) - 2) + b"\0"))  # 40 bytes, as long as before
    made.seal(part)
    return run


def _varint(number: int) -> bytes:
    """As Thrift's compact protocol has it, seven bits a byte."""
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def _large_noise(at: Path) -> Path:
    run = made.search(at / "run")
    part = made.first_part(run)
    zeros(part, "noise", (4_200, 4_200, 1), "<f4")
    made.seal(part)
    return run


def long_log(at: Path) -> Path:
    """A search whose log has 10 GB and no end of a line; its times are unknown then, and nothing else."""
    run = made.search(at / "run")
    sparse(run / "log.jsonl", 10 << 30)
    return run


def sparse_json(at: Path) -> Path:
    run = made.sweep(at / "run")
    sparse(run / "run.json", 1 << 40)
    return run


RUN_BOMBS = {
    "run.json: 1 TB, none of which is stored": Bomb("run", sparse_json, "more than 64 MB"),
    "run.json: 5 million lists": Bomb("run", _many_values, "more than 2,500,000 values"),
    "run.json: a class name of 5 MB": Bomb(
        "run", lambda at: _info(at, data__class_names=["cat", "dog", "x" * 5_000_000]), "5,000,000 characters",
    ),
    "run.json: a model's name of 5 MB": Bomb("run", lambda at: _info(at, model__name="x" * 5_000_000), "characters"),
    "run.json: 100,000 classes": Bomb(
        "run", lambda at: _info(at, data__class_names=["x"] * 100_000), "100,000 classes",
    ),
    "run.json: 30,000 classes for three scores": Bomb(
        "run", lambda at: _info(at, data__class_names=["x"] * 30_000), "names of 30000",
    ),
    "run.json: 100,000 sigmas": Bomb(
        "run", lambda at: _info(at, settings__sigmas=list(range(1, 100_001))), "100,000 values",
    ),
    "run.json: 30 million rows an image": Bomb(
        "run", lambda at: _info(at, settings__sigmas=list(range(1, 1001)), settings__copies=32_767), "32,767,000",
    ),
    "clean.npz: 269 MB of zeros": Bomb("run", _many_images, "damaged"),
    "clean.npy: 1 TB, none of which is stored": Bomb("run", _sparse_images, "damaged"),
    "a sweep's part: 500,000 rows for 12": Bomb("run", _many_rows, "too many rows, 500,000"),
    "a sweep's part: a text of 20 MB": Bomb("run", _long_text, "unpack to"),
    "a search's part: 71 MB of zeros": Bomb("run", _large_noise, "unpack to"),
}  # fmt: skip
