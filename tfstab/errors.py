"""Every error that tfstab raises on purpose: one sentence that says what was wrong, what was expected, what to do."""

import contextlib
import difflib
import errno
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tfstab.limits import NAMES_COMPARED, SENTENCE


class TfstabError(Exception):
    """Base of all errors below; the command line prints it as one sentence and exits with 2.

    >>> from tfstab.errors import TfstabError
    >>> try:
    ...     tfstab.load_dataset("mnist-5k", split="train")
    ... except TfstabError as error:
    ...     print(error)
    mnist-5k has no split 'train'; it has: test.
    """

    def __init__(self, *arguments: object) -> None:
        """The sentence; its middle is left out where a value in it, such as a name, makes it too long to be read."""
        super().__init__(*(_readable(part) if isinstance(part, str) else part for part in arguments))


class InputError(TfstabError, ValueError):
    """A setting, an image array or a name that cannot be used.

    >>> tfstab.SweepConfig(copies=0)
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: copies is 0; expected 1 to 32767.
    """


class DataError(TfstabError, ValueError):
    """A data set that is missing, damaged or not what it should be.

    >>> tfstab.Dataset.from_arrays("mine", "test", digits.images[:2], [0, -1])
    Traceback (most recent call last):
        ...
    tfstab.errors.DataError: mine: label -1 is out of range; labels start at 0.
    """


class ModelError(TfstabError, ValueError):
    """A model file that is missing, damaged, unsafe to load or not an image classifier.

    >>> size = Path("mine.keras").write_bytes(b"no model")
    >>> tfstab.load_classifier("mine.keras")
    Traceback (most recent call last):
        ...
    tfstab.errors.ModelError: mine.keras is damaged or not a .keras file: save the model with model.save('NAME.keras').
    """


class RunError(TfstabError, RuntimeError):
    """A run folder that cannot be written, resumed or opened.

    >>> tfstab.open_run("nowhere")
    Traceback (most recent call last):
        ...
    tfstab.errors.RunError: nowhere is not a run folder: it holds no run.json.
    """


class DiskError(RunError, OSError):
    """A disk that is full or failing, or a file or folder that cannot be written or has been removed meanwhile.

    Also an OSError, whose errno, strerror and filename are those of the system's error.

    >>> from tfstab.errors import on_disk
    >>> with on_disk("out"):
    ...     raise PermissionError(13, "Permission denied")
    Traceback (most recent call last):
        ...
    tfstab.errors.DiskError: out cannot be read or written (Permission denied): mend its permissions, or choose another.
    """

    def __new__(cls, sentence: str, *_: object) -> "DiskError":
        return OSError.__new__(cls, sentence)

    def __init__(self, sentence: str, error: OSError | None = None) -> None:
        super().__init__(sentence)
        if error is not None:
            self.errno, self.strerror, self.filename = error.errno, error.strerror, error.filename

    def __str__(self) -> str:
        return str(self.args[0])


# What is wrong, and what to do about it. {} is a file or folder; the system's own words follow what is wrong.
DISK_ERRORS = {
    errno.ENOSPC: ("{} cannot be written, the disk is full", "free some space, then run it again to go on"),
    errno.EDQUOT: ("{} cannot be written, your disk quota is used up", "free some space, then run it again to go on"),
    errno.EIO: ("{} cannot be read or written, the disk has failed", "check the disk, then run it again to go on"),
    errno.EROFS: ("{} cannot be written", "choose another folder with --out"),
    errno.EACCES: ("{} cannot be read or written", "mend its permissions, or choose another"),
    errno.EPERM: ("{} cannot be read or written", "mend its permissions, or choose another"),
}


def disk_error(error: OSError, path: str | Path) -> DiskError:
    """The DiskError for an error of the system about this file or folder."""
    what, advice = DISK_ERRORS.get(error.errno or 0, ("{} cannot be used", "choose another path"))
    if isinstance(error, FileNotFoundError) and not Path(path).parent.exists():
        what, advice = "{} cannot be written, its folder does not exist", "run it again, or choose another path"
    reason = os.strerror(error.errno) if error.errno else error  # what PyArrow says is longer
    return DiskError(f"{what.format(path)} ({reason}): {advice}.", error)


@contextlib.contextmanager
def on_disk(path: str | Path) -> Iterator[None]:
    """Within it, an error of the system is a DiskError about this file or folder, unless it is one already."""
    try:
        yield
    except DiskError:
        raise
    except OSError as error:
        raise disk_error(error, path) from error


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    """An InputError for a name that is not in `known`, with the nearest one suggested.

    >>> from tfstab.errors import unknown_name
    >>> print(unknown_name("engine", "pigad", ["pygad", "random"]))
    unknown engine 'pigad': did you mean 'pygad'?
    """
    known = list(known)
    few = [each for each in known[:NAMES_COMPARED] if len(each) <= SENTENCE] if len(name) <= SENTENCE else []
    near = difflib.get_close_matches(name, few, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}."
    return InputError(f"unknown {kind} '{name}': {hint}")


def _readable(sentence: str) -> str:
    """One line that can be printed, of which only start and end, which says what to do, are kept where it is long.

    What a library says of a damaged file may have several lines, and a file's name may be no Unicode.
    """
    sentence = re.sub(r"[\r\n\v\f\x85\u2028\u2029]+", " ", sentence)
    sentence = sentence.encode("utf-8", "backslashreplace").decode()
    if len(sentence) <= SENTENCE:
        return sentence
    end = SENTENCE // 4
    return f"{sentence[: SENTENCE - end - 3]} … {sentence[-end:]}"
