"""From a model's name or file to a Classifier, without running code from the file."""

import contextlib
import importlib
import json
import math
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.errors import InputError, ModelError, TfstabError, unknown_name
from tfstab.limits import NOISE_FIELDS, SPARE_WEIGHTS
from tfstab.models.archive import HDF5, check_archive, check_config
from tfstab.models.cards import class_names as card_names
from tfstab.models.cards import read_card
from tfstab.models.convnets import NAMES, OWN_DATA
from tfstab.models.weights import check_weights

RESOURCES = "tfstab.resources.models"
UNGUARDED = (".h5", ".hdf5")  # by Keras' safe mode


def load_classifier(
    model: Any, *, preprocess: str = "none", outputs: str | None = None, trust: bool = False,
    imports: Sequence[str] = (), image_shape: tuple[int, int, int] | None = None,
    class_names: Sequence[str] | None = None,
) -> Classifier:
    """A Classifier for a bundled network's name, the path of a model, or a built Keras model.

    A path is a `.keras` file, of which only what Keras' own layers are made of is let in; with `trust`, which lets the
    file run any code, also one with Lambda layers, an HDF5 file (`.h5`) or a SavedModel folder, as `model.export()`
    writes it. imports: names of modules, or .py files, that register custom classes. preprocess, outputs, image_shape:
    as of `Classifier`, which is returned as it is. class_names: by default those of the model card, a JSON file of the
    same name beside the model with a list `class_names`, where there is one. Raises InputError for an unknown name or
    module, ModelError for a file that cannot be loaded.

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
    name = path.stem.encode("utf-8", "replace").decode()  # of a file whose name is not UTF-8, what can be written
    return _load_file(path, name, trust, class_names, settings)


def check_model(model: str | Path, trust: bool = False) -> None:
    """Raise, before TensorFlow is started, where this is neither a bundled network's name nor a model's file.

    Raises InputError for an unknown name, ModelError for a file that is missing, of another kind or not to be opened
    without trust.

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
    if path.suffix not in (".keras", *UNGUARDED) and not path.exists() and len(path.parts) == 1:
        raise unknown_name("model", str(model), bundled_names())
    is_folder = path.is_dir() and any(path.glob("saved_model.pb*"))
    if not (path.is_file() or is_folder):
        raise ModelError(
            f"{path} is not a file: give a .keras file, a SavedModel folder, or the name of a bundled model "
            f"({', '.join(bundled_names())})."
        )
    if is_folder or path.suffix in UNGUARDED:
        if not trust:
            kind = "a SavedModel" if is_folder else "an HDF5 file"
            raise ModelError(
                f"{path} is {kind}, which can run any code when it is loaded: add --trust if you trust who made it, or "
                "save the model with model.save('NAME.keras')."
            )
        if not is_folder and not _is_hdf5(path):
            raise ModelError(f"{path} is damaged or no HDF5 file: save the model with model.save('NAME.keras').")
        return
    check_archive(path)


def import_modules(names: Sequence[str]) -> None:
    """Import modules, of the current folder too, or .py files, that register custom classes or degradations.

    Raises InputError for one that cannot be imported.

    >>> from tfstab.models import import_modules
    >>> Path("rain.py").write_text("drops = 3")
    9
    >>> import_modules(["rain.py"])
    """
    if names:
        backend.tensorflow()  # quietly, before they start it
    for name in names:
        file = Path(name).expanduser()
        folder, module = (file.absolute().parent, file.stem) if file.suffix == ".py" else (Path.cwd(), name)
        if str(folder) not in sys.path:  # last, so that no file of it takes the place of a package
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
            raise InputError(f"{file} cannot be imported, as there is another module '{module}': give it another name.")


def bundled_card(name: str) -> dict[str, Any]:
    """The model card of a bundled network. Raises InputError for an unknown name.

    >>> from tfstab.models import bundled_card
    >>> bundled_card("mnist-lenet")["parameters"]
    431080
    """
    if name not in bundled_names():
        raise unknown_name("model", name, bundled_names())
    return json.loads((files(RESOURCES) / f"{name}.json").read_text("utf-8"))


def card_of(model: Any) -> dict[str, Any] | None:
    """The card of what `load_classifier` takes: a bundled network's, or the one beside a file; None without one.

    >>> from tfstab.models import card_of
    >>> card_of("mnist-lenet")["name"], card_of("without-a-card.keras")
    ('mnist-lenet', None)
    """
    if not isinstance(model, str | Path):
        return None
    if str(model) in bundled_names():
        return bundled_card(str(model))
    try:
        return read_card(Path(model).expanduser().with_suffix(".json"))
    except (ModelError, ValueError, RuntimeError):  # a damaged card, a name without a file, a home of nobody
        return None


