"""Margins, gain and flatness of the bundled networks: the table in README.md.

    python tests/benchmarks/margin_and_gain.py FOLDER                      # 2,000 and 500 images; resumes what is there
    python tests/benchmarks/margin_and_gain.py FOLDER --layered 200 --explained 50 cifar10-quick cifar10-quick-augmented
    python tests/benchmarks/margin_and_gain.py FOLDER --table              # prints the table of what is there

Each network has two explanations in FOLDER: NAME-layers (margins and gain) and NAME-noise (minimum noise and noisy
copies). GTSRB's networks get a tenth and three tenths of the images, ensembles of five a fifth. Needs the official test
sets.
"""

import argparse
import time
from pathlib import Path

import tfstab
from tfstab.experiments.margin_claims import in_words
from tfstab.experiments.margins import MEASURES, Margins, margins_of
from tfstab.experiments.reproduction_steps import EXPLANATIONS, explain
from tfstab.explanation import ExplanationRun
from tfstab.models import bundled_names
from tfstab.training import RECIPES

SHARES = {"gtsrb": {"layers": 0.1, "noise": 0.3}}  # whose network is 10 to 20 times as slow as the others


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("networks", nargs="*", default=bundled_names())
    parser.add_argument("--layered", type=int, default=2000)
    parser.add_argument("--explained", type=int, default=500)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    counts = {"layers": options.layered, "noise": options.explained}
    for which, count in counts.items() if not options.table else ():
        for name in options.networks:
            measure(options.folder, name, which, count)
    print_table(options.folder)


def measure(folder: Path, name: str, which: str, count: int) -> None:
    data = data_of(name)
    count = round(count * SHARES.get(data, {}).get(which, 1))
    started, used = time.perf_counter(), time.process_time()
    images = tfstab.load_dataset(data).take(count)
    explain(tfstab.load_classifier(name), images, which, folder / f"{name}-{which}", "", lambda *_: None)
    wall, processor = time.perf_counter() - started, time.process_time() - used
    print(f"{name}, {which}: {wall:.0f} s, {processor:.0f} s of processors", flush=True)


def data_of(name: str) -> str:
    return next(recipe.data for model, recipe in RECIPES.items() if name.startswith(model))


def print_table(folder: Path) -> None:
    networks: dict[str, list[Margins]] = {}
    for name in bundled_names():
        paths = [folder / f"{name}-{which}" for which in EXPLANATIONS]
        runs = [ExplanationRun(path) for path in paths if (path / "run.json").is_file()]
        networks[name] = margins_of(*(run for run in runs if run.blocks))
    print("| network |", " | ".join(measure.title for measure in MEASURES.values()), "|")
    print("| --- |", " | ".join("---:" for _ in MEASURES), "|")
    for name, parts in networks.items():
        for one in parts:
            print(f"| {name} {one.part} |", " | ".join(cell(one, measure) for measure in MEASURES), "|")
    for model in RECIPES:
        for name in networks:
            if name.startswith(f"{model}-"):
                for measure in MEASURES:
                    print(f"{name} over {model}: {in_words(networks[model][0], networks[name][0], measure)}")


def cell(one: Margins, measure: str) -> str:
    median = one.median(measure)
    images = f", {one.values[measure].counted.sum()} images" if measure in one.values else ""
    return f"{median.value:.3g} ({median.low:.3g}–{median.high:.3g}){images}"


if __name__ == "__main__":
    main()
