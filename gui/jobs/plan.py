"""What a new run is made of, checked before a child process is started. No Qt in here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfstab.errors import DataError, InputError, TfstabError
from tfstab.gui.jobs.protocol import IMAGES, RunOrder

FOLDER = "folder:"
EXAMPLE_DIGITS = {"search": 10, "sweep": 50}
IMAGES_OF = {"mnist-5k": 5_000, "mnist": 10_000, "cifar10": 10_000, "gtsrb": 12_630}
MODEL_SUFFIXES = {".keras", ".h5", ".hdf5"}
# Those of tfstab.datasets.images, which is not imported for the window to be there at once.
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".ppm", ".pgm", ".pbm", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
DATA_SUFFIXES = {".npz", ".npy", ".csv"}


@dataclass
class Draft:
    """What is filled in before the person says anything; None for the default."""

    model: str | None = None
    data: str | None = None
    kind: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def draft_of(paths: Iterable[Path]) -> Draft | None:
    """What dropped files and folders are good for: a model, an image, images, arrays; None where for nothing."""
    draft = Draft()
    for path in paths:
        if is_model(path):
            draft.model = str(path)
        elif path.suffix in DATA_SUFFIXES and path.is_file():
            draft.data = str(path)
        elif path.suffix.lower() in IMAGE_SUFFIXES and path.is_file():
            draft.data = f"{IMAGES}{path}"
        elif path.is_dir() and (data := data_of_folder(path)) is not None:
            draft.data = data
    return draft if draft.model or draft.data else None


def is_model(path: Path) -> bool:
    """Whether this is a model's file, or a SavedModel folder."""
    return (path.suffix in MODEL_SUFFIXES and path.is_file()) or (path.is_dir() and any(path.glob("saved_model.pb*")))


def data_of_folder(folder: Path) -> str | None:
    """`folder:` for images with classes, `images:` for a folder with images in it, None where there are none."""
    inside = sorted(folder.iterdir())
    if {"labels.csv", "features.json", "images.npy"} & {path.name for path in inside}:
        return f"{FOLDER}{folder}"
    if any(path.suffix.lower() in IMAGE_SUFFIXES for path in inside):
        return f"{IMAGES}{folder}"
    classes = [path for path in inside if path.is_dir() and not path.name.startswith(".")]
    if (folder / "test").is_dir():
        classes += [path for path in (folder / "test").iterdir() if path.is_dir()]
    if any(path.suffix.lower() in IMAGE_SUFFIXES for c in classes for path in c.iterdir()):
        return f"{FOLDER}{folder}"
    return None


def named_folder(text: str) -> Path:
    """The folder that a person has named, in full. Raises InputError where there is no such name."""
    if not text.strip():
        raise InputError("the output folder has no name: give one.")
    try:
        return Path(text.strip()).expanduser().absolute()
    except RuntimeError as error:  # "~" before a name that is no user's
        raise InputError(f"{text.strip()} is no folder's name ({error}): give another.") from error


def new_folder(base: Path, kind: str, model: str, data: str, taken: Collection[Path] = ()) -> Path:
    """A folder for a run that is not there yet: BASE/KIND-MODEL-DATA, with a number where that is there or taken."""
    what = Path(data.removeprefix(FOLDER).removeprefix(IMAGES).rstrip("/\\")).stem
    folder = base / f"{kind}-{Path(model).stem}-{what}"
    number = 2
    while folder.exists() or folder in taken:
        folder = base / f"{kind}-{Path(model).stem}-{what}-{number}"
        number += 1
    return folder


def example_orders(base: Path, taken: Collection[Path] = ()) -> list[RunOrder]:
    """The bundled example: minimum noise of ten digits, and a small sweep of fifty. taken: as of `new_folder`."""
    settings: dict[str, dict[str, Any]] = {"search": {"max_queries": 10_000}, "sweep": {"copies": 50}}
    return [
        RunOrder(
            0, kind, "mnist-lenet", "mnist-5k", str(new_folder(base, "example", kind, "digits", taken)),
            settings[kind],
            limit=EXAMPLE_DIGITS[kind],
        )
        for kind in ("search", "sweep")
    ]  # fmt: skip


