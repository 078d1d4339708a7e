"""Floor B, which speed is measured against, writes what a decision writes."""

from tests.bench.decisions import hold_rows_the_same
from tests.bench.product import open_product


def test_floor_b_writes_the_very_rows_of_a_decision(tmp_path):
    product = open_product(tmp_path)
    hold_rows_the_same(product)
    product.parts.close()
