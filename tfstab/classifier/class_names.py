"""Names of a model's outputs: given in Python, or as text on the command line."""

import csv
import shlex
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tfstab.datasets import Dataset
from tfstab.datasets.registry import FOLDER
from tfstab.datasets.tables import tables_in, without_column
from tfstab.errors import InputError, ModelError, TfstabError
from tfstab.limits import CLASS_NAME, MOST_CLASSES
from tfstab.names import composed, shortened
from tfstab.paths import user_path
from tfstab.wording import listed

LONGEST_NUMBER = len(str(MOST_CLASSES)) + 10  # digits of a position, with zeros before it
MOST_PROPOSED = 50  # names that a message writes out for the file beside a model; more would fill the screen
ClassNames = Sequence[str] | Mapping[int, str]  # a name of each output in order, or {output: name} of some


def named_outputs(names: ClassNames | None, count: int, model: str) -> tuple[str, ...]:
    """Return a name for each of a model's outputs; an output that has no name is called by its number.

    If this number is the name of another output, as "2" in {1: "2"}, it is called "output 2".

    The names have the form that `composed` returns, like those of the data, so that the same name matches.

    Parameters
    ----------
    names : sequence of str or dict, optional
        A name for each output, in their order, or {output: name} for some of them.
    count : int
        Number of outputs.
    model : str
        The model's name, for messages.

    Raises
    ------
    ModelError
        There are more or fewer names than outputs, an output does not exist, a name is not usable, or two outputs are
        given the same one.
    """
    if isinstance(names, str):
        raise ModelError(f"class_names is '{names}'; expected a list of {count} names.")
    named = [str(k) for k in range(count)]
    if isinstance(names, Mapping):
        for output, name in names.items():
            if not (isinstance(output, int | np.integer) and 0 <= output < count):
                raise ModelError(
                    f"class '{name}' was given as output {output}, but {model} has outputs 0 to {count - 1}: correct "
                    "class_names."
                )
            named[output] = str(name)
        check_distinct(names, "class_names gives")
        given = {composed(str(name)) for name in names.values()}
        named = [f"output {k}" if k not in names and name in given else name for k, name in enumerate(named)]
        _check_replaced(names, given, named)
    elif names is not None:
        named = list(map(str, names))
        if len(named) != count:
            raise ModelError(
                f"{model} has {count} classes but {len(named)} class names were given; expected one for each output, "
                "or NAME=OUTPUT for some."
            )
        # Numbers may repeat: in older runs, an output without a name may be called by a number that names another.
        check_distinct({k: name for k, name in enumerate(named) if not name.isdecimal()}, "class_names gives")
    named = list(map(composed, named))
    for name in named:
        check_class_name(name)
    return tuple(named)


def parse_class_names(text: str) -> ClassNames:
    """Return the class names in "NAME,NAME,...", in the order of the outputs, or in "NAME=OUTPUT,...".

    A name that contains a comma is put in double quotes.

    Raises
    ------
    InputError
        A name is missing, two names are given for one output, or one name for two outputs.

    Examples
    --------
    >>> from tfstab.classifier.class_names import parse_class_names
    >>> parse_class_names("cat,dog")
    ['cat', 'dog']
    >>> parse_class_names("cat=281,dog=207")
    {281: 'cat', 207: 'dog'}
    """
    expected = "expected NAME,NAME,... in the order of the model's outputs, or NAME=OUTPUT,..."
    entries = [entry.strip() for row in csv.reader([text], skipinitialspace=True) for entry in row]
    if not all(entries) or not entries:
        raise InputError(f"--classes is '{text}', in which a name is empty; {expected}.")
    pairs = [(name.strip(), output.strip()) for name, _, output in (entry.rpartition("=") for entry in entries)]
    if not all(name and _is_output(output) for name, output in pairs):
        check_distinct(entries, "--classes gives", InputError)
        return entries
    numbered = {int(output): name for name, output in pairs}
    if len(numbered) < len(pairs):
        raise InputError(f"--classes is '{text}', in which two names have the same output; {expected}.")
    check_distinct(numbered, "--classes gives", InputError)
    return numbered


