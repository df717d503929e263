"""The content of an ONNX file with the weights that were exported into a second file beside it."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx

from tfstab.classifier.onnx_graph import parsed
from tfstab.errors import ModelError
from tfstab.limits import ONNX_FILE


def files_of(path: Path) -> list[Path]:
    """Return an ONNX file and the regular files beside it whose names begin like its own, which may hold weights."""
    beside = sorted(path.parent.iterdir())
    return [path] + [one for one in beside if one.name.startswith(path.stem) and one != path and _is_regular(one)]


def content_of(path: Path) -> bytes:
    """Return the content of an ONNX file, with weights that are in a file beside it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        The content, in which all weights are.

    Raises
    ------
    ModelError
        The file is damaged, or refers to anything else than a file beside it whose name begins like its own.
    """
    content = path.read_bytes()
    model = parsed(content, str(path))
    outside = [tensor for tensor in model.graph.initializer if is_outside(tensor)]
    if not outside:
        return content
    places = {one.name: one for one in files_of(path)[1:]}
    left = ONNX_FILE - len(content)
    for tensor in outside:
        entries = {entry.key: entry.value for entry in tensor.external_data}
        location, size = entries.get("location", ""), _size(tensor, path)
        if location not in places:
            raise ModelError(
                f"{path} has weights in {location[:100]!r}; expected a file in the same folder whose name begins with "
                f"'{path.stem}': put it there, or give both the names with which they were exported."
            )
        left -= size
        if left < 0:
            raise ModelError(f"{path} is refused: its weights have more than {ONNX_FILE / 1e9:.1f} GB.")
        tensor.raw_data = _read(places[location], str(entries.get("offset", "0")), size)  # bytes if not UTF-8
        del tensor.external_data[:]
        tensor.data_location = onnx.TensorProto.DEFAULT
    return bytes(model.SerializeToString())


def is_outside(tensor: Any) -> bool:
    """Return whether a tensor's values are in another file."""
    return bool(tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data)


def tensors_of(graph: Any) -> Iterator[Any]:
    """Yield all tensors that a graph without graphs inside holds."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors


def _is_regular(path: Path) -> bool:
    """Return whether a path is a file, and no link to one elsewhere."""
    return path.is_file() and not path.is_symlink()


def _size(tensor: Any, path: Path) -> int:
    """Return the bytes of a tensor's values."""
    try:
        item: int = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    except KeyError as error:
        raise ModelError(f"{path} is damaged: it has weights of an unknown type; export it again.") from error
    return item * math.prod(max(0, int(size)) for size in tensor.dims)


def _read(path: Path, offset: str, size: int) -> bytes:
    """Return so many bytes of a file from an offset on, or raise ModelError if it does not have them."""
    if offset.isdecimal() and len(offset) <= 20 and int(offset) + size <= path.stat().st_size:
        with path.open("rb") as file:
            file.seek(int(offset))
            return file.read(size)
    raise ModelError(f"{path} is too short for the weights that are said to be in it: export the model again.")