def check_order(order: RunOrder) -> None:
    """Raise the TfstabError that says in one sentence what cannot work, as far as can be seen without TensorFlow."""
    from tfstab.classifier.preprocess import preprocess_form
    from tfstab.datasets import NAMED
    from tfstab.models import check_model
    from tfstab.runs.files import check_room
    from tfstab.search.aim import class_named, read_mask

    preprocess_form(order.options.get("preprocess", "none"))
    check_model(order.model, order.options.get("trust", False))
    config_of(order)
    path = Path(order.data.removeprefix(FOLDER).removeprefix(IMAGES)).expanduser()
    if order.data.startswith(FOLDER) and not path.is_dir():
        raise DataError(f"{path} is not a folder: give a folder that holds one folder of images a class.")
    if order.data.startswith(IMAGES) and not path.exists():
        raise DataError(f"{path} is not there: choose an image, or a folder of images.")
    if path.suffix in DATA_SUFFIXES and not path.exists():
        raise DataError(f"{path} is not a file: give arrays (npz, npy) with images and labels, or a CSV table of them.")
    if order.data not in NAMED and not path.exists():
        raise InputError(f"unknown data set '{order.data}': choose one of the list, or files of your own.")
    if order.mask is not None:
        read_mask(Path(order.mask).expanduser())
    if order.target is not None and order.data in NAMED and (classes := classes_of(order.model)):
        class_named(order.target, classes)
    check_room(Path(order.out).expanduser(), "for the run")


def classes_of(model: str) -> tuple[str, ...]:
    """The names of the model's classes where its card tells them, else none."""
    from tfstab.models import card_of

    names = (card_of(model) or {}).get("class_names", ())
    return tuple(map(str, names)) if isinstance(names, list | tuple) else ()


def config_of(order: RunOrder) -> Any:
    """The SearchConfig or SweepConfig of an order. Raises InputError."""
    from tfstab.search.config import SearchConfig
    from tfstab.sweep.config import SweepConfig

    kinds: dict[str, Any] = {"search": SearchConfig, "sweep": SweepConfig}
    try:
        return kinds[order.kind](**order.settings)
    except (TypeError, KeyError) as error:
        raise InputError(f"a {order.kind} has no such setting ({error}): update tfstab.") from error


def checked(order: RunOrder) -> str:
    """What is wrong with an order in one sentence, or ""."""
    try:
        check_order(order)
    except TfstabError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename or order.out} cannot be read: {error.strerror}."
    return ""


def count_images(data: str) -> int | None:
    """How many images there are, None where that would take reading them. Raises DataError for a damaged file."""
    if data in IMAGES_OF:
        return IMAGES_OF[data]
    path = Path(data.removeprefix(FOLDER).removeprefix(IMAGES)).expanduser()
    if data.startswith(IMAGES):
        return 1 if path.is_file() else sum(file.suffix.lower() in IMAGE_SUFFIXES for file in path.iterdir())
    return _count_labelled(path) if path.exists() else None


def _count_labelled(path: Path) -> int | None:
    from tfstab.datasets import arrays, folders

    if path.suffix == ".npz":
        labels = next((key for key in ("y_test", "labels") if key in arrays.npz_keys(path)), None)
        return len(arrays.open_npz(path, [labels])[0]) if labels else None
    if path.suffix == ".csv":
        return len(folders.list_table(path, "test").files)
    pair = path if path.suffix == ".npy" else arrays.find_pair(path / "test", "test") or arrays.find_pair(path, "test")
    if pair is not None:
        return len(arrays.open_npy(arrays.labels_of(pair)))
    return None if (path / "features.json").exists() else len(folders.list_folder(path, "test").files)
