"""Foolbox's and adv-lib's attacks with gradients, by the norm that they minimise, and what one of them costs.

Each attack gets about 1,000 gradients if its parameters allow that. DeepFool and SuperDeepFool stop earlier, as soon as
the class changes; attacks that compute a gradient for every class use more.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import foolbox
import numpy as np
import torch
from adv_lib import attacks as adv
from adv_lib.attacks.auto_pgd import minimal_apgd
from foolbox import attacks as fb
from ported import Ported, to_grey_levels, to_torch
from torch import Tensor

from tfstab.datasets import Dataset

INF = float("inf")
ORDER = {"l2": 2, "linf": INF, "l1": 1, "l0": 0}  # as both libraries name the norms
MOST_TARGETS = 10  # attacks of one class after the other leave the less likely ones of many classes out
Attack = Callable[["Counted", Tensor, Tensor], Tensor]  # network, images, labels -> images


class Counted(torch.nn.Module):
    """A network that counts the images of its forward passes and of its backward passes."""

    def __init__(self, network: Ported) -> None:
        super().__init__()
        self.network = network
        self.forwards = self.gradients = 0

    def forward(self, images: Tensor) -> Tensor:
        self.forwards += len(images)
        logits = self.network(images)
        if logits.requires_grad:
            logits.register_hook(self._backward)
        return logits

    def _backward(self, gradient: Tensor) -> None:
        self.gradients += len(gradient)


@dataclass(frozen=True)
class Outcome:
    """What an attack reached on some images: sizes (N,) in grey levels, infinite where it failed; costs of an image."""

    size: np.ndarray
    predicted: np.ndarray
    forwards: float
    gradients: float
    seconds: float

    def row(self) -> dict[str, Any]:
        return {name: getattr(v, "tolist", lambda v=v: v)() for name, v in vars(self).items()}


def attacked(attack: Attack, network: Ported, dataset: Dataset, norm: str) -> Outcome:
    """Run an attack on a data set, with all random numbers seeded."""
    torch.manual_seed(0)
    np.random.seed(0)  # foolbox's attacks draw from it
    images, labels = to_torch(dataset.images), torch.from_numpy(dataset.labels)
    counted, started = Counted(network).eval(), time.process_time()
    found = attack(counted, images.clone(), labels.clone()).detach().clamp(0, 1)
    seconds = time.process_time() - started
    with torch.no_grad():
        predicted = network(found).argmax(1).numpy()
    size = sizes(to_grey_levels(found) - dataset.images.astype(np.float32), norm)
    count = len(dataset)
    return Outcome(
        np.where(predicted != dataset.labels, size, np.inf),
        predicted,
        counted.forwards / count,
        counted.gradients / count,
        seconds / count,
    )


def sizes(noise: np.ndarray, norm: str) -> np.ndarray:
    """Return the norm (N,) of noise (N, H, W, C); "l0" counts values, not pixels, that differ."""
    flat = noise.reshape(len(noise), -1).astype(np.float64)
    return np.linalg.norm(np.where(np.abs(flat) > 1e-3, flat, 0) if norm == "l0" else flat, ORDER[norm], axis=1)


def rivals(norm: str, classes: int, steps: int = 1_000) -> dict[str, Attack]:
    """Return the attacks of a norm, the quick ones first."""
    return {"l2": _l2, "linf": _linf, "l1": _l1, "l0": _l0}[norm](min(classes - 1, MOST_TARGETS), steps)


def _l2(targets: int, steps: int) -> dict[str, Attack]:
    return {
        "DDN": lambda f, x, y: adv.ddn(f, x, y, steps=steps, levels=None),
        "SuperDeepFool": adv.sdf,
        "DeepFool": _foolbox(fb.L2DeepFoolAttack(steps=100)),
        "trust region": lambda f, x, y: adv.tr(f, x, y, iter=steps // 5, adaptive=True, c=targets),
        "FMN": lambda f, x, y: adv.fmn(f, x, y, norm=2, steps=steps, α_init=0.1),
        "ALMA": lambda f, x, y: adv.alma(f, x, y, num_steps=steps, init_lr_distance=0.1),
        "PDGD": lambda f, x, y: adv.pdgd(f, x, y, num_steps=steps),
        "PDPGD": lambda f, x, y: adv.pdpgd(f, x, y, norm=2, num_steps=steps),
        "FAB": lambda f, x, y: adv.fab(f, x, y, norm=2, n_iter=steps // 10),
        "FAB, targeted": _targeted_fab(2, targets, steps),
        "APGD": _apgd("l2", 10, steps),
        "Brendel-Bethge": _brendel_bethge(fb.L2BrendelBethgeAttack(steps=steps), 2),
        "C&W": _best("l2", [_carlini(0.01, steps), _carlini(0.05, steps)]),
    }


def _linf(targets: int, steps: int) -> dict[str, Attack]:
    return {
        "FMN": lambda f, x, y: adv.fmn(f, x, y, norm=INF, steps=steps, α_init=10),
        "FAB": lambda f, x, y: adv.fab(f, x, y, norm=INF, n_iter=steps // 10),
        "FAB, targeted": _targeted_fab(INF, targets, steps),
        "APGD": _apgd("linf", 0.5, steps),
        "PDPGD": lambda f, x, y: adv.pdpgd(f, x, y, norm=INF, num_steps=steps),
        "DeepFool": _foolbox(fb.LinfDeepFoolAttack(steps=100)),
        "trust region": lambda f, x, y: adv.tr(f, x, y, iter=steps // 5, adaptive=True, p=INF, c=targets),
        "Brendel-Bethge": _brendel_bethge(fb.LinfinityBrendelBethgeAttack(steps=steps // 2), INF),
    }


def _l1(targets: int, steps: int) -> dict[str, Attack]:
    return {
        "FMN": lambda f, x, y: adv.fmn(f, x, y, norm=1, steps=steps, α_init=0.3),
        "FAB": lambda f, x, y: adv.fab(f, x, y, norm=1, n_iter=steps // 10),
        "FAB, targeted": _targeted_fab(1, targets, steps),
        "APGD": _apgd("l1", 100, steps),
        "PDPGD": lambda f, x, y: adv.pdpgd(f, x, y, norm=1, num_steps=steps),
        "ALMA": lambda f, x, y: adv.alma(f, x, y, distance="l1", num_steps=steps, α=0.5, init_lr_distance=0.5),
        "EAD": _foolbox(fb.EADAttack(steps=steps // 5, initial_const=1.0, decision_rule="L1")),
        "Brendel-Bethge": _brendel_bethge(fb.L1BrendelBethgeAttack(steps=steps // 2), 1),
    }


def _l0(targets: int, steps: int) -> dict[str, Attack]:
    return {
        "sigma-zero": lambda f, x, y: adv.sigma_zero(f, x, y, num_steps=steps),
        "FMN": lambda f, x, y: adv.fmn(f, x, y, norm=0, steps=steps),
        "VFGA": lambda f, x, y: adv.vfga(f, x, y, targeted=False),
        "PDPGD": lambda f, x, y: adv.pdpgd(f, x, y, norm=0, num_steps=steps, proximal_operator=23),
        "Brendel-Bethge": _brendel_bethge(fb.L0BrendelBethgeAttack(steps=steps // 2), 1),
    }


def _targeted_fab(norm: float, targets: int, steps: int) -> Attack:
    iterations = steps // 10
    return lambda f, x, y: adv.fab(f, x, y, norm=norm, n_iter=iterations, targeted_restarts=True, restarts=targets)


def _apgd(norm: str, largest: float, steps: int) -> Attack:
    """Return APGD in a bisection of the radius, of 20 runs."""

    def attack(network: Counted, images: Tensor, labels: Tensor) -> Tensor:
        options: dict[str, Any] = {"use_large_reps": True} if norm == "l1" else {}
        runs = {"n_iter": steps // 20, "binary_search_steps": 20}
        return minimal_apgd(network, images, labels, norm=ORDER[norm], max_eps=largest, **runs, **options)

    return attack


def _carlini(stepsize: float, steps: int) -> Attack:
    return _foolbox(fb.L2CarliniWagnerAttack(steps=steps // 5, stepsize=stepsize, initial_const=1.0))


def _best(norm: str, attacks: list[Attack]) -> Attack:
    """Return an attack that makes several and keeps the least noise of each image."""

    def run(network: Counted, images: Tensor, labels: Tensor) -> Tensor:
        every = [attack(network, images.clone(), labels.clone()).detach() for attack in attacks]
        lengths = []
        for found in every:
            length = (found - images).flatten(1).norm(ORDER[norm], dim=1)
            lengths.append(torch.where(network(found).argmax(1) != labels, length, torch.inf))
        least = torch.stack(lengths).argmin(0)
        return torch.stack(every)[least, torch.arange(len(images))]

    return run


def _foolbox(attack: foolbox.Attack) -> Attack:
    """Return an attack of Foolbox."""

    def run(network: Counted, images: Tensor, labels: Tensor) -> Tensor:
        return attack(foolbox.PyTorchModel(network, bounds=(0, 1), device="cpu"), images, labels, epsilons=None)[0]

    return run


def _brendel_bethge(attack: foolbox.Attack, norm: float) -> Attack:
    """Return Brendel and Bethge's attack, which starts from blends with noise.

    Where these are not misclassified, it gives up; then all images start from what 20 iterations of FAB find.
    """

    def run(network: Counted, images: Tensor, labels: Tensor) -> Tensor:
        wrapped = foolbox.PyTorchModel(network, bounds=(0, 1), device="cpu")
        try:
            return attack(wrapped, images, labels, epsilons=None)[0]
        except (AssertionError, ValueError):
            starts = adv.fab(network, images, labels, norm=norm, n_iter=20).detach()
            return attack(wrapped, images, labels, epsilons=None, starting_points=starts)[0]

    return run
