"""Assess the bundled networks and record their figures in resources/reference.json, for comparison in verdicts.

    TFSTAB_DATA=FOLDER make reference       # python tests/benchmarks/reference_figures.py; ten minutes on two cores

To be run again after a change to a bundled network, to a built-in degradation or to its default severities, which
`tests/assessment/test_reference.py` notices. Run folders stay in build/reference, and a stopped run goes on.
"""

import argparse
import json
from pathlib import Path

import tfstab
from tfstab import SweepConfig, load_classifier, load_dataset, run_sweep
from tfstab.assessment import Figures
from tfstab.assessment.record import estimate_json
from tfstab.assessment.reference import FILE, FORMAT
from tfstab.degradations.registry import BUILT_IN

ROOT = Path(__file__).parents[2]
NETWORKS = (  # model, data, images, copies of a random degradation
    ("mnist-lenet", "mnist", 1000, 1),
    ("cifar10-quick", "cifar10", 1000, 1),
    ("gtsrb-aghdam", "gtsrb", 300, 1),
)


def assess(model, data, images, copies, folder):
    """Sweep all built-in families and return the figures."""
    classifier, dataset = load_classifier(model), load_dataset(data).take(images)
    runs = []
    for name, family in BUILT_IN.items():
        config = SweepConfig(degradation=name, copies=copies if family.random else 1)
        runs.append(run_sweep(classifier, dataset, config, folder / model / name))
        print(f"{model}: {name}", flush=True)
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
        "families": {
            f.name: {
                "version": f.run.degradation.version,
                "severities": list(f.run.severities),
                "kept": estimate_json(f.kept),
                "middle": estimate_json(f.middle),
                "severity10": estimate_json(f.severity10),
                "severity50": estimate_json(f.severity50),
            }
            for f in figures.families
        },
    }


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
    given = parser.parse_args()
    networks = []
    for model, data, images, copies in NETWORKS:
        figures = assess(model, data, min(images, given.limit or images), copies, given.folder)
        networks.append(rounded(entry(figures, copies)))
        print(f"{model}: clean {figures.clean.value:.1%}, {figures.mean_kept.value:.1%} kept on average", flush=True)
    told = {"format": FORMAT, "tfstab": tfstab.__version__, "networks": networks}
    given.out.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
