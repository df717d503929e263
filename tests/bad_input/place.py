"""Makes the bad files of the corpus in a test's folder, most of them from good ones."""

import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image

from tfstab.runs.files import checksum


class Place:
    """folder: where files are made. good: a folder with good ones: tiny.keras, sweep and search, and models that are
    no image classifiers.
    """

    def __init__(self, folder: Path, good: Path) -> None:
        self.folder, self.good = folder, good

    def __truediv__(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def file(self, name: str, content: str | bytes = "not what it says") -> Path:
        path = self / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def npz(self, name: str, **arrays: object) -> Path:
        np.savez(self / name, **arrays)  # type: ignore[arg-type]
        return self / name

    def digits(self, **changes: object) -> Path:
        """An npz file of four blank images, changed; None leaves an array out."""
        arrays = {"images": np.zeros((4, 28, 28), np.uint8), "labels": np.arange(4)} | changes
        return self.npz("d.npz", **{name: array for name, array in arrays.items() if array is not None})

    def keras(self, **parts: str | bytes | None) -> Path:
        """The good model's file with these parts (config, metadata, weights) replaced or left out."""
        names = {"config": "config.json", "metadata": "metadata.json", "weights": "model.weights.h5"}
        with zipfile.ZipFile(self.good / "tiny.keras") as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members |= {names.get(name, name): content for name, content in parts.items()}
        return self.zip("m.keras", {name: content for name, content in members.items() if content is not None})

    def config(self, change) -> Path:
        """The good model's file with its config changed."""
        with zipfile.ZipFile(self.good / "tiny.keras") as archive:
            config = json.loads(archive.read("config.json"))
        change(config)
        return self.keras(config=json.dumps(config))

    def zip(self, name: str, members: dict[str, str | bytes]) -> Path:
        with zipfile.ZipFile(self / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return self / name

    def tar(self, name: str, members: dict[str, bytes]) -> Path:
        with tarfile.open(self / name, "w:gz") as archive:
            for member, content in members.items():
                info = tarfile.TarInfo(member)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return self / name

    def cut(self, name: str, share: float = 0.5) -> Path:
        """The first part of a good file."""
        content = (self.good / name).read_bytes()
        return self.file(name, content[: int(len(content) * share)])

    def photos(self, content: bytes | str | None = None, suffix: str = "png") -> str:
        """`folder:PATH` of a folder with a good image and, of another class, a file with this content."""
        Image.new("L", (28, 28)).save(self / "photos/cat/a.png")
        if content is not None:
            self.file(f"photos/dog/b.{suffix}", content)
        return f"folder:{self / 'photos'}"

    def run(self, of: str = "sweep", /, **changes: object) -> Path:
        """A run with run.json changed: `parts=5`, or `data__images="many"` inside of it."""
        run = shutil.copytree(self.good / of, self / "runs" / of)
        info = json.loads((run / "run.json").read_text("utf-8"))
        for name, value in changes.items():
            *inside, last = name.split("__")
            place = info
            for key in inside:
                place = place[key]
            place[last] = value
        (run / "run.json").write_text(json.dumps(info), "utf-8")
        return run

    def clean(self, kind: str = "sweep", info: Mapping[str, object] = MappingProxyType({}), **changes: object) -> Path:
        """A run with other clean images, and run.json changed."""
        run = self.run(kind, **info)
        with np.load(run / "clean.npz") as archive:
            arrays = {**archive, **changes}
        np.savez(run / "clean.npz", **{name: array for name, array in arrays.items() if array is not None})
        return run

    def part(self, kind: str, content: bytes) -> Path:
        """A run whose first part has this content, with the checksum of it."""
        run = self.run(kind)
        part = min((run / "parts").iterdir())
        part.write_bytes(content)
        part.rename(part.with_name(f"{part.stem.rsplit('-', 1)[0]}-{checksum(part)}{part.suffix}"))
        return run

    def result(self, **changes: object) -> Path:
        """A search whose first part has other values."""
        part = min((self.good / "search" / "parts").iterdir())
        with np.load(part) as archive:
            arrays = {**archive, **changes}
        written = io.BytesIO()
        np.savez(written, **{name: array for name, array in arrays.items() if array is not None})
        return self.part("search", written.getvalue())

    def flipped(self, kind: str) -> Path:
        """A run with one bit of its first part flipped."""
        run = self.run(kind)
        part = min((run / "parts").iterdir())
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 1
        part.write_bytes(content)
        return run


def png(size: tuple[int, int] = (28, 28), mode: str = "L", file_format: str = "PNG") -> bytes:
    """A small image's file."""
    written = io.BytesIO()
    Image.new(mode, size).save(written, file_format)
    return written.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header says that it is as large as this."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
