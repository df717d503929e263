"""Options that several commands share, and what they stand for."""

from pathlib import Path
from typing import Annotated

import typer

from tfstab.datasets import Dataset, load_dataset
from tfstab.errors import InputError
from tfstab.models import check_model, own_data

Model = Annotated[str, typer.Option("--model", help="A bundled network (see `tfstab models`) or a .keras file.")]
Data = Annotated[
    str | None,
    typer.Option(
        "--data", help="A data set (see `tfstab datasets`), folder:PATH or PATH.npz; by default the model's own."
    ),
]
Split = Annotated[str, typer.Option("--split", help="train or test.")]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where the official files are or go; also TFSTAB_DATA.")
]
Limit = Annotated[int | None, typer.Option("--limit", help="Take a stratified sample of N images.", metavar="N")]
Images = Annotated[
    str | None, typer.Option("--images", help="Take images A to B-1 of the split; one number takes one.", metavar="A:B")
]
Seed = Annotated[int, typer.Option("--seed", help="The seed of every random number.")]
Json = Annotated[bool, typer.Option("--json", help="Print the results as JSON.")]


def select_data(
    model: str, data: str | None, split: str, data_dir: Path | None, limit: int | None, images: str | None
) -> Dataset:
    """The images that the shared options name. Raises InputError, DataError or ModelError."""
    check_model(model)
    name = data or own_data(model)
    if name is None:
        raise InputError("which images? give a data set with --data (see `tfstab datasets`).")
    dataset = load_dataset(name, split, data_dir)
    if images is not None:
        dataset = dataset.between(*_span(images))
    return dataset.take(limit) if limit is not None else dataset


def _span(text: str) -> tuple[int, int]:
    first, colon, last = text.partition(":")
    try:
        start = int(first or 0)
        stop = int(last) if last else (2**62 if colon else start + 1)
    except ValueError:
        raise InputError(f"--images is '{text}'; expected A:B, such as 0:100, or one number.") from None
    if not 0 <= start < stop:
        raise InputError(f"--images is '{text}'; expected 0 <= A < B.")
    return start, stop


def default_out(kind: str, model: str, dataset: Dataset) -> Path:
    """`runs/KIND-MODEL-DATA` in the current folder."""
    data = dataset.name.removeprefix("folder:").rstrip("/")
    return Path("runs") / f"{kind}-{Path(model).stem}-{Path(data).stem}"
