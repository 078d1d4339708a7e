"""``python3 -m tests.pictures``: pictures of every page and state, and what is measured on them.

python3 -m tests.pictures [FOLDER] [--only work,items,link_*] [--widths 360,1440]
                          [--themes light,dark] [--roles head,officer] [--list]

It founds three agencies in a temporary folder (nothing yet, one item, three hundred in all
states), serves them, signs in as each role and looks. A picture is called after page and state,
role, width and theme; ``-fold`` is what is seen without scrolling. ``figures.txt`` says what was
measured, and what was noticed: complaints of the console, pages wider than their screen, controls
that speak the browser's language.
"""

from api.bootstrap import enter

enter("tests.pictures", ["requirements-tests.lock"])

from tests.pictures.run import main  # noqa: E402 - importable only once the environment is entered

raise SystemExit(main())
