"""The results of the paper's experiments that come with tfstab, in `resources/paper/results.json`."""

import math
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, field, fields
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.errors import RunError, on_disk
from tfstab.experiments.claim import Claim
from tfstab.experiments.deciding import Finding, Question, decide
from tfstab.experiments.results import ClassFigures, Figure
from tfstab.experiments.tightness import Tightness
from tfstab.names import shortened
from tfstab.reading import read_json

FORMAT = 3
FILE = "results.json"
CLAIMED = ("data", "said", "where", "verdict", "criterion", "evidence")  # of a claim that is not decided yet
FINDINGS = ("finding", "unclipped")
DIGITS = 6  # significant digits of stored numbers: two more than tables show, since rounding twice can change a digit


@dataclass(frozen=True, eq=False)
class DataResults:
    """Results with one data set.

    Attributes
    ----------
    data, scale : str
        Name of the data set, and scale of the reproduction.
    commit : str
        Commit of tfstab's source with which the results were collected; "" if unknown. Runs that were added later have
        their own in `made`.
    images : mapping
        Name, split, note, count and fingerprint of the test images.
    networks : mapping of str to mapping
        Name, fingerprint and training of each network, by kind.
    figures : tuple of Figure
        Accuracies, minimum noise, margins and their ratios.
    classes : tuple of ClassFigures
        Precision and recall of each class.
    tightness : tuple of Tightness
        How near each search ends to the least noise that is known.
    class_names : tuple of str
        Names of the classes.
    made : mapping
        How it was made: settings of the steps, versions, devices and hours of computation.
    unfinished : mapping of str to str
        Sentences on what is missing or not finished, by step, such as "sweeps/single".
    """

    data: str
    scale: str
    commit: str
    images: Mapping[str, Any]
    networks: Mapping[str, Mapping[str, Any]]
    figures: tuple[Figure, ...]
    classes: tuple[ClassFigures, ...]
    tightness: tuple[Tightness, ...]
    class_names: tuple[str, ...]
    made: Mapping[str, Any]
    unfinished: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Results:
    """Results of the paper's experiments.

    Attributes
    ----------
    data : mapping of str to DataResults
        Results by data set, in the order "mnist", "cifar10", "gtsrb".
    questions : tuple of Question
        The paper's claims with what was measured to decide them. Verdicts are corrected for the number of all claims,
        so they are not stored but given when they are read: one data set can be measured again without the others.
    """

    data: Mapping[str, DataResults]
    questions: tuple[Question, ...]

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The claims with their verdicts, corrected for their number."""
        return tuple(decide(self.questions))


@cache
def stored_results() -> Results | None:
    """Return the results that come with tfstab; None if it comes without them.

    Examples
    --------
    >>> from tfstab.experiments.stored import stored_results
    >>> [figure.value > 0.99 for figure in stored_results().data["mnist"].figures[:1]]
    [True]
    """
    file = files("tfstab.resources.paper") / FILE
    if not file.is_file():
        return None
    with as_file(file) as path:
        return read_results(path)


def read_results(path: Path) -> Results:
    """Read results from a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Results
        The results.

    Raises
    ------
    RunError
        The file cannot be read, is damaged, or was written by a newer version.
    """
    try:
        with on_disk(path):
            content = read_json(path, limits.LARGEST_RESULTS, most_values=limits.MOST_RESULTS_VALUES)
        if content["format"] > FORMAT:
            raise RunError(f"{path} was written by a newer tfstab: update tfstab to read it.")
        data = {str(name): _data_from(name, entry) for name, entry in content["data"].items()}
        return Results(data, tuple(_question_from(entry) for entry in content["questions"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{error} is not in it" if isinstance(error, KeyError) else shortened(str(error), 200)
        raise RunError(f"{path} is damaged ({reason}): restore it, or make it again with make paper.") from error


def to_json(results: Results) -> dict[str, Any]:
    """Return results as the content of the file, with `DIGITS` significant digits."""
    return {
        "format": FORMAT,
        "data": {name: _data_json(one) for name, one in results.data.items()},
        "questions": [_question_json(question) for question in results.questions],
    }


def _data_json(one: DataResults) -> dict[str, Any]:
    """Return the results with one data set for JSON; figures and classes are lists in the order of their fields."""
    return {
        "scale": one.scale,
        "commit": one.commit,
        "unfinished": dict(one.unfinished),
        "made": dict(one.made),
        "images": dict(one.images),
        "networks": {kind: dict(network) for kind, network in one.networks.items()},
        "class_names": list(one.class_names),
        "figures": [[_number(getattr(figure, f.name)) for f in fields(Figure)] for figure in one.figures],
        "classes": [
            [c.network, c.test, _numbers(c.precision), _numbers(c.recall), c.images, c.copies] for c in one.classes
        ],
        "tightness": [[_number(value) for value in astuple(search)] for search in one.tightness],
    }


def _data_from(name: str, entry: dict[str, Any]) -> DataResults:
    """Return the results with one data set from their entry in the file."""
    names = tuple(str(one) for one in entry["class_names"])
    return DataResults(
        data=name,
        scale=str(entry["scale"]),
        commit=str(entry["commit"]),
        images=dict(entry["images"]),
        networks={str(kind): dict(network) for kind, network in entry["networks"].items()},
        figures=tuple(_figure_from(row) for row in entry["figures"]),
        classes=tuple(_classes_from(row, len(names)) for row in entry["classes"]),
        tightness=tuple(_tightness_from(row) for row in entry["tightness"]),
        class_names=names,
        made=dict(entry["made"]),
        unfinished={str(step): str(line) for step, line in entry["unfinished"].items()},
    )


def _figure_from(row: list[Any]) -> Figure:
    """Return a figure from its list of fields."""
    network, test, sigma, measure, value, low, high, images, copies = row
    numbers = [math.nan if x is None else float(x) for x in (value, low, high)]
    about = str(network), str(test), None if sigma is None else float(sigma), str(measure)
    return Figure(*about, numbers[0], numbers[1], numbers[2], int(images), int(copies))


def _classes_from(row: list[Any], classes: int) -> ClassFigures:
    """Return the precision and recall of the classes from their list of fields."""
    network, test, precision, recall, images, copies = row
    both = [np.array(values, np.float64) for values in (precision, recall)]  # None becomes NaN
    for values in both:
        if values.shape != (3, classes):
            raise ValueError(f"precision or recall has the shape {values.shape}; expected (3, {classes})")
    return ClassFigures(str(network), str(test), both[0], both[1], int(images), int(copies))


def _tightness_from(row: list[Any]) -> Tightness:
    """Return the tightness of a search from its list of fields."""
    network, search, images, median, high, missing = row
    ratios = [math.nan if x is None else float(x) for x in (median, high)]
    return Tightness(str(network), str(search), int(images), ratios[0], ratios[1], int(missing))


def _question_json(question: Question) -> dict[str, Any]:
    """Return a question for JSON: what its claim says before it is decided, and the findings."""
    claim, findings = question.claim, (question.finding, question.unclipped)
    return {
        **{name: getattr(claim, name) for name in CLAIMED},
        "images": question.images,
        **{
            name: finding and {key: _number(value) for key, value in asdict(finding).items()}
            for name, finding in zip(FINDINGS, findings, strict=True)
        },
    }


def _question_from(entry: dict[str, Any]) -> Question:
    """Return a question from its entry."""
    said: Any = {name: str(entry[name]) for name in CLAIMED}
    finding, unclipped = (entry[name] and _finding_from(entry[name]) for name in FINDINGS)
    return Question(Claim(**said), finding, unclipped, int(entry["images"]))


def _finding_from(entry: dict[str, Any]) -> Finding:
    """Return a finding from its entry, where None stands for NaN (without data), or for infinitely many images."""
    holds, fails = (math.nan if entry[name] is None else float(entry[name]) for name in ("holds", "fails"))
    needed = math.inf if entry["needed"] is None else float(entry["needed"])
    measured = int(entry.get("measured", 0))  # which earlier versions did not store
    return Finding(str(entry["evidence"]), holds, fails, needed, int(entry["tests"]), measured)


def _number(value: Any) -> Any:
    """Return a value for JSON: numbers with `DIGITS` significant digits, None for NaN and infinity."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def _numbers(values: NDArray[np.float64]) -> list[list[float | None]]:
    """Return an array for JSON."""
    return [[_number(float(value)) for value in row] for row in values]
