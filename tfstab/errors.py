"""Every error that tfstab raises on purpose: one sentence that says what was wrong, what was expected, what to do."""

import difflib
from collections.abc import Iterable

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
    """Its start and its end, which says what to do, where it is longer than anybody reads."""
    if len(sentence) <= SENTENCE:
        return sentence
    end = SENTENCE // 4
    return f"{sentence[: SENTENCE - end - 3]} … {sentence[-end:]}"
