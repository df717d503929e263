"""The engines. Each is one module or package here, whose name is the value of `SearchConfig.engine`.

An engine's module has a declaration, `ENGINE`, whose function

    search(classifier, tasks, config, on_result, observer) -> None

searches the tasks (images that do not reach the goal yet) and hands each MinimumNoise to `on_result` when it is
finished, in any order. It

- scores at most `config.max_queries` images for one task, and counts them in `Trace.queries`, or in `Trace.gradients`
  if it computes gradients there, which count towards `max_queries`, too;
- measures noise by `Task.norm`, which is one of the norms that its `Variant` names;
- ends a search with the reason that `Trace.record` returns, if it returns one, and all searches once the observer has
  stopped;
- changes only the genes that are `Task.free`;
- gives a result that depends on the classifier, the image and the configuration alone, not on the other images.

`tests/search/test_engines.py` holds every engine to this. It also expects noise for two digits that are easy to flip.

This is a whole engine, which blends the image with grey until the prediction flips. As a file `fade.py` in this folder
it would be `SearchConfig(engine="fade", steps=50)`, `--engine fade --steps 50` and an entry in the viewer; here
it is called by hand.

>>> from dataclasses import dataclass
>>> import numpy as np
>>> from tfstab.search.engine import Engine, Variant, setting
>>> from tfstab.search.goal import AnyWrongClass
>>> from tfstab.search.progress import Observer
>>> from tfstab.search.task import Task
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

>>> class Config:  # SearchConfig(engine="fade") would give these
...     options, max_queries, beta, lambda_, objective = Settings(steps=50), 20_000, 1e8, 1.0, "eq2"
>>> results, image = [], digits.images[:1]
>>> scores, log_scores = classifier.scores(image)[0], classifier.log_scores(image)[0]
>>> task = Task(0, AnyWrongClass(int(digits.labels[0])), image[0], scores, log_scores)
>>> ENGINE.search(classifier, [task], Config, results.append, Observer())
>>> results[0].found, results[0].queries - results[0].repair_queries
(True, 51)
"""

import importlib
import pkgutil
from functools import cache

from tfstab.errors import InputError, unknown_name
from tfstab.search.engine import Engine

GRADIENT_ATTACKS = ("pgd", "fgsm", "bim", "cw", "carlini_wagner", "deepfool", "ddn", "fab")  # of other tools


@cache
def engine_names() -> tuple[str, ...]:
    """Return the names of all engines, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def get_engine(name: str) -> Engine:
    """Return an engine's declaration; raise InputError for an unknown name."""
    if str(name).lower() in GRADIENT_ATTACKS:
        raise InputError(f"unknown engine '{name}': did you mean 'boundary', which uses gradients, too?")
    if name not in engine_names():
        raise unknown_name("engine", name, engine_names())
    engine: Engine = importlib.import_module(f"{__name__}.{name}").ENGINE
    return engine
