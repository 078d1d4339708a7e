"""A refused command leaves no row, whenever it is refused; the other commands of its set go on."""

from dataclasses import dataclass
from functools import partial

import pytest
from sqlalchemy import Column, MetaData, Table, Text, bindparam, insert, select

from workflow.command import MACHINE, Command
from workflow.commands.execute import execute, one_by_one
from workflow.committer import Committer
from workflow.errors import NotFoundRefusal
from workflow.store.engines import open_engines
from workflow.store.prepared import Prepared

KEPT = Table("kept", MetaData(), Column("name", Text))
PREPARED = Prepared(insert(KEPT).values(name=bindparam("name")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep(Command[str]):
    """Keep a name; by a prepared statement or by Core."""

    name: str
    is_prepared: bool
    is_refused: bool = False


def keep(transaction, command):
    if command.is_prepared:
        PREPARED.run(transaction.connection, {"name": command.name})
    else:
        transaction.connection.execute(insert(KEPT).values(name=command.name))
    if command.is_refused:
        raise NotFoundRefusal
    return command.name


@pytest.mark.parametrize("is_prepared", [True, False])
def test_what_is_refused_after_a_write_is_taken_back_and_the_rest_is_kept(tmp_path, is_prepared):
    engines = open_engines(f"sqlite:///{tmp_path / 'kept.db'}")
    with engines.write.begin() as connection:
        KEPT.metadata.create_all(connection)
    use_cases = {Keep: one_by_one(Keep, keep)}
    run = partial(execute, None, lambda *_: None, use_cases)
    committer = Committer(engines.write, run)
    commands = [
        Keep(cause=MACHINE, name="first", is_prepared=is_prepared),
        Keep(cause=MACHINE, name="refused", is_prepared=is_prepared, is_refused=True),
        Keep(cause=MACHINE, name="last", is_prepared=is_prepared),
    ]
    outcomes = committer._run_set(commands)
    with engines.read.begin() as connection:
        assert list(connection.execute(select(KEPT.c.name)).scalars()) == ["first", "last"]
    assert isinstance(outcomes[1], NotFoundRefusal)
    committer._drop_connection()
    engines.dispose()
