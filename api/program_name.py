"""What the user types to start this program, for sentences that name a command."""

import os
import sys
from pathlib import Path


def program() -> str:
    """Return ``thidua`` where that command started it, else how a checkout is started."""
    if Path(sys.argv[0]).stem == "thidua":
        return "thidua"
    return "py -m api" if os.name == "nt" else "python3 -m api"
