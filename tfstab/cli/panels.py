"""The panels of `--help`: what nearly everybody needs comes first, rare options come last."""

from typing import Any

from typer.core import TyperCommand

MEASURE_PANEL, TRAINING_PANEL = "What is measured", "The training"
IMAGES_PANEL, MODEL_PANEL, RESULTS_PANEL, RARE_PANEL = "The images", "The model", "The results", "Rarely needed"
# None is Typer's own panel, "Options"; panels that are not listed, such as those of engines, come after all others.
ORDER = (None, MEASURE_PANEL, TRAINING_PANEL, IMAGES_PANEL, MODEL_PANEL, RESULTS_PANEL, RARE_PANEL)
# The panels of commands.
MEASURE, LOOK, REPEAT, LISTS = "Measure", "Look at results", "Train, and repeat the paper", "Guide and lists"


class GroupedCommand(TyperCommand):
    """A command that lists its options panel by panel, wherever its function declares them."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options in the order of their panels."""
        return sorted(super().get_params(ctx), key=lambda option: rank(getattr(option, "rich_help_panel", None)))


def rank(panel: str | None) -> int:
    """Return the place of a panel among all panels."""
    return ORDER.index(panel) if panel in ORDER else len(ORDER)
