"""A picture of the user's own, as the model of a run takes it; every function may run in a worker thread."""

import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.datasets.remarks import remarks_of
from tfstab.datasets.resize import WAYS, Resize, noted_resize, parse_resize, resize_option, resized_array
from tfstab.explanation.appearance import in_short
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.run_looks import stands
from tfstab.gui.content.viewpoint import State
from tfstab.orders.unlabelled import read_image
from tfstab.runs.info import without_classes


@dataclass(frozen=True)
class ImageOfRun:
    """Which image of the run a picture is.

    Attributes
    ----------
    index : int
        Its index.
    title : str
        Its title, such as "Image 17: cat/a.png".
    class_index : int or None
        Its class in the run; None if the classes are not known.
    """

    index: int
    title: str
    class_index: int | None

    @classmethod
    def at(cls, run: Any, row: int) -> "ImageOfRun":
        """Return the image in this row of a run."""
        clean, index = run.clean, int(run.clean.indices[row])
        return cls(index, clean.title(index), None if without_classes(run.info) else int(clean.class_index[row]))


@dataclass(frozen=True, eq=False)
class OwnPicture:
    """A picture of the user's own, or an image of the run that is explained like one.

    Attributes
    ----------
    path : Path or None
        Its file; None if it was taken from the run.
    image : ndarray of uint8, shape (H, W, C)
        The picture, as large as the images of the run.
    form : Resize or None
        How it was resized; None if it has the size of the run's images.
    scores : ndarray, shape (K,)
        Its scores by the model of the run.
    looks : tuple of (str, str)
        How it looks among the images of the run: ("Brightness", "darker than 98 %"), and so on.
    actual : int or None
        Its true class as the user has said it; None if it is unknown.
    undone : ndarray of uint8, shape (W, H, W, C), or None
        The picture turned, as a negative and so on, as `tfstab.explanation.mix_ups.undone` returns it; None if that is
        not known.
    of_run : ImageOfRun or None
        The image of the run that the picture is; None if the run does not have it.
    """

    path: Path | None
    image: NDArray[np.uint8]
    form: Resize | None
    scores: NDArray[np.float32]
    looks: tuple[tuple[str, str], ...] = ()
    actual: int | None = None
    undone: NDArray[np.uint8] | None = None
    of_run: ImageOfRun | None = None

    @property
    def title(self) -> str:
        """A heading for it."""
        return self.of_run.title if self.of_run is not None else f"Own image {self._name}"

    @property
    def _name(self) -> str:
        return "" if self.path is None else self.path.name

    def about(self, names: tuple[str, ...]) -> str:
        """Say how it was resized, and what is known of its true class. names: of the classes."""
        resized = "" if self.form is None else f", {self.form},"
        if self.of_run is None:
            said = f"{self._name}{resized} is a picture of your own."
        elif self.path is None:
            said = f"This is an image of the run ({self.title})."
        else:
            said = f"{self._name}{resized} is an image of the run ({self.title})."
        if self.actual is None:
            return f"{said} If you know its true class, choose it above, to see where the prediction is right."
        in_run = self.of_run is not None and self.actual == self.of_run.class_index
        said += f" {'Its true class is' if in_run else 'You chose its true class,'} {names[self.actual]}."
        command = " Edit > Copy as command copies a command that tries all degradations on it."
        return said if self.path is None else f"{said}{command}"

    @cached_property
    def checksum(self) -> str:
        """A checksum of its pixels, which shows whether the file has changed."""
        return f"{zlib.crc32(self.image.tobytes()):08x}"

    def to_json(self) -> dict[str, Any] | None:
        """Return its file, the text for `parse_resize` that resized it or None, true class or None, and checksum.

        None for an image of the run without a file.
        """
        if self.path is None:
            return None
        form = None if self.form is None else resize_option(self.form.way, self.form.size, self.form.filter)
        return {"file": str(self.path), "resize": form, "class": self.actual, "checksum": self.checksum}


