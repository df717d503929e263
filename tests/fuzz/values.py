"""Strategies that change what is good: values, JSON, bytes, zip archives, arrays and whole folders."""

import copy
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from fuzz.files import Content, Files, Folder, Link, Pipe
from hypothesis import strategies as st

SURROGATES = st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2)
WORDS = st.sampled_from(
    [
        "",
        ".",
        "..",
        "../../outside",
        "/etc/passwd",
        "C:\\x",
        "a\0b",
        "=1+1",
        "\ufeff",
        "\x1b]0;x\x07",
        "<script>",
        "NaN",
        "Infinity",
        "9" * 5000,
        "x" * 5000,
        "keras.utils",
        "builtins",
        "os",
        "Lambda",
        "float128",
        "mnist",
        "folder:/etc",
    ]
)
TEXTS = st.text(max_size=9) | WORDS | SURROGATES
NUMBERS = (
    st.sampled_from(
        [
            0,
            -1,
            1,
            2,
            255,
            256,
            2**15,
            2**16,
            2**31 - 1,
            2**31,
            2**32,
            2**63 - 1,
            2**63,
            2**64,
            -(2**63),
            10**9,
            10**12,
            10**400,
            0.0,
            -0.0,
            0.5,
            1e-320,
            1e38,
            1e308,
            float("nan"),
            float("inf"),
            -float("inf"),
        ]
    )
    | st.integers()
    | st.floats()
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXTS, v, max_size=3), max_leaves=5)
NAMES = st.sampled_from(["x", "../x", "/x", "a\\..\\x", ".x", "..", "x\ny", "\udcff", "é", "x" * 250])
LONGEST_REPEATED = 8 << 20  # characters
DEPTHS = st.sampled_from([2, 50, 900, 1100, 20_000, 200_000])


class _Text(str):
    """JSON as text, in the place of a value."""


def _places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of everything inside."""
    places, left = [], [value]
    while left:
        node = left.pop()
        inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, entry in inside:
            places.append((node, key))
            left.append(entry)
    return places


def _replace(draw: Any, node: Any, key: Any, places: Any) -> None:
    node[key] = draw(VALUES)


def _another_number(draw: Any, node: Any, key: Any, places: Any) -> None:
    node[key] = draw(NUMBERS)


def _remove(draw: Any, node: Any, key: Any, places: Any) -> None:
    del node[key]


def _rename(draw: Any, node: Any, key: Any, places: Any) -> None:
    if isinstance(node, dict):
        node[draw(TEXTS)] = node.pop(key)


def _swap(draw: Any, node: Any, key: Any, places: Any) -> None:
    """Swap copies: a list that has the same object twice could otherwise come to hold itself."""
    other, place = draw(st.sampled_from(places))
    node[key], other[place] = copy.deepcopy(other[place]), copy.deepcopy(node[key])


def _wrap(draw: Any, node: Any, key: Any, places: Any) -> None:
    node[key] = draw(st.sampled_from([[node[key]], {"x": node[key]}, [node[key]] * 2, str(node[key])]))


def _nest(draw: Any, node: Any, key: Any, places: Any) -> None:
    depth = draw(DEPTHS)
    start, end = draw(st.sampled_from(["[]", ('{"x":', "}")]))
    node[key] = _Text(start * depth + "1" + end * depth)


def _repeat(draw: Any, node: Any, key: Any, places: Any) -> None:
    """Repeat a list or text; one that has been repeated before may otherwise take more memory than there is."""
    if isinstance(node[key], list | str):
        times = draw(st.sampled_from([0, 2, 50, 3000] if isinstance(node[key], list) else [0, 2, 5000, 300_000]))
        if times * len(json.dumps(node[key])) <= LONGEST_REPEATED:
            node[key] = node[key] * times


def _twice(draw: Any, node: Any, key: Any, places: Any) -> None:
    if isinstance(node, dict) and isinstance(key, str):
        node[key] = _Text(f"{json.dumps(node[key], default=str)}, {json.dumps(key)}: {json.dumps(draw(SCALARS))}")


EDITS: list[Callable[..., None]] = [
    _replace, _replace, _another_number, _another_number, _remove, _rename, _swap, _wrap, _nest, _repeat, _twice,
]  # fmt: skip


@st.composite
def changed_json(draw: Any, good: Any, most: int = 3) -> bytes:
    """JSON with 1 to `most` values replaced, removed, renamed, swapped, nested, repeated or given twice."""
    value = json.loads(json.dumps(good))
    for _ in range(draw(st.integers(1, most))):
        places = [(node, key) for node, key in _places(value) if not isinstance(node, _Text)]
        if not places:
            break
        edit = draw(st.sampled_from(EDITS))
        edit(draw, *draw(st.sampled_from(places)), places)
    return as_json(value)


def as_json(value: Any) -> bytes:
    """The value as JSON; texts that are JSON are put in as they are, halves of characters are escaped."""
    texts: list[str] = []

    def marked(entry: Any) -> Any:
        if isinstance(entry, _Text):
            texts.append(entry)
            return f"@text-{len(texts) - 1}@"
        if isinstance(entry, dict):
            return {key: marked(inner) for key, inner in entry.items()}
        return [marked(inner) for inner in entry] if isinstance(entry, list) else entry

    written = json.dumps(marked(value), indent=1)
    for number, text in enumerate(texts):
        written = written.replace(f'"@text-{number}@"', text, 1)
    return written.encode()


@st.composite
def changed_bytes(draw: Any, good: bytes) -> bytes:
    """Bytes that are cut off, flipped, replaced, moved, repeated or added to."""
    content = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        size = draw(st.sampled_from([1, 2, 4, 8, 64]))
        what = draw(st.sampled_from(["flip", "flip", "put", "cut", "remove", "repeat", "move", "append"]))
        if what == "flip" and content:
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif what == "put":
            content[at : at + size] = draw(
                st.binary(max_size=8) | st.sampled_from([b"\xff" * 4, b"\0" * 8, b"\x7f\xff"])
            )
        elif what == "cut":
            del content[at:]
        elif what == "remove":
            del content[at : at + size]
        elif what == "repeat":
            content[at:at] = content[at : at + size] * draw(st.sampled_from([1, 3, 500]))
        elif what == "move":
            to, part = draw(st.integers(0, len(content))), bytes(content[at : at + size])
            content[to : to + size] = part
        else:
            content += draw(st.binary(max_size=8) | st.just(b"\0" * 4096))
    return bytes(content)


def zipped(members: Mapping[str, bytes], how: int = 0, more: Any = ()) -> bytes:
    """A zip file; `more` are further members, which may have the names of others."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", how) as archive:
        for name, content in [*members.items(), *more]:
            info = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
            info.compress_type = how
            archive.writestr(info, content)
    return written.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The members of a zip file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@st.composite
