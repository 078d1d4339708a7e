"""What the argument parser says about a wrong command line, in our words.

Owns nothing but the translation of argparse's own English messages, which it composes itself.
"""

import re

from notifications.translation import translate
from workflow.messages import Message, lazy

_MESSAGES = (
    (r"the following arguments are required: (?P<names>.+)", lazy("{names} is missing")),
    (r"one of the arguments (?P<names>.+) is required", lazy("one of these is needed: {names}")),
    (r"unrecognized arguments: (?P<names>.+)", lazy("there is no argument {names}")),
    (
        r"argument (?P<name>[^:]+): invalid choice: (?P<given>.+?) \(choose from (?P<names>.+)\)",
        lazy("{name}: there is no {given}; choose {names}"),
    ),
    (
        r"argument (?P<name>[^:]+): not allowed with argument (?P<other>.+)",
        lazy("{name} does not go with {other}"),
    ),
    (
        r"argument (?P<name>[^:]+): expected (one|at least one) argument",
        lazy("{name} needs a value"),
    ),
    (r"argument (?P<name>[^:]+): ignored explicit argument .+", lazy("{name} takes no value")),
    (r"ambiguous option: (?P<name>\S+) could match (?P<names>.+)", lazy("{name} may be {names}")),
)


def worded(message: str) -> str:
    """Return one of argparse's messages in the language spoken here; ours stay as they are."""
    for pattern, words in _MESSAGES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return translate(Message(words.template, tuple(found.groupdict().items())))
    return message.removeprefix("argument ")


def usage_error(command: str, message: str) -> str:
    """Return the sentence for a wrong command line."""
    return translate(
        "{command}: {message}. How to use it: {command} --help",
        command=command,
        message=worded(message),
    )
