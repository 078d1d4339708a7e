"""A statement for one row becomes one for many; what it brings along itself stays as it is."""

import pytest

from workflow.store.recordsets import as_rows, over_rows

GIVEN = "json_to_recordset(%(rows)s::JSON) AS given"


@pytest.mark.parametrize(
    ("one", "many"),
    [
        (
            "INSERT INTO t (a, h) VALUES (%(a)s::BIGINT, %(h)s) ON CONFLICT DO NOTHING",
            (
                f'INSERT INTO t (a, h) SELECT given."a", given."h" FROM {GIVEN} '
                '("a" BIGINT, "h" BYTEA) ON CONFLICT DO NOTHING'
            ),
        ),
        (
            "UPDATE t SET a=%(new)s::VARCHAR, s=%(kept)s::VARCHAR WHERE t.id = %(id)s::BIGINT",
            (
                f'UPDATE t SET a=given."new", s=%(kept)s::VARCHAR FROM {GIVEN} '
                '("new" VARCHAR, "id" BIGINT) WHERE t.id = given."id"'
            ),
        ),
        (
            "DELETE FROM t WHERE t.id = %(id)s::BIGINT AND t.s = %(kept)s::VARCHAR",
            (
                f'DELETE FROM t USING {GIVEN} ("id" BIGINT) '
                'WHERE t.id = given."id" AND t.s = %(kept)s::VARCHAR'
            ),
        ),
    ],
    ids=["insert", "update", "delete"],
)
def test_a_statement_runs_over_rows(one, many):
    assert over_rows(one, frozenset({"kept"})) == many


def test_rows_keep_every_kind_of_value():
    rows = [{"n": 2**62, "t": 'Đ"\\', "b": b"\x00\xff", "none": None}]
    assert as_rows(rows) == r'[{"n":4611686018427387904,"t":"Đ\"\\","b":"\\x00ff","none":null}]'


def test_a_value_of_another_kind_is_refused():
    with pytest.raises(TypeError):
        as_rows([{"when": object()}])
