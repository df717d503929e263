"""The networks of a reproduction of the paper: given, bundled or trained."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.errors import InputError
from tfstab.experiments.paper import NETWORKS
from tfstab.experiments.scales import MODELS, Scale
from tfstab.models import bundled_names, card_of, ensemble_members, load_classifier
from tfstab.training import RECIPES, TrainingNoise, train, train_ensemble

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

OnStep = Callable[[str, int, int], None]
Network = tuple["Classifier", dict[str, Any] | None]  # a network and its model card


def quiet(what: str, done: int, total: int) -> None:
    """Report nothing: the OnStep of a caller that gave none."""


def choose_networks(
    data: str, size: Scale, folder: Path, given: dict[str, Network], data_dir: Path | None, step: OnStep
) -> dict[str, Network]:
    """Collect the networks of a reproduction, and train those that are missing if the scale allows it.

    Parameters
    ----------
    data : str
        Name of the data set.
    size : Scale
        How much is computed.
    folder : Path
        Folder of the reproduction; trained networks are kept in its subfolder "networks".
    given : dict
        Networks by kind that are used instead of the bundled ones, or in addition to them.
    data_dir : Path or None
        Folder of the official data sets.
    step : callable
        Called as step(what, done, total) after each batch of a training.

    Returns
    -------
    dict
        Networks by kind, the paper's kinds first. If the single network is not the ensemble's first member, that
        member is included as "member".

    Raises
    ------
    InputError
        A network differs from the single one in its input shape or its number of classes.
    """
    model = MODELS[data]
    networks = {}
    for kind in (*NETWORKS, *(kind for kind in given if kind not in NETWORKS)):
        bundled = model if kind == "single" else f"{model}-{kind}"
        if kind in given:
            networks[kind] = given[kind]
        elif bundled in bundled_names():
            networks[kind] = load_classifier(bundled), card_of(bundled)
        elif size.trains:
            networks[kind] = _trained(kind, model, size, folder / "networks" / kind, data_dir, step)
    if "ensemble" in networks and "member" not in networks:
        networks |= _member(networks["ensemble"][0], networks["single"][0])
    shapes = {kind: (c.input_shape, c.num_classes) for kind, (c, _) in networks.items()}
    for kind, shape in shapes.items():
        if shape != shapes["single"]:
            raise InputError(
                f"the network '{kind}' has another input shape or number of classes than the single network, "
                f"'{networks['single'][0].name}': give networks for the same images."
            )
    return networks


def trained_as(card: dict[str, Any] | None) -> str | None:
    """Describe in one line how a network was trained.

    Parameters
    ----------
    card : dict or None
        Its model card.

    Returns
    -------
    str or None
        The description; None if there is no card, or if tfstab did not write it.
    """
    try:
        recipe, data = (card or {})["recipe"], (card or {})["data"]["training"]
        noise, members = recipe.get("noise"), (card or {}).get("members")
        text = f"{data['images']:,} images of {data['name']}, {recipe['epochs']} epochs"
        if noise is not None:
            what = "drawn afresh" if noise["copies"] is None else f"in {noise['copies']} copies beside the clean images"
            text += f", noise {what}, sigma {', '.join(f'{s:g}' for s in noise['sigmas'])}"
        return text if members is None else f"{text}, each of {len(members)} networks"
    except (KeyError, TypeError, ValueError):
        return None


def _member(ensemble: "Classifier", single: "Classifier") -> dict[str, Network]:
    """Return the ensemble's first member, for comparison with the ensemble, unless it is the single network.

    A single network that was trained longer or in another way would not show what the ensemble contributes.
    """
    if ensemble.combine is None:  # not made by make_ensemble
        return {}
    first = ensemble_members(ensemble)[0]
    return {} if first.fingerprint == single.fingerprint else {"member": (first, None)}


def _trained(kind: str, model: str, size: Scale, out: Path, data_dir: Path | None, step: OnStep) -> Network:
    """Train an ensemble, or a network on noisy copies, or resume its training."""
    recipe = RECIPES[model]
    if kind == "ensemble":

        def on_member_batch(member: int, epoch: int, batch: int, batches: int) -> None:
            step(f"training the ensemble, network {member}", epoch * batches + batch, recipe.epochs * batches)

        result = train_ensemble(recipe, out=out, data_dir=data_dir, on_batch=on_member_batch)
        return result.classifier, result.card
    noisy = replace(recipe, noise=TrainingNoise.fixed(15), epochs=size.augmented_epochs or recipe.epochs)

    def on_batch(epoch: int, batch: int, batches: int) -> None:
        step("training on noisy copies", epoch * batches + batch, noisy.epochs * batches)

    result = train(noisy, out=out, data_dir=data_dir, on_batch=on_batch)
    return result.classifier, result.card
