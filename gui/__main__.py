"""`python -m tfstab.gui`."""

import sys

from tfstab.gui.app import main

sys.exit(main())
