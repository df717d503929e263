"""The first images of a new run, and whether they fit the model, seen before it starts. No Qt in here."""

import contextlib
import warnings
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.adapt import ModelInput
from tfstab.classifier.class_names import are_numbers, classes_text, leave_out
from tfstab.classifier.grey_files import in_grey
from tfstab.classifier.taken import training_note
from tfstab.datasets import Dataset
from tfstab.datasets.class_folders import LEFT_OUT, NESTED
from tfstab.datasets.columns import MAY_DIVIDE, MAY_GROUP
from tfstab.datasets.damaged_files import refuse_damaged
from tfstab.datasets.download import NotDownloadedError, no_download
from tfstab.datasets.groups import drawn_in, groups_drawn
from tfstab.datasets.image_files import Headers, load_files, read_headers
from tfstab.datasets.images import SUFFIXES, decode, look
from tfstab.datasets.lazy import FileImages
from tfstab.datasets.prepared import Records, load_records, read_records
from tfstab.datasets.registry import list_files, meant_inside, prepared_folder, resized
from tfstab.datasets.remarks import DAMAGED_LEFT_OUT, TURNED_UPRIGHT
from tfstab.datasets.resize import Resize, parse_resize
from tfstab.datasets.splits import named_splits
from tfstab.errors import DataError, InputError, TfstabError
from tfstab.gui.jobs.field_words import in_fields
from tfstab.models.cards import class_names as card_names
from tfstab.models.input_shape import input_of_file, misfit, outputs_of_file
from tfstab.orders import IMAGES, ImageOptions
from tfstab.orders.images import path_of, size_taken
from tfstab.paths import user_path
from tfstab.wording import counted, listed

SHOWN = 8
SAID = (
    DAMAGED_LEFT_OUT,
    TURNED_UPRIGHT,
    *LEFT_OUT,
    NESTED,
    MAY_DIVIDE,
    MAY_GROUP,
)  # of the remarks on the images, beside those on groups
LISTED = 5  # classes named in a sentence
SIDE = 64  # pixels to which images are resized here if nothing else says their size
RESIZED = {"crop": "cropped to ", "stretch": "stretched to "}
MODELS_SIZE = "the model's size"


@dataclass(frozen=True, eq=False)
class Preview:
    """The first images of a run.

    Attributes
    ----------
    images : ndarray
        Images (N, H, W, C), uint8, at most SHOWN.
    labels : tuple of str
        The names of their classes.
    text : str
        How many images there are, of which shape, and what the model takes; or why they cannot be shown.
    problem : str
        Why the images do not fit the model, or one another, in one sentence, or "".
    can_resize : bool
        Whether cropping or stretching would make them fit.
    splits : tuple of str
        The splits of the data; empty if they are not divided.
    unreadable : str
        Why no run can read the images, in one sentence, or "".
    count : int
        How many images a run takes; 0 if that is not known.
    note : str
        That the model may have been trained on the images, as the run says it; "" if nothing suggests it.
    """

    images: NDArray[np.uint8]
    labels: tuple[str, ...]
    text: str
    problem: str = ""
    can_resize: bool = False
    splits: tuple[str, ...] = ()
    unreadable: str = ""
    count: int = 0
    note: str = ""


NOTHING = np.zeros((0, 1, 1, 1), np.uint8)


def preview_of(model: str, data: str, images: dict[str, Any], classes: str = "") -> Preview:
    """Return a preview; it reads the data, so call it in a worker.

    Parameters
    ----------
    model : str
        Name or path of the model; "" for none.
    data : str
        As in `ImageOptions`.
    images : dict
        Values of split, limit, images, resize and damaged.
    classes : str
        Names of the model's outputs as in `ModelOptions`, "" for none.
    """
    if not data:
        return Preview(NOTHING, (), "No images are chosen yet.")
    taken = input_of_file(model) if model else None
    takes = "" if taken is None else f"; the model takes {' x '.join(str(size or 'any') for size in taken.shape)}"
    if data.startswith(IMAGES) or path_of(data).suffix.lower() in SUFFIXES:
        return _of_files(path_of(data), images.get("resize"), taken, model, takes)
    shown = _of_classes(model, data, images, classes, taken, takes)
    with contextlib.suppress(TfstabError, OSError):  # the preview says so
        splits = named_splits(data)
        # If the images of another split are there, the data are not divided: "train" is a class of vehicles, say.
        if not len(shown.images) or images.get("split", "test") in splits:
            return replace(shown, splits=splits)
    return shown


