"""The paper's claims as tables: the verdicts at a glance, and the numbers behind them."""

from collections.abc import Sequence

from tfstab.experiments.claim import NAMES, Claim
from tfstab.report.tables import Table

ALL = "all together"  # the column of claims about all data sets


def verdict_table(found: Sequence[Claim]) -> Table:
    """Return the verdicts, with a row for each claim and a column for each data set."""
    titles = {claim.data: NAMES.get(claim.data, ALL) for claim in found}
    cells = {(claim.said, claim.data): verdict(claim) for claim in found}
    rows = [(said, *(cells.get((said, data)) for data in titles)) for said in dict.fromkeys(c.said for c in found)]
    notes = (
        f"A claim is decided if its p-value is below 0.05 after Holm's correction for all {_tested(found)} claims that "
        "are tested. Then the probability of one or more wrong verdicts is at most 5 %.",
        "In brackets: so many images in all would decide the claim with a probability of 80 %, if the true effect is "
        "as large as the measured one.",
        "Not clipped: the verdict, where it is another one, under noise that is not clipped to grey levels 0..255; the "
        "paper does not say whether it clips. These verdicts are corrected among themselves. As they are fewer, a "
        "weaker effect can decide.",
    )
    return Table("Verdicts", ("the paper says", *titles.values()), rows, notes)


def verdict(claim: Claim) -> str:
    """Return the verdict on a claim, with the number of images that would decide and what holds without clipping."""
    text = claim.verdict if claim.needed is None else f"{claim.verdict} (about {claim.needed:,} images)"
    return text if claim.unclipped in (None, claim.verdict) else f"{text}; not clipped: {claim.unclipped}"


def evidence_table(found: Sequence[Claim]) -> Table:
    """Return the numbers behind each verdict."""
    notes = ("Numbers in brackets are 95 % intervals, which are not corrected for the number of claims.",)
    rows = [(NAMES.get(c.data, ALL), _decided(c), c.evidence) for c in found]
    return Table("Evidence", ("data", "the paper says", "evidence"), rows, notes)


def claims_table(found: Sequence[Claim]) -> Table:
    """Return all that is known of each claim, for files and JSON."""
    columns = ("data", "the paper says", "verdict", "not clipped", "p", "images needed", "evidence", "holds if")
    rows = [
        (
            *(NAMES.get(c.data, c.data), f"{c.said} ({c.where})", c.verdict, c.unclipped),
            *(c.adjusted, c.needed, c.evidence, c.criterion),
        )
        for c in found
    ]
    return Table("Claims", columns, rows, digits={"p": 4})


def _decided(claim: Claim) -> str:
    """Return what the paper says, the verdict and the rule that decides it."""
    return f"{claim.said} ({claim.where}): {claim.verdict}. It holds if {claim.criterion}."


def _tested(found: Sequence[Claim]) -> int:
    """Return the number of claims that are tested."""
    return sum(claim.adjusted is not None for claim in found)
