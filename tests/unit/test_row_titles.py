"""What an item and whoever holds it are called where there is little room."""

import pytest

from api.web.row_titles import shortened
from workflow.model import Department, DepartmentId

DEPARTMENTS = {
    DepartmentId(each): Department(id=DepartmentId(each), name=name)
    for each, name in {
        "htqt": "Phòng Hợp tác quốc tế",
        "ls": "Phòng Lãnh sự",
        "qlbg": "Phòng Quản lý biên giới",
        "vp": "Văn phòng Sở",
    }.items()
}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Tập thể Phòng Hợp tác quốc tế", "Tập thể HTQT"),
        ("Phó Trưởng phòng Quản lý biên giới", "Phó Trưởng phòng QLBG"),
        ("Phòng Lãnh sự", "Phòng LS"),
        ("Chánh Văn phòng Sở", "Chánh Văn phòng Sở"),
        ("Cán bộ lãnh sự", "Cán bộ lãnh sự"),
        ("Nguyễn Thị Lan", "Nguyễn Thị Lan"),
    ],
)
def test_a_department_has_its_initials_after_a_word_that_departments_share(name, short):
    assert shortened(name, DEPARTMENTS) == short


def test_a_name_may_hold_what_a_pattern_would_read():
    odd = {
        DepartmentId(each): Department(id=DepartmentId(each), name=name)
        for each, name in {"a": "(Cũ Hành chính [tổ \\1", "b": "(Cũ Lãnh sự"}.items()
    }
    assert shortened("Ban (Cũ Hành chính [tổ \\1 và", odd) == "Ban HC[\\ và"
