"""The panels of `--help`: what nearly everybody needs comes first, rare options come last."""

from typing import Any

from typer.core import TyperCommand

from tfstab.cli.repeats import joined

MEASURE_PANEL, TRAINING_PANEL = "What is measured", "The training"
IMAGES_PANEL, MODEL_PANEL, RESULTS_PANEL, RARE_PANEL = "The images", "The model", "The results", "Rarely needed"
# None is Typer's own panel, "Options"; panels that are not listed, such as those of engines, come after all others.
ORDER = (None, MEASURE_PANEL, TRAINING_PANEL, IMAGES_PANEL, MODEL_PANEL, RESULTS_PANEL, RARE_PANEL)
SUBJECT = ("model", "data")
# The panels of commands.
MEASURE, LOOK, REPEAT, LISTS = "Measure", "Look at results", "Train, and repeat the paper", "Guide and lists"


class GroupedCommand(TyperCommand):
    """A command that lists its options panel by panel, and takes the options --model and --data without names, too.

    An option that takes a list may be given several times; any other that takes a value, only once.
    """

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options in the order of their panels."""
        return sorted(super().get_params(ctx), key=lambda option: rank(getattr(option, "rich_help_panel", None)))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; those without an option are the model and the data, if these are options.

        Only here is it known whether the user gave the split or it is the default.
        """
        args = joined(ctx, self.params, args)
        left = self._parsed_subject(ctx, args) if self._names_subject else list(super().parse_args(ctx, args))
        if _given(ctx, "split") and ctx.params.get("data"):
            from tfstab.datasets.splits import check_split

            check_split(ctx.params["data"], ctx.params["split"])
        return left

    def _parsed_subject(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments of a command whose model and data are options that need no name."""
        ctx.allow_extra_args = True
        super().parse_args(ctx, args)
        given, ctx.args = list(ctx.args), []
        if len(given) > len(SUBJECT):
            ctx.fail(f"Got unexpected extra argument(s) ({' '.join(given[len(SUBJECT) :])})")
        for name, value in zip(SUBJECT, given, strict=False):
            if _given(ctx, name):
                ctx.fail(f"{name} was given twice, '{value}' and --{name} {ctx.params[name]}; expected one of them")
            ctx.params[name] = value
        return []

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the line on usage."""
        pieces = super().collect_usage_pieces(ctx)
        return [*pieces, *(f"[{name.upper()}]" for name in SUBJECT if self._names_subject)]

    @property
    def _names_subject(self) -> bool:
        """Whether model and data are options of this command."""
        options = {param.name for param in self.params if param.param_type_name == "option"}
        return options.issuperset(SUBJECT)


def _given(ctx: Any, name: str) -> bool:
    """Return whether an option was given on the command line."""
    return getattr(ctx.get_parameter_source(name), "name", "") == "COMMANDLINE"


def rank(panel: str | None) -> int:
    """Return the place of a panel among all panels."""
    return ORDER.index(panel) if panel in ORDER else len(ORDER)
