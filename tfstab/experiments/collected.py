"""Collects the results of reproductions for storage with tfstab. No TensorFlow is imported."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tfstab.experiments.claim import ALL, UNTESTED
from tfstab.experiments.claims import questions
from tfstab.experiments.deciding import Question
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.results import class_figures_of, figures_of
from tfstab.experiments.scales import MODELS
from tfstab.experiments.stored import DataResults, Results
from tfstab.experiments.tightness import tightness
from tfstab.runs import RunFolder
from tfstab.runs.log import read_log


def collect(
    reproductions: Mapping[str, Reproduction],
    commit: str = "",
    unfinished: Mapping[str, Mapping[str, str]] | None = None,
) -> Results:
    """Collect the results of reproductions, finished or not.

    Parameters
    ----------
    reproductions : mapping of str to Reproduction
        Reproductions by data set.
    commit : str
        Commit of tfstab's source.
    unfinished : mapping of str to mapping, optional
        Sentences on what is missing or not finished, by data set and step.

    Returns
    -------
    Results
        Their figures and claims.
    """
    data = {
        name: data_results(reproductions[name], (unfinished or {}).get(name, {}), commit)
        for name in MODELS
        if name in reproductions
    }
    return Results(data, tuple(questions(reproductions)))


def merged(new: Results, stored: Results) -> Results:
    """Return stored results with new ones.

    Results of a finished reproduction replace the stored ones of its data set. Those of an unfinished reproduction only
    add what the stored ones lack, if both are at the same scale and about the same images and networks. So a
    reproduction that takes days can be stored in parts, of which each is in a folder of its own.

    Parameters
    ----------
    new, stored : Results
        Newly collected and stored results.

    Returns
    -------
    Results
        Both. The claim about all data sets is taken from the new results only if they are finished and have every
        stored data set.
    """
    together = {name: stored.data[name] for name in new.data if name in stored.data and _adds(new, stored, name)}
    finished = not together and stored.data.keys() <= new.data.keys()
    known = {name: source for name in MODELS for source in (stored, new) if name in source.data}
    data = {
        name: _joined(source.data[name], together[name]) if name in together else source.data[name]
        for name, source in known.items()
    }
    chosen: list[Question] = []
    for name, source in {**known, ALL: new if finished else stored}.items():
        asked = [question for question in source.questions if question.claim.data == name]
        chosen += _questions(asked, stored.questions) if name in together else asked
    return Results(data, tuple(chosen))


def _adds(new: Results, stored: Results, name: str) -> bool:
    """Return whether new results with a data set only add to the stored ones, because they are unfinished."""
    one, other = new.data[name], stored.data[name]
    if not one.unfinished or one.scale != other.scale:
        return False
    same = all(
        network["fingerprint"] == other.networks.get(kind, network)["fingerprint"]
        for kind, network in one.networks.items()
    )
    return same and one.images["fingerprint"] == other.images["fingerprint"]


def _joined(new: DataResults, stored: DataResults) -> DataResults:
    """Return the stored results with one data set, and what only the new ones have.

    How tight a search is, is not added: a part of a reproduction does not know the least noise that the others found.
    """
    figures = {figure.key: figure for figure in (*new.figures, *stored.figures)}
    classes = {(c.network, c.test): c for c in (*new.classes, *stored.classes)}
    environments = [*stored.made["environments"]]
    environments += [one for one in new.made["environments"] if one not in environments]
    return replace(
        stored,
        networks={**new.networks, **stored.networks},
        figures=tuple(figures.values()),
        classes=tuple(classes.values()),
        made={"environments": environments, "runs": {**new.made["runs"], **stored.made["runs"]}},
        unfinished={step: line for step, line in stored.unfinished.items() if step in new.unfinished},
    )


def _questions(asked: Iterable[Question], stored: Iterable[Question]) -> list[Question]:
    """Return stored questions, with what was newly measured for claims that had not been tested."""
    known = {(question.claim.data, question.claim.said): question for question in stored}
    joined = []
    for new in asked:
        old = known.get((new.claim.data, new.claim.said), new)
        if old.finding is None and old.claim.verdict == UNTESTED:
            old = new
        joined.append(replace(old, unclipped=old.unclipped or new.unclipped))
    return joined


def data_results(r: Reproduction, unfinished: Mapping[str, str] | None = None, commit: str = "") -> DataResults:
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
        made=_made(r, commit),
        unfinished=unfinished or {},
    )


def _made(r: Reproduction, commit: str) -> dict[str, Any]:
    """Return the settings of all runs, the hours that they took, and the environments in which they were made."""
    runs: dict[str, dict[str, Any]] = {}
    environments: list[dict[str, Any]] = []
    for run in r.runs:
        runs[run.path.relative_to(r.folder).as_posix()] = {
            "commit": commit,
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
