"""The engines' own settings as options of a command, made from the engines' declarations."""

import functools
import inspect
import itertools
from collections.abc import Callable, Sequence
from dataclasses import Field
from typing import Annotated, Any, get_args

import typer
from typer.core import TyperGroup

from tfstab.models import import_modules
from tfstab.search.engine import Range, declared
from tfstab.search.engines import engines
from tfstab.warning import warn
from tfstab.wording import capital, listed


class Commands(TyperGroup):
    """The commands, of which `search` has options for the settings of engines that are given with --import, too."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return name, command and remaining arguments; files that may register engines are imported before."""
        name, command, rest = super().resolve_command(ctx, args)
        modules = _imports(rest) if name == "search" else []
        if modules:
            import_modules(modules)
            command = _search_command(command)
        return name, command, rest


def _imports(arguments: Sequence[str]) -> list[str]:
    """Return the values of --import among arguments."""
    given = list(itertools.takewhile(lambda argument: argument != "--", arguments))
    after = [value for option, value in itertools.pairwise(given) if option == "--import"]
    return after + [argument.partition("=")[2] for argument in given if argument.startswith("--import=")]


def _search_command(command: Any) -> Any:
    """Return the command `search` with the settings of all engines that are known now."""
    from tfstab.cli.search import search

    app = typer.Typer(add_completion=False, context_settings=command.context_settings)
    app.command(command.name, cls=type(command))(with_engine_settings(search))
    return typer.main.get_command(app)


def with_engine_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with an option for each setting of each engine, in place of its parameter `settings`.

    The command gets the options that were given as a dict.
    """
    taken = _taken(command)
    options = {}
    for name, having in _settings().items():
        if name in taken:
            warn(f"setting '{name}' of engine '{having[0][0]}' has the name of another option: rename it.")
        else:
            options[name] = _option(name, having)

    @functools.wraps(command)
    def with_settings(**given: Any) -> None:
        settings = {name: given.pop(name) for name in options}
        command(**given, settings={name: value for name, value in settings.items() if value is not None})

    own = [p for p in inspect.signature(command).parameters.values() if p.name != "settings"]
    keyword = functools.partial(inspect.Parameter, kind=inspect.Parameter.KEYWORD_ONLY, default=None)
    added = [keyword(name, annotation=option) for name, option in options.items()]
    with_settings.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    with_settings.__annotations__ = {p.name: p.annotation for p in (*own, *added)}
    del with_settings.__wrapped__  # whose signature Typer would read instead
    return with_settings


def engines_in_words() -> str:
    """Return a sentence with the names of all engines, and one on what they need of a classifier."""
    found = engines()
    gradients = [name for name, engine in found.items() if engine.gradients]
    classes = [name for name, engine in found.items() if not engine.scores]
    return (
        f"Search engine: {', '.join(found)}. {listed(gradients)} need gradients; {listed(classes)} need only the "
        "predicted class."
    )


def _taken(command: Callable[..., None]) -> set[str]:
    """Return the names that no setting can have as an option: those of the command's parameters and options."""
    parameters = inspect.signature(command).parameters.values()
    details = [part for p in parameters for part in get_args(p.annotation) if hasattr(part, "param_decls")]
    options = [option.strip("-").replace("-", "_") for one in details for option in one.param_decls or ()]
    return {"help", "h", *options, *(p.name for p in parameters if p.name != "settings")}


def _settings() -> dict[str, list[tuple[str, Field[Any], Range]]]:
    """Return the settings by name, each with the engines that have it."""
    found: dict[str, list[tuple[str, Field[Any], Range]]] = {}
    for engine, declaration in engines().items():
        for item, limits in declared(declaration.settings):
            found.setdefault(item.name, []).append((engine, item, limits))
    return found


def _option(name: str, engines: list[tuple[str, Field[Any], Range]]) -> Any:
    _, item, limits = engines[0]
    kind: Any = next((kind for kind in get_args(item.type) if kind is not type(None)), item.type)
    only = "".join(f" {key} {value}" for key, value in limits.only.items())
    about = f"{capital(limits.about)}."
    if limits.choices:
        about += f" One of {', '.join(limits.choices)}."
    if item.default not in (None, "default") or kind is bool:
        about += f" By default {_in_words(item.default)}."
    panel = f"Settings of engine {' and '.join(engine for engine, _, _ in engines)}{' with' if only else ''}{only}"
    return Annotated[kind | None, typer.Option(help=about, rich_help_panel=panel)]


def _in_words(default: Any) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return default if isinstance(default, str) else f"{default:g}"
