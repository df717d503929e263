"""The settings of a search."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, make_dataclass
from keyword import iskeyword
from typing import Any

import numpy as np

from tfstab import limits
from tfstab.checks import as_float, checked_seed
from tfstab.errors import InputError, RunError, unknown_name
from tfstab.names import shortened
from tfstab.runs.info import LEFT_OUT
from tfstab.search.engine import FEWEST_QUERIES, Engine, check_settings
from tfstab.search.engines import engine_names, engines, get_engine
from tfstab.search.norm import get_norm
from tfstab.wording import as_given

COMMON = ("engine", "max_queries", "refine", "lambda_", "beta")  # settings of every engine that run.json records
# Settings that run.json records only if they have another value: older runs lack them.
LATER = {"norm": LEFT_OUT["norm"]}


@dataclass(frozen=True, init=False)
class SearchConfig:
    """How to search, and for how long.

    Parameters
    ----------
    engine : str
        "pygad", the genetic search; "boundary", short walks along the decision boundary, with gradients; "lbfgs",
        Szegedy et al. (2013), with gradients; "labels", for classifiers that return only a class; "random", Gaussian
        noise of growing sigma; or one of `tfstab.search.engines.register_engine` or of an installed package.
    seed : int
        Seed of all random numbers.
    max_queries : int, optional
        Degraded images that the engine may score for one image; by default 20,000, or 50,000 with preset "paper",
        5,000 with engine "labels" and 400 with engine "boundary". Each gradient that the engine computes counts as one,
        too. lbfgs exceeds it by less than one minimisation. `refine` adds to it, and so do the last check of each
        result and its repair, which looks for an 8-bit image (`tfstab.search.repair.CANDIDATES`).
    refine : bool or int
        Afterwards walk along the decision boundary to a local minimum of ||r||, with at most so many gradients for each
        image: 8 or more, or True for `tfstab.search.refine.FULL`. For each gradient three images are scored,
        or 16 with norm "l0".
    norm : str
        How ||r|| is measured: "l2", the paper's Euclidean norm; "linf", the largest change of a value; "l1", the sum of
        all changes; "l0", the number of values that change, of which a pixel has one for each colour channel. Engine
        "lbfgs" has "l2" only, and only engines "pygad" (but not preset "paper") and "boundary" have "l0".
    lambda_, beta : float
        The weights of equations 2 and 3. `lambda_` is per unit of ||r||, a grey level or, with "l0", a value: a margin
        is at most 1, so at lambda 1 the largest margin is worth one unit.
    **options
        The engine's own settings, such as preset="paper" of pygad or targets=5 of lbfgs; see the `Settings` of its
        module.

    Raises
    ------
    InputError
        A setting is unknown, out of range, or contradicts another.

    References
    ----------
    Section 3 of Aghdam, Heravi and Puig, equations 1 to 3.

    Examples
    --------
    >>> config = tfstab.SearchConfig(preset="paper")
    >>> config.max_queries, config.options.patience
    (50000, 50)
    >>> tfstab.SearchConfig(engine="lbfgs", max_queries=50)
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: max_queries is 50; expected 100 or more, a whole number.
    """

    engine: str
    seed: int
    max_queries: int
    refine: bool | int
    norm: str
    lambda_: float
    beta: float
    options: Any

    def __init__(
        self,
        engine: str = "pygad",
        *,
        seed: int = 0,
        max_queries: int | None = None,
        refine: bool | int = False,
        norm: str = "l2",
        lambda_: float = 1.0,
        beta: float = 1e8,
        **options: Any,
    ) -> None:
        declaration = get_engine(engine)
        own = _own_settings(engine, declaration, options)
        values = {
            "engine": engine,
            "seed": checked_seed(seed),
            "max_queries": declaration.variant(own).max_queries if max_queries is None else max_queries,
            "refine": refine,
            "norm": norm,
            "lambda_": lambda_,
            "beta": beta,
            "options": own,
        }
        for name, value in values.items():
            object.__setattr__(self, name, _plain(value))
        self._check()
        if declaration.check is not None:
            declaration.check(self)

    def _check(self) -> None:
        if not (isinstance(self.max_queries, int | np.integer) and self.max_queries >= FEWEST_QUERIES):
            raise InputError(f"max_queries is {as_given(self.max_queries)}; expected 100 or more, a whole number.")
        self._check_refine()
        for name in ("beta", "lambda_"):
            number = as_float(getattr(self, name))
            if number is None or not 0 < number < math.inf:
                raise InputError(
                    f"{name} is {shortened(as_given(getattr(self, name)), 200)}; expected a number above 0."
                )
        self._check_norm()

    def _check_norm(self) -> None:
        get_norm(self.norm)
        if self.engine not in engine_names():  # of a run that is only read
            return
        variant = get_engine(self.engine).variant(self.options)
        if self.norm not in variant.norms:
            others = [name for name, one in engines().items() if self.norm in one.variants[0].norms]
            settings = "".join(f" with {name} '{value}'" for name, value in variant.settings.items())
            raise InputError(
                f"norm is {self.norm}, which engine '{self.engine}'{settings} does not minimise; expected norm "
                f"{' or '.join(variant.norms)}, or engine {' or '.join(map(repr, others))}."
            )

    def _check_refine(self) -> None:
        from tfstab.search.refine import LEAST

        whole = isinstance(self.refine, int | np.integer)
        if not (isinstance(self.refine, bool) or (whole and LEAST <= self.refine <= limits.MOST_QUERIES)):
            raise InputError(
                f"refine is {as_given(self.refine)}; expected True, False or a number of gradients, {LEAST} or more."
            )

    @property
    def objective(self) -> str:
        """The objective, "eq2" unless the engine has a setting for it."""
        return getattr(self.options, "objective", "eq2")

    @property
    def most_scored(self) -> int:
        """Degraded images scored for one image, at most: by engine, refinement, and a check and a repair after each."""
        from tfstab.search.repair import CANDIDATES  # which imports what imports this module
        from tfstab.search.sparse import walk_type
        from tfstab.search.trace import CHECKS

        after, tries = CHECKS + CANDIDATES, walk_type(get_norm(self.norm)).tries
        return int(self.max_queries) + after + (self.most_gradients * tries + after if self.refine else 0)

    @property
    def most_gradients(self) -> int:
        """Gradients that the refinement computes for one image, at most."""
        from tfstab.search.refine import FULL

        return FULL if self.refine is True else int(self.refine)

    @property
    def needs_gradients(self) -> bool:
        """Whether the search needs gradients of the scores."""
        return bool(self.refine) or get_engine(self.engine).gradients

    @property
    def settings(self) -> dict[str, Any]:
        """What run.json records of a search, except the seed."""
        later = {name: getattr(self, name) for name, value in LATER.items() if getattr(self, name) != value}
        return {name: getattr(self, name) for name in COMMON} | later | asdict(self.options)

    @property
    def changed(self) -> dict[str, Any]:
        """Settings that differ from the defaults, of this engine and preset, and that a resumed run must repeat."""
        preset = {"preset": self.options.preset} if hasattr(self.options, "preset") else {}
        first, plain = SearchConfig(), SearchConfig(self.engine, **preset)
        before = plain.settings | {"engine": first.engine, "seed": first.seed}
        before |= {name: getattr(SearchConfig(self.engine).options, name) for name in preset}
        settings = self.settings | {"seed": self.seed}
        return {name: value for name, value in settings.items() if before.get(name) != value}

    @classmethod
    def _without_engine(cls, settings: Mapping[str, Any], seed: int) -> "SearchConfig":
        """Return the configuration of a run whose engine is not available here; its own settings are not checked."""
        engine = settings["engine"]
        if not isinstance(engine, str) or not engine.isidentifier():
            raise ValueError(f"engine is {shortened(str(engine), 100)}; expected a name")
        own = {name: value for name, value in settings.items() if name not in (*COMMON, *LATER)}
        for name, value in own.items():
            if not _is_plain(name, value):
                raise ValueError(f"{shortened(name, 100)} is {shortened(str(value), 100)}; expected a text or a number")
        config = object.__new__(cls)
        values = {name: settings.get(name, LATER.get(name)) for name in (*COMMON, *LATER)} | {
            "seed": checked_seed(seed),
            "options": make_dataclass("Settings", own, frozen=True)(**own),
        }
        for name, value in values.items():
            object.__setattr__(config, name, value)
        config._check()
        return config

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any], seed: int) -> "SearchConfig":
        """Return the configuration that run.json records; raise RunError for what no search has recorded.

        Settings of other engines, which older runs recorded too, are ignored. If the engine is not available here, the
        results can be read, but the search cannot go on.
        """
        try:
            if settings["engine"] not in engine_names():
                return cls._without_engine(settings, seed)
            names = {*COMMON, *LATER, *get_engine(settings["engine"]).setting_names}
            return cls(seed=seed, **{name: value for name, value in settings.items() if name in names})
        except (KeyError, ValueError, TypeError, OverflowError, AttributeError) as error:
            raise RunError(f"run.json is damaged (settings: {error}): restore it, or make the run again.") from error


def _is_plain(name: str, value: Any) -> bool:
    """Return whether run.json may hold such a setting of an engine that is not available here."""
    return name.isidentifier() and not iskeyword(name) and (value is None or isinstance(value, str | int | float))


def _own_settings(engine: str, declaration: Engine, options: dict[str, Any]) -> Any:
    """Return an instance of the engine's settings; raise InputError for one that it does not have."""
    known = declaration.setting_names
    whole = options.pop("options", None)  # given by dataclasses.replace
    if whole is not None:
        options = {**{name: value for name, value in asdict(whole).items() if name in known}, **options}
    for name, value in options.items():
        if name in known:
            continue
        names_of = {other: one.setting_names for other, one in engines().items()}
        others = [other for other, names in names_of.items() if name in names]
        if not others:
            raise unknown_name("setting", name, sorted({*COMMON, *LATER, "seed"}.union(*names_of.values())))
        raise InputError(
            f"{name} is {value} with engine '{engine}', which has no such setting; expected engine '{others[0]}'."
        )
    own = declaration.settings(**{name: _plain(value) for name, value in options.items()})
    check_settings(own)
    return own


def _plain(value: Any) -> Any:
    """Return a NumPy number as one of Python's, which run.json can hold."""
    return value.item() if isinstance(value, np.generic) else value
