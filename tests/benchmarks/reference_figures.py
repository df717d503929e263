"""Measure the bundled networks under built-in degradations and record their figures in resources/reference.json.

    make reference               # python tests/benchmarks/reference_figures.py; less than a minute for a degradation
    ALL=1 make reference         # the same with --all: ten minutes on two cores

Verdicts compare other networks with these figures. Only what the file lacks is measured: degradations that are new, or
have another version or other default severities, and all of them for a network with other weights. The interval of the
mean of all degradations is then made wide enough for any dependence between old and new ones. With --all, everything is
measured again, this interval too.

To be run again after a change to a bundled network, to a built-in degradation or to its default severities, which
`tests/assessment/test_reference.py` notices. The test images come from TFSTAB_DATA, or are downloaded (300 MB). Run
folders stay in build/reference, and a stopped run goes on.
"""

import argparse
import json
from pathlib import Path
from statistics import mean

import tfstab
from tfstab import SweepConfig, load_classifier, load_dataset, run_sweep
from tfstab.assessment import Figures
from tfstab.assessment.record import estimate_json
from tfstab.assessment.reference import FILE, FORMAT
from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.degradations.registry import BUILT_IN
from tfstab.wording import counted

ROOT = Path(__file__).parents[2]
NETWORKS = (  # model, data, images, copies of a random degradation
    ("mnist-lenet", "mnist", 1000, 1),
    ("cifar10-quick", "cifar10", 1000, 1),
    ("gtsrb-aghdam", "gtsrb", 300, 1),
)


def measure(classifier, dataset, families, copies, folder):
    """Sweep some built-in families and return the figures."""
    runs = []
    for family in families:
        config = SweepConfig(degradation=family.name, copies=copies if family.random else 1)
        runs.append(run_sweep(classifier, dataset, config, folder / classifier.name / family.name))
        print(f"{classifier.name}: {family.name}", flush=True)
    return Figures.of(runs)


def entry(figures, copies):
    """Return what the file holds of a network."""
    data = figures.info["data"]
    return {
        "model": figures.model,
        "fingerprint": figures.info["model"]["fingerprint"],
        "data": figures.data,
        "split": data["split"],
        "note": data["note"],
        "size": list(figures.families[0].run.clean.images.shape[1:]),
        "images": figures.images,
        "classes": len(figures.classes),
        "copies": copies,
        "versions": figures.info["environment"]["versions"],
        "clean": estimate_json(figures.clean),
        "mean_kept": estimate_json(figures.mean_kept),
        "sigma20": estimate_json(figures.sigma20),
        "families": {f.name: family_entry(f) for f in figures.families},
    }


def family_entry(figures):
    """Return what the file holds of a network under one family."""
    return {
        "version": figures.run.degradation.version,
        "severities": list(figures.run.severities),
        "kept": estimate_json(figures.kept),
        "middle": estimate_json(figures.middle),
        "severity10": estimate_json(figures.severity10),
        "severity50": estimate_json(figures.severity50),
    }


def lacking(before, classifier, images):
    """Return the built-in families that the entry of a network lacks; all of them if it is of another network."""
    if before is None or (before["fingerprint"], before["images"]) != (classifier.fingerprint, images):
        return list(BUILT_IN.values())
    there = {name: (told["version"], told["severities"]) for name, told in before["families"].items()}
    return [one for one in BUILT_IN.values() if there.get(one.name) != (one.version, list(one.severities))]


def joined(before, after):
    """Return the entry `before` with the families of `after` added; only built-in families are kept."""
    both = before["families"] | after["families"]
    families = {name: told for name, told in both.items() if name in BUILT_IN}
    for name, told in after["families"].items():
        families[name] = told | {"versions": after["versions"]}
    new = [families[name]["kept"] for name in after["families"]]
    if families.keys() - after["families"].keys() == before["families"].keys():  # nothing was replaced
        parts = [before["mean_kept"]] * len(before["families"]) + new
    else:
        parts = [told["kept"] for told in families.values()]
    low, high = (mean(part["interval_95"][end] for part in parts) for end in (0, 1))
    kept = {"value": mean(part["value"] for part in parts), "interval_95": [low, high]}
    sigma20 = after["sigma20"] if GAUSSIAN_NOISE.name in after["families"] else before["sigma20"]
    return before | {"mean_kept": before["mean_kept"] | kept, "sigma20": sigma20, "families": families}


def rounded(value):
    """Return values with four decimals, which are more than their intervals deserve."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


def main():
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / FILE)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "reference", help="where run folders are kept")
    parser.add_argument("--limit", type=int, help="fewer images of each, to try it")
    parser.add_argument("--all", action="store_true", help="measure also what is recorded already")
    given = parser.parse_args()
    there = json.loads(given.out.read_text("utf-8"))["networks"] if given.out.is_file() and not given.all else []
    networks = []
    for model, data, most, copies in NETWORKS:
        classifier, images = load_classifier(model), min(most, given.limit or most)
        before = next((one for one in there if one["model"] == model), None)
        families = lacking(before, classifier, images)
        made = before
        if families:
            figures = measure(classifier, load_dataset(data).take(images), families, copies, given.folder)
            made = rounded(entry(figures, copies))
            made = made if len(families) == len(BUILT_IN) else rounded(joined(before, made))
        elif made["families"].keys() != BUILT_IN.keys():
            made = rounded(joined(before, {"families": {}, "versions": None}))
        networks.append(made)
        many, kept = counted(len(families), "degradation"), made["mean_kept"]["value"]
        print(f"{model}: {many} measured, {kept:.1%} kept on average", flush=True)
    told = {"format": FORMAT, "tfstab": tfstab.__version__, "networks": networks}
    given.out.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