def check_distinct(names: ClassNames, said: str, kind: type[TfstabError] = ModelError) -> None:
    """Raise an error if several outputs are given the same name: the folder with this name would fit all of them.

    Parameters
    ----------
    names : sequence of str or dict
        The names as they are given.
    said : str
        How the error begins, such as "--classes gives".
    kind : type
        The error.
    """
    numbered = names if isinstance(names, Mapping) else dict(enumerate(names))
    outputs: dict[str, list[str]] = {}
    for output, name in numbered.items():
        outputs.setdefault(composed(str(name)), []).append(str(output))
    for name, places in outputs.items():
        if len(places) > 1:
            raise kind(
                f"{said} outputs {listed(places)} the same name, '{shortened(name, 40)}'; expected a different "
                "name for each output: correct one of them."
            )


def _check_replaced(names: Mapping[int, str], given: set[str], named: Sequence[str]) -> None:
    """Raise ModelError if an output cannot be called "output 2" in place of "2", as both name other outputs."""
    taken = next((k for k, name in enumerate(named) if k not in names and name in given), None)
    if taken is not None:
        raise ModelError(
            f"output {taken} has no name, and can be called neither '{taken}' nor '{named[taken]}', as class_names "
            f"gives these names to other outputs: name output {taken} too, or change one of them."
        )


def classes_option(names: Mapping[int, str], count: int) -> str:
    """Return the option --classes that gives these names {output: name} to a model of `count` outputs, for a shell."""
    return f"--classes {shlex.quote(classes_value(names, count))}"


def classes_value(names: Mapping[int, str], count: int) -> str:
    """Return the value of the option --classes that gives these names to a model of `count` outputs."""
    in_order = [names[output] for output in sorted(names)]
    return classes_text(in_order if len(names) == count else names)


def classes_text(names: ClassNames) -> str:
    """Return the text from which `parse_class_names` makes these names.

    Examples
    --------
    >>> from tfstab.classifier.class_names import classes_text
    >>> classes_text({281: "cat", 207: "dog, brown"})
    '"dog, brown=207",cat=281'
    """
    if isinstance(names, Mapping):
        names = [f"{names[output]}={output}" for output in sorted(names)]
    return ",".join(_quoted(str(name)) for name in names)


def are_numbers(names: Iterable[str]) -> bool:
    """Return whether all names are numbers, which stand for positions."""
    return all(name.isdecimal() for name in names)


def class_called(text: str, names: Sequence[str]) -> int | None:
    """Return the class that a user names; None if there is none.

    It is the class with this name or, if there is none, the one at this position: the folder `00014` is class 14 of the
    model, whatever the model calls it.

    Examples
    --------
    >>> from tfstab.classifier.class_names import class_called
    >>> names = ["speed limit", "yield", "stop"]
    >>> class_called("stop", names), class_called("00002", names), class_called("2", ["2", "1", "0"])
    (2, 2, 0)
    """
    text, called = composed(text), [composed(name) for name in names]
    if text in called:
        return called.index(text)
    position = int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else len(called)
    return position if position < len(called) else None


def check_class_name(name: str) -> None:
    """Raise ModelError unless a class name fits into tables and files."""
    if len(name) > CLASS_NAME:
        raise ModelError(f"class name '{name[:20]}…' has {len(name):,} characters; expected at most {CLASS_NAME:,}.")
    try:
        name.encode()
    except UnicodeEncodeError as error:  # half a character, which JSON can hold and no file can
        raise ModelError(f"class name {name!a} is not valid text: write it in UTF-8.") from error


def leave_out(dataset: Dataset, label: int = 3) -> str:
    """Return how to leave out the images of a class that the model does not know; those of a table, in the table.

    label: its label, for an example.
    """
    unknown, data = "to leave out the images of a class that the model does not know", dataset.name
    if dataset.names is None:  # no files
        return f"{unknown}, give only the others, as in images[labels != {label}] and labels[labels != {label}]"
    if without_column(data)[0].endswith(".csv"):
        return f"{unknown}, delete their rows from the table"
    elsewhere = f"{unknown}, move their folder elsewhere, or list the other images in a table (tfstab guide images)"
    tables = tables_in(user_path(data.removeprefix(FOLDER)))
    if not tables:
        return elsewhere
    return f"if {shlex.quote(str(tables[0]))} has the labels of the images, give it in place of the folder; {elsewhere}"


def _is_output(text: str) -> bool:
    """Return whether the text is the number of an output."""
    return text.isdecimal() and len(text) <= len(str(MOST_CLASSES))


def _quoted(entry: str) -> str:
    """Return an entry of --classes, in double quotes if it contains a comma or a quote."""
    return '"' + entry.replace('"', '""') + '"' if set(entry) & set(',"') else entry
