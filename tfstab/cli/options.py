"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from tfstab.classifier.preprocess import FORMS
from tfstab.cli.panels import IMAGES_PANEL, MODEL_PANEL, RARE_PANEL, RESULTS_PANEL
from tfstab.datasets.namesake import HELP
from tfstab.datasets.resize import KNOWN_FILTERS

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="A bundled network (see `tfstab models`), a .keras, .onnx or .tflite file or, with --trust, an .h5 "
        "file or a SavedModel folder; by default the network of the data set. Required for images of your own.",
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        help="A data set, or your own images as a folder or file (see `tfstab datasets`); by default the model's own "
        f"data set. {HELP}",
    ),
]
# For commands that take model and data without an option's name before them.
ModelArgument = Annotated[
    str | None,
    typer.Argument(
        help="A bundled network, a .keras, .onnx or .tflite file or, with --trust, an .h5 file or a SavedModel "
        "folder; by default the network of the data set.",
        show_default=False,
    ),
]
DataArgument = Annotated[
    str | None,
    typer.Argument(
        help="A data set, or your own images as a folder or file (see `tfstab datasets`); by default the model's own "
        f"data set, or the bundled digits. {HELP}",
        show_default=False,
    ),
]
Preprocess = Annotated[
    str | None,
    typer.Option(
        help=f"How to scale grey levels for the model, if it does not do so itself: {', '.join(FORMS)} (bgr stands for "
        "blue, green, red), a family of keras.applications such as resnet50, or your own mean and standard deviation, "
        "mean=M/std=S in grey levels or unit/mean=M/std=S of values 0..1 (M and S are one number, or three for "
        "red,green,blue); by default as the JSON file beside the model says, or none.",
        rich_help_panel=MODEL_PANEL,
    ),
]
Outputs = Annotated[
    str | None,
    typer.Option(
        help="What the model returns, if its layers do not show it: scores or logits.",
        metavar="scores|logits",
        rich_help_panel=MODEL_PANEL,
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        "--threshold",
        help="For one sigmoid output or two outputs: class 1, the second one, is predicted if its score is above this, "
        "such as 0.3; by default 0.5. For a threshold t of class 0, give 1 - t.",
        metavar="SCORE",
        show_default=False,
        rich_help_panel=MODEL_PANEL,
    ),
]
Classes = Annotated[
    str | None,
    typer.Option(
        "--classes",
        help="Names of the model's outputs in their order, or of some as NAME=OUTPUT; needed if this is not the order "
        "of the images' classes. Spaces around a name are ignored.",
        metavar="NAME,NAME,...",
        rich_help_panel=MODEL_PANEL,
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Let the model's file run any code; only for files whose author you trust.",
        rich_help_panel=MODEL_PANEL,
    ),
]
AsIs = Annotated[
    bool,
    typer.Option(
        "--as-is",
        help="Go on even if the model is far more accurate with other inputs or another order of classes.",
        rich_help_panel=MODEL_PANEL,
    ),
]
Imports = Annotated[
    list[str] | None,
    typer.Option(
        "--import",
        help="A module or .py file that registers the model's classes or degradations; may be given several times.",
        metavar="MODULE",
        rich_help_panel=RARE_PANEL,
    ),
]
Resize = Annotated[
    str | None,
    typer.Option(
        help="Resize images to the model's size, or to a given one as in crop:224 or stretch:320x240; crop keeps the "
        f"middle. A filter may follow, as in stretch:bilinear: {KNOWN_FILTERS}; choose the one used in training.",
        metavar="crop|stretch",
        rich_help_panel=IMAGES_PANEL,
    ),
]
Damaged = Annotated[
    str,
    typer.Option(
        help="What to do about image files that cannot be read: fail or skip.",
        metavar="fail|skip",
        rich_help_panel=IMAGES_PANEL,
    ),
]
Split = Annotated[
    str,
    typer.Option(
        "--split",
        help="Split of the data set: train or test; of a table, any name in its column `split`.",
        metavar="test|train",
        rich_help_panel=IMAGES_PANEL,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Folder of the official data files, which are downloaded if missing; by default TFSTAB_DATA or the "
        "user's data folder.",
        rich_help_panel=RARE_PANEL,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        help="Use a stratified sample of N images, with each class's share.",
        metavar="N",
    ),
]
Images = Annotated[
    str | None,
    typer.Option(
        "--images",
        help="Use images A to B-1 of the split, or one image by its number.",
        metavar="A:B",
        rich_help_panel=IMAGES_PANEL,
    ),
]
NoSearch = Annotated[
    bool, typer.Option("--no-search", help="Do not search for minimum noise: all time is for the degradations.")
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of all random numbers.", rich_help_panel=RARE_PANEL)]
Json = Annotated[bool, typer.Option("--json", help="Print the results as JSON.", rich_help_panel=RESULTS_PANEL)]
