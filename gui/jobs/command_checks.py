"""Checks of a command's order that need no TensorFlow. No Qt in here."""

from collections.abc import Mapping
from typing import Any

from tfstab.degradations.ranges import severity_ranges
from tfstab.errors import InputError
from tfstab.execution.stopping import check_stops
from tfstab.gui.jobs.command_form import check_values, shared_by
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.tasks import TASKS
from tfstab.orders import ImageOptions, ModelOptions, Subject
from tfstab.orders.degradations import degradations_named
from tfstab.parsing import parse_ranges


def check_command(order: CommandOrder) -> None:
    """Raise TfstabError for what is wrong with a command's values, model or images."""
    check_values(order)
    values = order.values
    check_stops(values.get("minutes"), values.get("precision"))
    if values.get("quick") and "minutes" in values:
        raise InputError("--quick and --minutes were both given; expected one of them.")
    if not values.get("imports"):  # which may register degradations of the user's own
        _check_degradations(values)
    if order.task == "harden":
        _check_training_images(values.get("data"), values.get("train"), values.get("split", ImageOptions.split))
    if {"model", "data"} <= shared_by(TASKS[order.task]):
        chosen = {name: values[name] for name in ("split", "limit", "images", "resize") if name in values}
        Subject(ModelOptions.remembered(order.model, order.options), ImageOptions(order.data, **chosen)).check()


def _check_degradations(values: Mapping[str, Any]) -> None:
    """Raise InputError for unknown degradations, and for severities that they cannot have."""
    if "degradation" in values:
        degradations_named(values["degradation"])
    if "require" in values:
        from tfstab.assessment.required import parse_requirements  # here, because its import takes time

        parse_requirements(values["require"])
    if "against" in values:
        severity_ranges(parse_ranges(values["against"], "--against"))


def _check_training_images(data: str | None, train: str | None, split: str) -> None:
    """Raise TfstabError if no images are named, or training images are needed and not named, or do not exist.

    split: that of the test images.
    """
    from tfstab.orders.hardening_images import check_given  # here, because its import takes time

    check_given(data, train, split=split)
    if train is not None:
        ImageOptions(train, "train").check()
