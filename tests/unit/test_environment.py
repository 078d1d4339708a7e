"""What templates may use beside their page's values."""

from api.web.environment import templates


def test_a_capital_at_the_beginning_leaves_the_names_within_as_they_are():
    shown = templates().from_string("{{ words | capitalize }}").render(words="gửi Ban TĐKT")
    assert shown == "Gửi Ban TĐKT"
