"""`tfstab datasets` and `tfstab models`: lists of data sets and bundled networks."""

from tfstab.cli.options import DataDir, Json
from tfstab.cli.output import print_json, print_table
from tfstab.datasets import NAMED
from tfstab.datasets.download import data_directory
from tfstab.datasets.namesake import HELP
from tfstab.models import bundled_card, bundled_names
from tfstab.report.tables import Table


def datasets(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the data sets, and show where their files are kept."""
    rows = [(name, ", ".join(known.splits), known.about) for name, known in NAMED.items()]
    rows += [
        ("PATH", "train, test", "a folder of your images: PATH/CLASS/*.png, PATH/test/CLASS/*.png or with labels.csv"),
        ("PATH", "as prepared", "a folder that TensorFlow Datasets has prepared, such as PATH = mnist/3.0.1"),
        (
            "PATH.csv",
            "train, test",
            "a table of your images' files and labels; PATH.csv:COLUMN names the column of labels",
        ),
        ("PATH.npz", "train, test", "your arrays: x_test and y_test, or images and labels"),
        ("PATH.npy", "train, test", "your arrays, read as needed: images.npy beside labels.npy, or x_test.npy"),
        ("images:PATH", "", "your images without classes, a file or a folder: the classes are what the model predicts"),
    ]
    directory = data_directory(data_dir)
    notes = (
        f"Official files are kept in {directory}.",
        HELP,
    )
    table = Table("Data sets", ("name", "splits", "what"), rows, notes)
    if as_json:
        print_json({"data_dir": str(directory), "datasets": table.records()})
    else:
        print_table(table)


def models(as_json: Json = False) -> None:
    """List the bundled networks with figures from their model cards."""
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
