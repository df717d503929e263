"""Class folders: the images in each of them, also in folders inside it, and the files and folders left out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfstab.datasets.file_names import file_names
from tfstab.datasets.images import SUFFIXES
from tfstab.datasets.remarks import joined
from tfstab.errors import DataError
from tfstab.names import composed, printed, shortened_front
from tfstab.paths import check_inside
from tfstab.wording import counted, listed

# In the remarks on data sets, which runs record.
EMPTY = "folders without images left out"
NESTED = "images in folders inside class folders"
LEFT_OUT = (
    "files of formats that are not read left out",
    "images beside the class folders left out",
    "links to folders inside class folders left out",
    EMPTY,
)
MACOS = "__MACOSX"  # the folder of hidden files that macOS adds to archives
# Files that stand beside images and are none; hidden files are not counted either.
NO_IMAGES = frozenset({".csv", ".db", ".html", ".ini", ".json", ".md", ".txt", ".xml", ".yaml", ".yml"})
NO_SUFFIX = "no suffix"
LONGEST_NAME = 60  # characters of the name of a folder in a sentence
LONGEST_SUFFIX = 10  # characters of a suffix that the note gives


@dataclass
class LeftOut:
    """What a folder of classes holds beside the images that are read, and what stands out about these.

    Attributes
    ----------
    formats : Counter
        How many files in class folders have a suffix that is not read, by suffix.
    beside : int
        Images beside the class folders.
    links : int
        Links to folders inside class folders.
    empty : list of str
        Names of the folders without images, as they can be shown.
    nested : list of str
        Folders inside class folders with images, relative to the root, likewise; not left out.
    in_nested : int
        The images in them.
    """

    formats: Counter[str] = field(default_factory=Counter)
    beside: int = 0
    links: int = 0
    empty: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    in_nested: int = 0

    @property
    def remarks(self) -> str:
        """The numbers, as remarks on the data set. They hold no names, which could be taken for other remarks."""
        counts = self.formats.total(), self.beside, self.links, len(self.empty), self.in_nested
        named = zip((*LEFT_OUT, NESTED), counts, strict=True)
        return joined(*(f"{what}: {count:,}" for what, count in named if count))

    def words(self, root: Path) -> str:
        """Return a sentence or two on what is left out of a folder and what lies deeper in it; "" if nothing does."""
        parts = [
            self.formats and _not_read(self.formats),
            self.beside and f"{counted(self.beside)} beside the class folders",
            self.links and f"{counted(self.links, 'link')} to folders inside class folders",
            self.empty and _without_images(self.empty),
        ]
        told = [str(part) for part in parts if part]
        said = [f"left out of {printed(str(root))}: {listed(told)}."] if told else []
        if self.nested:
            places = listed(self.nested)
            are = "is in a folder" if self.in_nested == 1 else "are in folders"
            said.append(f"{counted(self.in_nested)} {are} inside class folders ({places}), and belong to the class.")
        return " ".join(said)


def _not_read(formats: Counter[str]) -> str:
    """Return in words how many files are not read, and their suffixes."""
    suffixes = listed([_shown(suffix[:LONGEST_SUFFIX]) for suffix, _ in formats.most_common()])
    return f"{counted(formats.total(), 'file')} of formats that are not read ({suffixes})"


def _without_images(folders: Sequence[str]) -> str:
    """Return in words which folders hold no images."""
    named = listed(folders)
    return f"the folder {named}, which holds no images" if len(folders) == 1 else f"the folders {named} without images"


def class_folders(root: Path, entries: Sequence[Path], path: Path) -> tuple[dict[Path, list[Path]], LeftOut]:
    """Return the images of each class folder, and what is left out.

    A folder is one of a class if it holds images, also in folders inside it. If no folder holds any directly, there are
    no class folders: they may lie deeper, as in `photos/train/cat`.

    Parameters
    ----------
    root : Path
        The folder that holds the class folders.
    entries : sequence of Path
        What is in it, sorted.
    path : Path
        The folder that was given, out of which no link may lead: root, or the folder around it.

    Raises
    ------
    DataError
        A folder cannot be read, or is a link that leads out of `path` or to the root.
    """
    found: dict[Path, list[Path]] = {}
    left_out = LeftOut(beside=sum(_is_image(path) for path in entries if not path.is_dir()))
    for folder in entries:
        if not folder.is_dir() or _is_silent(folder.name):
            continue
        if folder.is_symlink():
            _check_link(folder, root, path)
        images, links = files_in(folder, left_out.formats)
        left_out.links += links
        if not images:
            left_out.empty.append(_shown(folder.name))
            continue
        found[folder] = images
        deeper = [file for file in images if file.parent != folder]
        left_out.in_nested += len(deeper)
        left_out.nested += dict.fromkeys(_shown(str(file.parent.relative_to(root))) for file in deeper)
    if not any(file.parent == folder for folder, images in found.items() for file in images):
        return {}, LeftOut()
    return found, left_out


def deeper_classes(entries: Sequence[Path]) -> str:
    """Return a sentence on folders that hold folders of images, "" if there are none. entries: of a folder."""
    folders = [path for path in entries if path.is_dir() and not _is_silent(path.name)]
    divided = [path for path in folders if _holds_classes(path / "test")]
    if len(divided) == 1:
        return f" Such folders are two levels deeper: did you mean {divided[0]}?"
    above = [path for path in folders if _holds_classes(path)]
    if len(above) == 1:
        return f" Such folders are one level deeper: did you mean {above[0]}?"
    if above:
        named = listed([_shown(path.name) for path in above])
        return (
            f" Folders of images are one level deeper, in {named}. If their folders are the classes, give one of "
            f"these; if {named} are the classes, move the images out of the folders inside them."
        )
    return ""


def holding_classes(folder: Path, classes: int) -> list[Path]:
    """Return the folders inside one that hold exactly so many folders of images."""
    inside = [path for path in sorted(folder.iterdir()) if path.is_dir() and not _is_silent(path.name)]
    return [path for path in inside if sum(map(_has_images, path.iterdir())) == classes]


def _holds_classes(folder: Path) -> bool:
    """Return whether this is a folder that holds folders of images."""
    return folder.is_dir() and any(map(_has_images, folder.iterdir()))


def _has_images(folder: Path) -> bool:
    """Return whether this is a folder with images directly in it; False if it cannot be read."""
    try:
        return folder.is_dir() and not _is_silent(folder.name) and any(map(_is_image, folder.iterdir()))
    except OSError:
        return False


def files_in(folder: Path, formats: Counter[str]) -> tuple[list[Path], int]:
    """Return the images in a folder and in folders inside it, sorted, and how many links to folders are not followed.

    formats: counts the files that are not read.
    """
    images, links, waiting = [], 0, [folder]
    while waiting:  # not os.walk, which before Python 3.12 recurses, and fails in folders that are nested very deep
        for path in _inside(waiting.pop()):
            if path.is_dir():
                if path.is_symlink():
                    links += not _is_silent(path.name)
                elif not _is_silent(path.name):
                    waiting.append(path)
            elif _is_image(path):
                images.append(path)
            elif not path.name.startswith(".") and path.suffix.lower() not in NO_IMAGES:
                formats[path.suffix.lower() or NO_SUFFIX] += 1
    images.sort(key=lambda file: [(composed(part), part) for part in file.relative_to(folder).parts])
    return images, links


def _inside(folder: Path) -> list[Path]:
    """Return what is in a folder. Raises DataError if it cannot be read."""
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}.") from error


def _check_link(folder: Path, root: Path, path: Path) -> None:
    """Raise DataError for a link that leads out of `path`, or to the root, where all images would be found again."""
    check_inside(folder, path)
    if folder.resolve() == root.resolve():
        raise DataError(f"{folder} is a link to the folder that holds it: remove the link.")


def _is_image(path: Path) -> bool:
    """Return whether a file's name is that of an image that is read."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _shown(name: str) -> str:
    """Return the name of a folder, or a suffix, as it can be shown in a sentence."""
    return shortened_front(str(file_names([name])[0]), LONGEST_NAME)


def _is_silent(name: str) -> bool:
    """Return whether a folder is passed over without a word."""
    return name.startswith(".") or name == MACOS
