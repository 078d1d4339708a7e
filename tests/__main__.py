"""``python3 -m tests``: set up on the first run, then run pytest.

Arguments go to pytest; ``--long`` adds full counts. ``--mutants`` breaks a copy of the program, one
way at a time, and sees that the tests notice (many minutes; words after it choose by name).
``--outside FOLDER`` runs cases that are kept elsewhere against this checkout.
"""

from api.bootstrap import enter

enter("tests", ["requirements-tests.lock"])

from tests.runner import main  # noqa: E402 - importable only once the environment is entered

raise SystemExit(main())
