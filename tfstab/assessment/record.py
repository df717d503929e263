"""What `assessment.json` holds, version 1.

An estimate is `{"value": v, "interval_95": [low, high]}`: shares are 0..1, severities have the family's unit, L2 is in
grey levels. What cannot be computed is `null`; so is a value or an end of an interval that is infinite, such as a
severity that is not reached. There is no NaN. Images weigh equally, whatever their numbers of degraded copies.

    format          1; a later version may add entries without another number
    tfstab          version that wrote it
    model           name, fingerprint, and preprocess if there is one, as in a run.json
    data            name, split, fingerprint, note, classes, as in a run.json
    seed            seed of the runs
    environment     versions, device and instruction_set of the run with the most images, as in its run.json
    evidence        as in a run.json, with degradation_files: file of each degradation of the user's own, by its name
    input_note      sentence that another form of inputs or other classes fit the model far better, null if they do not;
                    missing if that was not or could not be checked
    input_options   options that this sentence advises, by name: preprocess, classes; missing if it advises none
    damaged         names of the folders whose results are left out because they are damaged, only where there are some
    unmeasured      names of the families not yet measured when the assessment ended
    unsearched      sentence on why no minimum noise was searched for, null if it was or no image is right when clean
    settings        options of the latest call, by name of parameter of `tfstab assess`: minutes, and if they differ
                    from their defaults, seed, limit, images, degradation, no_search, require (how the model and the
                    images are read is in each run.json)
    next_steps      list of text: commands or Python calls for what to do next, each with what it is for after a "#"
    images          number of distinct images that were used
    available       number of images given, of which some may not have been used; null if that is not known
    clean           estimate: accuracy of clean images
    mean_kept       estimate: mean over the families of the accuracy kept
    sigma20         estimate or null: still right under Gaussian noise of sigma 20, of the images right when clean
    families        the family that keeps least first:
      name, title, parameter, unit, neutral
      images        number of images swept
      right         number of these that are right when clean; if they are fewer than 5, there are no shares of them
      copies        fewest and most copies of an image
      severities    in reporting order; accuracy_kept and still_right have an estimate for each
      kept          estimate: accuracy kept, the mean over the severities divided by the clean accuracy
      middle        severity in the middle, and the estimate of the images still right there, of those right when clean
      severity10, severity50   estimates: severity at which 10 % and 50 % of the accuracy is lost, with the mild end of
                    the interval first (for factors and qualities, the larger number); a severity milder than all that
                    were tried is interpolated linearly from the clean accuracy, so the verdict says only "before"
      standing      "breaks" (less than 50 % kept), "hardly touches" (more than 90 %), "between", or "undecided"; all
                    families together are right with 95 % confidence
      recall_falls  classes that keep less than 90 % of their recall, beyond doubt, which the accuracy does not show:
                    class (index), images, recall (estimate: the mean over the severities)
      recall_undecided  likewise, classes that keep less than 90 % of their recall as measured, but not beyond doubt
      most_harmful, least_harmful   whether it is listed as a candidate
    classes         the weakest first: index, name; images that all families have, and on them the accuracy over all
                    degradations and the clean accuracy (estimates); mistaken_for (index or null), share_of_errors
                    (estimate or null), weaker (than the other classes, beyond doubt); example: family, image,
                    severity_index, copy, severity, of the weaker ones
    clean_classes   classes that have clean images, the lowest recall first: index, name, images (all their clean ones,
                    degraded or not) and recall (estimate); empty for images without classes
    minimum_noise   null, or count, found, l2 (estimate of the median), quartiles, compared, random_ratio (estimate;
                    value: null where the median is not known), tolerant: see `tfstab.assessment.noise.NoiseFigures`
    verdict         lead, how_sure (what its claims rest on), and findings: kind, level, text, about
    requirements    outcomes, if any were asked for
"""

import math
from collections.abc import Sequence
from typing import Any

import tfstab
from tfstab.assessment.classes import ClassFigures
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.outcomes import Outcome, outcomes_json
from tfstab.assessment.ranking import Standing, extreme, standings, weak_classes
from tfstab.assessment.recalls import ClassRecall
from tfstab.assessment.results import AVAILABLE, REQUIREMENTS
from tfstab.assessment.verdict import Verdict, how_sure
from tfstab.datasets.remarks import remarks_of
from tfstab.metrics import Estimate
from tfstab.runs.atomic import json_values
from tfstab.runs.evidence import joint_evidence
from tfstab.runs.info import without_classes

FORMAT = 1


