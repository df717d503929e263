"""The errors that tfstab raises on purpose.

Each message is one sentence: what was wrong, what was expected, and what to do.
"""

import contextlib
import difflib
import errno
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tfstab.limits import NAMES_COMPARED, SENTENCE
from tfstab.wording import OUT

__all__ = ["DataError", "DiskError", "InputError", "ModelError", "RunError", "TfstabError", "WrongInputsError"]

SHORTEST_WORD = 3  # letters of an unknown name for which names that contain it are suggested
SUGGESTIONS = 5  # at most


class TfstabError(Exception):
    """Base class of tfstab's errors; the command line prints the message and exits with code 2.

    Parameters
    ----------
    *arguments : object
        The message, as for any exception. A message that is too long to read, because it contains a long name or
        another long value, is shortened in the middle.

    Examples
    --------
    >>> from tfstab.errors import TfstabError
    >>> try:
    ...     tfstab.load_dataset("mnist-5k", split="train")
    ... except TfstabError as error:
    ...     print(error)
    mnist-5k has no split 'train'; it has: test.
    """

    def __init__(self, *arguments: object) -> None:
        """Store the message, shortened if it is too long to read."""
        super().__init__(*(_readable(part) if isinstance(part, str) else part for part in arguments))


class InputError(TfstabError, ValueError):
    """A setting, an image array or a name cannot be used.

    Examples
    --------
    >>> tfstab.SweepConfig(copies=0)
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: copies is 0; expected a whole number from 1 to 32,767.
    """


class WrongInputsError(InputError):
    """Other inputs or classes fit the model far better, so a verdict on those in use would say little about it.

    Parameters
    ----------
    note : str
        What was noticed, and the option to use.
    lasting : str, optional
        A sentence on how to set the option for all commands.
    options : mapping, optional
        The options of the model that the note advises, as they are typed, by name of parameter.

    Attributes
    ----------
    note, lasting : str
        The parameters.
    options : dict
        The parameter.

    Examples
    --------
    >>> from tfstab.errors import WrongInputsError
    >>> wrong = tfstab.load_classifier("mnist-lenet", preprocess="unit")
    >>> try:
    ...     tfstab.assess(wrong, tfstab.load_dataset("mnist-5k").take(20), out="assessments/wrong")
    ... except WrongInputsError as error:
    ...     print(error.note.partition(". Use")[0])
    Accuracy is 10.0 % with inputs 0..1. It is 100.0 % with inputs 0..255 (20 images)
    """

    def __init__(self, note: str, lasting: str = "", options: Mapping[str, str] | None = None) -> None:
        anyway = "To measure the model anyway, add --as-is (in Python as_is=True)."
        Exception.__init__(self, " ".join(filter(None, [note, lasting, anyway])))
        self.note = note  # whole, as it can end with an option that names many classes
        self.lasting = lasting
        self.options = dict(options or {})


class DataError(TfstabError, ValueError):
    """A data set is missing, damaged or of the wrong kind.

    Examples
    --------
    >>> tfstab.Dataset.from_arrays("mine", "test", digits.images[:2], [0, -1])
    Traceback (most recent call last):
        ...
    tfstab.errors.DataError: mine: label -1 is out of range; labels start at 0.
    """


class ModelError(TfstabError, ValueError):
    """A model file is missing, damaged, unsafe to load or not an image classifier.

    Examples
    --------
    >>> size = Path("mine.keras").write_bytes(b"no model")
    >>> tfstab.load_classifier("mine.keras")
    Traceback (most recent call last):
        ...
    tfstab.errors.ModelError: mine.keras is damaged or not a .keras file: save the model with model.save('NAME.keras').
    """


class RunError(TfstabError, RuntimeError):
    """A run folder cannot be written, resumed or opened.

    Examples
    --------
    >>> tfstab.open_run("nowhere")
    Traceback (most recent call last):
        ...
    tfstab.errors.RunError: nowhere is not a run folder: it does not exist.
    """


class DiskError(RunError, OSError):
    """The disk is full or failing, or a file or folder cannot be read or written or has been removed.

    It is an OSError too, with the errno, strerror and filename of the operating system's error.

    Parameters
    ----------
    sentence : str
        The message.
    error : OSError, optional
        The operating system's error.

    Examples
    --------
    >>> from tfstab.errors import on_disk
    >>> try:
    ...     with on_disk("out"):
    ...         raise OSError(30, "Read-only file system")
    ... except tfstab.errors.DiskError as error:
    ...     print(error)
    out cannot be written (Read-only file system): choose another folder with --out (in Python out=).
    """

    def __new__(cls, sentence: str, error: OSError | None = None) -> "DiskError":
        """Create an OSError that has only a message."""
        return OSError.__new__(cls, sentence)

    def __init__(self, sentence: str, error: OSError | None = None) -> None:
        """Store the message, and the attributes of the operating system's error."""
        super().__init__(sentence)
        if error is not None:
            self.errno, self.strerror, self.filename = error.errno, error.strerror, error.filename

    def __str__(self) -> str:
        """Return the message alone; OSError would put the number of the error before it."""
        return str(self.args[0])


