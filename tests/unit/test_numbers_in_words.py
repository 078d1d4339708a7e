"""Numbers in sentences and figures have the decimal mark of their reader's language."""

import pytest

from api.history_filters import count_in_words
from api.web.environment import templates
from api.web.pages.campaigns import usual_days
from notifications.translation import Number, speaking, translate
from workflow.deadlines import Step
from workflow.messages import lazy


@pytest.mark.parametrize(("language", "mark"), [("vi", ","), ("en", ".")])
def test_a_number_is_written_as_its_reader_does(language, mark):
    with speaking(language):
        assert f"{Number(2.5):.1f}" == f"2{mark}5"
        assert f"{Number(3):g}" == "3"
        thousands = "." if mark == "," else ","
        assert f"10{thousands}000" in count_in_words(10_001, 10_000)
        days = translate(
            "Items of this kind usually take {days:g} working days from submission to "
            "the board (median of {items} items).",
            days=12.5,
            items=8,
        )
        assert f"12{mark}5" in days
        step = Step(state="submitted", label=lazy("x"), working_days=2)
        assert usual_days([step], [{"submitted": 2.5}]) == {"submitted": 2.5}


def test_a_line_ends_in_no_code_of_an_item():
    head = "{% from 'pieces/basics.html' import page_head %}{{ page_head(title) }}"
    shown = templates().from_string(head).render(title="Gửi <DN-2022-0001>")
    assert 'Gửi &lt;<span class="once">DN-2022-0001</span>&gt;' in shown
