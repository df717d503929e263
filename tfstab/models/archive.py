"""Checks of a `.keras` file before Keras reads any of it.

Keras' safe mode refuses code in Lambda layers, but it has had gaps: functions of any module that the config names
(CVE-2025-1550, -8747, -9906), any file on this machine as a vocabulary (-12058), wrappers of other frameworks and of
SavedModels (CVE-2026-1462), archives that write outside their folder (CVE-2025-12060), and weights that are links to
other files (CVE-2026-1669) or declare more than the memory holds (CVE-2026-0897). Therefore these checks accept only
what an image classifier needs, whichever version of Keras reads the file.
"""

import contextlib
import json
import math
import re
import stat
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from tfstab.errors import ModelError
from tfstab.limits import MODEL_CONFIG, MODEL_EXPANSION, MODEL_IMAGE, MODEL_SMALL

try:
    from lzma import LZMAError
except ImportError:  # Python was built without it; zipfile then reports that
    LZMAError = zlib.error  # type: ignore[assignment,misc]

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
SAMPLE = 1 << 20  # bytes from the middle of a part, by which its compression is chosen
HDF5 = b"\x89HDF\r\n\x1a\n"
# What reading a damaged archive can raise.
DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
    KeyError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
)

# Layers that run code from the file, or from another file that it names.
FOREIGN = {"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
# Values that Keras stores in the form of a class.
PLAIN = {"__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__"}
# Packages of Keras whose classes may be used.
ROOMS = (
    "layers",
    "models",
    "ops",
    "initializers",
    "regularizers",
    "constraints",
    "activations",
    "losses",
    "metrics",
    "optimizers",
    "quantizers",
    "dtype_policies",
    "random",
)
CLASSES_FROM = re.compile(rf"keras(\.src)?(\.({'|'.join(ROOMS)})(\.\w+)*)?")
FUNCTIONS_FROM = re.compile(r"builtins|keras(\.src)?\.(activations|initializers|regularizers|constraints|ops)(\.\w+)*")


def check_archive(path: Path) -> None:
    """Check that a file is a zip archive that is safe to unpack and contains a Keras model.

    Parameters
    ----------
    path : Path
        The `.keras` file.

    Raises
    ------
    ModelError
        It is not, or a part of it is too large.
    """
    with opened(path) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        for member in members:
            if _leads_outside(member.filename) or stat.S_ISLNK(member.external_attr >> 16):
                raise ModelError(f"{path} is refused: it holds '{member.filename}', which leads outside the archive.")
        if len(set(names)) < len(names):
            raise ModelError(f"{path} is refused: it holds two files with the same name.")
        unpacked = sum(member.file_size for member in members)
        largest = max(MODEL_SMALL, MODEL_EXPANSION * path.stat().st_size)
        if unpacked > largest:
            raise ModelError(
                f"{path} is refused: its {path.stat().st_size / 1e6:.1f} MB unpack to {unpacked / 1e6:,.0f} MB; "
                f"expected at most {largest / 1e6:,.0f} MB."
            )
        if not {CONFIG, WEIGHTS} <= set(names):
            raise ModelError(
                f"{path} is not a Keras model: it holds no {CONFIG if CONFIG not in names else WEIGHTS}; save a "
                "Keras model with model.save('NAME.keras'), or export one of PyTorch or another framework as NAME.onnx."
            )
        for name in {CONFIG, METADATA} & set(names):
            if archive.getinfo(name).file_size > MODEL_CONFIG:
                raise ModelError(f"{path} is refused: its {name} is larger than {MODEL_CONFIG >> 20} MB.")


def save_compressed(model: Any, path: Path) -> None:
    """Save a model as a compressed `.keras` file.

    Weights of few different bytes, such as those trained in bfloat16, are compressed with LZMA, which Keras can read
    but does not write. The file contains no times, so the same training always gives the same file.

    Parameters
    ----------
    model : keras.Model
        The model to save.
    path : Path
        The file to write.
    """
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(parts[METADATA])
    metadata.pop("date_saved", None)
    parts[METADATA] = json.dumps(metadata).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            part = zipfile.ZipInfo(name)  # dated 1980, the earliest date that a zip file can have
            # Weights in full precision hardly shrink: both methods leave nine tenths, and LZMA takes ten times as long.
            sample = content[max(0, (len(content) - SAMPLE) // 2) :][:SAMPLE]
            few = len(zlib.compress(sample, level=1)) < 0.8 * len(sample)
            part.compress_type = zipfile.ZIP_LZMA if few else zipfile.ZIP_DEFLATED
            archive.writestr(part, content)


def check_config(path: Path, registered: Collection[str]) -> None:
    """Check that a model's config names only Keras' own classes and functions, and registered ones.

    Parameters
    ----------
    path : Path
        The `.keras` file.
    registered : collection of str
        Names of the custom classes and functions that are registered with Keras, as "package>name".

    Raises
    ------
    ModelError
        The config names something else, or asks for something that no image classifier needs.
    """
    with opened(path) as archive:
        config = json.loads(archive.read(CONFIG))
        if isinstance(config, dict):
            config.pop("compile_config", None)  # models are loaded without compiling them
        left = [config]
        while left:
            node = left.pop()
            if isinstance(node, dict):
                if "class_name" in node and (fault := _fault(node, registered)):
                    raise ModelError(f"{path} was not loaded: {fault}")
                left.extend(node.values())
            elif isinstance(node, list):
                left.extend(node)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open the archive, and turn the errors that a damaged one raises into a ModelError."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except ModelError:
        raise
    except (*DAMAGE, RecursionError, MemoryError) as error:
        with path.open("rb") as file:
            start = file.read(len(HDF5))
        if start == HDF5:
            raise ModelError(
                f"{path} is an HDF5 file, not a .keras file: rename it to .h5, and load it with --trust if you trust "
                "its author."
            ) from error
        raise ModelError(
            f"{path} is damaged or not a .keras file: save the model with model.save('NAME.keras')."
        ) from error


def _leads_outside(name: str) -> bool:
    """Return True if a file of this name would be unpacked outside the target folder, on any system."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name


def _fault(node: dict[str, Any], registered: Collection[str]) -> str:
    """Return what is wrong with a class or function that a config names, as the end of a message, or ""."""
    name, settings = node["class_name"], node.get("config")
    if not isinstance(name, str):
        return "its config is damaged."
    if name in FOREIGN:
        what = "Lambda layer" if name == "__lambda__" else f"{name} layer"
        return (
            f"it holds a {what}, which would run code from a file: replace it with a built-in layer, or add --trust if "
            "you trust its author."
        )
    return _excess(settings) or ("" if name in PLAIN else _unknown(name, settings, node, registered))


def _excess(settings: Any) -> str:
    """Return what a layer's settings ask for that no image classifier needs, as the end of a message, or ""."""
    if not isinstance(settings, dict):
        return ""
    if isinstance(settings.get("vocabulary"), str) or isinstance(settings.get("idf_weights"), str):
        return "it would read a file on this machine as a vocabulary."
    if settings.get("name") in (".", ".."):
        return f"its layer is named '{settings['name']}', which is a path, not a name."
    shape = settings.get("batch_shape") or settings.get("batch_input_shape")
    if isinstance(shape, list) and math.prod(n for n in shape if isinstance(n, int)) > MODEL_IMAGE:
        return f"its input shape {tuple(shape)} is too large for an image."
    return ""


def _unknown(name: str, settings: Any, node: dict[str, Any], registered: Collection[str]) -> str:
    """Return the end of a message if a class or function is neither Keras' own nor registered, or ""."""
    module, is_function = node.get("module"), name == "function"
    key = settings if is_function else node.get("registered_name") or name
    if isinstance(key, str) and any(key == known or known.endswith(f">{key}") for known in registered):
        return ""
    if is_function:
        is_known = isinstance(settings, str) and settings.isidentifier() and _is(FUNCTIONS_FROM, module)
    else:  # Keras' classes, unlike its functions, begin with a capital letter
        is_known = name.isidentifier() and name[0].isupper() and (module is None or _is(CLASSES_FROM, module))
    # A custom class may have no module either, but its registered name then contains a package.
    if is_known and not (isinstance(key, str) and ">" in key):
        return ""
    what = f"'{settings if is_function else name}'" + (f" of '{module}'" if module else "")
    return (
        f"it names {what[:120]}, which is not part of Keras: if it is a custom class, give the module that registers "
        "it with --import; otherwise rebuild the model from built-in layers."
    )


def _is(pattern: re.Pattern[str], module: Any) -> bool:
    """Return True if this is the name of a module that fits the pattern."""
    return isinstance(module, str) and pattern.fullmatch(module) is not None
