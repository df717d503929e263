"""Options that several commands share, and what they stand for."""

from pathlib import Path
from typing import Annotated

import typer

from tfstab.classifier.preprocess import FORMS

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
