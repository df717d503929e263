"""The runs of a report by network, and what each network is called where several have the same name."""

from collections.abc import Sequence
from pathlib import Path

from tfstab.experiments.comparison_text import with_folder
from tfstab.explanation import ExplanationRun
from tfstab.runs import RunFolder
from tfstab.runs.form import recorded_form
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import distinct_names

Run = SweepRun | SearchRun | ExplanationRun


def by_network(runs: Sequence[Run]) -> list[list[Run]]:
    """Return the runs by network and data; each family, the search and the explanation only once in a group."""
    groups: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        model, data = run.info["model"], run.info["data"]
        key = (model["fingerprint"], str(recorded_form(model)), data["name"], data["split"])
        number = 0
        while any(_what(other) == _what(run) for other in groups.get((*key, str(number)), [])):
            number += 1
        groups.setdefault((*key, str(number)), []).append(run)
    return list(groups.values())


def network_names(groups: Sequence[Sequence[RunFolder]], labels: Sequence[str]) -> list[str]:
    """Return the names of networks, followed by a folder in brackets where several have the same name.

    Parameters
    ----------
    groups : sequence of sequence of RunFolder
        The runs of each network.
    labels : sequence of str
        The names of the networks.

    Returns
    -------
    list of str
        Names; equal only for the same folder.
    """
    names = list(labels)
    for label in dict.fromkeys(labels):
        places = [k for k, name in enumerate(labels) if name == label]
        folders = distinct_names(_folders([groups[k] for k in places]))
        if 1 < len(places) == len(set(folders)):
            for k, folder in zip(places, folders, strict=True):
                names[k] = with_folder(label, folder)
    return names


def _folders(groups: Sequence[Sequence[RunFolder]]) -> list[Path]:
    """Return a folder of each network: the one that holds its runs, such as an assessment, or that of a single run.

    An explanation or a single search may be beside the folder that holds the sweeps. The single run is the first of a
    kind that another network has, too, because only such runs have to be told apart.
    """
    measured = [[run for run in group if not isinstance(run, ExplanationRun)] or list(group) for group in groups]
    held = [[run for run in group if isinstance(run, SweepRun)] or group for group in measured]
    around = [{run.path.absolute().parent for run in group} for group in held]
    holders = [min(folders) for folders in around]
    if max(map(len, held)) > 1 == max(map(len, around)) and len(set(holders)) == len(groups):
        return holders
    kinds = [{_what(run) for run in group} for group in measured]
    others = [set().union(*kinds[:k], *kinds[k + 1 :]) for k in range(len(kinds))]
    return [
        next((run for run in group if _what(run) in shared), group[0]).path
        for group, shared in zip(measured, others, strict=True)
    ]


def _what(run: RunFolder) -> str:
    """Return the family of a sweep, or the kind of another run."""
    return run.degradation.name if isinstance(run, SweepRun) else run.kind
