"""Rounds of the council, with their members, cases, ballots and challenges, and their guards.

What a round came to is never changed: nothing of one that has ended is added, changed or deleted.
Of the sealed papers of a secret ballot only deleting is possible, once they are counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
)

revision = "r0017"
down_revision = "r0016"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)
Share = String(20)


@dataclass(frozen=True)
class Guarded:
    """What holds for the rows of a table of a round.

    ``keys``: what tells its rows apart, for SQLite's INSERT OR REPLACE, which deletes the row that
    it meets without a delete's trigger. ``kept``: columns that never change; ``back``: what an
    update may not do besides, where ``~`` is "differs from"; ``stays``: which rows nobody deletes.
    """

    keys: str
    kept: str
    back: str = "FALSE"
    stays: str = "TRUE"
    owner: str = "round_id"


def ended(row: str, owner: str = "round_id") -> str:
    """Return the condition that the round of ``row`` has ended."""
    over = f"id = {row}.{owner} AND state IN ('closed', 'cancelled')"
    return f"EXISTS (SELECT 1 FROM rounds WHERE {over})"  # noqa: S608 - names of ours


GUARDED = {
    "rounds": Guarded(
        keys="id",
        kept="id, campaign, created_by, created_at",
        back="OLD.state IN ('closed', 'cancelled') OR NEW.run < OLD.run",
        owner="id",
    ),
    "round_seats": Guarded(
        keys="round_id, person",
        kept="round_id, person",
        back="NEW.voted_run < OLD.voted_run",
        stays="OLD.voted_run > 0",
    ),
    "round_cases": Guarded(
        keys="round_id, item_id", kept="round_id, item_id", stays="OLD.agree IS NOT NULL"
    ),
    "round_ballots": Guarded(keys="id", kept="id, round_id, run, item_id, choice"),
    "round_receipts": Guarded(keys="round_id, run, receipt", kept="round_id, run, receipt"),
    "round_votes": Guarded(
        keys="round_id, run, item_id, person", kept="round_id, run, item_id, person, choice"
    ),
    "round_challenges": Guarded(
        keys="id",
        kept="id, round_id, run, person, at, words",
        back="OLD.answered_at IS NOT NULL",
    ),
    "round_links": Guarded(
        keys="",
        kept="id, person, round_id, run, expires_at, created_at",
        back="OLD.revoked_at IS NOT NULL AND OLD.revoked_at ~ NEW.revoked_at",
        stays="",
    ),
    "round_papers": Guarded(keys="", kept="id, round_id, sealed", stays=""),
}
SAYS = "what a round of the council came to stays"


def upgrade() -> None:
    """Create the tables, then their guards."""
    _create_rounds()
    _create_members_and_cases()
    _create_votes()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, guarded in GUARDED.items():
        if is_sqlite:
            for name, when in sqlite_guards(table, guarded):
                refused = f"BEGIN SELECT RAISE(ABORT, '{table}: {SAYS}'); END"
                op.execute(f"CREATE TRIGGER {table}_{name} {when} {refused}")
        else:
            _guard_on_postgresql(table, guarded)


def _create_rounds() -> None:
    op.create_table(
        "rounds",
        Column("id", Id, nullable=False),
        Column("campaign", String(60), nullable=False),
        Column("title", String(300), nullable=False),
        Column("meeting", String(12), nullable=False),
        Column("voting", String(12), nullable=False),
        Column("held_on", String(10), nullable=False),
        Column("place", String(200), nullable=False),
        Column("agenda", Text, nullable=False),
        Column("quorum", Share, nullable=False),
        Column("concerned_count", Integer, nullable=False),
        Column("state", String(12), nullable=False),
        Column("run", Integer, nullable=False),
        Column("box", LargeBinary(32)),
        Column("created_by", Id, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("counted_by", Id),
        Column("counted_at", Instant),
        Column("ended_by", Id),
        Column("ended_at", Instant),
        PrimaryKeyConstraint("id", name="pk_rounds"),
        ForeignKeyConstraint(["campaign"], ["campaigns.id"], name="fk_rounds_campaign"),
        ForeignKeyConstraint(["created_by"], ["people.id"], name="fk_rounds_created_by"),
        ForeignKeyConstraint(["counted_by"], ["people.id"], name="fk_rounds_counted_by"),
        ForeignKeyConstraint(["ended_by"], ["people.id"], name="fk_rounds_ended_by"),
        CheckConstraint(
            "state IN ('prepared', 'voting', 'counted', 'closed', 'cancelled')", name="known_state"
        ),
        # Whatever the program does: nobody closes what they counted.
        CheckConstraint("state <> 'closed' OR ended_by <> counted_by", name="two_persons"),
    )


def _create_members_and_cases() -> None:
    op.create_table(
        "round_seats",
        Column("round_id", Id, nullable=False),
        Column("person", Id, nullable=False),
        Column("role", String(12), nullable=False),
        Column("attendance", String(12), nullable=False),
        Column("voted_run", Integer, nullable=False),
        PrimaryKeyConstraint("round_id", "person", name="pk_round_seats"),
        ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_seats_round_id"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_round_seats_person"),
    )
    # Whose rounds: what a member sees.
    op.create_index("ix_round_seats_person", "round_seats", ["person"])
    op.create_table(
        "round_cases",
        Column("round_id", Id, nullable=False),
        Column("item_id", Id, nullable=False),
        Column("place", Integer, nullable=False),
        Column("threshold", Share, nullable=False),
        Column("content_hash", String(64), nullable=False),
        Column("concerned", Text, nullable=False),
        Column("agree", Integer),
        Column("disagree", Integer),
        Column("blank", Integer),
        Column("base", Integer),
        Column("passed", Integer),
        PrimaryKeyConstraint("round_id", "item_id", name="pk_round_cases"),
        ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_cases_round_id"),
        ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_round_cases_item_id"),
    )
    # In which rounds an item is, and whether one has passed it.
    op.create_index("ix_round_cases_item_id", "round_cases", ["item_id"])
    op.create_table(
        "round_links",
        Column("id", LargeBinary(16), nullable=False),
        Column("person", Id, nullable=False),
        Column("round_id", Id, nullable=False),
        Column("run", Integer, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("revoked_at", Instant),
        PrimaryKeyConstraint("id", name="pk_round_links"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_round_links_person"),
        ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_links_round_id"),
    )
    # Whose links to revoke, and which one a letter carries.
    op.create_index("ix_round_links_person_round_id", "round_links", ["person", "round_id"])


def _create_votes() -> None:
    op.create_table(
        "round_papers",
        Column("id", String(32), nullable=False),
        Column("round_id", Id, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        PrimaryKeyConstraint("id", name="pk_round_papers"),
        ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_papers_round_id"),
        # SQLite would number the rows in the order that members voted in.
        sqlite_with_rowid=False,
    )
    # What is in the box: counted and emptied together.
    op.create_index("ix_round_papers_round_id", "round_papers", ["round_id"])
    op.create_table(
        "round_ballots",
        Column("id", String(32), nullable=False),
        Column("round_id", Id, nullable=False),
        Column("run", Integer, nullable=False),
        Column("item_id", Id, nullable=False),
        Column("choice", String(12), nullable=False),
        PrimaryKeyConstraint("id", name="pk_round_ballots"),
        ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_ballots_round_id"),
        ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_round_ballots_item_id"),
    )
    # A recount reads them all.
    op.create_index("ix_round_ballots_round_id_run", "round_ballots", ["round_id", "run"])
    op.create_table(
        "round_receipts",
        Column("round_id", Id, nullable=False),
        Column("run", Integer, nullable=False),
        Column("receipt", String(16), nullable=False),
        PrimaryKeyConstraint("round_id", "run", "receipt", name="pk_round_receipts"),
        ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_receipts_round_id"),
    )
    op.create_table(
        "round_votes",
        Column("round_id", Id, nullable=False),
        Column("run", Integer, nullable=False),
        Column("item_id", Id, nullable=False),
        Column("person", Id, nullable=False),
        Column("choice", String(12), nullable=False),
        PrimaryKeyConstraint("round_id", "run", "item_id", "person", name="pk_round_votes"),
        ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_votes_round_id"),
        ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_round_votes_item_id"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_round_votes_person"),
    )
    # What is kept about a person.
    op.create_index("ix_round_votes_person", "round_votes", ["person"])
    op.create_table(
        "round_challenges",
        Column("id", Id, nullable=False),
        Column("round_id", Id, nullable=False),
        Column("run", Integer, nullable=False),
        Column("person", Id, nullable=False),
        Column("at", Instant, nullable=False),
        Column("words", Text, nullable=False),
        Column("answer", Text),
        Column("answered_by", Id),
        Column("answered_at", Instant),
        Column("repeats", Integer),
        PrimaryKeyConstraint("id", name="pk_round_challenges"),
        ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_challenges_round_id"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_round_challenges_person"),
        ForeignKeyConstraint(
            ["answered_by"], ["people.id"], name="fk_round_challenges_answered_by"
        ),
    )
    # All challenges of a round.
    op.create_index("ix_round_challenges_round_id", "round_challenges", ["round_id"])


def names(text: str) -> list[str]:
    """Return the names in a list with commas."""
    return text.split(", ") if text else []


def refused_update(guarded: Guarded, differs: str) -> str:
    """Return when an update is refused; ``differs``: an operator that knows NULL."""
    kept = [f"OLD.{each} {differs} NEW.{each}" for each in names(guarded.kept)]
    back = guarded.back.replace("~", differs)
    over = [] if guarded.owner == "id" or not guarded.keys else [ended("OLD")]
    return " OR ".join([*kept, f"({back})", *over])


def refused_delete(guarded: Guarded) -> str:
    """Return when a delete is refused, "" where any row may go."""
    if not guarded.stays:
        return ""
    return guarded.stays if guarded.owner == "id" else f"{guarded.stays} OR {ended('OLD')}"


def sqlite_guards(table: str, guarded: Guarded) -> Iterator[tuple[str, str]]:
    """Yield each trigger's name, and its moment with its condition."""
    yield "no_update", f"BEFORE UPDATE ON {table} WHEN {refused_update(guarded, 'IS NOT')}"
    if stays := refused_delete(guarded):
        yield "no_delete", f"BEFORE DELETE ON {table} WHEN {stays}"
    if guarded.keys:
        same = " AND ".join(f"{each} = NEW.{each}" for each in names(guarded.keys))
        there_is = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names of ours
        over = "" if guarded.owner == "id" else f" OR {ended('NEW')}"
        yield "no_replace", f"BEFORE INSERT ON {table} WHEN {there_is}{over}"


