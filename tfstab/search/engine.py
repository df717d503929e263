"""What an engine declares about itself: how it is offered, what it needs, and which settings it has.

The command line, the viewer and the checks of `SearchConfig` read these declarations, so that adding an engine takes
one file in `tfstab.search.engines`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

import numpy as np

from tfstab.checks import whole_number
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


FEWEST_QUERIES = 100
# Settings that `SearchConfig` has itself, whatever the engine.
RESERVED = ("engine", "seed", "max_queries", "refine", "norm", "lambda_", "beta", "options")


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
    short : callable or None
        short(config) returns, in a sentence, why a search with so few queries may find nothing; "" if they are enough.
    """

    search: "Search"
    variants: tuple[Variant, ...]
    settings: type = NoSettings
    gradients: bool = False
    scores: bool = True
    check: "Callable[[SearchConfig], None] | None" = None
    short: "Callable[[SearchConfig], str] | None" = None

    def __post_init__(self) -> None:
        """Check the declaration here: options of commands and forms are made of it, far from where it is written."""
        if not callable(self.search):
            raise InputError("the search of an engine cannot be called; expected a function.")
        if not isinstance(self.variants, tuple) or not any(isinstance(one, Variant) for one in self.variants):
            raise InputError(f"the variants of an engine are {self.variants!r}; expected a tuple of `Variant`s.")
        _check_declared(self.settings)
        for variant in self.variants:
            _check_variant(variant, self.settings)

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
        The default; its type is that of the field's annotation: int, float, bool, str (with choices), or int | None.
    about : str
        What the setting means, in a few words that begin with a small letter: its help text.
    **limits
        choices, least, most, open_below and only, as in `Range`.
    """
    return field(default=default, metadata={"range": Range(about, **limits)})


def declared(settings: type) -> Iterator[tuple[Field[Any], Range]]:
    """Yield the fields of an engine's settings with their ranges."""
    kinds = get_type_hints(settings)
    for item in fields(settings):
        item.type = kinds[item.name]  # which is a text if the module begins with `from __future__ import annotations`
        yield item, item.metadata["range"]


def _check_declared(settings: type) -> None:
    """Raise InputError for settings of which no option and no field of a form can be made."""
    if not isinstance(settings, type) or not is_dataclass(settings):
        raise InputError(f"the settings of an engine are {settings!r}; expected a frozen dataclass.")
    for item in fields(settings):
        what = f"setting '{item.name}' of {settings.__name__}"
        if "range" not in item.metadata or item.default is MISSING:
            raise InputError(
                f"{what} has no range: make it with `setting(default, about, ...)` of tfstab.search.engine."
            )
        if item.name in RESERVED:
            raise InputError(f"{what} has the name of a setting that all engines have: choose another.")
    for item, limits in declared(settings):
        what = f"setting '{item.name}' of {settings.__name__}"
        if item.type not in (int, float, bool, str, int | None) or (item.type is str) != bool(limits.choices):
            raise InputError(f"{what} is no int, float, bool, int | None or, with choices, str: change its type.")
        if item.default is not None or item.type != int | None:
            _check_value(item, limits, item.default)


def _check_variant(variant: Variant, settings: type) -> None:
    """Raise InputError for a variant that a person could not choose."""
    if not variant.norms or not isinstance(variant.norms, tuple):
        raise InputError(f"the norms of variant '{variant.title}' are {variant.norms!r}; expected a tuple of names.")
    whole_number(f"max_queries of variant '{variant.title}'", variant.max_queries, FEWEST_QUERIES)
    for norm in variant.norms:
        if norm not in NORMS:
            raise unknown_name(f"norm of variant '{variant.title}'", norm, NORMS)
    names = [item.name for item in fields(settings)]
    for name in variant.settings:
        if name not in names:
            raise unknown_name(f"setting of variant '{variant.title}'", name, names)


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
    if item.type is bool:
        if not isinstance(value, bool | np.bool_):
            raise InputError(f"{item.name} is {as_given(value)}; expected True or False.")
        return
    whole = item.type in (int, int | None)
    kinds = int | np.integer if whole else int | float | np.integer | np.floating
    fits = isinstance(value, kinds) and not isinstance(value, bool) and limits.least <= value <= limits.most
    if not fits or (limits.open_below and value == limits.least) or not abs(value) < math.inf:
        raise InputError(f"{item.name} is {as_given(value)}; expected {_expected(limits, whole)}.")


def _expected(limits: Range, whole: bool) -> str:
    """Return the values of a numeric setting, in words."""
    least, most = (f"{end:,.0f}" if whole else f"{end:g}" for end in (limits.least, limits.most))
    if whole and math.isfinite(limits.most):
        return f"a whole number from {least} to {most}"
    if whole:
        return f"{least} or more, a whole number"
    low = f"a number above {least}" if limits.open_below else f"a number of {least} or more"
    return low + (f" and at most {most}" if math.isfinite(limits.most) else "")