@dataclass(frozen=True)
class SavedPicture:
    """A picture of a saved view, as `OwnPicture.to_json` describes it.

    Attributes
    ----------
    path : Path
        Its file; in an imported view only the name, because a stranger may have chosen the file, so it is not read.
    form : Resize or None
        How it was resized; None if it was not.
    actual : int or None
        Its true class as the user chose it; None if it was unknown.
    checksum : str or None
        As `OwnPicture.checksum`; None in views saved before there was one.
    """

    path: Path
    form: Resize | None
    actual: int | None
    checksum: str | None

    @classmethod
    def of(cls, values: State, run: Any) -> "SavedPicture":
        """Return the picture that these values describe; raise InputError if they do not fit the run."""
        file, resize = values.value("file"), values.value("resize")
        if not isinstance(file, str) or len(file) > limits.LONGEST_PATH or "\0" in file:
            values.refuse("file", file)
        form = None
        if resize is not None:
            way, _, named = parse_resize(str(resize))
            form = Resize(run.clean.images.shape[1:3], way, named)
        actual = values.one_of("class", (*range(len(run.class_names)), None), None)
        return cls(Path(file), form, actual, values.value("checksum"))


def picture_of_run(run: Any, index: int) -> OwnPicture:
    """Return an image of a run as a picture to explain, with its class in the run."""
    row = run.clean.row(index)
    image, of_run = np.asarray(run.clean.images[row]), ImageOfRun.at(run, row)
    scores, looks, undoing = np.asarray(run.clean.scores[row]), looks_of(image, run), undone_for(run, image, None)
    return OwnPicture(None, image, None, scores, looks, of_run.class_index, undoing, of_run)


def recognised(picture: OwnPicture, run: Any) -> OwnPicture:
    """Return a picture with what is known of it as an image of a run; the same picture if it is not in the run."""
    from tfstab.explanation.same_image import row_of_picture

    row = row_of_picture(picture.image, picture.scores, run.clean)
    if row is None:
        return picture
    of_run = ImageOfRun.at(run, row)
    return replace(picture, of_run=of_run, actual=of_run.class_index)


def read_picture(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Read a picture in its own size, with as many channels as images of this shape (H, W, C).

    Raises
    ------
    DataError
        It cannot be read.
    """
    return read_image(path, path, grey=shape[2] == 1)


def form_of_run(run: Any) -> Resize | None:
    """Return how the images of a run were resized; None if they were not, or the run does not say."""
    noted = noted_resize(remarks_of(run.info["data"]))
    if noted is None:
        return None
    way, _, named = parse_resize(noted)
    return Resize(run.clean.images.shape[1:3], way, named)


def any_way(image: NDArray[np.uint8], shape: tuple[int, ...]) -> Resize | None:
    """Return a way to resize a picture to a shape (H, W, C) if all ways give the same pixels, else None.

    They do if it has the proportions of the shape, as nothing is then cut off.
    """
    (height, width), size = image.shape[:2], shape[:2]
    return Resize((size[0], size[1]), WAYS[0]) if height * size[1] == width * size[0] else None


def looks_of(image: NDArray[np.uint8], run: Any) -> tuple[tuple[str, str], ...]:
    """Return how a picture as large as the images of a run looks among them, as names and values."""
    return in_short(stands(image, run.clean))


def undone_for(run: Any, whole: NDArray[np.uint8], form: Resize | None) -> NDArray[np.uint8]:
    """Return a picture in its own size turned, as a negative and so on, then resized for a run, (W, H, W, C).

    form: how the picture itself is resized, None if it is not.
    """
    form = form or form_of_run(run) or Resize(run.clean.images.shape[1:3], "stretch")
    return np.stack([resized(one, form) for one in undone(whole)])


def resized(image: NDArray[np.uint8], form: Resize) -> NDArray[np.uint8]:
    """Return an image (H, W, C) resized."""
    return next(resized_array(image[None], form))
