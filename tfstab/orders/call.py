"""Calls of functions of tfstab as they are written in Python."""

from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from typing import Any


def python_call(function: str, *arguments: str, **options: str) -> str:
    """Return the call of a function of tfstab. arguments, options: as they are written."""
    return f"tfstab.{function}({', '.join([*arguments, *(f'{name}={text}' for name, text in options.items())])})"


def written(function: Any, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments of a call that differ from their defaults, as they are written, by name of parameter.

    The name of a parameter stands for a value that has no literal, such as a model or arrays, and for class names,
    because there may be many.

    Parameters
    ----------
    function : callable
        The function.
    given : mapping
        The value of each of its parameters.

    Examples
    --------
    >>> from tfstab.orders.call import written
    >>> written(tfstab.harden, {"model": "my.keras", "train": object(), "minutes": 10.0, "seed": 3})
    {'model': "'my.keras'", 'train': 'train', 'seed': '3'}
    """
    defaults = {name: one.default for name, one in signature(function).parameters.items()}
    differing = {name: given[name] for name in defaults if name in given and given[name] is not defaults[name]}
    texts = {name: name if name == "class_names" else _text(value) or name for name, value in differing.items()}
    return {name: text for name, text in texts.items() if text != repr(defaults[name])}


def _text(value: Any) -> str | None:
    """Return how a value is written; None if it has to be a variable."""
    if isinstance(value, Path):
        return repr(str(value))
    if isinstance(value, Mapping):
        parts = {key: _text(one) for key, one in value.items()}
        return None if None in parts.values() else "{" + ", ".join(f"{k!r}: {text}" for k, text in parts.items()) + "}"
    if isinstance(value, list | tuple):
        return None if any(_text(one) is None for one in value) else repr(value)
    return repr(value) if value is None or isinstance(value, str | bool | int | float) else None
