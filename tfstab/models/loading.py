"""Loading of models by name or from files, without running code from the file unless it is trusted."""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.classifier.class_names import ClassNames, named_outputs
from tfstab.classifier.preprocess import preprocess_form
from tfstab.classifier.source import Source, without_defaults
from tfstab.classifier.threshold import checked_threshold
from tfstab.content import content_of
from tfstab.errors import InputError, ModelError
from tfstab.importing import import_module
from tfstab.models.archive import HDF5, check_archive
from tfstab.models.bundled import RESOURCES, bundled_names
from tfstab.models.cards import class_names as card_names
from tfstab.models.cards import form as card_form
from tfstab.models.keras_files import UNGUARDED, is_saved_model, read_keras
from tfstab.models.missing import missing_model
from tfstab.models.onnx_file import check_onnx, load_onnx
from tfstab.models.tflite_file import check_tflite, load_tflite
from tfstab.names import printed
from tfstab.paths import check_path, user_path
from tfstab.wording import listed

ONNX, TFLITE = ".onnx", ".tflite"
MODEL_SUFFIXES = (".keras", *UNGUARDED, ONNX, TFLITE)
# The formats that other packages read: how a file is checked, and how it is loaded.
EXPORTED = {ONNX: (check_onnx, load_onnx), TFLITE: (check_tflite, load_tflite)}
# Suffixes of what scikit-learn, PyTorch and others save, and of programs: models for `Classifier.from_function`.
FOREIGN_SUFFIXES = (".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth", ".py", ".safetensors")


def load_classifier(
    model: Any,
    *,
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
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
        of Keras' own layers, an ONNX file (`.onnx`, with the extra `onnx`), a TFLite file (`.tflite`, with the extra
        `tflite`) or, with `trust`, also a `.keras` file with Lambda layers, an HDF5 file (`.h5`) or a SavedModel folder
        as written by `model.export()`. A Classifier is returned unchanged: how it
        reads images and outputs was set when it was made.
    preprocess, outputs, threshold
        See `Classifier`. What is not given is read from the model card, the JSON file beside the model, if it is there;
        tfstab writes one for models that it trains or hardens. By default, a quantised TFLite file says itself which
        `preprocess` it needs, and other models get grey levels 0..255 ("none").
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
        There is no bundled network of this name, a module cannot be imported, or `preprocess`, `outputs` or
        `threshold` is not one that the model can have.
    ModelError
        The file is missing, damaged, unsafe to load or not an image classifier.

    Examples
    --------
    >>> tfstab.load_classifier("mnist-lenet")
    Classifier('mnist-lenet', input=(28, 28, 1), classes=10)
    """
    if isinstance(model, Classifier):
        _check_nothing_else(model, preprocess=preprocess, outputs=outputs, threshold=threshold, class_names=class_names)
        return model
    given = _given(preprocess, outputs, threshold)
    settings = given if image_shape is None else given | {"image_shape": image_shape}
    import_modules(imports)
    if not isinstance(model, str | Path):
        return Classifier(model, class_names, **settings)
    check_model(model, trust)
    if str(model) in bundled_names():
        with as_file(files(RESOURCES) / f"{model}.keras") as path:
            return _load_file(path, str(model), trust, class_names, settings, is_ours=True)
    path = user_path(model)
    name = path.stem.encode("utf-8", "replace").decode()  # a file name may not be UTF-8
    told = card_form(path.with_suffix(".json"))
    settings = told | settings  # what was given counts more than what the card says
    content = content_of(path) if trust else None  # before, since the file may be replaced at any time
    checksum = _checksum(path)
    with _named(path, name):
        classifier = _load_file(path, name, trust, class_names, settings)
    source = Source.of(path, without_defaults(told) | given, trust, imports, class_names, content, checksum)
    classifier.source = replace(source, told=told)
    return classifier


def _checksum(path: Path) -> str:
    """Return the SHA-256 of a file, as `sha256sum` prints it; "" for a folder, and for what cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


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
        There is no bundled network of this name, or the path is the folder of a run.
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
    path = user_path(model)
    if str(model) in bundled_names():
        return
    check_path(path, ModelError)
    is_folder = is_saved_model(path)
    if not (path.is_file() or is_folder):
        raise missing_model(path, bundled_names(), MODEL_SUFFIXES)
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
    if path.suffix in EXPORTED:
        check, _ = EXPORTED[path.suffix]
        check(path)
        return
    if path.suffix not in MODEL_SUFFIXES and not _is_hdf5(path):
        raise _not_a_model_file(path)
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
        import_module(name)


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
    if path.suffix in EXPORTED:
        _, load = EXPORTED[path.suffix]
        return load(path, name, names, settings, trust=trust)
    model = read_keras(path, name, trust, is_ours)
    return Classifier(model, names, name, **settings)


@contextlib.contextmanager
def _named(path: Path, name: str) -> Iterator[None]:
    """Within this context, errors that begin with a model's name begin with the path of its file instead."""
    try:
        yield
    except (InputError, ModelError) as error:
        if not str(error).startswith(f"{name} "):
            raise
        raise type(error)(f"{path}{str(error).removeprefix(name)}") from error


def _check_nothing_else(classifier: Classifier, **given: Any) -> None:
    """Raise InputError if something is given that the classifier was to be told when it was made."""
    names = given["class_names"]
    if names is not None and named_outputs(names, classifier.num_classes, classifier.name) == classifier.class_names:
        given["class_names"] = None
    asked = [f"{name}=" for name, value in given.items() if value is not None]
    if asked:
        how = "there instead, as in tfstab.Classifier(model, class_names, name='mine', preprocess='unit')"
        if classifier.combine is not None:  # an ensemble has the classes and the form of its members
            how = "to its members instead, as in tfstab.load_classifier('member.keras', class_names=names)"
        raise InputError(
            f"{printed(classifier.name)} is a Classifier: how it reads images and outputs is set when it is made. Give "
            f"{listed(asked)} {how}."
        )


def _given(preprocess: str | None, outputs: str | None, threshold: float | None) -> dict[str, Any]:
    """Return those of these arguments that were given, by name; raise InputError if they are not valid."""
    if preprocess is not None:
        preprocess_form(preprocess)
    checked_threshold(threshold)
    given: dict[str, Any] = {"preprocess": preprocess, "outputs": outputs, "threshold": threshold}
    return {name: value for name, value in given.items() if value is not None}


def _not_a_model_file(path: Path) -> ModelError:
    """Return the error for a file whose suffix is not that of a model that tfstab can read."""
    if path.name.startswith("saved_model.pb") and is_saved_model(path.parent):
        return ModelError(f"{path} is one file of a SavedModel: give its folder, {path.parent}.")
    foreign = path.suffix.lower() in FOREIGN_SUFFIXES
    other = "wrap the model in Python with Classifier.from_function, or export it to ONNX"
    keras = "save a Keras model with model.save('NAME.keras')"
    return ModelError(
        f"{path} is not a model file that tfstab reads (.keras, .onnx, .tflite, .h5 or a SavedModel folder): "
        f"{other if foreign else keras}; `tfstab guide own-model` shows how{'' if foreign else ', also for others'}."
    )


def _is_hdf5(path: Path) -> bool:
    """Return True if the file begins like an HDF5 file."""
    with path.open("rb") as file:
        return file.read(len(HDF5)) == HDF5
