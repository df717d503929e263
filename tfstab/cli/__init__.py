"""The command line: thin commands that parse, call the library, and print."""

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line; Ctrl-C ends it without a traceback, also while the commands are being loaded."""
    try:
        from tfstab.cli.output import remarks

        with remarks():  # an engine of a package may be faulty
            from tfstab.cli.app import main as run  # takes up to a second
        run()
    except KeyboardInterrupt:
        sys.stderr.write("tfstab: stopped.\n")
        sys.exit(130)
