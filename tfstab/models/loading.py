"""Loading of models by name or from files, without running code from the file unless it is trusted."""

import contextlib
import importlib
import math
import sys
import threading
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.classifier.class_names import ClassNames
from tfstab.classifier.source import Source
from tfstab.errors import InputError, ModelError, TfstabError, unknown_name
from tfstab.limits import NOISE_FIELDS, SPARE_WEIGHTS
from tfstab.models.archive import HDF5, check_archive, check_config
from tfstab.models.bundled import RESOURCES, bundled_names
from tfstab.models.cards import class_names as card_names
from tfstab.models.onnx_file import check_onnx, load_onnx
from tfstab.models.weights import check_weights
from tfstab.paths import check_path

UNGUARDED = (".h5", ".hdf5")  # suffixes of files that Keras' safe mode does not protect against
ONNX = ".onnx"
MODEL_SUFFIXES = (".keras", *UNGUARDED, ONNX)
_counting = threading.RLock()  # held while `_no_more_weights_than` has replaced methods of Keras' and our classes


def load_classifier(
    model: Any,
    *,
    preprocess: str = "none",
    outputs: str | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    image_shape: tuple[int, int, int] | None = None,
    class_names: ClassNames | None = None,
) -> Classifier:
    """Load an image classifier.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier
        The name of a bundled network, the path of a model, or a built Keras model. A path names a `.keras` file made
        of Keras' own layers, an ONNX file (`.onnx`, with the extra `onnx`) or, with `trust`, also a `.keras` file with
        Lambda layers, an HDF5 file (`.h5`) or a SavedModel folder as written by `model.export()`. A Classifier is
        returned unchanged.
    preprocess, outputs
        See `Classifier`.
    trust : bool
        Whether the file may run any code when it is loaded.
    imports : sequence of str
        Modules, by name or as .py files, that register custom classes with Keras.
    image_shape
        See `Classifier`.
    class_names : sequence of str or dict, optional
        Names of the classes, as in `Classifier`. By default they are read from the model card, a JSON file with the
        model's name and a list `class_names`, if there is one beside the model.

    Returns
    -------
    Classifier
        The classifier, which takes grey levels 0..255.

    Raises
    ------
    InputError
        There is no bundled network of this name, or a module cannot be imported.
    ModelError
        The file is missing, damaged, unsafe to load or not an image classifier.

    Examples
    --------
    >>> tfstab.load_classifier("mnist-lenet")
    Classifier('mnist-lenet', input=(28, 28, 1), classes=10)
    """
    if isinstance(model, Classifier):
        return model
    settings: dict[str, Any] = {"preprocess": preprocess, "outputs": outputs, "image_shape": image_shape}
    import_modules(imports)
    if not isinstance(model, str | Path):
        return Classifier(model, class_names, **settings)
    check_model(model, trust)
    if str(model) in bundled_names():
        with as_file(files(RESOURCES) / f"{model}.keras") as path:
            return _load_file(path, str(model), trust, class_names, settings, is_ours=True)
    path = Path(model).expanduser()
    name = path.stem.encode("utf-8", "replace").decode()  # a file name may not be UTF-8
    classifier = _load_file(path, name, trust, class_names, settings)
    classifier.source = Source.of(path, preprocess, outputs, trust, imports, class_names)
    return classifier


def check_model(model: str | Path, trust: bool = False) -> None:
    """Check that a model exists and may be loaded, without importing TensorFlow.

    Parameters
    ----------
    model : str or Path
        The name of a bundled network or the path of a model.
    trust : bool
        Whether the file may run any code when it is loaded.

    Raises
    ------
    InputError
        There is no bundled network of this name.
    ModelError
        The file is missing, damaged, of the wrong kind, or may be loaded only with `trust`.

    Examples
    --------
    >>> from tfstab.models import check_model
    >>> check_model("mnist-lenet")
    >>> check_model("mnist-lenot")
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: unknown model 'mnist-lenot': did you mean 'mnist-lenet'?
    """
    path = Path(model).expanduser()
    if str(model) in bundled_names():
        return
    check_path(path, ModelError)
    if path.suffix not in MODEL_SUFFIXES and not path.exists() and len(path.parts) == 1:
        raise unknown_name("model", str(model), bundled_names())
    is_folder = path.is_dir() and any(path.glob("saved_model.pb*"))
    if not (path.is_file() or is_folder):
        raise ModelError(
            f"{path} is not a file: give a .keras or .onnx file, a SavedModel folder, or the name of a bundled model "
            f"({', '.join(bundled_names())})."
        )
    if is_folder or path.suffix in UNGUARDED:
        if not trust:
            kind = "a SavedModel" if is_folder else "an HDF5 file"
            raise ModelError(
                f"{path} is {kind}, which can run any code when it is loaded: add --trust if you trust its author, or "
                "save the model with model.save('NAME.keras')."
            )
        if not is_folder and not _is_hdf5(path):
            raise ModelError(f"{path} is damaged or not an HDF5 file: save the model with model.save('NAME.keras').")
        return
    if path.suffix == ONNX:
        check_onnx(path)
        return
    check_archive(path)


