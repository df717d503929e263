"""Blocks of the guide's reference that are made from the program: commands, settings, degradations, public names."""

import importlib
import inspect
import re
import textwrap
from collections import Counter
from dataclasses import MISSING, fields

from page_blocks import table

import tfstab
from tfstab.cli.app import COMMANDS
from tfstab.degradations import BUILT_IN, Degradation, get_degradation
from tfstab.orders.parameters import parameters_of, written
from tfstab.search.engine import declared
from tfstab.search.engines import engine_names, get_engine
from tfstab.training import Recipe
from tfstab.training.remedies import REMEDIES, WITHOUT_TRAINING

VALUES = {"bool": "", "int": "N", "float": "X", "Path": "PATH", "str": "TEXT"}  # of options that name none
CODE = re.compile(r"`[^`]*`|(?<![\w-])--[a-z][\w-]*")
WIDEST = 30  # characters of an option's values in a table
SHARED = 3  # commands that have an option which is described once for all of them
GROUPS = {  # modules of tfstab.degradations
    "gaussian": "Noise", "noise": "Noise", "blur": "Blur", "digital": "Compression and resolution",
    "tone": "Brightness and contrast", "geometry": "Geometry", "occlusion": "Occlusion",
}  # fmt: skip
# Packages and modules with names of their own for users, in reading order; the site has a page for each name of them.
PACKAGES = ("tfstab", "tfstab.datasets", "tfstab.models", "tfstab.degradations", "tfstab.sweep", "tfstab.assessment",
            "tfstab.experiments", "tfstab.training", "tfstab.metrics", "tfstab.metrics.paired", "tfstab.runs",
            "tfstab.execution", "tfstab.report", "tfstab.errors")  # fmt: skip


def cell(text):
    """Return text for a cell of a table, in one line."""
    return " ".join(str(text).split()).replace("|", "\\|")


def commands():
    """Every command with its arguments and options; those that many commands share come once, at the end."""
    declared_by = {f.__name__: parameters_of(f.__name__) for functions in COMMANDS.values() for f in functions}
    count = Counter(facts(one) for parameters in declared_by.values() for one in parameters if one.option)
    shared = {fact for fact, number in count.items() if number >= SHARED}
    texts, once = [], {}
    for panel, functions in COMMANDS.items():
        texts.append(f"## {panel}\n")
        for function in functions:
            parameters = declared_by[function.__name__]
            once |= {facts(one): one for one in parameters if facts(one) in shared}
            texts.append(command(function, parameters, shared))
    texts.append("## Options that many commands have\n")
    texts.append(options(sorted(once.values(), key=lambda one: one.option)))
    return "\n".join(texts)


def facts(parameter):
    """Return what makes an option the same as that of another command."""
    return (parameter.option, parameter.about, parameter.default, parameter.metavar)


def command(function, parameters, shared):
    """One command: what it does, how it is called, and its own options."""
    name = function.__name__
    arguments = [one for one in parameters if not one.option]
    words = [f"{argument(one)}{'...' * one.multiple}" for one in arguments]
    usage = " ".join(w if one.required else f"[{w}]" for w, one in zip(words, arguments, strict=True))
    if {"--model", "--data"} <= {one.option for one in parameters if one.name in ("model", "data")}:
        usage = "[MODEL] [DATA]"  # both without the options' names, too
    about = inspect.getdoc(function)
    assert about
    text = f"### tfstab {name}\n\n{about}\n\n```text\ntfstab {name} {usage}".rstrip() + " [OPTIONS]\n```\n"
    own = [one for one in parameters if facts(one) not in shared]
    if own:
        text += f"\n{options(own)}"
    rest = ", ".join(f"`{one.option}`" for one in parameters if facts(one) in shared)
    see = "see [options that many commands have](#options-that-many-commands-have)."
    return text + (f"\n{wrapped(f'Also {rest}: {see}')}" if rest else "")


def quoted(found):
    """Return an option as code; what is code already stays."""
    return found[0] if found[0].startswith("`") else f"`{found[0]}`"


def argument(parameter):
    """What stands for an argument's value."""
    return parameter.metavar or parameter.name.upper()


def value(parameter):
    """What stands for an option's value; many values are listed in the description only, to keep the table narrow."""
    metavar = parameter.metavar or VALUES[parameter.kind]
    return metavar if len(metavar) <= WIDEST else "NAME"


