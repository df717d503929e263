"""Figures of families with given shares of right images, and what the verdict finds in them."""

from assessment_runs import first_of, sweep_of

from tfstab.assessment import Figures, verdict
from tfstab.degradations import BUILT_IN


def figures_of(folder, **shares):
    """Figures of families of which these shares of the images are right at their first severities; (shares, images)."""
    return Figures.of([
        sweep_of(folder, name, first_of(right, images), BUILT_IN[name].severities[: len(right)])
        for name, (right, images) in shares.items()
    ])  # fmt: skip


def said(figures, *kinds):
    """Level and text of the findings of these kinds."""
    return [(finding.level, finding.text) for finding in verdict(figures, ()).of_kind(*kinds)]
