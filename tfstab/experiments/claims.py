"""The paper's claims, each with a verdict from the results of a reproduction."""

from collections.abc import Mapping

from tfstab.experiments.claim import (
    FAILS,
    HOLDS,
    NAMES,
    UNDECIDED,
    UNSEEN,
    UNTESTED,
    Claim,
    compared_with,
    noise_ratio,
    untested,
)
from tfstab.experiments.comparison import SearchComparison, SweepComparison
from tfstab.experiments.margin_claims import feature_margin, input_margin
from tfstab.experiments.paper import paper_table
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import LAMBDAS, OBJECTIVES, objective_name
from tfstab.experiments.scales import SCALES
from tfstab.metrics import wilson_interval
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.sweep import SweepRun

# What the evidence says about the network that an ensemble or an augmented network is compared with.
_SUBJECTS = {
    "single": "",
    "member": "The network is the ensemble's first member, as the single network was trained otherwise. ",
}


def claims(reproductions: Mapping[str, Reproduction]) -> list[Claim]:
    """Return all claims with their verdicts.

    Parameters
    ----------
    reproductions : mapping
        Reproductions by data set.

    Returns
    -------
    list of Claim
        The claims about each of these data sets, then the one about all of them.
    """
    found = [claim for r in reproductions.values() for claim in _of_one(r)]
    return [*found, _largest_drop(reproductions)]


def _of_one(r: Reproduction) -> list[Claim]:
    """Return the claims about one data set, in the paper's order."""
    made = [_mistakes_at_one(r, "single", "a network makes mistakes at sigma = 1", "abstract; section 4")]
    if r.data == "gtsrb":
        made.append(_holds_until_eight(r))
    return [
        *made,
        _more_accurate(r, "ensemble", "an ensemble of 5 is more accurate under noise", "section 4, Tables 4 and 5"),
        _below_clean(r),
        _mistakes_at_one(r, "ensemble", "an ensemble too makes mistakes at sigma = 1", "section 4, beside Table 4"),
        _more_accurate(r, "augmented", "training on 15 noisy copies makes it more accurate under noise", "Table 6"),
        feature_margin(r),
        input_margin(r),
        _mistakes_at_one(
            r, "augmented", "after training on noisy copies it makes mistakes at sigma = 1", "section 4, beside Table 6"
        ),
        _objectives(r),
    ]


def _mistakes_at_one(r: Reproduction, kind: str, said: str, where: str) -> Claim:
    """Decide whether noise of sigma 1 causes mistakes."""
    criterion = "at least one image that is right when clean has a misclassified copy at sigma = 1"
    run = r.sweeps.get(kind)
    if run is None:
        return untested(r, said, where, criterion, kind)
    m = run.measures
    one = m.severity_index(1.0)
    wrong, total, right = (m.total - m.correct)[:, one], m.total[:, one], m.clean_correct
    hit = int((wrong[right] > 0).sum())
    already = f"{wrong[~right].sum() / wrong.sum():.1%}" if wrong.sum() else "none"
    most = wilson_interval(hit, max(1, int(right.sum())))[1]
    evidence = (
        f"{int(wrong.sum()):,} of {int(total.sum()):,} copies are wrong ({wrong.sum() / total.sum():.3%}), {already} "
        f"of them of images that are wrong when clean. Of the {int(right.sum()):,} images that are right when clean "
        f"{hit} ({hit / max(1, right.sum()):.2%}, with 95 % confidence at most {most:.2%}) have a wrong copy among "
        f"{int(total[0])}."
    )
    return Claim(r.data, said, where, HOLDS if hit else UNSEEN, criterion, evidence)


def _holds_until_eight(r: Reproduction) -> Claim:
    """Decide whether the accuracy on traffic signs begins to fall at sigma 8."""
    said, where = "the network for traffic signs holds until sigma = 8, where mistakes begin", "section 4"
    criterion = "the accuracy falls by less than 1 point up to sigma = 4, and by more at every sigma from 8 on"
    run = r.sweeps.get("single")
    if run is None:
        return untested(r, said, where, criterion, "single")
    drops = {a.severity: 100 * (run.measures.clean_accuracy - a.accuracy) for a in run.measures.accuracy_by_severity()}
    right = {a.severity: 100 * (1 - a.accuracy_of_clean_correct) for a in run.measures.accuracy_by_severity()}
    shown = [s for s in (1.0, 2.0, 4.0, 8.0, 10.0, 14.0, 20.0, 40.0) if s in drops]
    listed = ", ".join(f"sigma {s:g}: {drops[s]:.2f} ({right[s]:.2f})" for s in shown)
    evidence = f"Points lost against clean (and, of images right when clean, % wrong): {listed}."
    before, after = (max(d for s, d in drops.items() if s <= 4), min(d for s, d in drops.items() if s >= 8))
    verdict = HOLDS if before < 1 and after > before else FAILS
    return Claim(r.data, said, where, verdict, criterion, evidence)


