"""Whether the images of an order can be read and fit its model, checked before it starts. No Qt in here."""

from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.draft import IMAGES
from tfstab.gui.jobs.preview import preview_of
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.jobs.training_preview import preview_of_training


def misfit_of(order: RunOrder | CommandOrder) -> str:
    """Return in one sentence why a run cannot read an order's images, or why they do not fit its model, or ""."""
    if not (order.model and order.data):
        return ""
    values = vars(order) | order.limits if isinstance(order, RunOrder) else order.values
    images = {name: values[name] for name in IMAGES if values.get(name)}
    without_test = isinstance(order, CommandOrder) and "data" not in order.values
    read = preview_of_training if without_test else preview_of
    classes = order.options.get("classes", "")
    shown = read(order.model, order.data, images, classes)
    problem = shown.problem or shown.unreadable
    train = "" if without_test else values.get("train")
    if problem or not train:
        return problem
    read_alike = {name: value for name, value in images.items() if name in ("resize", "damaged")}
    training = preview_of_training(order.model, train, read_alike, classes)
    return training.unreadable or training.problem
