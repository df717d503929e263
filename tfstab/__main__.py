"""`python -m tfstab`."""

from tfstab.cli import main

main()
