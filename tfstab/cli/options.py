"""Options that several commands share, and what they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfstab.classifier.preprocess import FORMS, preprocess_form
from tfstab.datasets import Dataset, load_dataset
from tfstab.datasets.images import parse_resize
from tfstab.errors import InputError
from tfstab.models import check_model, load_classifier, own_data

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

Model = Annotated[
    str,
    typer.Option(
        "--model", help="A bundled network (see `tfstab models`), a .keras file or, with --trust, an .h5 file or a "
        "SavedModel folder."
    ),
]
Preprocess = Annotated[
    str,
    typer.Option(
        help=f"What the model wants of grey levels, if it does not make that itself: {', '.join(FORMS)}, or a family "
        "of keras.applications such as resnet50."
    ),
]
Outputs = Annotated[
    str | None, typer.Option(help="What the model gives, where its layers do not show it: scores or logits.")
]
Trust = Annotated[bool, typer.Option("--trust", help="Let the model's file run any code: you know who made it.")]
Imports = Annotated[
    list[str] | None,
    typer.Option("--import", help="A module, or a .py file, that registers classes of the model or degradations; may "
                 "be given several times.", metavar="MODULE"),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data", help="A data set or images of yours (see `tfstab datasets`); by default the model's own data set."
    ),
]
Resize = Annotated[
    str | None,
    typer.Option(help="Make images the model's size, or one as in crop:224 and stretch:320x240; crop keeps the middle.",
                 metavar="crop|stretch"),
]
Damaged = Annotated[str, typer.Option(help="Image files that cannot be read: fail, or skip them.")]
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


@dataclass(frozen=True)
class ModelOptions:
    """What --model says, and the options beside it."""

    name: str
    preprocess: str = "none"
    outputs: str | None = None
    trust: bool = False
    imports: Sequence[str] | None = None

    def check(self) -> None:
        """Raise InputError or ModelError, before TensorFlow is started, as far as can be seen without it."""
        preprocess_form(self.preprocess)
        check_model(self.name, self.trust)

    @cached_property
    def classifier(self) -> "Classifier":
        """The model, loaded when first needed. Raises as `load_classifier`."""
        return load_classifier(
            self.name, preprocess=self.preprocess, outputs=self.outputs, trust=self.trust, imports=self.imports or ()
        )


def select_data(
    model: ModelOptions, data: str | None, split: str, data_dir: Path | None, limit: int | None, images: str | None,
    resize: str | None = None, damaged: str = "fail",
) -> Dataset:
    """The images that the shared options name. Raises InputError, DataError or ModelError."""
    model.check()
    name = data or own_data(model.name)
    if name is None:
        raise InputError("which images? give a data set with --data (see `tfstab datasets`).")
    way, size = (None, None) if resize is None else parse_resize(resize)
    if way is not None and size is None:
        size = _size_of(model)
    dataset = load_dataset(name, split, data_dir, size=size, resize=way, damaged=damaged)
    if images is not None:
        dataset = dataset.between(*_span(images))
    return dataset.take(limit) if limit is not None else dataset


def _size_of(model: ModelOptions) -> tuple[int, int]:
    height, width = model.classifier.input_shape[:2]
    if not (height and width):
        raise InputError(f"{model.name} takes images of any size: give one, such as --resize crop:224.")
    return height, width


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
