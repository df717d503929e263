"""The table of all commands, from which menus, toolbar, keys, palette and help are made."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """Something that the user can tell the window to do.

    Attributes
    ----------
    name : str
        Name by which pages offer the command.
    text : str
        Text in menus, with a mnemonic.
    keys : tuple of str
        Shortcuts, as Qt writes them.
    tip : str
        Tool tip; by default the text.
    icon : str
        Name of a file in resources.icons.
    short : str
        Text of buttons, if not the text.
    only_when_offered : bool
        Whether menus leave the command out while it cannot be done, instead of greying it.
    """

    name: str
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    icon: str = ""
    short: str = ""
    only_when_offered: bool = False


@dataclass(frozen=True)
class Offer:
    """What a command does at present.

    Attributes
    ----------
    do : callable
        Does the command.
    checked : bool or None
        Whether a command that can be switched is on.
    text : str
        Replaces the command's text; "" keeps it.
    """

    do: Callable[[], object]
    checked: bool | None = None
    text: str = ""


@dataclass(frozen=True)
class Refusal:
    """Stands for a command that is not available at present; why: the reason, in a sentence for its tool tip."""

    why: str


Offers = dict[str, Offer | Refusal | Callable[[], object]]  # by name of command
Menu = tuple[str, tuple[tuple[Command, ...], ...]]  # title, and groups between separators

MORE = "Open the form to go on in the same folder; nothing in it is trained or measured again"
TABS = tuple(f"view-{n}" for n in range(1, 10))  # the commands that show a tab of the run in view, in order

MENUS: tuple[Menu, ...] = (
    ("&File", (
        (
            Command("open", "&Open run…", ("Ctrl+O",), "Open the folder of an assessment, a search or a sweep", "open",
                    "Open"),
            Command("new", "&New run…", ("Ctrl+N",), "Assess, search, sweep, explain, harden … with a model and images",
                    "new", "New"),
            Command("example", "Run the &example", (), "Search ten bundled digits and sweep fifty"),
            Command("open-image", "Open &image…", ("Ctrl+Shift+O",), "Explore a picture of your own in this run"),
            Command("more", "Measure mo&re…", (), MORE),
            Command("report", "Open re&port", (), "Open the report of this run, one HTML page, in the browser"),
        ),
        (
            Command("save-figure", "Save &figure…", ("Ctrl+S",), "Save the plot in view as PNG, SVG or PDF", "save",
                    "Save"),
            Command("save-table", "Save &table…", ("Ctrl+Shift+S",), "Save the table in view as CSV"),
            Command("save-headline", "Save &headline figures…", (), "Save the headline figures of the sweeps as CSV",
                    only_when_offered=True),
            Command("save-images", "Save &images…", ("Ctrl+Alt+S",), "Save clean image, difference and degraded image"),
            Command("save-marked", "Save &marked images…", (), "Save the images of all that is marked, as PNG"),
        ),
        (
            Command("close", "&Close run", ("Ctrl+W",), "Close this run; its folder is kept"),
            Command("quit", "&Quit", ("Ctrl+Q",)),
        ),
    )),
    ("&Edit", (
        (
            Command("undo", "&Undo", ("Ctrl+Z",), "Undo the last mark or note", "undo"),
            Command("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Redo what was undone", "redo"),
        ),
        (
            Command("mark", "&Mark", ("M",), "Mark the selection, or remove its mark", "mark"),
            Command("tag", "&Tag…", ("T",), "Give the selection a tag, or remove it", "tag"),
            Command("tag-again", "Tag a&gain", ("Shift+T",), "Give the selection the last tag again, or remove it"),
            Command("note", "Write a &note…", ("N",), "Write a note on the selection", short="Note"),
        ),
        (
            Command("copy-images", "Copy &images", ("Ctrl+Shift+C",), "Copy clean image, difference and degraded image",
                    "copy", "Copy"),
            Command("copy-python", "Copy as &Python", ("Ctrl+Alt+P",), "Copy a script that computes what is on screen"),
            Command("copy-command", "Copy as c&ommand", ("Ctrl+Alt+M",), "Copy the command that prints these numbers"),
            Command("copy-figure", "Copy &figure", ("Ctrl+Alt+C",), "Copy the plot in view as a picture"),
        ),
    )),
    ("&View", (
        (
            Command("next", "&Next image or row", ("Right",), "Select the next image or row", "next", "Next"),
            Command("previous", "&Previous image or row", ("Left",), "Select the previous image or row", "previous",
                    "Previous"),
            Command("next-class", "Next &class", ("Alt+Right",), "Show the next class"),
            Command("previous-class", "Previous c&lass", ("Alt+Left",), "Show the previous class"),
        ),
        (
            *(Command(name, f"Tab {n}", (f"Ctrl+{n}",), f"Show tab {n} of this run", only_when_offered=True)
              for n, name in enumerate(TABS, 1)),
        ),
        (
            Command("fit", "Reset &zoom", ("Ctrl+0",), "Show whole images and plots again", "fit", "Reset zoom"),
            Command("refresh", "&Refresh", ("F5",), "Read the run again", "refresh"),
        ),
        (
            Command("theme-system", "Theme of the s&ystem", (), "Light or dark as in the system"),
            Command("theme-light", "Light t&heme"),
            Command("theme-dark", "&Dark theme"),
        ),
        (
            Command("toolbar-text", "Te&xt in the toolbar", (), "Show the names of commands under their icons"),
            Command("reset-layout", "Reset lay&out", (), "Restore the initial places of panels and window"),
            Command("full-screen", "F&ull screen", ("F11",)),
        ),
    )),
    ("&Go", (
        (
            Command("back", "&Back", ("Alt+[", "Back"), "Show what was in view before", "back"),
            Command("forward", "&Forward", ("Alt+]", "Forward"), "Show what was in view before going back", "forward"),
        ),
        (
            Command("save-view", "&Save this view…", ("Ctrl+D",), "Save what is on screen under a name"),
            Command("views", "Saved &views…", ("Ctrl+Shift+D",), "Open, rename, delete and exchange saved views"),
        ),
        (
            Command("marked", "&Marked images…", ("Shift+M",), "List the marked images of this run or assessment"),
        ),
    )),
    ("&Points", (
        (
            Command("move", "&Move and zoom", ("Ctrl+Shift+M",), "Drag to move, wheel to zoom", short="Move"),
            Command("rectangle", "Pick with a &rectangle", ("Ctrl+Shift+R",), "List the points within a rectangle",
                    short="Rectangle"),
            Command("lasso", "Pick with a &lasso", ("Ctrl+Shift+L",), "List the points that you draw around",
                    short="Lasso"),
        ),
        (
            Command("pick-nothing", "Pick &nothing", ("Ctrl+Shift+N",), "List all points again"),
            Command("show-all", "Show &all", ("Ctrl+Shift+A",), "Remove all filters"),
            Command("all-classes", "All &classes", ("Ctrl+Shift+K",), "All classes side by side"),
        ),
    )),
    ("&Job", (
        (
            Command("pause", "&Pause", ("Ctrl+Shift+Space",), "Pause the running job, or continue it"),
            Command("cancel", "&Cancel", (), "Stop the running job; finished parts are kept and it can be resumed"),
            Command("stop-image", "Stop this &image", (),
                    "End the search of the watched image and keep what was found; the others continue"),
        ),
        (
            Command("live", "&Watch live", ("Ctrl+L",), "Watch the search that is making this run"),
            Command("so-far", "&Results so far", ("Ctrl+R",), "Show the images that are finished"),
        ),
    )),
    ("&Help", (
        (
            Command("guide", "&Guide", ("F1",), "Open the guide where it explains what is in view"),
            Command("glossary", "Gl&ossary", ("Shift+F1",), "Open the guide's explanations of terms"),
        ),
        (
            Command("palette", "&Find a command…", ("Ctrl+Shift+P",), "Type a few letters of a command", "palette"),
            Command("keys", "&Keyboard and mouse…", ("?",), "All keys"),
        ),
        (Command("about", "&About tfstab…"),),
    )),
)  # fmt: skip

TOOLBAR: tuple[tuple[str, ...], ...] = (
    ("open", "new"), ("back", "forward"), ("previous", "next", "fit", "refresh"), ("mark", "tag", "undo", "redo"),
    ("copy-images", "save-figure"),
)  # fmt: skip


def all_commands() -> list[tuple[str, Command]]:
    """Return (title of the menu without mnemonic, command) in the order of the menus."""
    return [(title.replace("&", ""), c) for title, groups in MENUS for group in groups for c in group]
