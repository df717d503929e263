"""The robustness against several degradations, as a table and as JSON values."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tfstab.checks import list_of, of_type
from tfstab.datasets.groups import groups_note
from tfstab.errors import InputError
from tfstab.experiments.robustness import FamilyRobustness, Robustness
from tfstab.experiments.same_images import check_clipped_alike, check_degraded_alike, check_same_images
from tfstab.metrics import Estimate
from tfstab.report.tables import Table
from tfstab.runs.atomic import json_values
from tfstab.wording import counted

PSNR = (
    "PSNR mild, PSNR strong: how close the images are to the clean ones at the mildest and strongest severity, in dB."
)
HENDRYCKS = "Hendrycks and Dietterich (2019)"


def robustness_table(r: Robustness, *, titles: bool = False) -> Table:
    r"""Return accuracies and errors in %, with one row for each degradation and one for their mean.

    Parameters
    ----------
    r : Robustness
        The sweeps of a network, summed up.
    titles : bool
        Whether to show the titles of degradations ("JPEG compression") instead of their names ("jpeg").

    Returns
    -------
    Table
        After each value, two columns have the ends of its 95 % interval; `Table.with_intervals` joins all three.

    Examples
    --------
    >>> from tfstab.experiments import Robustness
    >>> from tfstab.report import robustness_table
    >>> table = robustness_table(Robustness([sweep])).with_intervals()
    >>> print(table.only("degradation", "accuracy kept").latex(label="tab:robust").splitlines()[3])
    \label{tab:robust}
    """
    r = of_type("r", r, Robustness, "robustness_table(Robustness(sweeps))")
    named = {"accuracy": r.accuracy, "accuracy kept": r.kept, "CE": r.mce, "relative CE": r.relative_mce}
    means = {name: e for name, e in named.items() if e is not None}
    rows = [_row(f, titles) for f in r.families]
    rows.append(("mean", None, None, None, *(value for e in means.values() for value in _percent(e))))
    columns: tuple[str, ...] = ("degradation", "severity", "PSNR mild", "PSNR strong")
    columns += tuple(f"{name}{end}" for name in means for end in ("", " from", " to"))
    title = f"Robustness of {r.model}" + (f", compared with {r.baseline}" if r.baseline is not None else "")
    table = Table(title, columns, rows, digits=dict.fromkeys(columns[2:], 1))
    for note, *about in _notes(r, titles):
        table = table.with_note(note, *about)
    return table


def _notes(r: Robustness, titles: bool) -> Iterator[tuple[str, ...]]:
    """Yield the notes on the table of a network, each followed by the columns that it is about, none for all."""
    yield (
        f"{r.model}, {counted(len(r.images))}, clean accuracy {r.clean_accuracy.value:.2%}; in %, all severities of a "
        "degradation counting alike.",
    )
    yield "Accuracy kept: accuracy divided by clean accuracy.", "accuracy kept"
    yield PSNR, "PSNR mild", "PSNR strong"
    if r.baseline is not None:
        yield (
            f"CE: the corruption error, which is the network's errors divided by those of {r.baseline}. The mean is "
            f"the mCE of {HENDRYCKS}.",
            "CE",
        )
        yield (
            "Relative CE: how many errors the degradation adds to those on clean images, divided by how many it adds "
            f"to those of {r.baseline}; its interval is very wide if these are few. The mean is the relative mCE "
            f"of {HENDRYCKS}.",
            "relative CE",
        )
        without = [_called(f, titles) for f in r.families if f.ce is not None and not math.isfinite(f.ce.value)]
        if without:
            yield f"Not in mCE, as {r.baseline} makes no error there: {', '.join(without)}.", "CE"
        added = [_called(f, titles) for f in r.families if f.relative_ce and not math.isfinite(f.relative_ce.value)]
        if added:
            said = f"the degradation adds no errors to those of {r.baseline}"
            yield f"Not in relative mCE, as {said}: {', '.join(added)}.", "relative CE"
    yield ("Intervals: 95 %, from the differences between images (Korn and Graubard; Wilson for clean accuracy).",)
    if r.baseline is not None:
        yield "Intervals of corruption errors: 95 %, by Fieller's method.", "CE", "relative CE"
    if _without_end([r.mce, *(f.ce for f in r.families)]):
        yield (
            f"Where the interval of a CE ends in –, it has no upper end, as {r.baseline} makes too few errors on these "
            "images.",
            "CE",
        )
    if _without_end([r.relative_mce, *(f.relative_ce for f in r.families)]):
        yield (
            "Where the interval of a relative CE has a – in place of one end or both, there is no such end: the "
            f"degradation adds too few errors to those of {r.baseline} on these images, perhaps none. Such a figure "
            "says hardly anything.",
            "relative CE",
        )
    if groups := groups_note(*r.remarks):
        yield (groups,)


def networks_table(several: Sequence[Robustness], *, titles: bool = False) -> Table:
    """Return the accuracy of several networks in %: a row for each degradation, and the columns of each network.

    Parameters
    ----------
    several : sequence of Robustness
        The networks, of the same degradations and severities, and of the same images.
    titles : bool
        As in `robustness_table`.

    Returns
    -------
    Table
        Clean accuracy, accuracy under each degradation, and its mean; after each value come the ends of its 95 %
        interval. `Table.with_intervals` joins them.

    Raises
    ------
    InputError
        Networks have the same name, or their images, degradations or severities differ.

    Examples
    --------
    >>> from tfstab.experiments import Robustness
    >>> from tfstab.report import networks_table
    >>> networks_table([Robustness([sweep])]).with_intervals().to_pandas()["degradation"].tolist()
    ['clean', 'gaussian_noise', 'mean']
    """
    several = list_of("several", several, Robustness, "[Robustness(sweeps_of_one), Robustness(sweeps_of_another)]")
    _check_alike(several)
    first = several[0]
    labels = ["clean", *(_called(f, titles) for f in first.families), "mean"]
    by_network = [[r.clean_accuracy, *(f.accuracy for f in r.families), r.accuracy] for r in several]
    rows = [
        (label, *(value for e in estimates for value in _percent(e)))
        for label, *estimates in zip(labels, *by_network, strict=True)
    ]
    columns = ("degradation", *(f"{r.model}{end}" for r in several for end in ("", " from", " to")))
    note = (
        f"Accuracy in % on {counted(len(first.images))}, all severities of a degradation counting alike. Intervals: "
        "95 %, of each network by itself (Korn and Graubard; Wilson for clean accuracy). Which network is better is "
        "decided by a paired comparison."
    )
    notes = tuple(filter(None, [note, groups_note(*(remarks for r in several for remarks in r.remarks))]))
    return Table("Accuracy under each degradation", columns, rows, notes, dict.fromkeys(columns[1:], 1))


def _check_alike(several: Sequence[Robustness]) -> None:
    """Raise InputError unless a table can show these networks side by side."""
    if not several:
        raise InputError("no Robustness was given; expected one for each network.")
    first = several[0]
    names = [r.model for r in several]
    if len(set(names)) < len(names):
        raise InputError(f"networks have the same name ({', '.join(names)}); expected a different one for each.")
    for r in several[1:]:
        if not np.array_equal(r.images, first.images):
            raise InputError(
                f"{r.model} has {counted(len(r.images))} and {first.model} {counted(len(first.images))}, not all the "
                "same; expected sweeps of the same images. `tfstab report` with --files writes a table for networks "
                "measured on different images."
            )
        if _severities(r) != _severities(first):
            raise InputError(
                f"{r.model} and {first.model} have different degradations or severities; expected the same, in the "
                "same order."
            )
        for one, other in zip(first.families, r.families, strict=True):
            check_same_images(one.run, other.run, r.images)
            check_clipped_alike(one.run, other.run)
            check_degraded_alike(one.run, other.run)


def _severities(r: Robustness) -> list[tuple[str, tuple[float, ...]]]:
    """Return the name and the severities of each degradation."""
    return [(f.run.degradation.name, tuple(f.run.severities)) for f in r.families]


def robustness_json(r: Robustness) -> dict[str, Any]:
    """Return the same for scripts: shares in 0..1; None if a value does not exist or is infinite."""

    def values(e: Estimate | None) -> dict[str, Any] | None:
        """Return an estimate with its interval."""
        return (
            None
            if e is None
            else {"value": json_values(e.value), "interval_95": [json_values(e.low), json_values(e.high)]}
        )

    return {
        "model": r.model,
        "baseline": r.baseline,
        "images": len(r.images),
        "notes": list(filter(None, [groups_note(*r.remarks)])),
        "clean_accuracy": values(r.clean_accuracy),
        "families": [
            {
                "degradation": f.run.degradation.name,
                "run": str(f.run.path),
                "severities": list(f.run.severities),
                "copies": f.run.config.copies,
                "psnr": json_values(f.run.measures.psnr),
                "accuracy": values(f.accuracy),
                "accuracy_kept": values(f.kept),
                "corruption_error": values(f.ce),
                "relative_corruption_error": values(f.relative_ce),
            }
            for f in r.families
        ],
        "mean_accuracy": values(r.accuracy),
        "mean_accuracy_kept": values(r.kept),
        "mean_corruption_error": values(r.mce),
        "relative_mean_corruption_error": values(r.relative_mce),
    }


def _without_end(estimates: Sequence[Estimate | None]) -> bool:
    """Return whether the interval of one of these has an infinite end."""
    found = (e for e in estimates if e is not None and math.isfinite(e.value))
    return any(math.isinf(e.low) or math.isinf(e.high) for e in found)


def _called(f: FamilyRobustness, titles: bool) -> str:
    """Return what a table calls a degradation: its title or its name."""
    return f.run.degradation.title if titles else f.run.degradation.name


def _row(f: FamilyRobustness, titles: bool) -> tuple[Any, ...]:
    """Return the row of one degradation."""
    config, psnr = f.run.config, f.run.measures.psnr
    mild, strong = config.mildest_first[[0, -1]]
    if config.one_sided:
        ends = config.severities[mild], config.severities[strong]
    else:
        ends = min(config.severities), max(config.severities)
    severity = f"{config.degradation.axis} {ends[0]:g} to {ends[1]:g}"
    return (
        _called(f, titles),
        severity,
        float(psnr[mild]),
        float(psnr[strong]),
        *(value for e in (f.accuracy, f.kept, f.ce, f.relative_ce) if e is not None for value in _percent(e)),
    )


def _percent(e: Estimate) -> tuple[float, float, float]:
    """Return an estimate and the ends of its interval, in %."""
    return 100 * e.value, 100 * e.low, 100 * e.high
