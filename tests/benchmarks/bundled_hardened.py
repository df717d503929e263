"""Make a bundled hardened network and its card: `mnist-lenet-hardened`, `cifar10-quick-hardened`.

    TFSTAB_DATA=FOLDER python tests/benchmarks/bundled_hardened.py cifar10 --passes 40

The bundled network is hardened by the mixture of all families. The share of the new weights is chosen on the validation
images of its own training, which it was not trained on; test images have no influence. A stopped training goes on.
"""

import argparse
import json
import shutil
import time
from pathlib import Path

from tfstab import load_dataset
from tfstab.classifier.matching import match_classes
from tfstab.experiments.league_entries import workshop_of
from tfstab.training import HardenConfig, run_hardening
from tfstab.training.card import described, measured

ROOT = Path(__file__).parents[2]


def main():
    """Train, measure on the test set, and write both files to resources/models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=("mnist", "cifar10", "gtsrb"))
    parser.add_argument("--passes", type=float, default=40)
    parser.add_argument("--keep-clean", type=float, default=1.0)
    parser.add_argument("--out", type=Path, default=ROOT / "build/hardened")
    given = parser.parse_args()
    workshop = workshop_of(given.data, given.passes, given.out, lambda *step: None, None)
    config = HardenConfig(epochs=given.passes, keep_clean=given.keep_clean, mixed_precision=True)
    told = [time.monotonic()]

    def on_progress(progress):
        if time.monotonic() > told[0] + 20:
            told[0] = time.monotonic()
            print(f"step {progress.step:,} of {progress.steps:,}, clean {progress.clean}", flush=True)

    folder = given.out / given.data
    hardened = run_hardening(
        workshop.original, workshop.fitting, config, folder, validation=workshop.validation, on_progress=on_progress
    )
    test = match_classes(hardened.classifier, load_dataset(given.data))
    seen = match_classes(hardened.classifier, workshop.validation)
    card = json.loads((folder / f"{hardened.card['name']}.json").read_text("utf-8"))
    card["accuracy"] = {"validation": measured(hardened.classifier, seen), "test": measured(hardened.classifier, test)}
    card["data"]["test"] = described(test)
    target = ROOT / "resources/models" / hardened.path.name
    shutil.copy(hardened.path, target)
    target.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", "utf-8")
    print(hardened.summary(), card["accuracy"], f"{target.stat().st_size / 1e6:.2f} MB", sep="\n")


if __name__ == "__main__":
    main()
