"""`python3 -m deploy VERB`: Sallim as a service. Standard library only: any Python runs it."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # it is run before any environment is made
    sys.exit(
        f"Sallim needs Python 3.11 or newer, and this is {sys.version.split()[0]}. Name another "
        "one, for example `sudo make install PYTHON=/usr/bin/python3.12`."
    )

from deploy.cli import main  # an older Python could not even read what it imports

sys.exit(main())