# For each error number: what is wrong and what to do. {} is the path; the system's own words are put between the two.
DISK_ERRORS = {
    errno.ENOSPC: ("{} cannot be written, the disk is full", "free some space, then run it again to go on"),
    errno.EDQUOT: ("{} cannot be written, your disk quota is used up", "free some space, then run it again to go on"),
    errno.EIO: ("{} cannot be read or written, the disk has failed", "check the disk, then run it again to go on"),
    errno.EROFS: ("{} cannot be written", f"choose another folder with {OUT}"),
    errno.EACCES: ("{} cannot be read or written", "change its permissions, or choose another path"),
    errno.EPERM: ("{} cannot be read or written", "change its permissions, or choose another path"),
}


def disk_error(error: OSError, path: str | Path) -> DiskError:
    """Return a DiskError that explains an operating system's error.

    Parameters
    ----------
    error : OSError
        The operating system's error.
    path : str or Path
        File or folder that the error is about.

    Returns
    -------
    DiskError
        The error to raise.

    Examples
    --------
    >>> from tfstab.errors import disk_error
    >>> print(disk_error(OSError(28, "No space left on device"), "out"))
    out cannot be written, the disk is full (No space left on device): free some space, then run it again to go on.
    """
    what, advice = DISK_ERRORS.get(error.errno or 0, ("{} cannot be used", "choose another path"))
    if isinstance(error, FileNotFoundError) and not Path(path).parent.exists():
        what, advice = "{} cannot be written, its folder does not exist", "run it again, or choose another path"
    reason = os.strerror(error.errno) if error.errno else error  # shorter than PyArrow's message
    return DiskError(f"{what.format(path)} ({reason}): {advice}.", error)


@contextlib.contextmanager
def on_disk(path: str | Path) -> Iterator[None]:
    """Turn an OSError that is raised within this context into a DiskError.

    Parameters
    ----------
    path : str or Path
        File or folder that is read or written within the context.

    Raises
    ------
    DiskError
        For any OSError; a DiskError is passed on unchanged.

    Examples
    --------
    >>> from tfstab.errors import on_disk
    >>> with on_disk("notes.txt"):
    ...     Path("notes.txt").write_text("sigma 8")
    7
    """
    try:
        yield
    except DiskError:
        raise
    except OSError as error:
        raise disk_error(error, path) from error


def unknown_name(kind: str, name: str, known: Iterable[str], advice: str = "") -> InputError:
    """Return an InputError for an unknown name that suggests the known ones with it, or the most similar one.

    Parameters
    ----------
    kind : str
        What the name is for, such as "engine".
    name : str
        The unknown name.
    known : iterable of str
        The known names; all are listed if none contains the unknown one or is similar.
    advice : str
        A sentence that then follows the list.

    Returns
    -------
    InputError
        The error to raise.

    Examples
    --------
    >>> from tfstab.errors import unknown_name
    >>> print(unknown_name("engine", "pigad", ["pygad", "random"]))
    unknown engine 'pigad': did you mean 'pygad'?
    >>> print(unknown_name("degradation", "blur", ["defocus_blur", "fog", "motion_blur"]))
    unknown degradation 'blur': did you mean 'defocus_blur' or 'motion_blur'?
    """
    name, known = str(name), list(known)
    hint = did_you_mean(name, known) or f"known: {', '.join(known)}. {advice}".rstrip()
    return InputError(f"unknown {kind} '{name}': {hint}")


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the question for the known names that contain an unknown one, or the most similar one; "" for none.

    Examples
    --------
    >>> from tfstab.errors import did_you_mean
    >>> did_you_mean("pigad", ["pygad", "random"]), did_you_mean("zebra", ["cat", "dog"])
    ("did you mean 'pygad'?", '')
    """
    few = [each for each in known[:NAMES_COMPARED] if len(each) <= SENTENCE] if len(name) <= SENTENCE else []
    near = [each for each in few if len(name) >= SHORTEST_WORD and name.lower() in each.lower()][:SUGGESTIONS]
    near = near or difflib.get_close_matches(name, few, n=1, cutoff=0.5)
    if not near:
        return ""
    *others, last = [f"'{each}'" for each in near]
    return f"did you mean {', '.join(others)} or {last}?" if others else f"did you mean {last}?"


def _readable(sentence: str) -> str:
    """Return the message as one printable line, with its middle left out if it is too long; the end says what to do.

    A library's message about a damaged file may have several lines, and a file name may contain lone surrogates.
    """
    sentence = re.sub(r"[\r\n\v\f\x85\u2028\u2029]+", " ", sentence)
    sentence = sentence.encode("utf-8", "backslashreplace").decode()
    if len(sentence) <= SENTENCE:
        return sentence
    end = SENTENCE // 4
    return f"{sentence[: SENTENCE - end - 3]} … {sentence[-end:]}"
