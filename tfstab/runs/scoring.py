"""Scores clean images step by step, and keeps the scores in a folder, so that a stop or a kill loses little.

It is the folder of a run, or one around several runs, such as that of an assessment. Until a clean.npz has all scores,
parts/clean-NUMBER-CHECKSUM.npz have those so far. They are found again by the content of the images, and only for the
same model in the same environment; so a later call may give more images.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.datasets.lazy import pick
from tfstab.errors import DiskError, TfstabError
from tfstab.paths import user_path
from tfstab.runs.arrays import Kinds, read_arrays, write_arrays
from tfstab.runs.files import OF_CLEAN, PARTS, check_parts, find_scores, is_whole
from tfstab.runs.info import is_run
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

OnClean = Callable[[int, int], None]  # gets how many clean images are scored, and how many are to be
STEP = 1.0  # seconds of scoring after which the progress is shown, about
KEEP = 10.0  # seconds of scoring that a kill may lose
KINDS: Kinds = {"key": (np.str_, 1), "images": (np.uint8, 2), "scores": (np.floating, 2)}
DIGEST = 32  # bytes of a SHA-256


class NotKeptInterrupt(KeyboardInterrupt):
    """Ctrl-C, after which not all finished work could be written; the message says what is kept and what to do."""


class KeptScores:
    """The scores of clean images that a folder keeps; a context manager that saves the last ones at its end.

    After an error in the input or of the model, those of the last seconds are not kept, so that a wrong call leaves no
    folder.

    Parameters
    ----------
    folder : str or Path or None
        The folder of the run, or of runs, which this process has locked; None keeps nothing.
    key : str
        See `key_of_scores`.
    """

    def __init__(self, folder: str | Path | None, key: str) -> None:
        self._folder, self._key = None if folder is None else user_path(folder), key
        self._waiting: list[tuple[np.ndarray, NDArray[np.float32]]] = []
        self._saved = time.perf_counter()

    def __enter__(self) -> "KeptScores":
        """Begin."""
        if self._folder is not None:
            check_parts(self._folder)
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        """Keep what has been scored if the work ends before its end."""
        if kind is None or issubclass(kind, TfstabError):
            return
        count = sum(len(scores) for _, scores in self._waiting)
        try:
            self._save()
        except DiskError as error:  # what ended the work is raised, not this error
            if issubclass(kind, KeyboardInterrupt):
                raise self._partly_kept(count, error) from error

    def find(self, images: np.ndarray, classes: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the scores (N, K) of images (N, H, W, C), and which of them are kept."""
        scores, found = np.zeros((len(images), classes), np.float32), np.zeros(len(images), bool)
        there: dict[bytes, NDArray[np.float32]] = {}
        for path in [] if self._folder is None else find_scores(self._folder):
            there |= self._read(path, classes)
        for row in range(len(images)) if there else ():
            kept = there.get(_digest(images[row]))
            if kept is not None:
                scores[row], found[row] = kept, True
        return scores, found

    def add(self, images: np.ndarray, scores: NDArray[np.float32]) -> None:
        """Take scores, which are written from time to time."""
        if self._folder is None:
            return
        self._waiting.append((images, scores))
        if time.perf_counter() - self._saved >= KEEP:
            self._save()

    def _partly_kept(self, lost: int, error: DiskError) -> "NotKeptInterrupt":
        """Return the interruption of a process that could not keep the scores of the last images, and says why."""
        there = self._folder is not None and (is_run(self._folder) or bool(find_scores(self._folder)))
        kept = "what is finished is kept, but not" if there else "nothing is kept, not even"
        return NotKeptInterrupt(f"{kept} the scores of the last {counted(lost, 'clean image')}, as {error}")

    def _read(self, path: Path, classes: int) -> dict[bytes, NDArray[np.float32]]:
        """Return the scores in a file by the digests of their images; none if it is damaged or of something else."""
        from tfstab.runs.clean import is_score

        try:
            arrays = read_arrays(path, KINDS, limits.SMALL_RUN) if is_whole(path) else {}
        except Exception:  # a stranger's file, or a damaged one: the images are scored again
            return {}
        if arrays.keys() != KINDS.keys() or arrays["key"].tolist() != [self._key]:
            return {}
        digests, scores = arrays["images"], arrays["scores"]
        fit = digests.shape == (len(scores), DIGEST) and scores.shape[1] == classes
        if not fit or scores.dtype != np.float32 or not is_score(scores):
            return {}
        return {digest.tobytes(): row for digest, row in zip(digests, scores, strict=True)}

    def _save(self) -> None:
        """Write the scores that wait."""
        self._saved = time.perf_counter()
        if not self._waiting or self._folder is None:
            return
        digests = b"".join(_digest(image) for images, _ in self._waiting for image in images)
        arrays: dict[str, Any] = {
            "key": np.array([self._key]),
            "images": np.frombuffer(digests, np.uint8).reshape(-1, DIGEST),
            "scores": np.concatenate([scores for _, scores in self._waiting]),
        }
        write_arrays(self._folder / PARTS, f"{OF_CLEAN}-{len(find_scores(self._folder))}", arrays)
        self._waiting.clear()


def score_in_steps(
    classifier: "Classifier", images: np.ndarray, on_clean: OnClean | None = None
) -> Iterator[tuple[slice, np.ndarray, NDArray[np.float32]]]:
    """Yield the place, the images and the scores of each step, which has whole batches and takes about a second.

    on_clean is called between the steps, unless the last call was just before.
    """
    size = batch = classifier.batch_size
    done, told = 0, time.perf_counter()
    while done < len(images):
        if done and on_clean is not None and time.perf_counter() - told >= STEP / 2:
            on_clean(done, len(images))
            told = time.perf_counter()
        place = slice(done, done + size)
        some, began = images[place], time.perf_counter()
        scores = classifier.scores(some)
        seconds = max(time.perf_counter() - began, 1e-6)
        yield place, some, scores
        size, done = batch * max(1, int(STEP * len(some) / seconds / batch)), done + len(some)


def score_and_keep(
    classifier: "Classifier", images: np.ndarray, kept: KeptScores, on_clean: OnClean | None = None
) -> NDArray[np.float32]:
    """Return the scores (N, K) of images (N, H, W, C), except those kept already, which are not scored again."""
    scores, found = kept.find(images, classifier.num_classes)
    rows = np.flatnonzero(~found)
    left = images if len(rows) == len(images) else pick(images, rows)
    before = len(images) - len(rows)

    def tell(done: int, _: int) -> None:
        """Count the images that were kept, too."""
        if on_clean is not None:
            on_clean(before + done, len(images))

    for place, some, of_some in score_in_steps(classifier, left, tell):
        scores[rows[place]] = of_some
        kept.add(some, of_some)
    return scores


def _digest(image: np.ndarray) -> bytes:
    """Return the SHA-256 of an image's shape and pixels."""
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).digest()
