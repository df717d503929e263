"""The forms of commands: which parameters have a field, and what the values of an order mean. No Qt in here."""

from collections.abc import Mapping
from typing import Any

from tfstab.errors import InputError
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.tasks import LEFT_OUT, RUNS, SHARED, TASKS, Task
from tfstab.orders.parameters import Parameter, arguments_of, parameters_of

NUMBERS: Mapping[str, type] = {"int": int, "float": float}


def fields_of(task: Task) -> tuple[Parameter, ...]:
    """Return the parameters for which the form of a task has a field of its own."""
    hidden = {*LEFT_OUT, RUNS, *task.fixed, *task.without} | (set(SHARED) - set(task.own))
    return tuple(one for one in parameters_of(task.command) if one.name not in hidden)


def shared_by(task: Task) -> frozenset[str]:
    """Return the names of the parameters of a task that have a field in the part of the form that all tasks share."""
    names = {one.name for one in parameters_of(task.command)}
    return frozenset((names & set(SHARED)) - set(task.own) - set(task.without))


def looks_at_runs(task: Task) -> bool:
    """Return True for a task that is done with runs, such as a report."""
    return not task.watched and any(one.name == RUNS for one in parameters_of(task.command))


def command_of(order: CommandOrder) -> list[str]:
    """Return an order as the arguments of `tfstab`."""
    task = TASKS[order.task]
    values: Mapping[str, Any] = {**task.fixed, **order.values, "out": order.out}
    return [task.command, *arguments_of(parameters_of(task.command), values)]


def check_values(order: CommandOrder) -> None:
    """Raise InputError for a value that is missing, or that is no number where one is needed."""
    for parameter in parameters_of(TASKS[order.task].command):
        value, name = order.values.get(parameter.name), parameter.option or parameter.name
        if parameter.required and not value:
            what = "tick one, or add a folder" if parameter.name == RUNS else "give one"
            raise InputError(f"{name}: nothing was given; {what}.")
        if value is not None and parameter.kind in NUMBERS and not isinstance(value, int | float):
            raise InputError(f"{name} is '{value}'; expected a {'whole ' * (parameter.kind == 'int')}number.")
