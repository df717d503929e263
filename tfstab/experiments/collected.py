"""Collects the results of reproductions for storage with tfstab. No TensorFlow is imported."""

from collections.abc import Mapping
from typing import Any

from tfstab.experiments.claim import ALL
from tfstab.experiments.claims import questions
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.results import class_figures_of, figures_of
from tfstab.experiments.scales import MODELS
from tfstab.experiments.stored import DataResults, Results
from tfstab.experiments.tightness import tightness
from tfstab.runs import RunFolder
from tfstab.runs.log import read_log


def collect(
    reproductions: Mapping[str, Reproduction], commit: str = "", unfinished: Mapping[str, list[str]] | None = None
) -> Results:
    """Collect the results of reproductions, finished or not.

    Parameters
    ----------
    reproductions : mapping of str to Reproduction
        Reproductions by data set.
    commit : str
        Commit of tfstab's source.
    unfinished : mapping of str to list of str, optional
        Sentences by data set on what is missing or not finished.

    Returns
    -------
    Results
        Their figures and claims.
    """
    data = {
        name: data_results(reproductions[name], tuple((unfinished or {}).get(name, ())), commit)
        for name in MODELS
        if name in reproductions
    }
    return Results(data, tuple(questions(reproductions)))


def merged(new: Results, stored: Results) -> Results:
    """Return new results, and stored ones of the data sets that have no new ones.

    Parameters
    ----------
    new, stored : Results
        Newly collected and stored results.

    Returns
    -------
    Results
        Both. The claim about all data sets is taken from the new results only if they have every stored data set.
    """
    of_all = new if stored.data.keys() <= new.data.keys() else stored
    # By data set; new results, which come second, replace stored ones.
    sources = {name: results for name in MODELS for results in (stored, new) if name in results.data}
    data = {name: results.data[name] for name, results in sources.items()}
    chosen = [
        question
        for name, results in {**sources, ALL: of_all}.items()
        for question in results.questions
        if question.claim.data == name
    ]
    return Results(data, tuple(chosen))


def data_results(r: Reproduction, unfinished: tuple[str, ...] = (), commit: str = "") -> DataResults:
    """Return the results with one data set."""
    return DataResults(
        data=r.data,
        scale=r.scale,
        commit=commit,
        images=r.info["images"],
        networks=r.info["networks"],
        figures=figures_of(r),
        classes=class_figures_of(r),
        tightness=tuple(tightness(r)),
        class_names=tuple(r.info["class_names"]),
        made=_made(r),
        unfinished=unfinished,
    )


def _made(r: Reproduction) -> dict[str, Any]:
    """Return the settings of all runs, the hours that they took, and the environments in which they were made."""
    runs: dict[str, dict[str, Any]] = {}
    environments: list[dict[str, Any]] = []
    for run in r.runs:
        runs[run.path.relative_to(r.folder).as_posix()] = {
            "images": run.info["data"]["images"],
            "hours": round(_seconds(run) / 3600, 4),
            "seed": run.info["seed"],
            "settings": run.info["settings"],
        }
        if run.info["environment"] not in environments:
            environments.append(run.info["environment"])
    return {"environments": environments, "runs": runs}


def _seconds(run: RunFolder) -> float:
    """Return how long a run's parts took: each from the log entry before it to its end."""
    seconds, before = 0.0, None
    for entry in read_log(run.path / "log.jsonl"):
        time = entry.get("time")
        if isinstance(time, float | int):
            if entry.get("event") == "part" and before is not None:
                seconds += time - before
            before = time
    return seconds
