"""A folder of the user's own pictures: their files, and their true classes, after which folders inside may be named."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tfstab.datasets.class_folders import LeftOut, class_folders, deeper_classes, files_in
from tfstab.datasets.file_names import file_names
from tfstab.datasets.images import KINDS
from tfstab.errors import DataError, InputError
from tfstab.names import composed
from tfstab.orders.picture_run import class_given
from tfstab.paths import check_path, user_path
from tfstab.wording import capital, listed

BESIDE = (
    "To inspect an image beside the class folders, move it into the folder of its class, or give it alone: with "
    "--class NAME (in Python true_class=), or without it if the image shows none of the classes."
)

ClassOf = Callable[[str], int]  # the class with a name; raises InputError if there is none


@dataclass(frozen=True)
class PictureFolder:
    """The pictures of a folder.

    Attributes
    ----------
    root : Path
        The folder.
    files : tuple of Path
        The image files.
    labels : tuple of (int or None)
        The true class of each; all are None if none is known.
    left_out : str
        Sentences on files and folders that are left out; "" for none.
    """

    root: Path
    files: tuple[Path, ...]
    labels: tuple[int | None, ...]
    left_out: str = ""

    @property
    def with_classes(self) -> bool:
        """Whether the true classes are known."""
        return self.labels[0] is not None

    def name(self, file: Path) -> str:
        """Return the name of a file relative to the folder, with slashes, as it can be shown."""
        return str(file_names([file.relative_to(self.root).as_posix()])[0])

    @classmethod
    def of(cls, folder: str | Path, true_class: str | None, class_of: ClassOf) -> "PictureFolder":
        """Return the pictures of a folder.

        Parameters
        ----------
        folder : str or Path
            The folder. Images inside folders belong to the class after which the uppermost of these is named.
        true_class : str or None
            The class of all pictures, if folders inside are not named after classes.
        class_of : callable
            Returns the class with a name.

        Raises
        ------
        InputError
            There is no such class, or a folder inside is named after none; or `true_class` contradicts these names.
        DataError
            The folder is not there, cannot be read, or holds no pictures.
        """
        root = user_path(folder)
        check_path(root)
        if not root.is_dir():
            raise DataError(f"{root} is not a folder: give a folder of image files ({KINDS}).")
        entries = _entries(root)
        folders, left_out = class_folders(root, entries, root)
        if true_class is not None:
            _check_one_class(root, list(folders), class_of)
        elif folders:
            files = [file for inside in folders.values() for file in inside]
            labels = [label for inside in folders for label in [_label(root, inside, class_of)] * len(folders[inside])]
            said = " ".join([left_out.words(root), *([BESIDE] if left_out.beside else [])])
            return cls(root, tuple(files), tuple(labels), said)
        formats = Counter[str]()
        images, links = files_in(root, formats)
        if not images or (true_class is None and not any(file.parent == root for file in images)):
            other = LeftOut(formats).words(root)
            raise DataError(
                f"{root} holds no pictures: give a folder of image files ({KINDS}), or one with a folder for each "
                f"class.{f' {capital(other)}' if other else deeper_classes(entries)}"
            )
        label = None if true_class is None else class_given(true_class, class_of)
        return cls(root, tuple(images), (label,) * len(images), LeftOut(formats, links=links).words(root))


def _entries(root: Path) -> list[Path]:
    """Return what is in a folder, sorted."""
    try:
        return sorted(root.iterdir(), key=lambda path: (composed(path.name), path.name))
    except OSError as error:
        raise DataError(f"{root} cannot be read: {error.strerror}.") from error


def _label(root: Path, folder: Path, class_of: ClassOf) -> int:
    """Return the class after which a folder is named; raise InputError if it is named after none."""
    try:
        return class_of(folder.name)
    except InputError as error:
        raise InputError(
            f"{error} The folders in {root} must be named after the true class of their pictures: rename or remove "
            f"{folder}. If its pictures show none of the classes, give this folder alone. If all pictures are of one "
            "class, give --class NAME (in Python true_class=)."
        ) from None


def _check_one_class(root: Path, folders: list[Path], class_of: ClassOf) -> None:
    """Raise InputError if folders are named after classes, which one class for all pictures would contradict."""
    named = []
    for folder in folders:
        try:
            class_of(folder.name)
        except InputError:
            continue
        named.append(folder.name)
    if named:
        raise InputError(
            f"--class (in Python true_class=) is the class of all pictures in {root}, but folders in it are named "
            f"after classes ({listed(named)}): leave it out, or give one of these folders."
        )