def changed_zip(draw: Any, good: bytes, members: Mapping[str, Any]) -> bytes:
    """A zip file with members that are changed (by the strategies in `members`), missing, swapped, renamed or double,
    packed in another way, or with bytes of the file itself changed."""
    parts, more = unzipped(good), ()
    what = draw(st.sampled_from(["member"] * 8 + ["remove", "swap", "rename", "double", "stranger", "bytes", "packed"]))
    name, other = draw(st.sampled_from(sorted(parts))), draw(st.sampled_from(sorted(parts)))
    if what == "member":
        name = draw(st.sampled_from(sorted(members) or sorted(parts)))
        parts[name] = draw(members.get(name, changed_bytes(parts.get(name, b""))))
    elif what == "remove":
        del parts[name]
    elif what == "swap":
        parts[name], parts[other] = parts[other], parts[name]
    elif what == "rename":
        parts[draw(NAMES)] = parts.pop(name)
    elif what == "double":
        more = ((name, parts[other]),)
    elif what == "stranger":
        parts[draw(NAMES)] = draw(st.binary(max_size=20) | st.just(bytes(1 << 20)))
    packed = (
        zipfile.ZIP_STORED
        if what != "packed"
        else draw(st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
    )
    content = zipped(parts, packed, more)
    return draw(changed_bytes(content)) if what == "bytes" else content


DTYPES = st.sampled_from(
    [
        "|u1",
        "|i1",
        "<i8",
        ">i8",
        "<u8",
        "<f2",
        "<f4",
        ">f4",
        "<f8",
        "<f16",
        "<c16",
        "|b1",
        "|S0",
        "|S3",
        "<U0",
        "<U9",
        "|V0",
        "|V8",
        "|O",
        "<M8[s]",
        "<m8[ns]",
        [("a", "<f4"), ("b", "|O")],
        [],
        "x",
        "<f4,<f4",
        "(2,)f4",
        "<U99999999",
    ]
)
SIZES = st.sampled_from([-1, 0, 1, 2, 3, 4, 5, 2**31, 2**62, 10**6, True, 1.5])


def npy(array: np.ndarray) -> bytes:
    """An npy file."""
    written = io.BytesIO()
    np.save(written, array)
    return written.getvalue()


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """An npz file, its arrays packed."""
    return zipped({f"{name}.npy": npy(array) for name, array in arrays.items()}, zipfile.ZIP_DEFLATED)


@st.composite
def changed_npy(draw: Any, good: bytes) -> bytes:
    """An npy file with another kind, shape or values, another header, or with bytes changed."""
    array = np.load(io.BytesIO(good))
    what = draw(st.sampled_from(["header", "header", "header text", "values", "values", "shape", "kind", "bytes"]))
    if what == "bytes":
        return draw(changed_bytes(good))
    if what == "values" and array.size and array.dtype.kind in "iuf":
        changed = array.copy().reshape(-1)
        limit = 0 if array.dtype.kind == "f" else np.iinfo(array.dtype).max
        value = draw(NUMBERS.filter(lambda n: array.dtype.kind == "f" or abs(n) <= limit))
        with np.errstate(all="ignore"):
            place = draw(st.integers(0, array.size - 1))
            changed[place] = float(min(value, 10**308)) if array.dtype.kind == "f" else int(value) % (int(limit) + 1)
        return npy(changed.reshape(array.shape))
    if what == "kind":
        kind = draw(st.sampled_from(["u1", "i8", "f4", "f8", "g", "c8", "U3", "S3", "?", "M8[s]", "V3"]))
        with np.errstate(all="ignore"):
            return npy(array.astype("U9").astype(kind) if kind[0] in "US" else np.zeros(array.shape, kind))
    if what == "shape":
        rows = np.atleast_1d(array)
        return npy(
            draw(st.sampled_from([rows[:0], array[None], array.reshape(-1), array[..., None], rows[:1], array.T]))
        )
    text = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    if what == "header text":
        content = draw(TEXTS | st.sampled_from(["(" * 500, "{" * 60_000, "[" * 3000 + "]" * 3000, "{'descr': 1}"]))
    else:
        key = draw(st.sampled_from([*text, "x"]))
        text[key] = draw(
            {
                "descr": DTYPES,
                "shape": st.lists(SIZES, max_size=5).map(tuple),
                "fortran_order": SCALARS,
                "x": SCALARS,
            }[key]
        )
        content = repr(text)
    data = array.tobytes() if draw(st.booleans()) else b""
    return _header(content.encode("utf-8", "replace"), draw(st.sampled_from([1, 1, 2, 3, 9]))) + data


def _header(text: bytes, version: int) -> bytes:
    text += b"\n"
    size = len(text).to_bytes(2 if version == 1 else 4, "little") if version > 1 or len(text) < 1 << 16 else b"\xff\xff"
    return b"\x93NUMPY" + bytes([version, 0]) + size + text


def changed_npz(good: bytes) -> st.SearchStrategy[bytes]:
    """An npz file with arrays or its zip archive changed."""
    return changed_zip(good, {name: changed_npy(content) for name, content in unzipped(good).items()})


@st.composite
def changed_folder(draw: Any, good: Files, strategies: Mapping[str, Any], victims: tuple[str, ...] = ()) -> Files:
    """Files of which 1 or 2 are changed, by the strategy of their name, else by their bytes; or missing, empty, swapped
    with another, twice there, or a link, pipe or folder. strategies: by file name; victims: what links lead to."""
    files: dict[str, Content] = dict(good)
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(strategies) * 3 + sorted(good)))
        what = draw(st.sampled_from(["change"] * 12 + ["remove", "empty", "swap", "copy", "link", "pipe", "folder"]))
        other = draw(st.sampled_from(sorted(good)))
        if what == "change":
            files[name] = draw(strategies[name] if name in strategies else changed_bytes(_bytes(good[name])))
        elif what == "remove":
            files.pop(name, None)
        elif what == "swap":
            files[name], files[other] = good.get(other, b""), good.get(name, b"")
        elif what == "copy":
            files[f"{name.rpartition('/')[0]}/x{name.rpartition('/')[2]}".lstrip("/")] = good.get(name, b"")
        else:
            target = draw(st.sampled_from([name.rpartition("/")[2], "..", other, *victims]))
            files[name] = {"empty": b"", "link": Link(target), "pipe": Pipe(), "folder": Folder()}[what]
    return files


def _bytes(content: Content) -> bytes:
    return content if isinstance(content, bytes) else b""
