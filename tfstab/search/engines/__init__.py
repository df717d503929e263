"""The engines. Each is one module or package here, whose name is the value of `SearchConfig.engine`, or is registered.

An engine's module has a declaration, `ENGINE`, whose function

    search(classifier, tasks, config, on_result, observer) -> None

searches the tasks (images that do not reach the goal yet) and hands one MinimumNoise for each to `on_result` when it is
finished, in any order, also where it finds no noise. It

- scores at most `config.max_queries` images for one task, and counts them in `Trace.queries`, or in `Trace.gradients`
  if it computes gradients there, which count towards `max_queries`, too;
- measures noise by `Task.norm`, which is one of the norms that its `Variant` names;
- ends a search with the reason that `Trace.record` returns, if it returns one, and all searches once the observer has
  stopped;
- changes only the genes that are `Task.free`;
- gives a result that depends on the classifier, the image and the configuration alone, not on the other images.

`tests/search/test_engines.py` holds every engine to this. It also expects noise for two digits that are easy to flip.

This is a whole engine, which blends the image with grey until the prediction flips. `register_engine` makes it
`SearchConfig(engine="fade", steps=50)` and, in a file for `--import`, `--engine fade --steps 50`. As an entry point of
a package, or as a file `fade.py` in this folder, it would need no `--import`.

>>> from dataclasses import dataclass
>>> import numpy as np
>>> from tfstab.search.engine import Engine, Variant, setting
>>> from tfstab.search.result import Generation
>>> from tfstab.search.trace import StopReason, Trace
>>> @dataclass(frozen=True)
... class Settings:
...     steps: int = setting(100, "grey levels of the fade", least=2)
>>> def search(classifier, tasks, config, on_result, observer):
...     for task in tasks:
...         trace = Trace(task, observer)
...         count = min(config.options.steps, config.max_queries)
...         shares = np.linspace(0, 1, count, dtype=np.float32)[:, None]
...         noise = shares * (128 - task.pixels) * task.free
...         log_scores = classifier.log_scores((task.pixels + noise).reshape(-1, *task.clean.shape))
...         scored = task.evaluate(log_scores, task.norm.length(noise), config)
...         first = int(scored.flipped.argmax())  # 0, which is no noise, if none flips
...         trace.queries += len(shares)
...         best, mean = float(scored.objective[first]), float(scored.objective.mean())
...         norm, share = float(task.norm.length(noise[first])), float(scored.flipped.mean())
...         stop = trace.record(Generation(best, mean, norm, share), noise[first], share > 0)
...         on_result(trace.result(classifier, config, noise[first], stop or StopReason.CONVERGED))
...         if observer.stopped:
...             return
>>> ENGINE = Engine(search, (Variant("Fade", "blends the image with grey"),), Settings)

>>> from tfstab.search.engines import register_engine
>>> fade = register_engine("fade", ENGINE)
>>> config = tfstab.SearchConfig(engine="fade", steps=50)
>>> (result,) = tfstab.search_minimum_noise(classifier, digits.take(1), config=config)
>>> result.found, result.queries - result.repair_queries
(True, 51)
"""

import importlib
import pkgutil
import sys
from functools import cache
from pathlib import Path

from tfstab.errors import InputError, unknown_name
from tfstab.plugins import installed, loaded, registering, usable, where
from tfstab.search.engine import Engine

GROUP = "tfstab.engines"
GRADIENT_ATTACKS = ("pgd", "fgsm", "bim", "cw", "carlini_wagner", "deepfool", "ddn", "fab")  # of other tools
_registered: dict[str, tuple[Engine, str]] = {}  # with the file that registered it, "" for none


def register_engine(name: str, engine: Engine) -> Engine:
    """Make an engine available by a name in this process. Registering a name again replaces the engine.

    An installed package can instead make an engine available in all processes: with an entry point in the group
    `tfstab.engines`.

    Parameters
    ----------
    name : str
        The value of `SearchConfig.engine`: small letters, digits and underscores.
    engine : Engine
        The engine's declaration.

    Returns
    -------
    Engine
        The same engine.

    Raises
    ------
    InputError
        The name is not valid or belongs to an engine of tfstab, or the engine is not an `Engine`.

    Examples
    --------
    >>> from tfstab.search.engines import get_engine, register_engine
    >>> register_engine("noise", get_engine("random")).variants[0].title
    'Random noise'
    >>> tfstab.SearchConfig(engine="noise").max_queries
    20000
    """
    if not isinstance(name, str) or not name.isidentifier() or name != name.lower():
        raise InputError(f"{name!r} is no engine's name; expected small letters, digits and underscores.")
    if name in _own_names():
        raise InputError(f"'{name}' is the name of an engine of tfstab: choose another.")
    if not isinstance(engine, Engine):
        raise InputError(f"the engine '{name}' is {engine!r}; expected a tfstab.search.engine.Engine.")
    _registered[name] = (engine, registering(sys._getframe(1).f_globals))
    return engine


def registered_engine(name: str) -> Engine | None:
    """Return an engine that was registered in this process, None for all others."""
    return _registered[name][0] if name in _registered else None


def take_engine(name: str, engine: Engine) -> None:
    """Make an engine available that another process has registered and sent."""
    _, file = _registered.get(name, (engine, ""))
    _registered[name] = (engine, file)


def registered_engine_files() -> list[Path]:
    """Return the files that registered engines, if importing the file registers them again."""
    return [Path(file) for _, file in _registered.values() if file]


@cache
def _own_names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def engine_names() -> tuple[str, ...]:
    """Return the names of all engines, in alphabetical order: those of tfstab, and those registered or installed.

    An engine of a package that cannot be loaded is left out, with a warning.
    """
    own = {*_own_names(), *_registered}
    return tuple(sorted(own.union(usable(sorted(installed(GROUP).keys() - own), get_engine))))


def engines() -> dict[str, Engine]:
    """Return all engines by name; see `engine_names`."""
    return {name: get_engine(name) for name in engine_names()}


def get_engine(name: str) -> Engine:
    """Return an engine's declaration; raise InputError for an unknown name, or if its package cannot be loaded."""
    if not isinstance(name, str):
        raise unknown_name("engine", name, engine_names())
    if name in _registered:
        return _registered[name][0]
    if name in _own_names():
        own: Engine = importlib.import_module(f"{__name__}.{name}").ENGINE
        return own
    there = installed(GROUP)
    if name in there:
        engine = loaded(there[name])
        if not isinstance(engine, Engine):
            raise InputError(f"{where(there[name])} is {engine!r}; expected a tfstab.search.engine.Engine.")
        return engine
    if str(name).lower() in GRADIENT_ATTACKS:
        raise InputError(f"unknown engine '{name}': did you mean 'boundary', which uses gradients, too?")
    unknown = str(unknown_name("engine", name, engine_names()))
    advice = "Give the file of an engine of your own with --import (in Python import it), or install its package."
    raise InputError(f"{unknown} {advice}")
