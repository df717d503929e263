"""`tfstab train`: train the paper's networks, also on other images, with noise or as ensembles."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from tfstab.classifier.grey_files import in_grey
from tfstab.cli.cluster import Cluster, Workers, computing_on
from tfstab.cli.observing import made
from tfstab.cli.options import Damaged, DataDir, Json, Limit, Seed
from tfstab.cli.output import RESUME, echo, long_work, print_json, progress_bar, remark, remarks
from tfstab.cli.panels import IMAGES_PANEL, RARE_PANEL, RESULTS_PANEL, TRAINING_PANEL
from tfstab.datasets import Dataset, load_dataset
from tfstab.datasets.namesake import HELP
from tfstab.datasets.resize import KNOWN_FILTERS, parse_resize
from tfstab.errors import InputError, unknown_name
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent, rounded
from tfstab.models.convnets import image_shape
from tfstab.orders import IMAGES, ImageOptions, setting_words
from tfstab.parsing import parse_numbers
from tfstab.paths import check_writable
from tfstab.training import RECIPES, Recipe, TrainingNoise, train_ensemble, training_set
from tfstab.training import train as train_network
from tfstab.training.folder import TEST
from tfstab.training.images import load_divided, training_material


def train(
    model: Annotated[
        str, typer.Option("--model", help=f"One of {', '.join(RECIPES)}.", metavar="|".join(RECIPES))
    ] = "mnist-lenet",
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help="Training images: a folder or file of your own (see `tfstab datasets`), or another data set; by "
            "default the network's own data set. If they are not divided into train and test, a fifth is held out for "
            f"testing. {HELP}",
        ),
    ] = None,
    resize: Annotated[
        str | None,
        typer.Option(
            help="Resize images to the network's size; crop keeps the middle. A filter may follow, as in "
            f"stretch:bilinear: {KNOWN_FILTERS}.",
            metavar="crop|stretch",
            rich_help_panel=IMAGES_PANEL,
        ),
    ] = None,
    damaged: Damaged = "fail",
    limit: Limit = None,
    as_json: Json = False,
    epochs: Annotated[int | None, typer.Option(help="Number of epochs; by default the recipe's.")] = None,
    noise_copies: Annotated[
        int | None,
        typer.Option(
            help="Train also on N noisy copies of each image, the same in every epoch.",
            metavar="N",
            rich_help_panel=TRAINING_PANEL,
        ),
    ] = None,
    fresh_noise: Annotated[
        bool,
        typer.Option(
            "--fresh-noise", help="Train on images with new noise in every epoch.", rich_help_panel=TRAINING_PANEL
        ),
    ] = False,
    noise_sigmas: Annotated[
        str | None,
        typer.Option(
            help="Standard deviations of the noise in grey levels; by default from 1 to 40.",
            metavar="SIGMA,SIGMA,...",
            rich_help_panel=TRAINING_PANEL,
        ),
    ] = None,
    ensemble: Annotated[
        int | None,
        typer.Option(
            help="Train an ensemble of N networks with consecutive seeds, starting at --seed.",
            metavar="N",
            rich_help_panel=TRAINING_PANEL,
        ),
    ] = None,
    combine: Annotated[
        str | None,
        typer.Option(
            help="How an ensemble combines scores: mean (the default), geometric or vote.",
            metavar="mean|geometric|vote",
            rich_help_panel=TRAINING_PANEL,
        ),
    ] = None,
    mixed_precision: Annotated[
        bool,
        typer.Option(
            "--mixed-precision",
            help="Compute in bfloat16, which is faster on processors that support it.",
            rich_help_panel=RARE_PANEL,
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for the model and its card; an existing training is resumed.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    seed: Seed = 0,
    workers: Workers = None,
    cluster: Cluster = None,
    data_dir: DataDir = None,
) -> None:
    """Train one of the paper's networks on its data set or on your own images, and write it with its model card."""
    if model not in RECIPES:
        raise unknown_name("model", model, RECIPES)
    own = data not in (None, RECIPES[model].data)
    if resize is not None and not own:
        raise InputError("--resize was given for images that have the network's size; expected --data with it.")
    noise = _noise(noise_copies, fresh_noise, noise_sigmas)
    recipe = replace(RECIPES[model], noise=noise, mixed_precision=mixed_precision)
    recipe = recipe if epochs is None else replace(recipe, epochs=epochs)
    changed = {
        "resize": resize,
        "limit": limit,
        "epochs": epochs,
        "sigmas": None if noise is None or noise_sigmas is None else noise.sigmas,
        "combine": combine,
        "mixed_precision": mixed_precision or None,
        "seed": seed or None,
    }
    for option, value in (("--cluster", cluster), ("--workers", workers), ("--combine", combine)):
        if ensemble is None and value is not None:
            raise InputError(f"{option} was given for one network; expected --ensemble with it.")
    check_writable(out or Path("runs"))
    with remarks():
        dataset, test = _own_images(model, str(data), resize, damaged, data_dir) if own else (None, None)
    if dataset is not None:
        recipe = recipe.on(dataset.name)
    out = out or Path("runs") / _folder(replace(recipe, noise=None).name, recipe, ensemble, changed)
    if limit is not None:
        dataset = (training_set(recipe, data_dir) if dataset is None else dataset).take(limit, seed)
    if own:
        remark(training_material(recipe, dataset, test, data_dir, seed).summary())
    with long_work(RESUME), computing_on(cluster, workers) as there, progress_bar() as bar:
        watch = _Watch(bar, recipe, ensemble or 1)
        if ensemble is None:
            result = train_network(
                recipe,
                dataset,
                test=test,
                out=out,
                seed=seed,
                data_dir=data_dir,
                on_epoch=watch.member(watch.on_epoch),
                on_batch=watch.member(watch.on_batch),
            )
        else:
            result = train_ensemble(
                recipe,
                ensemble,
                combine or "mean",
                dataset,
                test,
                out=out,
                seed=seed,
                data_dir=data_dir,
                on_epoch=watch.on_epoch,
                on_batch=watch.on_batch,
                cluster=there,
            )
    made("model", out / f"{result.card['name']}.keras")
    if as_json:
        print_json(result.card)
        return
    for member in result.card.get("members", ()):
        echo(f"member of seed {member['seed']}: {_accuracy(member['test'])}")
    best = "" if ensemble else f", best epoch {result.card['best_epoch']} of {result.card['epochs_run']}"
    name = result.card["name"]
    echo(f"{name}: {_accuracy(result.card['accuracy']['test'])}{best}")
    layers = "; before you load it with Keras, import tfstab.models.layers" if ensemble else ""
    remark(f"written to {out / name}.keras and {out / name}.json{layers}")
    if own:
        tested = f"{out / TEST}" if test is None else f"{data}" if resize is None else f"{data} --resize {resize}"
        remark(f"to measure how stable it is: tfstab assess {out / name}.keras {tested}")