@cache
def bundled_names() -> tuple[str, ...]:
    """The networks that come with tfstab: the paper's three, then their ensembles and those trained with noise.

    >>> from tfstab.models import bundled_names
    >>> bundled_names()[:3]
    ('mnist-lenet', 'cifar10-quick', 'gtsrb-aghdam')
    """
    there = {path.name.removesuffix(".keras") for path in files(RESOURCES).iterdir() if path.name.endswith(".keras")}
    return (*NAMES, *sorted(there - set(NAMES)))


def own_data(model: str) -> str | None:
    """The data set that a bundled network is tested on where no other is named; None for another model.

    >>> from tfstab.models import own_data
    >>> own_data("cifar10-quick")
    'cifar10'
    """
    return next((data for name, data in OWN_DATA.items() if model in bundled_names() and model.startswith(name)), None)


def read_untrusted(path: Path) -> Any:
    """The Keras model in a `.keras` file that may be anybody's, not compiled. Raises ModelError."""
    check_archive(path)
    return _read_or_say(path, path.stem, trust=False)


def _read_or_say(path: Path, name: str, trust: bool, is_ours: bool = False) -> Any:
    try:
        return _read(path, name, trust, is_ours)
    except TfstabError:
        raise
    except Exception as error:  # Keras raises nearly anything for a damaged or hostile file
        raise ModelError(f"{path} was not loaded: {_reason(error)}") from error


def _load_file(
    path: Path, name: str, trust: bool, class_names: Sequence[str] | None, settings: dict[str, Any],
    is_ours: bool = False,
) -> Classifier:
    model = _read_or_say(path, name, trust, is_ours)
    names = class_names if class_names is not None else card_names(path.with_suffix(".json"))
    return Classifier(model, names, name, **settings)


def _read(path: Path, name: str, trust: bool, is_ours: bool) -> Any:
    """The Keras model. is_ours: a bundled network, whose weights need no check."""
    # These make Keras know our layers.
    from tfstab.classifier import adapting_layers, combine  # noqa: F401
    from tfstab.models import noise_layer  # noqa: F401

    saving = backend.keras().saving
    if path.is_dir():
        from tfstab.models.saved_model import load_saved_model

        return load_saved_model(path, name)
    if path.suffix in UNGUARDED:  # trusted to run any code, so that a check of its weights would protect nobody
        return saving.load_model(path, compile=False, safe_mode=False)
    if not trust:
        check_config(path, saving.get_custom_objects())
    if is_ours:
        return saving.load_model(path, compile=False)
    with _no_more_weights_than(check_weights(path), path):
        return saving.load_model(path, compile=False, safe_mode=not trust)


@contextlib.contextmanager
def _no_more_weights_than(count: int, path: Path) -> Iterator[None]:
    """Raise ModelError where layers want more weights than there are: Keras makes them before it looks for values.

    Smoothing's noise fields, which are no weights, have a limit of their own.
    """
    from tfstab.models.noise_layer import AddNoise

    layer, left, noise_left = backend.keras().layers.Layer, count + SPARE_WEIGHTS, NOISE_FIELDS
    original, original_build = layer.add_weight, AddNoise.build

    def add_weight(self: Any, shape: Any = None, *arguments: Any, **settings: Any) -> Any:
        nonlocal left
        left -= math.prod(shape if isinstance(shape, list | tuple) else (shape or 1,))
        if left < 0:
            raise ModelError(f"{path} is refused: its layers have more weights than the file.")
        return original(self, shape, *arguments, **settings)

    def build(self: Any, shape: Any) -> None:
        nonlocal noise_left
        noise_left -= math.prod(shape[1:])
        if noise_left < 0:
            raise ModelError(f"{path} is refused: its noise fields have more than {NOISE_FIELDS:,} numbers.")
        original_build(self, shape)

    layer.add_weight, AddNoise.build = add_weight, build  # type: ignore[method-assign]
    try:
        yield
    finally:
        layer.add_weight, AddNoise.build = original, original_build  # type: ignore[method-assign]


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(HDF5)) == HDF5


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "No model config found" in text:
        return "it holds weights only; save the whole model with model.save('NAME.keras')."
    if "Could not locate" in text or "custom" in text or "Unknown layer" in text:
        return "it uses a custom class that Keras does not know: give the module that registers it with --import."
    return f"it is damaged or not a Keras model ({text[:160] if text else type(error).__name__})."
