"""What templates may use beside their page's values."""

from api.web.environment import templates


def test_a_capital_at_the_beginning_leaves_the_names_within_as_they_are():
    shown = templates().from_string("{{ words | capitalize }}").render(words="gửi Ban TĐKT")
    assert shown == "Gửi Ban TĐKT"


def test_what_was_sought_is_marked_with_and_without_diacritics():
    shown = templates().from_string("{{ text | with_marks(sought) }}")
    found = shown.render(text="Phòng Quản lý biên giới <b>", sought="giới quan")
    assert found == "Phòng <mark>Quản</mark> lý biên <mark>giới</mark> &lt;b&gt;"
    assert shown.render(text="Đoàn <b>", sought="") == "Đoàn &lt;b&gt;"
    assert shown.render(text="Đoàn ½ ra", sought="doan RA") == "<mark>Đoàn ½ ra</mark>"
