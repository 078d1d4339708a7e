"""What the argument parser says about a wrong command line, in our words.

Owns nothing but the translation of argparse's own English messages, which it composes itself.
"""

import re

from workflow.speech import Phrase, phrase, say

_MESSAGES = (
    (r"the following arguments are required: (?P<names>.+)", phrase("thiếu {names}")),
    (r"one of the arguments (?P<names>.+) is required", phrase("cần một trong: {names}")),
    (r"unrecognized arguments: (?P<names>.+)", phrase("không có tham số {names}")),
    (r"argument (?P<name>[^:]+): invalid choice: (?P<given>.+?) \(choose from (?P<names>.+)\)", phrase("{name}: không có {given}; hãy chọn {names}")),
    (r"argument (?P<name>[^:]+): not allowed with argument (?P<other>.+)", phrase("{name} không dùng cùng {other}")),
    (r"argument (?P<name>[^:]+): expected (one|at least one) argument", phrase("{name} cần một giá trị")),
    (r"argument (?P<name>[^:]+): ignored explicit argument .+", phrase("{name} không nhận giá trị")),
    (r"ambiguous option: (?P<name>\S+) could match (?P<names>.+)", phrase("{name} có thể là {names}")),
)


def worded(message: str) -> str:
    """Return one of argparse's messages in the language spoken here; ours come through as they are."""
    for pattern, words in _MESSAGES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return str(Phrase(words.template, tuple(found.groupdict().items())))
    return message.removeprefix("argument ")


def usage_error(command: str, message: str) -> str:
    """Return the sentence for a wrong command line."""
    return say("{command}: {message}. Xem cách dùng: {command} --help", command=command, message=worded(message))