def assessment_json(
    figures: Figures, verdict: Verdict, outcomes: Sequence[Outcome] = (), extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return an assessment as JSON values, in the layout that this module's documentation gives.

    Parameters
    ----------
    figures : Figures
        The numbers.
    verdict : Verdict
        What they support.
    outcomes : sequence of Outcome
        Outcomes of requirements.
    extra : dict, optional
        Further entries, such as the budget; they are put before the figures.

    Returns
    -------
    dict
        JSON values without NaN or infinities.
    """
    data = figures.info["data"]
    record = {
        "format": FORMAT,
        "tfstab": tfstab.__version__,
        "model": dict(figures.info["model"]),
        "data": {key: data.get(key) for key in ("name", "split", "fingerprint", "note")}
        | {"classes": list(figures.classes)},
        "seed": figures.info["seed"],
        "environment": figures.info.get("environment", {}),
        "evidence": joint_evidence([figures.info, *(family.run.info for family in figures.families)]),
        **(extra or {}),
        "images": figures.images,
        AVAILABLE: figures.available,
        "clean": estimate_json(figures.clean),
        "mean_kept": estimate_json(figures.mean_kept),
        "sigma20": estimate_json(figures.sigma20),
        "families": _families(figures),
        "classes": _classes(figures),
        "clean_classes": _clean_classes(figures),
        "minimum_noise": _noise(figures),
        "verdict": {
            "lead": verdict.lead,
            "how_sure": how_sure(remarks_of(data)),
            "findings": [
                {"kind": f.kind, "level": f.level, "text": f.text, "about": list(f.about)} for f in verdict.findings
            ],
        },
        REQUIREMENTS: outcomes_json(outcomes),
    }
    plain: dict[str, Any] = json_values(record)
    return plain


def estimate_json(e: Estimate | None) -> dict[str, Any] | None:
    """Return an estimate as JSON values; None if it cannot be computed."""
    if e is None or (math.isnan(e.value) and math.isnan(e.low)):
        return None
    return {"value": json_values(e.value), "interval_95": [json_values(e.low), json_values(e.high)]}


def _families(figures: Figures) -> list[dict[str, Any]]:
    """Return the figures of each family."""
    stand = {s.family.name: s for s in standings(figures.families)}
    most, least = (
        {f.name for f in extreme(figures.families, harmful).members} if len(stand) > 1 else set()
        for harmful in (True, False)
    )
    return [
        _family(f, stand.get(f.name)) | {"most_harmful": f.name in most, "least_harmful": f.name in least}
        for f in figures.families
    ]


def _family(f: FamilyFigures, standing: Standing | None) -> dict[str, Any]:
    """Return the figures of one family."""
    degradation, copies = f.run.degradation, f.run.measures.total
    return {
        "name": f.name,
        "title": f.title,
        "parameter": degradation.parameter,
        "unit": degradation.unit,
        "neutral": float(degradation.neutral),
        "images": len(f.images),
        "right": f.right,
        "copies": [int(copies.min()), int(copies.max())],
        "severities": list(f.run.severities),
        "accuracy_kept": [estimate_json(Estimate(*map(float, e))) for e in f.kept_at().T],
        "still_right": [estimate_json(f.still_right(s)) for s in range(len(f.run.severities))],
        "kept": estimate_json(f.kept),
        "middle": {"severity": f.middle_severity, "still_right": estimate_json(f.middle)},
        "severity10": estimate_json(f.severity10),
        "severity50": estimate_json(f.severity50),
        "standing": "undecided" if standing is None else standing.words,
        "recall_falls": _recalls(standing.falls if standing else ()),
        "recall_undecided": _recalls(standing.doubtful_recalls if standing else ()),
    }


def _recalls(recalls: Sequence[ClassRecall]) -> list[dict[str, Any]]:
    """Return the recalls of some classes under a family."""
    return [{"class": one.index, "images": one.images, "recall": estimate_json(one.recall)} for one in recalls]


def _classes(figures: Figures) -> list[dict[str, Any]]:
    """Return the figures of each class."""
    weak = {c.index for c in weak_classes(figures.weakest_classes)}
    return [_class(c) | _example(c, c.index in weak) for c in figures.weakest_classes]


def _class(c: ClassFigures) -> dict[str, Any]:
    """Return the figures of one class."""
    return {
        "index": c.index,
        "name": c.name,
        "images": c.images,
        "accuracy": estimate_json(c.accuracy),
        "clean": estimate_json(c.clean),
        "mistaken_for": c.mistaken_for,
        "share_of_errors": estimate_json(c.share_of_errors),
    }


def _clean_classes(figures: Figures) -> list[dict[str, Any]]:
    """Return the recall of each class on all its clean images."""
    return [
        {"index": c.index, "name": c.name, "images": len(c.right), "recall": estimate_json(c.accuracy)}
        for c in ([] if without_classes(figures.info) else figures.clean_classes)
    ]


def _example(c: ClassFigures, weak: bool) -> dict[str, Any]:
    """Return whether a class is weaker than the others, and then an example of an error."""
    found = c.example() if weak else None
    return {"weaker": weak, "example": None if found is None else dict(vars(found))}


def _noise(figures: Figures) -> dict[str, Any] | None:
    """Return the figures of the minimum noise."""
    noise = figures.noise
    if noise is None:
        return None
    return {
        "count": noise.count,
        "found": noise.found,
        noise.norm: estimate_json(noise.size),
        "quartiles": list(noise.quartiles),
        "compared": noise.compared,
        "random_ratio": estimate_json(noise.random_ratio),
        "tolerant": noise.tolerant,
    }
