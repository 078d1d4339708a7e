"""How the lines of an export may not be written: every verifier refuses it, whatever it means."""

import os
import re
import shutil

import pytest

from tests.faults.test_forged_histories import other_verdicts
from tests.histories import History
from tests.made_exports import write_export, write_files
from workflow.history import verify_history
from workflow.history.verify_history import INCOMPLETE, OK, TAMPERED
from workflow.queries import fast_verification

FILES = ("entries.jsonl", "log.jsonl", "items.jsonl", "people.jsonl", "salts.jsonl")
NUMBER, VALUE = rb":(\d+)([,}])", rb":(\d+|\"[^\"]*\")([,}])"


def in_text(more):
    return lambda line: line.replace(b'":"', b'":"' + more, 1)


def number(new):
    return lambda line: re.sub(NUMBER, new, line, count=1)


A_LINE = {
    "a space behind a colon": lambda line: line.replace(b":", b": ", 1),
    "a space at the end": lambda line: line + b" ",
    "a carriage return": lambda line: line + b"\r",
    "a tab before it": lambda line: b"\t" + line,
    "a letter as an escape": lambda line: re.sub(rb'":"(.)', rb'":"\\u0041', line, count=1),
    "a slash as an escape": in_text(b"\\/"),
    "half of a letter": in_text(b"\\ud800"),
    "half of a letter in UTF-8": in_text(b"\xed\xa0\x80"),
    "a byte that is no UTF-8": in_text(b"\xff"),
    "a letter in too many bytes": in_text(b"\xc0\xaf"),
    "a control character": in_text(b"\x01"),
    "a fraction": number(rb":\1.0\2"),
    "an exponent": number(rb":\1e0\2"),
    "a zero before": number(rb":0\1\2"),
    "a sign": number(rb":-0\2"),
    "a number as text": number(rb':"\1"\2'),
    "too many digits": number(b":" + b"9" * 400 + rb"\2"),
    "a member twice": lambda line: re.sub(rb'^\{("\w+":[^,]+),', rb"{\1,\1,", line),
    "a member more": lambda line: line[:-1] + b',"more":1}',
    "a member less": lambda line: re.sub(rb',"\w+":[^,]+\}$', b"}", line),
    "another order": lambda line: re.sub(rb'^\{("\w+":[^,]+),(.*)\}$', rb"{\2,\1}", line),
    "another name": lambda line: re.sub(rb'^\{"(\w+)"', rb'{"X\1"', line),
    "nothing": lambda line: re.sub(VALUE, rb":null\2", line, count=1),
    "a list": lambda line: b"[" + line + b"]",
    "a comma behind": lambda line: line + b",",
    "two in one line": lambda line: line + line,
    "no JSON": lambda _line: b"x",
    "an empty line": lambda _line: b"",
    "an empty line behind": lambda line: line + b"\n",
    "a byte order mark": lambda line: b"\xef\xbb\xbf" + line,
    "an open end": lambda line: line[:-1],
    "a line separator for its end": lambda line: line + "\u2028".encode(),
}
WHOLE = {
    "no end of the last line": lambda text: text[:-1],
    "an empty line at the end": lambda text: text + b"\n",
    "line ends of another kind": lambda text: text.replace(b"\n", b"\r\n"),
    "old line ends": lambda text: text.replace(b"\n", b"\r"),
    "another coding": lambda text: text.decode().encode("utf-16"),
}


def backwards(text):
    return b"".join(each + b"\n" for each in reversed(text.split(b"\n")[:-1]))


def of_a_line(change):
    def changed(text):
        lines = text.split(b"\n")[:-1]
        lines[len(lines) // 2] = change(lines[len(lines) // 2])
        return b"".join(each + b"\n" for each in lines)

    return changed


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lines") / "export"
    history = History(1)
    write_export(folder, history, 40, every=20)
    write_files(folder, history)
    (folder / "SHA256SUMS").unlink(missing_ok=True)
    return folder


def verdict(verify, folder):
    try:
        verify(folder)
    except verify_history.TamperedError:
        return TAMPERED
    except verify_history.IncompleteError:
        return INCOMPLETE
    return OK


def verdicts(export, folder, cases):
    """What the three verifiers say of each change of a file."""
    folders = []
    for count, (file, _, change) in enumerate(cases):
        folders.append(folder / str(count))
        shutil.copytree(export, folders[-1], copy_function=os.link)
        (folders[-1] / file).unlink()
        (folders[-1] / file).write_bytes(change((export / file).read_bytes()))
    others = other_verdicts(folders)
    return {
        (file, name): (
            verdict(verify_history.verify_folder, each),
            verdict(fast_verification.verify_folder, each),
            other["status"],
        )
        for (file, name, _), each, other in zip(cases, folders, others, strict=True)
    }


def test_what_is_not_written_as_the_format_says_is_refused_by_every_verifier(export, tmp_path):
    changes = {name: of_a_line(change) for name, change in A_LINE.items()} | WHOLE
    cases = [
        (file, name, change)
        for file in FILES
        for name, change in changes.items()
        if change((export / file).read_bytes()) != (export / file).read_bytes()
    ]
    found = verdicts(export, tmp_path, cases)
    assert len(found) > 150
    assert {each: said for each, said in found.items() if set(said) != {TAMPERED}} == {}


def test_the_order_of_lines_is_that_of_the_log_and_free_in_lists(export, tmp_path):
    found = verdicts(export, tmp_path, [(file, "backwards", backwards) for file in FILES])
    free = {file for (file, _), said in found.items() if set(said) == {OK}}
    assert free == {"items.jsonl", "people.jsonl"}
    assert all(OK not in said for (file, _), said in found.items() if file not in free)
