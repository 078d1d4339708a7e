"""Files that no row names go a day later, and never while somebody is about to name them."""

import os
import time

from workflow.store.files import FileStore

OLD = time.time() - 90_000


def aged(tmp_path, content):
    store = FileStore(tmp_path)
    sha256 = store.put(content)
    path = tmp_path / sha256[:2] / sha256
    os.utime(path, (OLD, OLD))
    return store, sha256, path


def test_only_what_is_old_and_named_by_nothing_goes(tmp_path):
    store, orphan, _ = aged(tmp_path, b"orphan")
    _, named, _ = aged(tmp_path, b"named")
    young = store.put(b"young")
    (tmp_path / "ab").mkdir(exist_ok=True)
    left = tmp_path / "ab" / ".0123"
    left.write_bytes(b"half a file, from a process that died")
    os.utime(left, (OLD, OLD))
    assert store.sweep(lambda sha256: sha256 == named) == 2
    assert (store.get(named), store.get(young)) == (b"named", b"young")
    assert not (tmp_path / orphan[:2] / orphan).exists()
    assert not left.exists()


def test_a_file_that_is_put_again_while_a_sweep_looks_at_it_stays(tmp_path):
    store, sha256, _ = aged(tmp_path, b"again")

    def asks(_sha256):
        store.put(b"again")  # an upload of the same bytes, between the question and the answer
        return False

    assert store.sweep(asks) == 0
    assert store.get(sha256) == b"again"


def test_a_file_that_is_put_again_after_it_was_taken_away_is_written_anew(tmp_path):
    store, sha256, path = aged(tmp_path, b"taken")
    answers = iter([False, False])

    def asks(_sha256):
        answer = next(answers)
        if not path.exists():
            store.put(b"taken")
        return answer

    store.sweep(asks)
    assert store.get(sha256) == b"taken"


def test_what_a_sweep_that_died_had_taken_comes_back_if_it_is_named(tmp_path):
    store, sha256, path = aged(tmp_path, b"named")
    path.rename(path.with_name(f".taken-{sha256}"))
    assert store.sweep(lambda _sha256: True) == 0
    assert store.get(sha256) == b"named"
