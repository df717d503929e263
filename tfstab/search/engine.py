"""What an engine declares about itself: how it is offered, what it needs, and which settings it has.

The command line, the viewer and the checks of `SearchConfig` read these declarations, so that adding an engine takes
one file in `tfstab.search.engines`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.errors import InputError, unknown_name
from tfstab.search.norm import NORMS
from tfstab.wording import as_given

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig
    from tfstab.search.progress import Observer
    from tfstab.search.result import MinimumNoise
    from tfstab.search.task import Task

    Search = Callable[[Classifier, list[Task], SearchConfig, Callable[[MinimumNoise], None], Observer], None]


@dataclass(frozen=True)
class NoSettings:
    """The settings of an engine that has none of its own."""


@dataclass(frozen=True)
class Variant:
    """One way to offer an engine to a person.

    Attributes
    ----------
    title, about : str
        Its name, and one line about it.
    settings : Mapping
        The engine's settings that make it.
    max_queries : int
        The default budget, in degraded images scored for one image.
    norms : tuple of str
        The norms that it can minimise.
    """

    title: str
    about: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    max_queries: int = 20_000
    norms: tuple[str, ...] = NORMS


@dataclass(frozen=True)
class Engine:
    """An engine's declaration, the `ENGINE` of its module.

    Attributes
    ----------
    search : callable
        search(classifier, tasks, config, on_result, observer), as described in `tfstab.search.engines`.
    variants : tuple of Variant
        How it is offered; the first one is the default.
    settings : type
        A frozen dataclass whose fields are made by `setting`.
    gradients : bool
        Whether it needs gradients of the scores.
    scores : bool
        Whether it needs scores; if not, it also searches classifiers that return only the predicted class.
    check : callable or None
        check(config) raises InputError if settings contradict each other.
    """

    search: "Search"
    variants: tuple[Variant, ...]
    settings: type = NoSettings
    gradients: bool = False
    scores: bool = True
    check: "Callable[[SearchConfig], None] | None" = None

    @property
    def setting_names(self) -> set[str]:
        """The names of its own settings."""
        return {item.name for item in fields(self.settings)}

    def variant(self, settings: Any) -> Variant:
        """Return the variant that these settings (an instance of `settings`) make."""
        for variant in self.variants[1:]:
            if all(getattr(settings, name) == value for name, value in variant.settings.items()):
                return variant
        return self.variants[0]


@dataclass(frozen=True)
class Range:
    """The values that a setting may have.

    Attributes
    ----------
    about : str
        What the setting means, in a few words: its help text.
    choices : tuple of str
        The values it may have; empty for a number.
    least, most : float
        The smallest and the largest value.
    open_below : bool
        Whether the smallest value itself is excluded.
    only : Mapping
        Settings of the same engine with which alone this one has a meaning.
    """

    about: str
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = float("inf")
    open_below: bool = False
    only: Mapping[str, str] = field(default_factory=dict)


def setting(default: Any, about: str, **limits: Any) -> Any:
    """Declare a field of an engine's settings.

    Parameters
    ----------
    default : Any
        The default; its type is that of the field's annotation.
    about : str
        What the setting means, in a few words that begin with a small letter: its help text.
    **limits
        choices, least, most, open_below and only, as in `Range`.
    """
    return field(default=default, metadata={"range": Range(about, **limits)})


def declared(settings: type) -> Iterator[tuple[Field[Any], Range]]:
    """Yield the fields of an engine's settings with their ranges."""
    return ((item, item.metadata["range"]) for item in fields(settings))


def check_settings(settings: Any) -> None:
    """Raise InputError for a value out of range, or one that has no meaning with the others."""
    for item, limits in declared(type(settings)):
        value = getattr(settings, item.name)
        if value == item.default:
            continue
        _check_value(item, limits, value)  # first, because a wrong word stays wrong with any other setting
        for name, needed in limits.only.items():
            if getattr(settings, name) != needed:
                raise InputError(
                    f"{item.name} is {value} with {name} '{getattr(settings, name)}', which has no such setting; "
                    f"expected {name} '{needed}' with it."
                )


def _check_value(item: "Field[Any]", limits: Range, value: Any) -> None:
    """Raise InputError for a value that is not among the choices or out of range."""
    if limits.choices:
        if value not in limits.choices:
            raise unknown_name(item.name, value, limits.choices)
        return
    whole = "int" in str(item.type)
    kinds = int | np.integer if whole else int | float | np.integer | np.floating
    fits = isinstance(value, kinds) and not isinstance(value, bool) and limits.least <= value <= limits.most
    if not fits or (limits.open_below and value == limits.least) or not abs(value) < math.inf:
        raise InputError(f"{item.name} is {as_given(value)}; expected {_expected(limits, whole)}.")


def _expected(limits: Range, whole: bool) -> str:
    """Return the values of a numeric setting, in words."""
    if whole:
        return f"{limits.least:g} or more, a whole number"
    low = f"a number above {limits.least:g}" if limits.open_below else f"a number of {limits.least:g} or more"
    return low + (f" and at most {limits.most:g}" if np.isfinite(limits.most) else "")
