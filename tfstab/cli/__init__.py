"""The command line: thin commands that parse, call the library, and print."""

from tfstab.cli.app import main

__all__ = ["main"]