def options(parameters):
    """A table of options and arguments; engines' settings say which engine they belong to.

    Of a description in several paragraphs, the table has the first, and a list below it the others.
    """
    rows, lists = [], []
    for one in parameters:
        name = f"{one.option} {value(one)}".rstrip() if one.option else argument(one)
        name += f", --no-{one.option[2:]}" if one.default is True else ""
        about, *more = one.about.split("\n")
        if more:
            about = f"{about.removesuffix(' Examples:')} The list below this table has examples."
            lists.append(f"\nExamples of `{name}`:\n\n{examples(more)}")
        about += f" ({one.panel}.)" if (one.panel or "").startswith("Settings of engine") else ""
        said = isinstance(one.default, bool) or one.default in (None, "") or "default" in about
        shown = "" if said else f" Default: `{written(one.default)}`."
        rows.append((f"`{cell(name)}`", cell(CODE.sub(quoted, about) + shown)))
    return table(("option", "what it does"), rows, text=2) + "".join(lists)


def examples(paragraphs):
    """A list of those paragraphs that explain a value, or several, after a dash; then the others."""
    parts = [paragraph.partition(" – ") for paragraph in paragraphs]
    items = [(values.replace("'", "").split(", "), said) for values, dash, said in parts if dash]
    lines = [wrapped(f"- {', '.join(f'`{one}`' for one in values)}: {said}", "  ") for values, said in items]
    return "".join([*lines, *(f"\n{wrapped(text)}" for text, dash, _ in parts if not dash)])


def entries(doc, section="Parameters"):
    """Yield (names, type, description) of a NumPy-style docstring's section."""
    body = re.search(rf"^{section}\n-+\n(.*?)(?=^\w[\w ]*\n-+$|\Z)", doc, re.MULTILINE | re.DOTALL)
    for entry in re.findall(r"^(\S.*?)\n((?:    .*\n?|\n)+)", f"{body[1]}\n" if body else "", re.MULTILINE):
        names, _, kind = entry[0].partition(" : ")
        yield names, kind, " ".join(entry[1].split())


def described(function):
    """Parameters of a public function or class as a list, with their defaults."""
    defaults = {name: one.default for name, one in inspect.signature(function).parameters.items()}
    lines = []
    for names, kind, about in entries(inspect.getdoc(function)):
        each = [name.strip("* ") for name in names.split(",")]
        own = {name: default(defaults[name]) for name in each if default(defaults.get(name))}
        values = ", ".join(value if len(each) == 1 else f"{name}={value}" for name, value in own.items())
        notes = "; ".join(filter(None, (kind.replace(", optional", ""), f"default {values}" if values else "")))
        lines.append(wrapped(f"- `{names}`{f' ({notes})' if notes else ''}: {about}", "  "))
    return "".join(lines)


def default(value):
    """Return a default as it is written in Python, a family by its name; "" if there is none to show."""
    if value is None or value is inspect.Parameter.empty or "factory" in repr(value):
        return ""
    return written(value) if isinstance(value, float) else repr(value.name if isinstance(value, Degradation) else value)


def wrapped(text, indent=""):
    """Return text in lines of at most 120 characters."""
    return textwrap.fill(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) + "\n"


def engines():
    """The search engines: variants, needs, and settings of their own."""
    texts = []
    for name in engine_names():
        engine = get_engine(name)
        needs = "gradients" if engine.gradients else "scores" if engine.scores else "only the predicted class"
        ways = "".join(
            wrapped(f"- {way.title}: {way.about}. At most {way.max_queries:,} images scored by default.", "  ")
            for way in engine.variants
        )
        texts.append(f"### Engine {name}\n\nIt needs {needs}.\n\n{ways}")
        rows = []
        for item, limits in declared(engine.settings):
            only = "".join(f' Only with {key} "{value}".' for key, value in limits.only.items())
            values = ", ".join(limits.choices) or f"{limits.least:g} to {limits.most:g}".replace(" to inf", " or more")
            shown = "" if item.default is MISSING or item.default is None else f"`{item.default}`"
            rows.append((f"`{item.name}`", cell(f"{limits.about[0].upper()}{limits.about[1:]}.{only}"), values, shown))
        if rows:
            texts.append(table(("setting", "what it means", "values", "default"), rows, text=4))
    return "\n".join(texts)


def recipe():
    """The settings of a training's recipe."""
    assert {one.name for one in fields(Recipe)} >= {names for names, _, _ in entries(inspect.getdoc(Recipe))}
    return described(Recipe)


