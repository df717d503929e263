"""The clean images of a run and their scores."""

import functools
import hashlib
import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.classifier import Classifier
from tfstab.classifier.input_note import InputNote, heed
from tfstab.datasets import NAMED, Dataset
from tfstab.datasets.arrays import expands_too_far, open_npy
from tfstab.datasets.download import no_download
from tfstab.datasets.file_names import problem_of_names
from tfstab.datasets.groups import group_names
from tfstab.datasets.lazy import pick
from tfstab.errors import DataError, InputError, RunError, did_you_mean
from tfstab.names import composed
from tfstab.runs.arrays import Kinds, read_arrays
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.runs.scoring import OnClean

MAPPED = "clean.npy"
KINDS: Kinds = {
    "images": (np.uint8, 4), "class_index": (np.int64, 1), "indices": (np.int64, 1), "scores": (np.floating, 2),
    "names": (np.str_, 1), "order": (np.int64, 1), "groups": (np.str_, 1),
}  # fmt: skip
NEEDED = ("images", "class_index", "indices", "scores")
OPTIONAL = ("names", "order", "groups")
ROUNDING = 1e-3  # how far scores may exceed 1
NUMBER = re.compile("-?(?:0|[1-9][0-9]{0,17})")  # digits with a leading zero belong to a file name: 02708.png
LARGEST_COPY = 512 << 20  # bytes of images that clean.npz has; more are in clean.npy or in a named data set


