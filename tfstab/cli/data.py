"""`tfstab datasets` and `tfstab models`: what there is."""

from tfstab.cli.options import DataDir, Json
from tfstab.cli.output import print_json, print_table
from tfstab.datasets import NAMED
from tfstab.datasets.download import data_directory
from tfstab.models import bundled_card, bundled_names
from tfstab.report.tables import Table


def datasets(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the data sets and where their files belong."""
    rows = [(name, ", ".join(known.splits), known.about) for name, known in NAMED.items()]
    rows += [
        ("folder:PATH", "train, test", "your images, one folder a class (PATH/test/CLASS/*.png or PATH/CLASS/*.png)"),
        ("PATH.npz", "train, test", "your arrays: x_test and y_test, or images and labels"),
    ]
    directory = data_directory(data_dir)
    table = Table("Data sets", ("name", "splits", "what"), rows, (f"Official files are kept in {directory}.",))
    if as_json:
        print_json({"data_dir": str(directory), "datasets": table.records()})
    else:
        print_table(table)


def models(as_json: Json = False) -> None:
    """List the bundled networks with what their model cards say."""
    cards = [bundled_card(name) for name in bundled_names()]
    if as_json:
        print_json(cards)
        return
    rows = []
    for card in cards:
        test, training = card["accuracy"]["test"], card["data"]["training"]
        trained_on = f"{training['images']:,} images: {training['note']}"
        rows.append((card["name"], f"{card['parameters']:,}", 100 * test["accuracy"], trained_on))
    print_table(Table("Bundled networks", ("name", "parameters", "test accuracy %", "trained on"), rows))