def remedies():
    """The values of `remedy`: the remedies by training, with their sources, and the one for those without."""
    rows = [(f"`{name}`", cell(one.about), cell(one.source)) for name, one in REMEDIES.items()]
    rows.append((f"`{WITHOUT_TRAINING}`", "tries all remedies that need no training, and takes the best of them", ""))
    return table(("remedy", "what it does", "source"), rows, text=3)


def degradations():
    """The families of degradations, group by group, with a picture of each."""
    texts, rows = [], []
    group = ""
    for family in map(get_degradation, BUILT_IN):
        severities = ", ".join(f"{one:g}" for one in family.severities)
        rows.append((f"[{family.name}](#{family.name})", cell(family.axis), severities, family.range, family.copies))
        heading = GROUPS[family.function.__module__.rpartition(".")[2]]
        if heading != group:
            group = heading
            texts.append(f"## {group}\n")
        unchanged = "leaves the image unchanged"
        if family.name == "jpeg":  # even the best quality rounds, and halves the resolution of colours
            unchanged = "counts as no degradation, although it changes the image a little, and cannot be chosen"
        about = f"{family.title[0].upper()}{family.title[1:]} {family.about}. Severity: {family.axis}; "
        texts.append(
            f"### {family.name}\n\n{wrapped(f'{about}{family.neutral:g} {unchanged}.')}\n"
            f"![A cat, clean and under {family.title} of severity {severities_drawn(family)}]"
            f"(../../pictures/degradation-{family.name.replace('_', '-')}.png)\n"
        )
    columns = ("family", "severity", "by default", "range", "copies")
    return f"{table(columns, rows, text=4)}\n" + "\n".join(texts)


def drawn(family, most=5):
    """Return the severities that a family's picture shows: at most five, from the mildest to the strongest."""
    count = len(family.severities)
    return [family.severities[round(k * (count - 1) / (min(most, count) - 1))] for k in range(min(most, count))]


def severities_drawn(family):
    """Return them in words."""
    *first, last = (f"{one:g}" for one in drawn(family))
    return f"{', '.join(first)} and {last}"


def names():
    """Every public name with the first line of its docstring, each once."""
    listed = set(tfstab.__all__)
    texts = [public("tfstab", tfstab, [name for name in tfstab.__all__ if name != "__version__"])]
    for package in PACKAGES[1:]:
        module = importlib.import_module(package)
        texts.append(public(package, module, [name for name in module.__all__ if name not in listed]))
        listed |= set(module.__all__)
    return "\n".join(texts)


def public(title, module, wanted):
    """One package: its purpose, and a table of its names."""
    rows, signatures = [], []
    for name in sorted(wanted, key=str.lower):
        value = getattr(module, name)
        if callable(value) and not hasattr(type(value), "__dataclass_fields__"):
            about = cell(inspect.getdoc(value).split("\n\n")[0])
            rows.append((f"`{name}{'' if inspect.isclass(value) else '()'}`", about))
            if signature := signature_of(name, value):
                signatures.append(signature)
        else:
            rows.append((f"`{name}`", f"A constant of type {type(value).__name__}."))
    doc = inspect.getdoc(module).splitlines()[0]
    code = f"\n```text\n{''.join(signatures)}```\n" if signatures else ""
    return f"## {title}\n\n{doc}\n\n{table(('name', 'what it is'), rows, text=2)}{code}"


def signature_of(name, value):
    """How a function or class is called: its parameters with their defaults, "" for what users do not make."""
    if inspect.isclass(value) and "\nParameters\n" not in (inspect.getdoc(value) or ""):
        return ""
    try:
        parameters = list(inspect.signature(value).parameters.values())
    except ValueError:  # of a built-in class
        return ""
    words = []
    for k, one in enumerate(parameters):
        if one.kind is one.KEYWORD_ONLY and not any(
            p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL) for p in parameters[:k]
        ):
            words.append("*")
        star = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        if one.default is one.empty:
            shown = ""
        else:
            shown = f"={default(one.default) or ('None' if one.default is None else '...')}"
        words.append(f"{star}{one.name}{shown}")
    call = f"{name}({', '.join(words)})"
    return textwrap.fill(call, 120, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False) + "\n"


def blocks():
    """Return the text of each block by its name."""
    return {
        "commands": commands(),
        "search-settings": described(tfstab.SearchConfig),
        "engines": engines(),
        "sweep-settings": described(tfstab.SweepConfig),
        "assess-settings": described(tfstab.assess),
        "explain-settings": described(tfstab.explain),
        "harden-settings": described(tfstab.harden),
        "remedies": remedies(),
        "recipe": recipe(),
        "degradations": degradations(),
        "names": names(),
    }
