"""The paper's claims, each with a verdict from the results of a reproduction."""

from collections.abc import Mapping

from tfstab.experiments.accuracy_claims import below_clean, holds_until_eight, largest_drop, more_accurate
from tfstab.experiments.claim import HOLDS, UNSEEN, Claim, untested
from tfstab.experiments.deciding import Question, decide
from tfstab.experiments.margin_claims import feature_margin, input_margin
from tfstab.experiments.objective_claims import smaller_margin, smaller_noise
from tfstab.experiments.reproduction import Reproduction
from tfstab.metrics import wilson_interval
from tfstab.sweep import SweepRun


def claims(reproductions: Mapping[str, Reproduction]) -> list[Claim]:
    """Return all claims with their verdicts, which are corrected for the number of claims that are tested.

    Parameters
    ----------
    reproductions : mapping
        Reproductions by data set.

    Returns
    -------
    list of Claim
        The claims about each of these data sets, then the one about all of them.
    """
    return decide(questions(reproductions))


def questions(reproductions: Mapping[str, Reproduction]) -> list[Question]:
    """Return what `claims` decides: all claims and what was measured for them, in the same order."""
    return [*(question for r in reproductions.values() for question in _of_one(r)), largest_drop(reproductions)]


def _of_one(r: Reproduction) -> list[Question]:
    """Return the claims about one data set, in the paper's order."""
    asked = [_mistakes_at_one(r, "single", "a network makes mistakes at sigma = 1", "abstract; section 4")]
    if r.data == "gtsrb":
        asked.append(holds_until_eight(r))
    return [
        *asked,
        more_accurate(r, "ensemble", "an ensemble of 5 is more accurate under noise", "section 4, Tables 4 and 5"),
        below_clean(r),
        _mistakes_at_one(r, "ensemble", "an ensemble too makes mistakes at sigma = 1", "section 4, beside Table 4"),
        more_accurate(r, "augmented", "training on 15 noisy copies makes it more accurate under noise", "Table 6"),
        feature_margin(r),
        input_margin(r),
        _mistakes_at_one(
            r, "augmented", "after training on noisy copies it makes mistakes at sigma = 1", "section 4, beside Table 6"
        ),
        smaller_noise(r),
        smaller_margin(r),
    ]


def _mistakes_at_one(r: Reproduction, kind: str, said: str, where: str) -> Question:
    """Say whether noise of sigma 1 causes mistakes; a single mistake shows that it does, so no test is needed."""
    criterion = "at least one image that is right when clean has a misclassified copy at sigma = 1"
    runs = [runs[kind] for runs in (r.weakest, r.sweeps) if kind in runs]
    if not runs:
        return Question(untested(r, said, where, criterion, kind))
    counted = [_at_one(run) for run in runs]
    evidence = " ".join(
        [_of_weakest(*counted[0])] * (kind in r.weakest) + [_of_sample(*counted[-1])] * (kind in r.sweeps)
    )
    verdict = HOLDS if any(hit for _, hit, _, _ in counted) else UNSEEN
    return Question(Claim(r.data, said, where, verdict, criterion, evidence))


def _at_one(run: SweepRun) -> tuple[int, int, int, int]:
    """Count, of the images that are right when clean: all, those with a wrong copy at sigma 1, wrong and all copies."""
    m = run.measures
    one, right = m.severity_index(1.0), m.clean_correct
    wrong, total = (m.total - m.correct)[right, one], m.total[right, one]
    return int(right.sum()), int((wrong > 0).sum()), int(wrong.sum()), int(total.sum())


def _of_weakest(images: int, hit: int, wrong: int, copies: int) -> str:
    """Say how many of the images with the smallest clean margin have a misclassified copy."""
    return (
        f"Of the {images:,} images that are right when clean by the smallest margin, {hit:,} {_have(hit)} a "
        f"misclassified copy at sigma 1 ({wrong:,} of all {copies:,} copies are misclassified)."
    )


def _of_sample(images: int, hit: int, wrong: int, copies: int) -> str:
    """Say how many of the swept images have a misclassified copy, with the interval for all such images."""
    low, high = wilson_interval(hit, max(1, images))
    each = f"{copies / images:.0f}" if images else "0"
    return (
        f"Of the {images:,} images of the noise sweep that are right when clean, {hit:,} ({hit / max(1, images):.2%}, "
        f"95 % interval {low:.2%} to {high:.2%}) {_have(hit)} a misclassified copy among {each} at sigma 1 ({wrong:,} "
        f"of all {copies:,} copies are misclassified)."
    )


def _have(count: int) -> str:
    """Return the verb for a number of images."""
    return "has" if count == 1 else "have"
