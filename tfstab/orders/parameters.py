"""The parameters of the commands as data, from which a form can be made, and the arguments made from a form.

They are recorded in a file, because importing the command line takes a second; `make frozen` records them anew.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FILE = "commands.json"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a command.

    Attributes
    ----------
    name : str
        Name of the function's parameter.
    option : str
        The option, such as "--minutes"; "" for an argument, which is given without a name.
    kind : str
        "bool" (a switch), "int", "float", "str" or "Path".
    default : object
        The default; None if the command finds a value by itself.
    about : str
        Its help.
    metavar : str
        What its value looks like, such as "N"; "".
    panel : str or None
        The panel of `--help` that lists it; None for what nearly everybody needs.
    multiple : bool
        Whether it takes several values.
    required : bool
        Whether it must be given.
    """

    name: str
    option: str
    kind: str
    default: Any
    about: str
    metavar: str
    panel: str | None
    multiple: bool
    required: bool

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that the metavar lists, as in "crop|stretch", or none."""
        return tuple(self.metavar.split("|")) if "|" in self.metavar else ()


@cache
def parameters_of(command: str) -> tuple[Parameter, ...]:
    """Return the parameters of a command in the order in which its `--help` lists them.

    Examples
    --------
    >>> from tfstab.orders.parameters import parameters_of
    >>> [parameter.option for parameter in parameters_of("evaluate")][:3]
    ['--model', '--data', '--limit']
    """
    recorded = json.loads((files("tfstab.resources") / FILE).read_text("utf-8"))
    return tuple(Parameter(**fields) for fields in recorded[command])


def arguments_of(parameters: Iterable[Parameter], values: Mapping[str, Any]) -> list[str]:
    """Return the arguments of a command line that give these values, by name of parameter.

    Values that are None or equal to the default are left out. Raises KeyError for a name that is no parameter.

    Examples
    --------
    >>> from tfstab.orders.parameters import arguments_of, parameters_of
    >>> arguments_of(parameters_of("assess"), {"model": "my.keras", "data": "photos", "minutes": 2.5, "quick": False})
    ['--minutes=2.5', '--', 'my.keras', 'photos']
    """
    known = {parameter.name: parameter for parameter in parameters}
    given = {known[name]: value for name, value in values.items() if value is not None and value != known[name].default}
    options, positional = [], []
    for parameter in known.values():
        if parameter not in given:
            continue
        value = given[parameter]
        several = list(value) if parameter.multiple else [value]
        if not parameter.option:
            positional += [str(one) for one in several]
        elif parameter.kind == "bool":
            options.append(parameter.option)
        else:
            options += [f"{parameter.option}={written(one)}" for one in several]
    return [*options, "--", *positional] if positional else options


def written(value: Any) -> str:
    """Return a value as text for a command line, with numbers in as few digits as possible.

    Examples
    --------
    >>> from tfstab.orders.parameters import written
    >>> written(0.5), written(1e8)
    ('0.5', '1e8')
    """
    return f"{value:g}".replace("e+0", "e").replace("e+", "e") if isinstance(value, float) else str(value)
