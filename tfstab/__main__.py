"""Entry point of `python -m tfstab`: runs the command line."""

from tfstab.cli import main

main()
