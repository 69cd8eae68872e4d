"""`python -m dashboard`."""

import sys

from dashboard.main import main

if __name__ == "__main__":
    sys.exit(main())
