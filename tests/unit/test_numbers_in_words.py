"""Numbers in sentences and figures have the decimal mark of their reader's language."""

import pytest

from api.history_filters import count_in_words
from api.web.charts import Bar, bars
from notifications.translation import Number, speaking, translate


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
        drawn = bars([Bar(label="x", parts=(("one", 2.5),))], unit=" ngày")
        assert drawn is not None
        assert drawn.rows[0].value == f"2{mark}5 ngày"
