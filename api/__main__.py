"""``python3 -m api``: set up on the first run, then hand over to the command line."""

from api.bootstrap import enter

enter("api", ["requirements.lock", "requirements-tests.lock"])

from api.cli import main  # noqa: E402 - importable only once the environment is entered

raise SystemExit(main())
