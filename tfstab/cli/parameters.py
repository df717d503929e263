"""The parameters of a command as its function declares them."""

import inspect
from collections.abc import Callable
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from typer.models import ArgumentInfo, OptionInfo

from tfstab.cli.panels import rank
from tfstab.orders.parameters import Parameter


def declared_by(command: Callable[..., None]) -> tuple[Parameter, ...]:
    """Return the parameters of a command's function in the order in which `--help` lists them."""
    made = [_parameter(one) for one in inspect.signature(command).parameters.values()]
    return tuple(sorted(made, key=lambda parameter: rank(parameter.panel)))


def _parameter(parameter: inspect.Parameter) -> Parameter:
    """Return a parameter from its annotation, which is Annotated[TYPE, typer.Option(...) or typer.Argument(...)]."""
    assert get_origin(parameter.annotation) is Annotated
    kind, info = get_args(parameter.annotation)[:2]
    assert isinstance(info, ArgumentInfo | OptionInfo)
    if get_origin(kind) in (UnionType, Union):
        kind = next(one for one in get_args(kind) if one is not NoneType)
    multiple = get_origin(kind) is list
    option = "" if isinstance(info, ArgumentInfo) else _option_of(parameter.name, info)
    required = parameter.default is inspect.Parameter.empty
    return Parameter(
        name=parameter.name,
        option=option,
        kind=(get_args(kind)[0] if multiple else kind).__name__,
        default=None if required else _plain(parameter.default),
        about=(info.help or "").replace("\n\n", "\n"),  # Typer's paragraphs are lines
        metavar=info.metavar or "",
        panel=info.rich_help_panel,
        multiple=multiple,
        required=required,
    )


def _option_of(name: str, info: OptionInfo) -> str:
    """Return the option as it is declared, or as Typer makes it from the parameter's name."""
    # Within Annotated, Typer takes the first declaration for the default.
    declared = (info.default, *(info.param_decls or ()), f"--{name.replace('_', '-')}")
    return next(str(one) for one in declared if str(one).startswith("--")).partition("/")[0]


def _plain(default: Any) -> Any:
    """Return a default in a form that JSON has."""
    return str(default) if isinstance(default, Path) else default
