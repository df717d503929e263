"""A command or Python call that could come next, and the options of a model, of images or of a run as its words."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tfstab.datasets.registry import FOLDER, with_prefix
from tfstab.datasets.remarks import reading_of, remarks_of
from tfstab.datasets.resize import parse_resize, resize_option
from tfstab.errors import TfstabError
from tfstab.models.input_shape import input_of_file
from tfstab.orders.images import ImageOptions
from tfstab.orders.model import ModelOptions
from tfstab.orders.model_of_run import model_of_run
from tfstab.orders.parameters import arguments_of, parameters_of
from tfstab.orders.shell import command, from_here
from tfstab.wording import capital


@dataclass(frozen=True)
class Step:
    """A command that could come next.

    Attributes
    ----------
    words : sequence of str
        What is typed after `tfstab`.
    why : str
        What it is for, as in "a more stable model".
    """

    words: Sequence[str]
    why: str

    @property
    def command(self) -> str:
        """The command to type in the current folder and environment."""
        return command(*self.words)

    @property
    def elsewhere(self) -> str:
        """The command to type in another environment, in which `tfstab` is on the path."""
        return shlex.join(["tfstab", *self.words])

    @property
    def purpose(self) -> str:
        """What it is for, as the beginning of a line."""
        return capital(self.why)

    def __str__(self) -> str:
        """Return the command, and what it is for."""
        return f"{self.command}  # {self.why}"


@dataclass(frozen=True)
class Call:
    """A call in Python that could come next.

    Attributes
    ----------
    elsewhere : str
        The line of Python, in which names such as `data` stand for what the user has given.
    why : str
        What it is for, as in `Step`.
    """

    elsewhere: str
    why: str

    @property
    def purpose(self) -> str:
        """What it is for, as the beginning of a line."""
        return capital(self.why)

    def __str__(self) -> str:
        """Return the line of Python, and what it is for."""
        return f"{self.elsewhere}  # {self.why}"


def options_of(model: ModelOptions, images: ImageOptions) -> dict[str, Any]:
    """Return a model, images and their options by name of parameter."""
    return {
        "model": model.name, "data": images.data, "preprocess": model.preprocess, "outputs": model.outputs,
        "threshold": model.threshold, "classes": model.classes, "trust": model.trust, "imports": model.imports or None,
        "resize": images.resize, "data_dir": images.data_dir, "damaged": images.damaged,
    }  # fmt: skip


def options_of_run(info: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return model, images and their options of a run by name of parameter; None if it is not known where they are.

    Paths are written as a user types them in the current folder: default folders are named after the options, so the
    command goes on in the folder of one typed by hand. How many images were taken is not known. info: the run's
    run.json.
    """
    data = info["data"]
    read = reading_of(remarks_of(data))
    images = ImageOptions(data["name"], data["split"], damaged=read.get("damaged", ImageOptions.damaged))
    try:
        images.check()
        model = model_of_run(info).without_card
        images = replace(images, resize=_as_given(read.get("resize"), model.name))
        here = {"model": from_here(model.name), "data": _typed_images(data["name"])}
        return options_of(model, images) | here | {"split": images.split, "seed": info["seed"]}
    except TfstabError:
        return None


def _typed_images(data: str) -> str:
    """Return images as they are typed: "photos/test" for "folder:photos/test", unless a data set has this name."""
    bare = from_here(data.removeprefix(FOLDER))
    return bare if not data.startswith(FOLDER) or with_prefix(bare) == f"{FOLDER}{bare}" else data


def _as_given(resize: str | None, model: str) -> str | None:
    """Return how images were resized without the model's own size, which a user need not give.

    With the size, folders that are named by the options would have other names, and their work would be made again.
    """
    if resize is None:
        return None
    way, size, named = parse_resize(resize)
    taken = input_of_file(model)
    return resize_option(way, None, named) if taken is not None and taken.shape[:2] == size else resize


def words_of(name: str, values: dict[str, Any]) -> list[str]:
    """Return the words of a command with its arguments first, as people type it. values: by name of parameter."""
    words = arguments_of(parameters_of(name), values)
    end = words.index("--") if "--" in words else len(words)
    arguments = words[end + 1 :]
    if any(one.startswith("-") for one in arguments):  # they would be taken for options
        return [name, *words]
    return [name, *arguments, *words[:end]]