def _of_classes(
    model: str, data: str, images: dict[str, Any], classes: str, taken: ModelInput | None, takes: str
) -> Preview:
    """Return a preview of images with classes. taken, takes: what the model takes, and this in words."""
    given = {name: value for name, value in images.items() if value}
    resize = given.pop("resize", None)
    try:
        way, size, named = _resizing(resize, taken, model)
        form = Resize(size or (SIDE, SIDE), way, named) if way else None
        options = ImageOptions(data, **given)
        with no_download(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged files that are left out: the preview says so
            whole = _unread(options, form)
            dataset = options.chosen(whole)
            first = _read(dataset, form, options.damaged)
        few, labels = first.images.copy(), tuple(dataset.class_names[label] for label in first.labels)
    except TfstabError as error:
        return _without_pictures(error, resize, taken, takes)
    shape, wrong = _in_channels(first, taken, model)
    classes_there = counted(len(np.unique(dataset.labels)), "class", "classes")
    read = (_at_least(part, whole) for part in whole.remarks.split(", ") if part.startswith(SAID))
    drawn = drawn_in(dataset.remarks)
    from_all = f"one of each of {groups_drawn(dataset.remarks)} of {counted(drawn[1])}" if drawn else ""
    said = ", ".join(filter(None, [*read, from_all]))
    without = f" ({said})" if said else ""
    measures = " x ".join(map(str, shape)) if size or not way else MODELS_SIZE
    text = f"{counted(len(dataset))} in {classes_there}{without}, {RESIZED.get(way, '')}{measures}{takes}"
    wrong = wrong or misfit(taken, shape)
    if not wrong and not classes:
        wrong = _classes_misfit(model, dataset)
    note = training_note(dataset).removeprefix("note: ") if model else ""
    return replace(_judged(few, labels, text, wrong), count=len(dataset), note=note)


def _at_least(remark: str, dataset: Dataset) -> str:
    """Say that more files may be damaged where only their headers were read."""
    undecoded = isinstance(dataset.images, FileImages) and remark.startswith(DAMAGED_LEFT_OUT)
    return remark.replace(": ", ": at least ") if undecoded else remark


def _resizing(resize: str | None, taken: ModelInput | None, model: str) -> tuple[str, tuple[int, int] | None, str]:
    """Return how images are resized ("" if they are not), to which (height, width), and with which filter.

    The size is None if it is not known.
    """
    if resize is None:
        return "", None, ""
    way, size, named = parse_resize(resize)
    if size is None and taken is not None:
        size = size_taken(Path(model).name, taken.shape)
    return way, size, named


def _without_pictures(error: TfstabError, resize: str | None, taken: ModelInput | None, takes: str) -> Preview:
    """Return why images cannot be shown, and whether resizing helps, as the error advises if their sizes differ."""
    if resize is None and "--resize" in str(error):
        fixed = taken is None or None not in taken.shape[:2]  # a model that takes any size has none to crop to
        return Preview(NOTHING, (), f"Images of different sizes{takes}", str(error), fixed)
    if isinstance(error, DataError | InputError) and not isinstance(error, NotDownloadedError):
        return _unreadable(str(error))
    # A run may still read them: it downloads what is missing, and loads the model.
    return Preview(NOTHING, (), f"Cannot be shown: {in_fields(str(error))}")


def _unreadable(reason: str) -> Preview:
    """Return a preview of images that cannot be read, for this reason."""
    return Preview(NOTHING, (), f"Cannot be shown: {in_fields(reason)}", unreadable=reason)


def _in_channels(dataset: Dataset, taken: ModelInput | None, model: str) -> tuple[tuple[int, int, int], str]:
    """Return the shape (H, W, C) in which a model gets the images, and which of them have colours if it takes none."""
    try:
        if taken is not None:
            dataset = in_grey(dataset, taken.shape, Path(model).name)
    except InputError as error:
        return dataset.image_shape, str(error)
    return dataset.image_shape, ""


def _classes_misfit(model: str, dataset: Dataset) -> str:
    """Return in one sentence why it is not known which output of a model stands for which class, or ""."""
    names = dataset.class_names
    outputs = None if are_numbers(names) else outputs_of_file(model)
    if outputs is None or outputs == len(names):
        return ""
    try:
        if card_names(user_path(model).with_suffix(".json")) is not None:
            return ""
    except TfstabError:  # said when the model is loaded
        return ""
    has = f"the images have {counted(len(names), 'class', 'classes')} ({listed(names, most=LISTED)})"
    has += f", and the model has {outputs} outputs without names"
    if len(names) > outputs:
        return f"{has}: {leave_out(dataset)}; or choose another model."
    if meant := meant_inside(dataset, outputs):
        return f"{has}. {meant}"
    example = classes_text(dict(enumerate(names[:LISTED])))
    return f"{has}: write into the field Classes which output stands for each class, as in {example}."


def _decoded(file: Path, grey: bool, form: Resize) -> NDArray[np.uint8]:
    """Return a decoded image file; raise DataError, with the file's name, if it is damaged."""
    try:
        return decode(file, grey, form)
    except ValueError as error:
        raise DataError(f"{file.name} cannot be read as an image ({error})") from error


def _of_files(path: Path, resize: str | None, taken: ModelInput | None, model: str, takes: str) -> Preview:
    """Return the first images of a folder without classes, or one image, as a run resizes them, with their names."""
    try:
        way, size, named = _resizing(resize or "stretch", taken, model)
        form = Resize(size or (SIDE, SIDE), way, named) if size or resize else Resize((SIDE, SIDE), "crop")
        files = [path] if path.is_file() else sorted(f for f in path.iterdir() if f.suffix.lower() in SUFFIXES)
        first = files[:SHOWN]
        grey = taken is not None and taken.shape[2] == 1
        shown = [_decoded(file, grey, form) for file in first]
    except OSError as error:
        return _unreadable(f"{path} cannot be read: {error.strerror}.")
    except TfstabError as error:
        return _unreadable(str(error))
    if not first:
        return Preview(NOTHING, (), f"no images{takes}", unreadable=f"{path} holds no images: choose other images.")
    if size or resize:
        measures = f"{RESIZED[way]}{' x '.join(map(str, size)) if size else MODELS_SIZE}"
    else:
        measures = "the first {} x {}".format(*look(first[0]).size)
    text = f"{counted(len(files))} without classes, {measures}{takes}"
    return _judged(np.stack(shown), tuple(file.name for file in first), text, misfit(taken, shown[0].shape))


def _judged(images: NDArray[np.uint8], labels: tuple[str, ...], text: str, wrong: str) -> Preview:
    """Return a preview with why the images do not fit the model ("" if they do), as a sentence."""
    return Preview(images, labels, text, wrong, "crop or stretch" in wrong)


def forget() -> None:
    """Release the data that were read last."""
    _headers.cache_clear()
    _records.cache_clear()
    _whole.cache_clear()


def _unread(options: ImageOptions, form: Resize | None) -> Dataset:
    """Return all images of a split: files not decoded yet, arrays not resized yet."""
    data, split, damaged = options.data or "", options.split, options.damaged
    if (headers := _headers(data, split)) is not None:
        return load_files(headers, data, split, form, damaged, lazy=True)
    if (records := _records(data, split)) is not None:
        return load_records(records, form, damaged, lazy=True)
    return _whole(data, split)


@lru_cache(maxsize=1)
def _headers(data: str, split: str) -> Headers | None:
    """Return the image files of a split, kept while the user chooses among them; None if there are none."""
    listing = list_files(data, split)
    return None if listing is None else read_headers(listing)


@lru_cache(maxsize=1)
def _records(data: str, split: str) -> Records | None:
    """Return the records of a split, kept likewise; None if TensorFlow Datasets has not prepared the data."""
    folder = prepared_folder(data)
    return None if folder is None else read_records(folder, split)


@lru_cache(maxsize=1)
def _whole(data: str, split: str) -> Dataset:
    """Return all arrays of a split, kept likewise."""
    return ImageOptions(data, split).load_all(_no_model)


def _read(dataset: Dataset, form: Resize | None, damaged: str) -> Dataset:
    """Return some of the images, decoded and resized, and named so if there are others."""
    # Spread over all images, because folders of classes begin with many images of one class.
    first = dataset.select(np.linspace(0, len(dataset) - 1, min(SHOWN, len(dataset))).astype(int))
    if len(first) < len(dataset):
        first = replace(first, name=f"{dataset.name} shown here")
    if isinstance(first.images, FileImages):
        images, wrong = first.images.readable()
        refuse_damaged(first.name, list(wrong.values()), len(first), damaged)
        first = replace(first.select(np.delete(np.arange(len(first)), list(wrong))), images=images)
    return resized(first, form)


def _no_model() -> Any:
    """Refuse to load a model, which images without classes would need."""
    raise TfstabError("the model is needed to read these images.")
