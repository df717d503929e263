"""Margins, gain and flatness of the bundled networks: the table in the guide (measurements/explanation-measured.md).

    python tests/benchmarks/margin_and_gain.py FOLDER                      # 2,000 and 500 images; resumes what is there
    python tests/benchmarks/margin_and_gain.py FOLDER --layered 200 --explained 50 cifar10-quick cifar10-quick-augmented
    python tests/benchmarks/margin_and_gain.py FOLDER --table              # prints the table of what is there

Each network has two explanations in FOLDER: NAME-layers (margins and gain) and NAME-noise (minimum noise and noisy
copies). GTSRB's networks get a tenth and three tenths of the images, ensembles of five a fifth. Needs the official test
sets.
"""

import argparse
import math
import time
from pathlib import Path

import tfstab
from tfstab.experiments.margins import MEASURES, Margins, margins_of, paired_ratio
from tfstab.experiments.reproduction_steps import EXPLANATIONS, explain
from tfstab.explanation import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.paired import Ratio
from tfstab.models import bundled_names
from tfstab.training import RECIPES

SUFFIXES = "", "-augmented", "-hardened", "-ensemble"
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
    classifier = tfstab.load_classifier(name)
    images = tfstab.load_dataset(data).take(max(1, count // max(1, len(classifier.logits.members))))
    explain(classifier, images, which, folder / f"{name}-{which}", "", lambda *_: None)
    wall, processor = time.perf_counter() - started, time.process_time() - used
    print(f"{name}, {which}: {wall:.0f} s, {processor:.0f} s of processors", flush=True)


def data_of(name: str) -> str:
    return next(recipe.data for model, recipe in RECIPES.items() if name.startswith(model))


def print_table(folder: Path) -> None:
    titles = " | ".join(measure.title for measure in MEASURES.values())
    print(f"| network | images | {titles} |\n| --- | ---: |{' ---: |' * len(MEASURES)}")
    ratios = []
    for model in RECIPES:
        first = parts_of(folder, model)[0]
        for suffix in (suffix for suffix in SUFFIXES if f"{model}{suffix}" in bundled_names()):
            whole, *members = parts_of(folder, f"{model}{suffix}")
            one = members[0] if members else whole
            sizes = [len(v.value) for v in (*one.values.values(), *whole.values.values())]
            print(row(f"`{model}{suffix}`", sizes, {measure: text(whole.median(measure)) for measure in MEASURES}))
            if members:
                spans = {measure: span([member.median(measure).value for member in members]) for measure in MEASURES}
                print(row("its members", [], spans))
            if suffix:
                pairs = {measure: paired_ratio(first, whole, measure) for measure in MEASURES}
                counts = [pairs[measure].count for measure in ("feature_margin", "noise")]
                ratios.append(row(f"`{model}{suffix}`", counts, {m: text(ratio) for m, ratio in pairs.items()}))
    print("\nMedian ratio to the network without noise, image by image:\n")
    print("\n".join(ratios))


def parts_of(folder: Path, name: str) -> list[Margins]:
    paths = [folder / f"{name}-{which}" for which in EXPLANATIONS]
    runs = [ExplanationRun(path) for path in paths if (path / "run.json").is_file()]
    return margins_of(*(run for run in runs if run.blocks))


def row(name: str, images: list[int], cells: dict[str, str]) -> str:
    sizes = ", ".join(f"{count:,}" for count in sorted({*images} - {0}, reverse=True))
    return f"| {name} | {sizes} | {' | '.join(cells.values())} |"


def text(figure: Estimate | Ratio) -> str:
    return f"{figure.value:.3g} ({figure.low:.3g}–{figure.high:.3g})" if math.isfinite(figure.value) else ""


def span(values: list[float]) -> str:
    return f"{min(values):.3g} to {max(values):.3g}" if all(map(math.isfinite, values)) else ""


if __name__ == "__main__":
    main()
