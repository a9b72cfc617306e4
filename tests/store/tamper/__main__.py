"""`python3 -m tamper`: the command of `cli.py`."""

import sys

from .cli import main

sys.exit(main())