def import_modules(names: Sequence[str]) -> None:
    """Import modules that register custom classes or degradations.

    Parameters
    ----------
    names : sequence of str
        Names of modules that are installed or in the current folder, or paths of .py files.

    Raises
    ------
    InputError
        A module cannot be imported.

    Examples
    --------
    >>> from tfstab.models import import_modules
    >>> Path("rain.py").write_text("drops = 3")
    9
    >>> import_modules(["rain.py"])
    """
    if names:
        backend.need_optional()
        backend.tensorflow()  # now, with its log silenced, before one of the modules imports it
    for name in names:
        file = Path(name).expanduser()
        folder, module = (file.absolute().parent, file.stem) if file.suffix == ".py" else (Path.cwd(), name)
        if str(folder) not in sys.path:  # at the end, so that no file in it replaces a package
            sys.path.append(str(folder))
        try:
            imported = importlib.import_module(module)
        except Exception as error:  # a module may raise anything
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"the module '{name}' cannot be imported ({type(error).__name__}: {reason}): give the name of a module "
                "that is installed or in the current folder, or a .py file."
            ) from error
        if file.suffix == ".py" and Path(imported.__file__ or "").resolve() != file.resolve():
            raise InputError(f"{file} cannot be imported, as there is another module '{module}': rename the file.")


def read_untrusted(path: Path) -> Any:
    """Load a `.keras` file of unknown origin.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    keras.Model
        The model, not compiled.

    Raises
    ------
    ModelError
        The file is missing, damaged or unsafe to load.
    """
    check_archive(path)
    return _read_or_say(path, path.stem, trust=False)


def _read_or_say(path: Path, name: str, trust: bool, is_ours: bool = False) -> Any:
    """Read a model; raise ModelError with a plain reason if Keras or TensorFlow cannot."""
    try:
        return _read(path, name, trust, is_ours)
    except TfstabError:
        raise
    except Exception as error:  # Keras raises nearly anything for a damaged or hostile file
        raise ModelError(f"{path} was not loaded: {_reason(error)}") from error


def _load_file(
    path: Path,
    name: str,
    trust: bool,
    class_names: ClassNames | None,
    settings: dict[str, Any],
    is_ours: bool = False,
) -> Classifier:
    """Load a file as a Classifier, with the class names of its card unless others are given."""
    names = class_names if class_names is not None else card_names(path.with_suffix(".json"))
    if path.suffix == ONNX:
        return load_onnx(path, name, names, settings, trust=trust)
    model = _read_or_say(path, name, trust, is_ours)
    return Classifier(model, names, name, **settings)


def _read(path: Path, name: str, trust: bool, is_ours: bool) -> Any:
    """Read the Keras model. is_ours: it is a bundled network, whose weights need no check."""
    # Importing these modules registers our layers with Keras.
    from tfstab.classifier import adapting_layers, combine  # noqa: F401
    from tfstab.degradations import random_layer  # noqa: F401
    from tfstab.models import noise_layer  # noqa: F401

    saving = backend.keras().saving
    if path.is_dir():
        from tfstab.models.saved_model import load_saved_model

        return load_saved_model(path, name)
    if path.suffix in UNGUARDED:  # may run any code anyway, so a check of its weights would protect nobody
        return saving.load_model(path, compile=False, safe_mode=False)
    if not trust:
        check_config(path, saving.get_custom_objects())
    if is_ours:
        return saving.load_model(path, compile=False)
    with _no_more_weights_than(check_weights(path), path):
        return saving.load_model(path, compile=False, safe_mode=not trust)


@contextlib.contextmanager
def _no_more_weights_than(count: int, path: Path) -> Iterator[None]:
    """Within this context, raise ModelError if layers create more weights than the file contains.

    Keras creates the weights before it reads their values, so a small file could fill the memory. The noise fields of
    smoothed models are not weights and have a limit of their own. Only this thread's layers are counted, because a
    worker of a cluster may train or load other networks in other threads.
    """
    from tfstab.models.noise_layer import AddNoise

    layer, left, noise_left = backend.keras().layers.Layer, count + SPARE_WEIGHTS, NOISE_FIELDS
    owner = threading.get_ident()

    def add_weight(self: Any, shape: Any = None, *arguments: Any, **settings: Any) -> Any:
        nonlocal left
        if threading.get_ident() == owner:
            left -= math.prod(shape if isinstance(shape, list | tuple) else (shape or 1,))
        if left < 0:
            raise ModelError(f"{path} is refused: its layers need more weights than the file holds.")
        return original(self, shape, *arguments, **settings)

    def build(self: Any, shape: Any) -> None:
        nonlocal noise_left
        if threading.get_ident() == owner:
            noise_left -= math.prod(shape[1:])
        if noise_left < 0:
            raise ModelError(f"{path} is refused: its noise fields have more than {NOISE_FIELDS:,} numbers.")
        original_build(self, shape)

    with _counting:
        original, original_build = layer.add_weight, AddNoise.build
        layer.add_weight, AddNoise.build = add_weight, build  # type: ignore[method-assign]
        try:
            yield
        finally:
            layer.add_weight, AddNoise.build = original, original_build  # type: ignore[method-assign]


def _is_hdf5(path: Path) -> bool:
    """Return True if the file begins like an HDF5 file."""
    with path.open("rb") as file:
        return file.read(len(HDF5)) == HDF5


def _reason(error: Exception) -> str:
    """Return what an error of Keras means for the person, and what to do."""
    text, cause = " ".join(str(error).split()), error.__cause__ or error.__context__
    while cause is not None and not isinstance(cause, InputError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:  # one of our layers refuses its settings
        hint = " Give the module that registers it with --import." if "unknown degradation" in str(cause) else ""
        return f"it holds a layer that cannot be made: {cause}{hint}"
    if "No model config found" in text:
        return "it holds weights only: save the whole model with model.save('NAME.keras')."
    if "Could not locate" in text or "custom" in text or "Unknown layer" in text:
        return "it uses a custom class that Keras does not know: give the module that registers it with --import."
    return f"it is damaged or not a Keras model ({text[:160] if text else type(error).__name__})."