def _more_accurate(r: Reproduction, kind: str, said: str, where: str) -> Claim:
    """Decide whether a network is more accurate under noise than the one it is compared with."""
    criterion = "the paired difference of accuracies over all noise is above 0, with its 95 % interval"
    one = compared_with(r, kind)
    if kind not in r.sweeps or one not in r.sweeps:
        return untested(r, said, where, criterion, kind)
    pair = SweepComparison(r.sweeps[one], r.sweeps[kind])
    difference, right = pair.accuracy(), pair.accuracy(clean_correct=True)
    theirs = [paper_table(r.data, k, True) for k in ("single", kind)]
    paper = "" if None in theirs else " The paper: " + " and ".join(f"{t.accuracy:.2f} %" for t in theirs if t) + "."
    evidence = (
        f"{_SUBJECTS[one]}Over all noise {_points(difference)}; over images that both get right when clean "
        f"{_points(right)}; clean {_points(pair.clean)}.{paper}"
    )
    verdict = {1: HOLDS, -1: FAILS, 0: UNDECIDED}[difference.sign]
    return Claim(r.data, said, where, verdict, criterion, evidence)


def _below_clean(r: Reproduction) -> Claim:
    """Decide whether an ensemble under noise is less accurate than one network without noise."""
    said, where = "an ensemble under noise is less accurate than one network without noise", "abstract; section 4"
    criterion = "the paired difference, over all noise, is below 0 with its 95 % interval"
    one = compared_with(r, "ensemble")
    if "ensemble" not in r.sweeps or one not in r.sweeps:
        return untested(r, said, where, criterion, "ensemble")
    pair = SweepComparison(r.sweeps[one], r.sweeps["ensemble"])
    difference = mean_difference(pair.clean_correct[0], pair.right_shares[1].mean(axis=1))
    clean, noisy = paper_table(r.data, "single", False), paper_table(r.data, "ensemble", True)
    paper = f" The paper: {clean.accuracy:.2f} % and {noisy.accuracy:.2f} %." if clean and noisy else ""
    evidence = f"{_SUBJECTS[one]}It, clean, and the ensemble over all noise: {_points(difference)}.{paper}"
    verdict = {-1: HOLDS, 1: FAILS, 0: UNDECIDED}[difference.sign]
    return Claim(r.data, said, where, verdict, criterion, evidence)


def _objectives(r: Reproduction) -> Claim:
    """Decide whether eq. 2 finds smaller noise than eq. 1."""
    said, where = "its objective, eq. 2, finds smaller noise than the older one, eq. 1", "section 3"
    criterion = "the same search of the same images finds less at some lambda, and more at none: by the median ratio"
    signs, evidence = [], ["Eq. 2 over eq. 1, by the paper's genetic search."]
    for lambda_ in LAMBDAS:
        first, second = (r.objectives.get(objective_name(objective, lambda_)) for objective in OBJECTIVES)
        if first is None or second is None:
            scale = SCALES.get(r.scale, {}).get(r.data)
            if scale is None or scale.compared:
                return untested(r, said, where, criterion, "single")
            reason = "At this scale no searches are made with the paper's procedure on these images: take a larger one."
            return Claim(r.data, said, where, UNTESTED, criterion, reason)
        sign, text = noise_ratio(SearchComparison(first, second))
        signs.append(sign)
        evidence.append(f"Lambda {lambda_:g}: {text}")
    less, more = -1 in signs, 1 in signs
    verdict = UNDECIDED if less == more else HOLDS if less else FAILS
    return Claim(r.data, said, where, verdict, criterion, " ".join(evidence))


def _largest_drop(reproductions: Mapping[str, Reproduction]) -> Claim:
    """Decide whether MNIST has the largest difference between clean and noisy accuracy."""
    said, where = "the drop from clean to noisy images is more obvious on MNIST than on the others", "section 4"
    criterion = "MNIST has the largest drop in points here, its 95 % interval above that of every other"
    printed: dict[str, str] = {}
    measured: dict[str, Difference] = {}
    for data, r in reproductions.items():
        if "single" in r.sweeps:
            measured[data] = _drop(r.sweeps["single"])
    for data in ("mnist", "cifar10"):
        clean, noisy = paper_table(data, "single", False), paper_table(data, "single", True)
        if clean is not None and noisy is not None:
            printed[data] = f"{clean.accuracy - noisy.accuracy:.2f} points"
    ours = {data: f"{d.value:.2f} points ({d.low:.2f} to {d.high:.2f})" for data, d in measured.items()}
    evidence = f"The paper's own Tables 1 and 3: {_of_each(printed)}."
    if measured:
        evidence += f" Here: {_of_each(ours)}."
    verdict = UNTESTED
    if len(measured) > 1 and "mnist" in measured:
        mnist, *others = measured.pop("mnist"), *measured.values()
        smaller = any(mnist.high < other.low for other in others)
        largest = all(mnist.low > other.high for other in others)
        verdict = FAILS if smaller else HOLDS if largest else UNDECIDED
    return Claim("all", said, where, verdict, criterion, evidence)


def _drop(run: SweepRun) -> Difference:
    """Return the clean minus the noisy accuracy of the swept images, in percentage points."""
    m = run.measures
    return mean_difference(100 * (1 - m.wrong_share.mean(axis=1)), 100 * m.clean_correct, largest=100)


def _of_each(texts: Mapping[str, str]) -> str:
    """Join texts by data set into one, each preceded by the name of its data set."""
    return ", ".join(f"{NAMES[data]} {text}" for data, text in texts.items())


def _points(d: Difference) -> str:
    """Write two accuracies and their difference in words."""
    ends = f"{100 * d.low:+.2f} to {100 * d.high:+.2f}"
    return f"{d.first:.2%} and {d.second:.2%} ({100 * d.value:+.2f} points, {ends})"
