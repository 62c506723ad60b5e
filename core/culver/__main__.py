"""``python -m culver``."""

import sys

from culver.cli.main import main

sys.exit(main())