def _guard_on_postgresql(table: str, guarded: Guarded) -> None:
    # A trigger's condition asks no other table, so a function of each table does.
    raised = f"RAISE EXCEPTION '{table}: {SAYS}'; END IF;"
    update, delete = refused_update(guarded, "IS DISTINCT FROM"), refused_delete(guarded)
    own = guarded.keys and guarded.owner != "id"
    op.execute(
        f"CREATE FUNCTION thidua_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {update} THEN {raised} RETURN NEW; "
        f"ELSIF TG_OP = 'INSERT' THEN IF {ended('NEW') if own else 'FALSE'} THEN {raised} "
        f"RETURN NEW; END IF; IF {delete or 'FALSE'} THEN {raised} RETURN OLD; END $$"
    )
    acts = {"no_update": "UPDATE"}
    if delete:
        acts["no_delete"] = "DELETE"
    if own:
        acts["no_insert"] = "INSERT"
    for name, act in acts.items():
        _add(table, f"{table}_{name}", f"BEFORE {act} ON {table} FOR EACH ROW", f"thidua_{table}")
    _add(
        table,
        f"{table}_no_truncate",
        f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
        "thidua_refuse",
    )


def _add(table: str, name: str, moment: str, function: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {moment} EXECUTE FUNCTION {function}()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def downgrade() -> None:
    """Drop the tables: what a round came to stands in the history."""
    for table in reversed(GUARDED):
        if table != "rounds":
            op.drop_table(table)
    op.drop_table("rounds")
    if op.get_bind().dialect.name != "sqlite":
        for table in GUARDED:
            op.execute(f"DROP FUNCTION thidua_{table}()")
