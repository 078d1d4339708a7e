"""Names stand in the order in which a Vietnamese office looks for them."""

from itertools import pairwise

from workflow.people import by_given_name

IN_ORDER = [
    "Trần Văn An",
    "Nguyễn Thị Ánh",
    "Lê Ân",
    "Đỗ Bình",
    "Nguyễn Văn Dũng",
    "Phạm Đạt",
    "Đặng Thị Hà",
    "Lê Thị Hà",
    "Trần Hạ",
    "Vũ Ngọc Oanh",
    "Hồ Thị Ưng",
    "Bùi Vy",
]


def test_names_are_sorted_by_given_name_in_the_order_of_the_alphabet():
    ranks = [by_given_name(name) for name in IN_ORDER]
    assert all(first < second for first, second in pairwise(ranks))


def test_decomposed_and_odd_names_have_a_place():
    assert by_given_name("A\u0301nh") == by_given_name("ánh")
    assert min(["Phòng 2", "", "Ô", "山"], key=by_given_name) == ""
