"""``python3 -m tests``: set up on the first run, then run pytest; arguments go to pytest, ``--long`` adds full counts."""

from api.bootstrap import enter

enter("tests", ["requirements-tests.lock"])

from tests.runner import main  # noqa: E402 - importable only once the environment is entered

raise SystemExit(main())
