"""Draw the pictures of the guide's explanations, and store the numbers that they show in `results/figures.json`.

    TFSTAB_DATA=FOLDER python tests/guide/make_figures.py build/guide-figures

The runs are kept in the folder given and made only once, in ten minutes on two cores. Needs CIFAR-10.
"""

import argparse
from pathlib import Path

import figures_methods
import figures_numbers
import figures_search
import results_store

PAGES = {"numbers": figures_numbers, "search": figures_search, "methods": figures_methods}
COMMAND = "python tests/guide/make_figures.py build/guide-figures"


def main():
    """Draw the pictures, and store their numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the runs")
    parser.add_argument("--only", choices=PAGES, help="draw the pictures of one module; by default all")
    options = parser.parse_args()
    values = results_store.read("figures")["values"]
    for name in [options.only] if options.only else PAGES:
        values[name] = PAGES[name].draw(options.folder)
    results_store.write("figures", COMMAND, values=values)


if __name__ == "__main__":
    main()
