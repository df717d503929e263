"""`tfstab train`: the paper's networks on their data."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tfstab.cli.options import DataDir, Json, Limit, Seed
from tfstab.cli.output import long_work, print_json, progress_bar, remark
from tfstab.errors import unknown_name
from tfstab.training import RECIPES, training_set
from tfstab.training import train as train_network


def train(
    model: Annotated[str, typer.Option("--model", help=f"One of {', '.join(RECIPES)}.")] = "mnist-lenet",
    data_dir: DataDir = None, limit: Limit = None, seed: Seed = 0, as_json: Json = False,
    epochs: Annotated[int | None, typer.Option(help="How many epochs; by default the recipe's.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The folder for model and card; resumed if there.")] = None,
) -> None:
    """Train one of the paper's networks by its recipe, and write it with its model card."""
    if model not in RECIPES:
        raise unknown_name("model", model, RECIPES)
    recipe = RECIPES[model] if epochs is None else replace(RECIPES[model], epochs=epochs)
    out = out or Path("runs") / f"train-{model}"
    dataset = None if limit is None else training_set(recipe, data_dir).take(limit, seed)
    with long_work("run the same command again to go on."), progress_bar() as bar:
        task = bar.add_task("training", total=None, unit="batches", note="")

        def on_batch(epoch: int, batch: int, batches: int) -> None:
            bar.update(task, total=recipe.epochs * batches, completed=epoch * batches + batch)

        def on_epoch(figures: dict[str, float]) -> None:
            bar.update(task, note=f"epoch {figures['epoch']:.0f}: validation {figures['validation_accuracy']:.2%}")

        result = train_network(
            recipe, dataset, out=out, seed=seed, data_dir=data_dir, on_epoch=on_epoch, on_batch=on_batch
        )
    if as_json:
        print_json(result.card)
        return
    test = result.card["accuracy"]["test"]
    low, high = test["interval_95"]
    typer.echo(
        f"{model}: {test['accuracy']:.2%} of {test['images']:,} test images right "
        f"(95 % interval {low:.2%} to {high:.2%}), "
        f"best epoch {result.card['best_epoch']} of {result.card['epochs_run']}"
    )
    remark(f"written to {out / model}.keras and {out / model}.json")
