"""What a claim of the paper is, its verdicts, and what the modules that decide claims have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

from tfstab.experiments.reproduction import Reproduction

VERDICTS = ("holds", "does not hold", "not seen", "undecided", "not tested")
HOLDS, FAILS, UNSEEN, UNDECIDED, UNTESTED = VERDICTS
ALL = "all"  # in place of a data set, for a claim that compares them
NAMES = {"mnist": "MNIST", "cifar10": "CIFAR-10", "gtsrb": "GTSRB"}
KIND_NAMES = {
    "single": "single network",
    "member": "first member of the ensemble",
    "ensemble": "ensemble",
    "augmented": "network trained on noisy copies",
}


@dataclass(frozen=True)
class Claim:
    """A claim of the paper and what the reproduction says about it.

    Attributes
    ----------
    data : str
        Data set that the claim is about, or `ALL`.
    said : str
        The claim, in our words.
    where : str
        Place in the paper.
    verdict : str
        One of `VERDICTS`.
    criterion : str
        Rule that decides the verdict.
    evidence : str
        The numbers behind it.
    p_value : float or None
        P-value of the test for the verdict to which the data point; None if nothing is tested, because one mistake is
        enough to show that mistakes happen.
    adjusted : float or None
        The p-value after Holm's correction for all claims that are tested. The verdict is "undecided" unless it is
        below 0.05.
    needed : int or None
        Number of images that would decide the claim with a probability of 80 %, if the true effect is as large as the
        measured one. None if the verdict is not "undecided", or if no number is worth naming; see `images_advised`.
    unclipped : str or None
        The verdict on noise that is not clipped to grey levels 0..255, corrected in the same way; None if the claim is
        not about accuracy under noise, or if there are no such sweeps.
    """

    data: str
    said: str
    where: str
    verdict: str
    criterion: str
    evidence: str
    p_value: float | None = None
    adjusted: float | None = None
    needed: int | None = None
    unclipped: str | None = None


def compared_with(r: Reproduction, kind: str) -> str:
    """Return the kind that another is compared with: for an ensemble its member, which was trained in the same way."""
    return "member" if kind == "ensemble" and "member" in r.kinds else "single"


def images_of(r: Reproduction) -> int:
    """Return the number of test images that there are; 0 if an older version did not write it."""
    return int(r.info.get("images", {}).get("count", 0))


def untested(r: Reproduction, said: str, where: str, criterion: str, kind: str) -> Claim:
    """Return a claim that could not be tested, with the reason and what to do."""
    reason = (
        f"There is no network '{kind}' at this scale: give one with --network {kind}=PATH, or choose a larger --scale."
    )
    if kind in r.kinds:
        reason = "There are no results yet: run the same command again to continue."
    return Claim(r.data, said, where, UNTESTED, criterion, reason)


def verdicts(found: Sequence[Claim]) -> dict[str, int]:
    """Count the claims with each verdict.

    Parameters
    ----------
    found : sequence of Claim
        The claims.

    Returns
    -------
    dict
        Number of claims by verdict, in the order of `VERDICTS`.
    """
    return {verdict: sum(c.verdict == verdict for c in found) for verdict in VERDICTS}
