"""Options given several times: lists are joined, all others refused. Click takes the last value silently."""

from collections.abc import Sequence
from typing import Any

LIST_END = ",..."  # of the metavar of an option that takes a list, as in NAME,NAME,...


def joined(ctx: Any, options: Sequence[Any], arguments: Sequence[str]) -> list[str]:
    """Return the arguments with each option that takes a value at most once.

    The values of a repeated option that takes a list, separated by commas, are joined; any other is an error of use.
    Flags, and options that may be given several times, are left as they are.

    Parameters
    ----------
    ctx : click.Context
        Context of the command, for the error.
    options : sequence of click.Parameter
        Parameters of the command.
    arguments : sequence of str
        What was typed after the command.
    """
    single = [o for o in options if o.param_type_name == "option" and not o.multiple and not o.is_flag and not o.count]
    takes_value = {name: option for option in single for name in option.opts}
    several = {name for o in options if o.param_type_name == "option" and o.multiple for name in o.opts}
    kept: list[str] = []
    places: dict[str, tuple[int, str]] = {}  # of each option in `kept`, and its value
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            return [*kept, argument, *rest]
        name, equals, value = argument.partition("=")
        if not equals and name in takes_value.keys() | several and rest:
            value = rest.pop(0)
            equals = "="
        option = takes_value.get(name)
        if option is None or not equals:
            kept.append(f"{name}{equals}{value}")
            continue
        before = places.get(option.name)
        if before is None:
            place = len(kept)
            kept.append("")
        elif (option.metavar or "").endswith(LIST_END):
            place, value = before[0], f"{before[1]},{value}"
        else:
            ctx.fail(f"{name} was given twice, '{before[1]}' and '{value}'; expected it once")
        places[option.name] = place, value
        kept[place] = f"{name}={value}"
    return kept
