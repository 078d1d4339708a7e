"""The package of a dossier: the same bytes each time, and a manifest that checks all of it."""

import hashlib
import io
import json
import zipfile

import pytest

from workflow.documents.package import PackagePart, PartKind, plain_name, write_package


def part(name, content=b"x", **more):
    return PackagePart(name=name, kind=PartKind.FILE, load=lambda: content, **more)


def packed(*parts):
    target = io.BytesIO()
    write_package(parts, {"number": "01/TTr-SNgV"}, target)
    return target.getvalue()


def test_the_order_in_which_parts_come_is_no_part_of_the_bytes():
    one, two = part("b/1.pdf", b"mot"), part("a.pdf", b"hai", of="DN-2022-0001", called="Hai.pdf")
    assert packed(one, two) == packed(two, one)


def test_after_each_part_is_told_how_many_are_written():
    told = []
    write_package([part("a.pdf"), part("b.pdf")], {}, io.BytesIO(), lambda *of: told.append(of))
    assert told == [(1, 2), (2, 2)]


def test_the_manifest_and_the_sums_say_the_hash_of_each_part():
    with zipfile.ZipFile(
        io.BytesIO(packed(part("b/1.pdf", b"mot"), part("a.pdf", b"hai")))
    ) as zip_:
        names = zip_.namelist()
        assert names == ["a.pdf", "b/1.pdf", "manifest.json", "SHA256SUMS.txt"]
        manifest = json.loads(zip_.read("manifest.json"))
        assert (manifest["format"], manifest["number"]) == ("thidua-dossier/1", "01/TTr-SNgV")
        sums = dict(line.split("  ")[::-1] for line in zip_.read(names[-1]).decode().splitlines())
        assert sums.keys() == {*names[:-1]}
        for name, said in sums.items():
            assert hashlib.sha256(zip_.read(name)).hexdigest() == said
        for row in manifest["files"]:
            assert (row["sha256"], row["size"]) == (sums[row["path"]], len(zip_.read(row["path"])))
        assert {each.compress_type for each in zip_.infolist()} == {zipfile.ZIP_STORED}
        assert {each.date_time for each in zip_.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_two_parts_that_a_machine_takes_for_one_file_are_refused():
    with pytest.raises(ValueError, match="one name"):
        packed(part("a.pdf"), part("A.pdf"))


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("Báo cáo thành tích Đội 1.PDF", "Bao-cao-thanh-tich-Doi-1.pdf"),
        ("../../etc/passwd", "tep.etc-passwd"),
        ("..\\C:\\a.exe", "C-a.exe"),
        ("功绩.pdf", "tep.pdf"),
        ("khong duoi", "khong-duoi"),
        ("a" * 300 + ".docx", "a" * 80 + ".docx"),
        ("01/TTr-SNgV.zip", "01-TTr-SNgV.zip"),
    ],
)
def test_names_are_plain_letters_of_no_folder(given, plain):
    assert plain_name(given) == plain
    assert plain.isascii()
    assert "/" not in plain
