"""New runs: what they are made of, checked before a child process is started. No Qt in here."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from tfstab.datasets.images import SUFFIXES as IMAGE_SUFFIXES
from tfstab.datasets.prepared import FEATURES
from tfstab.datasets.registry import FILES, FOLDER
from tfstab.degradations import get_degradation
from tfstab.errors import InputError, TfstabError
from tfstab.gui.jobs.command_checks import check_command
from tfstab.gui.jobs.command_form import check_limits
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.draft import Draft
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.kinds import KINDS as VIEWER_KINDS
from tfstab.models.keras_files import is_saved_model
from tfstab.models.loading import MODEL_SUFFIXES
from tfstab.orders import IMAGES, ImageOptions, ModelOptions, Order, Subject, kind_name, run_name
from tfstab.orders.order import LoadModel
from tfstab.paths import user_path
from tfstab.runs.kinds import KINDS


def draft_of(paths: Iterable[Path]) -> Draft | None:
    """Return a draft with the model and images among dropped files and folders, or None if there are none.

    Its task is to assess, or to search for images without classes, which cannot be assessed.
    """
    draft = Draft()
    for path in paths:
        if is_model(path):
            draft.model = str(path)
        elif path.suffix in FILES and path.is_file():
            draft.data = str(path)
        elif path.suffix.lower() in IMAGE_SUFFIXES and path.is_file():
            draft.data = f"{IMAGES}{path}"
        elif path.is_dir() and (data := data_of_folder(path)) is not None:
            draft.data = data
    draft.kind = "search" if (draft.data or "").startswith(IMAGES) else "assess"
    return draft if draft.model or draft.data else None


def is_model(path: Path) -> bool:
    """Return True for a model file or a SavedModel folder."""
    return (path.suffix in MODEL_SUFFIXES and path.is_file()) or is_saved_model(path)


def data_of_folder(folder: Path) -> str | None:
    """Return "folder:PATH" for images with classes, "images:PATH" for other images, or None without images."""
    inside = sorted(folder.iterdir())
    if {"labels.csv", FEATURES, "images.npy"} & {path.name for path in inside}:
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
    """Return the absolute path of a folder that a user has typed; raise InputError if it cannot be one."""
    if not text.strip():
        raise InputError("the output folder has no name: give one.")
    try:
        return user_path(text.strip()).absolute()
    except RuntimeError as error:  # "~" before a name that is not a user's
        raise InputError(f"{text.strip()} is no folder's name ({error}): give another.") from error


def new_folder(base: Path, name: str, taken: Collection[Path] = ()) -> Path:
    """Return BASE/NAME, with a number added if that folder exists or is in `taken`."""
    folder, number = base / name, 2
    while folder.exists() or folder in taken:
        folder = base / f"{name}-{number}"
        number += 1
    return folder


def name_of(order: RunOrder | CommandOrder) -> str:
    """Return the default name of an order's folder; settings that are not valid yet are left out of it."""
    if isinstance(order, CommandOrder):
        runs = order.values.get("runs", ())
        kind, model = order.task, order.model or (Path(runs[0]).name if runs else "")
        return run_name(kind, model, order.data) if order.data else "-".join(part for part in (kind, model) if part)
    if awaits_code(order):
        family = str(order.settings["degradation"])
        kind = f"{order.kind}-{family}" if family.isidentifier() else order.kind
        return run_name(kind, order.model, order.data)
    try:
        made = order_of(order)
        kind, changed = kind_name(order.kind, made.config), made.subject.changed | made.config.changed
    except TfstabError:
        kind, changed = order.kind, {}
    return run_name(kind, order.model, order.data, changed)


def example_orders(base: Path, taken: Collection[Path] = ()) -> list[RunOrder]:
    """Return the orders of the bundled example, one for each kind of run; `taken` as in `new_folder`."""
    return [
        RunOrder(
            0,
            kind.name,
            "mnist-lenet",
            "mnist-5k",
            str(new_folder(base, run_name("example", kind.name, "digits"), taken)),
            dict(kind.example_settings),
            limit=kind.example_images,
        )
        for kind in VIEWER_KINDS.values()
    ]


def order_of(order: RunOrder, load_model: LoadModel = ModelOptions.load) -> Order:
    """Return the library's order for one of the window; raise InputError for settings of another version.

    Parameters
    ----------
    order : RunOrder
        What the window asks for.
    load_model : callable
        Loads the model, or returns one that was kept.
    """
    return Order(order.kind, subject_of(order, load_model), config_of(order), Path(order.out))


def subject_of(order: RunOrder, load_model: LoadModel = ModelOptions.load) -> Subject:
    """Return the model and the images of an order; load_model as in `order_of`."""
    limits = order.limits
    images = ImageOptions(
        order.data,
        order.split,
        None if limits.get("data_dir") is None else Path(limits["data_dir"]),
        order.limit,
        order.images,
        order.resize,
        limits.get("damaged", "fail"),
    )
    mask = None if order.mask is None else Path(order.mask)
    return Subject(ModelOptions.remembered(order.model, order.options), images, order.target, mask, load_model)


def awaits_code(order: RunOrder) -> bool:
    """Return whether an order names a degradation that is not known here and that its modules may register.

    They are run in the child process only, which then checks the settings.
    """
    family = order.settings.get("degradation")
    if not order.options.get("imports") or not isinstance(family, str):
        return False
    try:
        get_degradation(family)
    except InputError:
        return True
    return False


def config_of(order: RunOrder) -> Any:
    """Return the settings of an order as those of its kind of run; raise InputError if there are no such settings."""
    try:
        return KINDS[order.kind].load("config")(**order.settings)
    except (TypeError, KeyError) as error:
        raise InputError(f"a {order.kind} has no such setting ({error}): update tfstab.") from error


def checked(order: RunOrder | CommandOrder) -> str:
    """Return in one sentence what cannot work, as far as can be seen without TensorFlow, or ""."""
    try:
        if isinstance(order, CommandOrder):
            check_command(order)
        else:
            check_limits(order)
            config = None if awaits_code(order) else config_of(order)
            Order(order.kind, subject_of(order), config, Path(order.out)).check()
    except TfstabError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename or order.out} cannot be read: {error.strerror}."
    return ""
