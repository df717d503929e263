"""Viewpoints: what is on screen of a run, as data that can be kept, shared and visited again. No Qt in here."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.errors import InputError

FORMAT = 1
PLACE = ("class", "filter", "listed", "compared")  # keys of the state that make a place of its own in the history
_KEYS = {"run", "view", "state"}


@dataclass(frozen=True)
class Viewpoint:
    """A place in the viewer: a run, one of its views, and what is chosen there.

    Attributes
    ----------
    run : str
        Absolute path of the run folder.
    view : str
        Title of the tab, such as "Scatter"; "" for the one that is in view.
    state : dict
        JSON values by key, as `Session.viewpoint_state` and `View.viewpoint_state` of that run and tab give them. Keys
        that are absent leave what they describe unchanged.

    Examples
    --------
    >>> there = Viewpoint("/runs/sweep", "Misclassifications", {"class": 3, "filter": {"predicted": 5}})
    >>> Viewpoint.from_json(there.to_json()) == there
    True
    """

    run: str
    view: str = ""
    state: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def at(cls, run: Path, view: str = "Overview", **state: Any) -> "Viewpoint":
        """Return a view of the run in a folder, and what is chosen there."""
        return cls(os.path.realpath(run), view, state)  # resolve() refuses links that lead in a circle

    @property
    def place(self) -> tuple[object, ...]:
        """What makes it another place than the one before; a viewpoint with another selection is the same place."""
        return self.run, self.view, *(self.state.get(key) for key in PLACE)

    def to_json(self) -> str:
        """Return the viewpoint as a JSON text."""
        return json.dumps({"run": self.run, "view": self.view, "state": self.state}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Viewpoint":
        """Return the viewpoint in a JSON text, which may come from a stranger.

        Only its form is checked here. Whether the run has such classes and images is checked when it is visited.

        Raises
        ------
        InputError
            The text is not a viewpoint.
        """
        try:
            if len(text) > limits.LARGEST_VIEWPOINT:
                raise ValueError(f"it has more than {limits.LARGEST_VIEWPOINT:,} characters")
            return cls.of(json.loads(text))
        except RecursionError:
            raise InputError("This is not a saved view: it is nested too deeply.") from None
        except ValueError as error:
            raise InputError(f"This is not a saved view: {error}.") from None

    @classmethod
    def of(cls, value: object) -> "Viewpoint":
        """Return the viewpoint in a parsed JSON value; raise ValueError if it is none."""
        if not isinstance(value, dict) or value.keys() != _KEYS:
            raise ValueError(f"expected an object with {', '.join(sorted(_KEYS))}")
        run, view, state = value["run"], value["view"], value["state"]
        if not isinstance(run, str) or not Path(run).is_absolute() or len(run) > limits.LONGEST_PATH or "\0" in run:
            raise ValueError("its run is not the absolute path of a folder")
        if not isinstance(view, str) or len(view) > limits.CLASS_NAME:
            raise ValueError("its view is not the title of a tab")
        if not isinstance(state, dict):
            raise ValueError("its state is not an object")
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # ValueError for NaN and half characters
        return cls(run, view, state)


class State:
    """Reads the values of a viewpoint's state, or of an object in it; each is checked against what the run has.

    Parameters
    ----------
    values : mapping
        The values by key.
    about : str
        What they describe, for messages.
    """

    def __init__(self, values: object, about: str = "The view") -> None:
        self._about = about
        if not isinstance(values, Mapping):
            raise InputError(f"{about} cannot be shown: {_shown(values)} is not an object with names and values.")
        self._values = values

    def __contains__(self, key: str) -> bool:
        """Return True if there is a value with this key."""
        return key in self._values

    def inner(self, key: str) -> "State":
        """Return the reader of an object inside; an empty one if it is absent."""
        return State(self._values.get(key, {}), self._about)

    def one_of(self, key: str, choices: Any, default: Any) -> Any:
        """Return a value that must be among `choices`: whole numbers, texts or None."""
        value = self._values.get(key, default)
        hashable = value is None or isinstance(value, int | str)
        return value if hashable and not isinstance(value, bool) and value in choices else self.refuse(key, value)

    def flag(self, key: str, default: bool) -> bool:
        """Return True or False."""
        value = self._values.get(key, default)
        return value if isinstance(value, bool) else bool(self.refuse(key, value))

    def number(self, key: str, default: float, least: float, most: float) -> float:
        """Return a number between two limits, both included."""
        value = self._values.get(key, default)
        fits = isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
        return float(value) if fits else float(self.refuse(key, value))

    def whole(self, key: str, default: int | None) -> int | None:
        """Return a whole number from 0 on, or None."""
        value = self._values.get(key, default)
        return value if value is None or is_whole(value) else int(self.refuse(key, value))

    def items(self, key: str, most: int) -> list[Any] | None:
        """Return a list of at most this many values, or None."""
        value: list[Any] | None = self._values.get(key)
        if value is not None and not (isinstance(value, list) and len(value) <= most):
            self.refuse(key, value)
        return value

    def value(self, key: str) -> Any:
        """Return a value without checking it; None if it is absent."""
        return self._values.get(key)

    def refuse(self, key: str, value: object) -> Any:
        """Raise InputError, because this value does not fit the run."""
        raise InputError(f"{self._about} cannot be shown: this run has no {key} {_shown(value)}.")


def is_whole(value: object) -> bool:
    """Return True for a whole number from 0 to the largest index of an image."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < limits.LARGEST_MARK


def is_point(value: object) -> bool:
    """Return True for a list of two finite numbers."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value)
    )


def _shown(value: object) -> str:
    """Return a value as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
