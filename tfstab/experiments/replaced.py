"""Finds networks in whose place a reproduction has runs of another network, or of the same one with other inputs."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tfstab.classifier.preprocess import about
from tfstab.classifier.source import DEFAULTS
from tfstab.errors import RunError
from tfstab.experiments.networks import Network
from tfstab.experiments.reproduction_steps import EXPLANATIONS
from tfstab.names import printed
from tfstab.runs.form import form_of
from tfstab.runs.other_model import is_other
from tfstab.wording import listed

if TYPE_CHECKING:
    from tfstab.experiments.reproduction import Reproduction


def without_replaced(
    there: "Reproduction", networks: Mapping[str, Network], given: Mapping[str, Network]
) -> dict[str, Network]:
    """Leave out networks in whose place a reproduction has runs of another network of the same kind.

    That network was given when the reproduction was begun, and is not given now. Raise RunError for another single
    network, and for another network that is given, before any of their runs is overwritten.
    """
    recorded = there.info["networks"]
    others = [
        kind
        for kind, (classifier, _) in networks.items()
        if kind in recorded and recorded[kind]["fingerprint"] != classifier.fingerprint and _runs(there, kind)
    ]
    needed = {"single", *given, *(["member"] if "ensemble" in given else [])}  # it is compared with its member
    refused = [kind for kind in others if kind in needed]
    for kind in refused:
        if is_other(recorded[kind] | there.form_of(kind), networks[kind][0]):
            raise RunError(
                f"{there.folder} holds runs of another network '{kind}' ({recorded[kind]['name']}): give that network "
                f"again with --network {kind}=PATH, give the new one another name, or choose another folder with --out."
            )
    if refused:
        raise _other_inputs(there, {kind: networks[kind] for kind in refused})
    return {kind: network for kind, network in networks.items() if kind not in others}


def _other_inputs(there: "Reproduction", networks: Mapping[str, Network]) -> RunError:
    """Return the error that names the inputs with which networks were measured, and the runs to delete."""
    changes = []
    for kind, (classifier, _) in networks.items():
        was, now = ((DEFAULTS | form)["preprocess"] for form in (there.form_of(kind), form_of(classifier)))
        changes.append(f"'{kind}' was measured with inputs {printed(about(was))} and now gets {about(now)}")
    runs = [printed(str(path)) for kind in networks for path in _runs(there, kind)]
    keep = "choose another folder with --out"
    if "single" not in networks:  # in whose place the bundled network would be another one
        renamed = f"--network {next(iter(networks))}-2=PATH"
        keep = f"give the network another name, as in {renamed} (the tables and figures then show both), or {keep}"
    return RunError(
        f"{there.folder} holds runs of the same network with other inputs: {listed(changes, most=len(changes))}. To "
        f"replace these runs, delete {listed(runs, most=len(runs))}, and run the same command again. Runs of other "
        f"networks are kept. To keep both, {keep}."
    )


def _runs(there: "Reproduction", kind: str) -> list[Path]:
    """Return the folders with runs of one network."""
    names = [f"{folder}/{kind}" for folder in ("sweeps", "unclipped", "weakest", "searches")]
    names += [f"explanations/{kind}-{which}" for which in EXPLANATIONS]
    names += ["objectives"] if kind == "single" else []
    return [path for name in names if (path := there.folder / name).is_dir()]
