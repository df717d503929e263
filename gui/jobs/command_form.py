"""The forms of commands: which parameters have a field, and what the values of an order mean. No Qt in here."""

from collections.abc import Iterable, Mapping
from typing import Any

from tfstab.errors import InputError
from tfstab.execution.stopping import check_stops
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.jobs.tasks import LEFT_OUT, RUNS, SHARED, TASKS, Task
from tfstab.orders.parameters import Parameter, arguments_of, parameters_of

LIMITS = ("minutes", "precision", "workers", "cluster", "data_dir", "as_is")  # of RunOrder, without "damaged"
RARE_SETTINGS = ("lambda_", "beta")  # of a kind's configuration
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
    return any(one.name == RUNS for one in parameters_of(task.command))


def command_of(order: CommandOrder) -> list[str]:
    """Return an order as the arguments of `tfstab`."""
    task = TASKS[order.task]
    values: Mapping[str, Any] = {**task.fixed, **order.values, "out": order.out}
    return [task.command, *arguments_of(parameters_of(task.command), values)]


def rest_of(kind: str) -> tuple[Parameter, ...]:
    """Return the parameters of a kind of run that few need, for which the form of the kind has no field."""
    return tuple(one for one in parameters_of(kind) if one.name in (*LIMITS, *RARE_SETTINGS))


def check_limits(order: RunOrder) -> None:
    """Raise InputError for a number that is malformed among the limits of a run, or that is not above 0."""
    _check(rest_of(order.kind), order.limits)
    check_stops(order.limits.get("minutes"), order.limits.get("precision"))


def check_values(order: CommandOrder) -> None:
    """Raise InputError for a value that is missing, or that is no number where one is needed."""
    _check(parameters_of(TASKS[order.task].command), order.values)


def _check(parameters: Iterable[Parameter], values: Mapping[str, Any]) -> None:
    for parameter in parameters:
        value, name = values.get(parameter.name), parameter.option or parameter.name
        if parameter.required and not value:
            what = "tick one, or add a folder" if parameter.name == RUNS else "give one"
            raise InputError(f"{name}: nothing was given; {what}.")
        if value is not None and parameter.kind in NUMBERS and not isinstance(value, int | float):
            number = "a whole number" if parameter.kind == "int" else "a number, such as 0.5"
            raise InputError(f"{name} is '{value}'; expected {number}.")