def _own_images(
    model: str, data: str, resize: str | None, damaged: str, data_dir: Path | None
) -> tuple[Dataset, Dataset | None]:
    """Load the user's training images, and the test images if there are any."""
    if resize is not None and parse_resize(resize)[1] is not None:
        raise InputError(f"--resize is '{resize}'; expected crop or stretch (to the network's size), without a size.")
    if data.startswith(IMAGES):
        raise InputError(f"{data} are images without classes; expected images with classes to train on.")
    ImageOptions(data).check()
    shape = image_shape(model)
    size = None if resize is None else shape[:2]

    def load(split: str) -> Dataset:
        return in_grey(load_dataset(data, split, data_dir, size=size, resize=resize, damaged=damaged), shape, model)

    return load_divided(data, load)


def _noise(copies: int | None, fresh: bool, sigmas: str | None) -> TrainingNoise | None:
    """Return the training noise that the three options describe; raise InputError if they contradict each other."""
    numbers = () if sigmas is None else parse_numbers(sigmas, "--noise-sigmas")
    if copies is not None and fresh:
        raise InputError("--noise-copies and --fresh-noise were both given; expected one of them.")
    if copies is not None:
        return TrainingNoise.fixed(copies, numbers)
    if fresh:
        return TrainingNoise.fresh(numbers)
    if sigmas is not None:
        raise InputError("--noise-sigmas was given alone; expected --noise-copies or --fresh-noise with it.")
    return None


def _folder(name: str, recipe: Recipe, ensemble: int | None, changed: Mapping[str, Any]) -> str:
    """Return the name of the folder, with the settings that were changed, which a resumed training must repeat."""
    given = {setting: value for setting, value in changed.items() if value is not None}
    return "-".join([f"train-{name}{_suffix(recipe, ensemble)}", *setting_words(given)])


def _suffix(recipe: Recipe, ensemble: int | None) -> str:
    noise = recipe.noise
    kind = "" if noise is None else "-fresh-noise" if noise.copies is None else f"-noise-copies-{noise.copies}"
    return kind + ("" if ensemble is None else f"-ensemble-{ensemble}")


def _accuracy(test: dict[str, Any]) -> str:
    accuracy = Estimate(test["accuracy"], *test["interval_95"])
    return f"{percent(accuracy)} of {test['images']:,} test images right"


class _Watch:
    """Shows the training of one or several networks in a progress bar."""

    def __init__(self, bar: Any, recipe: Recipe, members: int) -> None:
        self.bar, self.epochs, self.members = bar, recipe.epochs, members
        self.task = bar.add_task("training", total=None, unit="batches", note="")

    def on_batch(self, member: int, epoch: int, batch: int, batches: int) -> None:
        done = ((member - 1) * self.epochs + epoch) * batches + batch
        self.bar.update(self.task, total=self.members * self.epochs * batches, completed=done)

    def on_epoch(self, member: int, figures: dict[str, float]) -> None:
        which = f"network {member} of {self.members}, " if self.members > 1 else ""
        note = f"{which}epoch {figures['epoch']:.0f}: validation {rounded(figures['validation_accuracy'], 1)} %"
        self.bar.update(self.task, note=note)

    @staticmethod
    def member(callback: Callable[..., None]) -> Callable[..., None]:
        """Return the callback for the training of one network."""
        return lambda *figures: callback(1, *figures)