@dataclass(frozen=True, eq=False)
class CleanImages:
    """Clean images, their classes and their scores.

    Attributes
    ----------
    images : ndarray of uint8 (N, H, W, C)
        The images, grey levels 0..255.
    class_index : ndarray of int64 (N,)
        True classes.
    indices : ndarray of int64 (N,)
        Indices of the images in the full split.
    scores : ndarray of float32 (N, K)
        Scores of the clean images.
    names : ndarray of str (N,) or None
        File names of the images, relative to the folder or table of the data.
    order : ndarray of int64 (N,) or None
        Rows in the order in which a sweep takes the images. It is stored, as NumPy may draw another one some day.
    groups : ndarray of str (N,) or None
        Groups of the images, such as the video of each frame.
    input_note : str
        What the check of the inputs said when the images were scored, "" for nothing. It is kept in run.json.
    """

    images: NDArray[np.uint8]
    class_index: NDArray[np.int64]
    indices: NDArray[np.int64]
    scores: NDArray[np.float32]
    names: NDArray[np.str_] | None = None
    order: NDArray[np.int64] | None = None
    groups: NDArray[np.str_] | None = None
    input_note: str = ""

    @classmethod
    def score(
        cls,
        classifier: Classifier,
        dataset: Dataset,
        info: dict[str, Any] | None = None,
        known: "Iterable[str | Path | CleanImages]" = (),
        on_note: Callable[[InputNote], None] | None = heed,
        *,
        keep: str | Path | None = None,
        on_clean: "OnClean | None" = None,
    ) -> "CleanImages":
        """Score the images of a data set, except those whose scores are known.

        If there were any to score, check whether the model wants its images preprocessed in another way, or its outputs
        are other classes.

        Parameters
        ----------
        classifier : Classifier
            Model that scores the images.
        dataset : Dataset
            Images (N, H, W, C), uint8 grey levels, with labels that `match_classes` has matched to the model.
        info : dict, optional
            What `describe` returned for the run that the images are scored for; needed with run folders in `known`.
        known : iterable of path or CleanImages
            Images that this model has scored, and run folders, which need not exist. The scores in a folder are used if
            its model and environment are the same, so that they are the same to the bit.
        on_note : callable
            Gets what the check noticed; by default it is a warning. None skips the check, which takes as
            long as scoring hundreds of images.
        keep : path, optional
            Folder of the run, or around several runs, in which to save scores from time to time; this process must
            have locked it. Scores that are saved in it are not computed again. Needs `info`.
        on_clean : callable, optional
            Called as on_clean(done, total) about every second while images are scored.
        """
        from tfstab.classifier.input_check import check_inputs
        from tfstab.runs.known import key_of_scores, known_scores
        from tfstab.runs.scoring import KeptScores, score_and_keep

        scores, missing, note = known_scores(known, info, dataset, classifier.num_classes)
        if missing.any():
            with KeptScores(keep, "" if info is None else key_of_scores(info)) as kept:
                images = dataset.images if missing.all() else pick(dataset.images, missing)
                scores[missing] = score_and_keep(classifier, images, kept, on_clean)
                if on_note is not None:
                    checked = check_inputs(classifier, dataset, scores)
                    on_note(checked)
                    note = checked.text
        groups = group_names(dataset.groups)
        each = dataset.images, dataset.labels, dataset.indices, scores, dataset.names
        return cls(*each, groups=groups, input_note=note)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """Predicted classes, int64 (N,)."""
        return np.asarray(self.scores.argmax(axis=1))

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Which images are classified correctly, bool (N,)."""
        return np.asarray(self.predicted == self.class_index)

    @cached_property
    def _rows(self) -> dict[int, int]:
        """Rows by index in the full split."""
        return {int(index): row for row, index in enumerate(self.indices)}

    def row(self, image: int) -> int:
        """Return the row of the image with this index in the full split; raise RunError if there is none."""
        if not isinstance(image, Hashable) or image not in self._rows:
            raise RunError(f"image {image} is not in this run; it has {self._listed()}.")
        return self._rows[image]

    def select(self, rows: np.ndarray) -> "CleanImages":
        """Return the images at these rows, with their classes, scores, names and groups, but without an order."""
        names, groups = (None if each is None else each[rows] for each in (self.names, self.groups))
        each = pick(self.images, rows), self.class_index[rows], self.indices[rows], self.scores[rows], names
        return CleanImages(*each, groups=groups)

    def find(self, image: str) -> int:
        """Return the index of the image with this index or file name; raise RunError or InputError if there is none.

        If a text is both a file name and the index of another image, the file name is meant.
        """
        files, image = self._composed_names, composed(image)
        if image in files:
            return int(self.indices[files.index(image)])
        if NUMBER.fullmatch(image):
            row = self.row(int(image))
            return int(self.indices[row])
        if not files:
            number = "a number without leading zeros" if re.fullmatch("0[0-9]+", image) else "a number"
            raise InputError(f"'{image}' is no image's index, and this run has no file names; expected {number}.")
        alike = next((file for file in files if _plain(file) == _plain(image)), None)
        others = [file for file in files if _without_numbers(file) == _without_numbers(image)]
        if others and not alike:  # another image of the data set
            raise InputError(
                f"'{image}' is not among the {counted(len(files))} of this run: choose another, such as '{others[0]}'."
            )
        # `did_you_mean` does not compare thousands of names, so names with the same stem or folder are chosen first.
        near_ones = [file for file in files if Path(file).stem.casefold() == Path(image).stem.casefold()]
        near_ones = near_ones or [file for file in files if _folder(file) == _folder(image)] or files
        near = f"did you mean '{alike}'?" if alike else did_you_mean(image, near_ones)
        near = near or did_you_mean(Path(image).name, files)
        such = f"its names are like '{files[0]}'."
        raise InputError(f"unknown image '{image}': {near or such} This run has {counted(len(files))}.")

    def name(self, image: int) -> str:
        """Return the file name of the image with this index in the full split, or "image 17" if it has none."""
        return self.file(image) or f"image {image}"

    def file(self, image: int) -> str:
        """Return the file name of the image with this index, "" if it has none."""
        row = self.row(image)
        return "" if self.names is None else str(self.names[row])

    def named(self, text: str) -> NDArray[np.int64]:
        """Return the indices of the images whose file name contains a text, in small or capital letters."""
        files, wanted = self._composed_names, composed(text).casefold()
        return np.array(
            [i for i, file in zip(self.indices, files, strict=False) if wanted in file.casefold()], np.int64
        )

    @property
    def _composed_names(self) -> list[str]:
        """The file names, [] if there are none. Runs that are older than `composed` may hold decomposed ones."""
        return [] if self.names is None else list(map(composed, self.names.tolist()))

    def title(self, image: int) -> str:
        """Return a heading for the image with this index: "Image 17: cat/a.png", or "Image 17" if it has no name."""
        return f"Image {image}: {self.file(image)}".removesuffix(": ")

    def _listed(self) -> str:
        """Return the number of images and their indices, the first ones if they are many, in words."""
        count, first = len(self.indices), ", ".join(str(i) for i in self.indices[:5])
        if count > 5:
            return f"{count:,} images, beginning with {first}"
        return f"{counted(count)}: {first}"

    def files(self, data: dict[str, Any]) -> dict[str, Callable[[Path], None]]:
        """Return the files that a run keeps: their names, and functions that write them, in this order.

        Many images are written to a file of their own, from which they can be read piece by piece, or to none if `data`
        (of run.json) names an official data set that has them.
        """
        few, named = self.images.nbytes <= LARGEST_COPY, data["name"] in NAMED
        mapped: dict[str, Callable[[Path], None]] = {} if few or named else {MAPPED: self._save_images}
        return mapped | {"clean.npz": functools.partial(self._save, with_images=few)}

    def fingerprint(self, of_images: str) -> str:
        """Return the SHA-256 of all that a run keeps. of_images: the images' fingerprint, which a run has already."""
        digest = hashlib.sha256(of_images.encode())
        for array in (self.class_index, self.indices, self.scores, self.names, self.order, self.groups):
            digest.update(b"none" if array is None else fingerprint_of(array).encode())
        return digest.hexdigest()

    def _save(self, path: Path, with_images: bool) -> None:
        """Write clean.npz, compressed unless `load` would take the file for a decompression bomb.

        Nearly blank images compress so well.
        """
        arrays: dict[str, np.ndarray] = {
            "class_index": self.class_index, "indices": self.indices, "scores": self.scores,
        }  # fmt: skip
        arrays |= {"images": self.images} if with_images else {}
        arrays |= {name: array for name in OPTIONAL if (array := getattr(self, name)) is not None}
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        if expands_too_far(path, limits.SMALL_RUN):
            with path.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]

    def _save_images(self, path: Path) -> None:
        """Write clean.npy."""
        with path.open("wb") as file:
            np.save(file, self.images)

    @classmethod
    def load(cls, path: Path, data: dict[str, Any]) -> "CleanImages":
        """Read a run's clean images.

        Images that are not in clean.npz are mapped from clean.npy, or are those of the official data set that run.json
        names. A run may come from anybody: it cannot have other files read, or anything downloaded.

        Parameters
        ----------
        path : Path
            The run's clean.npz.
        data : dict
            The entry "data" of run.json.

        Raises
        ------
        RunError
            A file is damaged.
        DataError
            The data set is not there.
        """
        try:
            arrays = read_arrays(path, KINDS, limits.SMALL_RUN)
        except Exception as error:
            raise RunError(f"{path} is missing or damaged: the run cannot be opened; make it again.") from error
        if "images" not in arrays and "indices" in arrays:
            mapped = path.with_name(MAPPED)
            own = mapped.is_file() and not mapped.is_symlink()
            # A run that was killed when it was given more images has more indices than run.json counts.
            counted = arrays["indices"][: data["images"]]
            arrays["images"] = _mapped(mapped) if own else _official_images(path, data, counted)
        try:
            images, class_index, indices, scores = (arrays[name] for name in NEEDED)
            names, order, groups = (arrays.get(name) for name in OPTIONAL)
            clean = cls(images, class_index, indices, scores, names, order, groups)
        except KeyError as error:
            raise RunError(f"{path} is damaged ({error} is not in it): restore it, or make the run again.") from error
        clean = clean.first(data["images"])
        problem = clean.problem(data["images"])
        if problem:
            raise RunError(f"{path} is damaged ({problem}): restore it, or make the run again.")
        return clean

    def first(self, count: int) -> "CleanImages":
        """Return the first images, if there are more than `count`: a run was killed when it was given more."""
        if all(len(array) <= count for array in (self.images, self.indices)):
            return self
        arrays = {name: getattr(self, name) for name in (*NEEDED, *OPTIONAL)}
        return replace(self, **{name: array[:count] for name, array in arrays.items() if array is not None})

    def problem(self, count: int) -> str | None:
        """Return in words what no run would have written, or None. count: number of images in run.json."""
        lengths = {len(array) for array in (self.images, self.class_index, self.indices, self.scores)}
        if lengths != {len(self.indices)} or not self.images.size or self.images.shape[3] not in (1, 3):
            return "its arrays do not fit each other"
        if len(self.indices) != count:
            return f"it holds {len(self.indices)} images, run.json {count}"
        if not is_score(self.scores):
            return "its scores are not all from 0 to 1"
        if not ((self.class_index >= 0) & (self.class_index < self.scores.shape[1])).all():
            return "it has classes that have no scores"
        if not (self.indices >= 0).all() or len(np.unique(self.indices)) < count:
            return "its images have negative indices, or some twice"
        texts = (each for each in (self.names, self.groups) if each is not None)
        problems = (self._problem_of_order(count), *(problem_of_names(each, count) for each in texts))
        return next(filter(None, problems), None)

    def _problem_of_order(self, count: int) -> str | None:
        """Return what is wrong with the order, or None."""
        if self.order is None or np.array_equal(np.sort(self.order), np.arange(count)):
            return None
        return "its order does not have each image once"


