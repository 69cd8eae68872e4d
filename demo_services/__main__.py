"""`python -m demo_services` starts the whole shop."""

import sys

from demo_services.supervisor import main

if __name__ == "__main__":
    sys.exit(main())
