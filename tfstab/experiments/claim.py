"""What a claim of the paper is, its verdicts, and what the modules that decide claims have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

from tfstab.experiments.comparison import SearchComparison
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.scales import FEWEST

VERDICTS = ("holds", "does not hold", "not seen", "undecided", "not tested")
HOLDS, FAILS, UNSEEN, UNDECIDED, UNTESTED = VERDICTS
NAMES = {"mnist": "MNIST", "cifar10": "CIFAR-10", "gtsrb": "GTSRB"}


@dataclass(frozen=True)
class Claim:
    """A claim of the paper and what the reproduction says about it.

    Attributes
    ----------
    data : str
        Data set that the claim is about, or "all".
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
    """

    data: str
    said: str
    where: str
    verdict: str
    criterion: str
    evidence: str


def compared_with(r: Reproduction, kind: str) -> str:
    """Return the kind that another is compared with: for an ensemble its member, which was trained in the same way."""
    return "member" if kind == "ensemble" and "member" in r.kinds else "single"


def noise_ratio(pair: SearchComparison) -> tuple[int, str]:
    """Compare two searches: 1 or -1 if the second's noise is significantly larger or smaller, else 0; and in words."""
    ratio, missing, count = pair.ratio(), pair.not_found, int(pair.compared.sum())
    if count < FEWEST:
        return 0, f"only {count} images could be compared; not found: {missing.first} and {missing.second}."
    left_out = f" Not found: {missing.first} and {missing.second}." if missing.first or missing.second else ""
    return ratio.sign, (
        f"median L2 {ratio.first:.1f} and {ratio.second:.1f} grey levels on {count} images, median "
        f"ratio {ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f}).{left_out}"
    )


def untested(r: Reproduction, said: str, where: str, criterion: str, kind: str) -> Claim:
    """Return a claim that could not be tested, with the reason and what to do."""
    reason = f"There is no network '{kind}' at this scale: give one with --network {kind}=PATH, or train at a larger."
    if kind in r.kinds:
        reason = "Its runs are not there yet: run the same command again to go on."
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