def _plain(file: str) -> str:
    """Return a file name in lower case, with slashes and without leading zeros, which are easily written otherwise."""
    return re.sub("0+(?=[0-9])", "", file.casefold().replace("\\", "/"))


def _folder(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[0]


def _without_numbers(file: str) -> str:
    return re.sub("[0-9]+", "0", file)


def is_score(values: np.ndarray) -> bool:
    """Return whether all values are scores: 0 to 1, within the rounding that a predict function is allowed."""
    return bool(((values >= 0) & (values <= 1 + ROUNDING)).all())  # False for NaN


def _mapped(path: Path) -> NDArray[np.uint8]:
    """Return the images of clean.npy, mapped into memory."""
    try:
        images = open_npy(path)
    except DataError as error:
        raise RunError(f"{path} is damaged: the run cannot be opened; make it again.") from error
    if images.dtype != np.uint8 or images.ndim != 4:
        raise RunError(f"{path} is damaged (not uint8 of shape (N, H, W, C)): the run cannot be opened; make it again.")
    return images


def _official_images(path: Path, data: dict[str, Any], indices: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the images with these indices of the official data set that run.json names."""
    if data["name"] not in NAMED:
        raise RunError(f"{path} holds no images, and {data['name']} is not an official data set: make the run again.")
    with no_download():
        dataset = NAMED[data["name"]].load(data["split"], None)
    order = np.argsort(dataset.indices)
    images = dataset.select(order[np.searchsorted(dataset.indices, indices, sorter=order) % len(dataset)]).images
    if fingerprint_of(images) != data.get("images_fingerprint"):
        raise RunError(f"the images of {data['name']} are not those of this run: set TFSTAB_DATA to its data.")
    return images


def fingerprint_of(array: np.ndarray) -> str:
    """Return the SHA-256 of an array's values."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
