"""Guards of every row that is only added or only moves one way, and two indexes.

A second fence behind the program, as those of 0001 and 0002: which never does what they refuse.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from alembic import op

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None


@dataclass(frozen=True)
class Guarded:
    """What holds for the rows of a table.

    ``keys``: what tells its rows apart, for SQLite's INSERT OR REPLACE, which deletes the row that
    it meets without a delete's trigger. ``kept``: columns that never change; ``once``: those that
    are set once; ``erased``: those that only become empty, where what somebody wrote is erased.
    ``back``: what an update may not do besides, where ``~`` is "differs from". ``stays``: which
    rows nobody deletes; "" where any may go.
    """

    says: str
    keys: tuple[str, ...] = ()
    kept: str = ""
    once: str = ""
    erased: str = ""
    back: str = ""
    stays: str = "TRUE"


ADDED_ONLY = {
    "campaigns": ("id",),
    "campaign_reads": ("campaign, person",),
    "dispatches": ("item_id, version", "year, series, number"),
}
OBEYED = "OLD.name IN ('agency', 'calendar', 'deployment', 'privacy_rules', 'proposal_rules')"
# What is left of a proposal's words where a person whom they name was erased.
ERASED_PROPOSAL = '{"of":{},"base":"","salt":""}'
ENDED_EARLIER = "NEW.ends_on > OLD.ends_on"
GUARDED = {
    "counters": Guarded(
        "numbers are given one after the other and never again",
        keys=("name",),
        kept="name",
        back="NEW.value <> OLD.value + 1",
    ),
    "settings": Guarded(
        "a deployment stays what it is, and what it obeys is never without an entry",
        kept="name",
        back="OLD.name = 'deployment' AND NEW.value <> OLD.value",
        stays=OBEYED,
    ),
    "departments": Guarded("departments stay", keys=("id",), kept="id, is_office"),
    "people": Guarded("people stay, and keep their numbers", keys=("id", "email"), kept="id"),
    "delegations": Guarded(
        "a delegation only ends, and never lasts longer",
        keys=("id",),
        kept="id, from_person, to_person, document, created_by, created_at, form, kinds, terms",
        back=f"{ENDED_EARLIER} OR NEW.starts_on > OLD.starts_on",
    ),
    "absences": Guarded(
        "an absence only ends, and never lasts longer",
        keys=("id",),
        kept="id, person, stand_in, starts_on, created_by, created_at",
        back=ENDED_EARLIER,
    ),
    "items": Guarded(
        "an item goes on only together with an entry of its history, and never goes away",
        keys=("id", "code"),
        kept="id, code, type, campaign, department, author",
        back="NEW.seq <= OLD.seq OR NEW.version < OLD.version OR NEW.erasures < OLD.erasures",
    ),
    "opinions": Guarded(
        "an opinion is asked and given once",
        keys=("id",),
        kept="id, item_id, asked_of, asked_by, asked_at",
        once="answered_at",
    ),
    "links": Guarded(
        "a link is used or revoked once, and what a decision stands on stays",
        kept="id, kid, person, item_id, step, content_hash, expires_at, created_at",
        once="used_at, used_entry, revoked_at, revoke_reason",
        stays="OLD.used_entry IS NOT NULL",
    ),
    "merits": Guarded(
        "what was noted of a merit stays as it was noted",
        keys=("id",),
        kept="id, campaign, recognition, whose_kind, department, happened_on, recorded_by, "
        "recorded_at",
        erased="story",
        # Where its words are erased, its number stands for them.
        back="(OLD.whose ~ NEW.whose AND NEW.whose <> '#' || OLD.id) "
        "OR (OLD.what ~ NEW.what AND NEW.what <> '#' || OLD.id)",
    ),
    "merit_notes": Guarded(
        "a note stays as it was written",
        keys=("id",),
        kept="id, merit_id, person, at, standing",
        erased="words",
    ),
    "files": Guarded(
        "that a file was attached stays as it was noted",
        kept="item_id, sha256, name, size, media_type, added_by, added_at",
        stays="",
    ),
    "privacy_requests": Guarded(
        "what a data subject asked stays, and is granted or refused once",
        keys=("id",),
        kept="id, kind, person, received_on, recorded_by, recorded_at",
        erased="name, contact, words",
        back="OLD.state IN ('granted', 'refused') AND (OLD.state ~ NEW.state "
        "OR (OLD.answer ~ NEW.answer AND NEW.answer <> ''))",
    ),
    "legal_holds": Guarded(
        "a hold is lifted once",
        keys=("id",),
        kept="id, about, reason, placed_by, placed_at",
        back="OLD.lifted_at IS NOT NULL",
    ),
    "proposal_links": Guarded(
        "a link stays whose it is, and is revoked once",
        kept="id, person, proposal, expires_at, created_at",
        once="revoked_at",
        stays="",
    ),
    "deadlines": Guarded(
        "a deadline is changed version by version, and never goes away",
        keys=("id",),
        kept="id, campaign, kind, created_at, series",
        back="NEW.version <= OLD.version",
    ),
    "extensions": Guarded(
        "an extension is asked for and decided once",
        keys=("id",),
        kept="id, deadline_id, department, asked_by, asked_at, wanted_at, why",
        back="OLD.state <> 'asked'",
    ),
    "proposals": Guarded(
        "a proposal stays as it was made and is answered once",
        keys=("id",),
        kept="id, command, base, grants, gainers, named, proposed_by, proposed_at, until",
        once="decided_by, decided_at, comment",
        back="(OLD.state <> 'open' AND OLD.state ~ NEW.state) "
        f"OR (OLD.parameters ~ NEW.parameters AND NEW.parameters <> '{ERASED_PROPOSAL}')",
    ),
    "reminders": Guarded(
        "who was reminded stays in the ledger",
        keys=("deadline_id, rung, person, due_on",),
        kept="id, deadline_id, rung, person, due_on, departments, at, outbox_id",
        back="OLD.state = 'sent'",
        stays="OLD.state = 'sent'",
    ),
    "outbox": Guarded(
        "a letter that was sent stays as it was sent",
        kept="id, dedupe_key, message_id, kind, person, item_id, created_at",
        # Of what was sent, only where it went may be erased.
        back="OLD.state = 'sent' AND (OLD.state ~ NEW.state OR OLD.params ~ NEW.params "
        "OR OLD.sent_at ~ NEW.sent_at OR OLD.link_id ~ NEW.link_id "
        "OR (OLD.address ~ NEW.address AND NEW.address IS NOT NULL) "
        "OR (OLD.last_code ~ NEW.last_code AND NEW.last_code IS NOT NULL))",
        stays="",
    ),
    "accesses": Guarded(
        "who opened what stays as it was noted",
        kept="id, at, what, person, item_id, link_id",
        erased="note, address",
        stays="",
    ),
    "account_changes": Guarded(
        "a change stays what it was, and is taken back once",
        kept="id, person, what, seq, before, until",
        once="undone_seq, ended_at",
        stays="",
    ),
    "api_tokens": Guarded(
        "a token stays whose it is, and is revoked once",
        kept="id, token_hash, person, created_at, expires_at, scopes",
        once="revoked_at",
        stays="",
    ),
    "setup_codes": Guarded(
        "a code stays whose it is, and is used once",
        kept="id, person, purpose, kid",
        once="used_at",
        stays="",
    ),
    **{
        table: Guarded("it is append-only", keys=keys, back="TRUE")
        for table, keys in ADDED_ONLY.items()
    },
}

# What is left of a content where texts of its item were erased stands under the hash that it was
# decided under; the item counts its erasures, each of which is an entry.
CONTENT_SAYS = "a content stays as it was written, unless texts of its item were erased"
CONTENT_REWRITTEN = (
    "OLD.item_id ~ NEW.item_id OR OLD.hash ~ NEW.hash OR OLD.version ~ NEW.version "
    "OR OLD.created_at ~ NEW.created_at "
    "OR NOT EXISTS (SELECT 1 FROM items WHERE id = OLD.item_id AND erasures > 0)"
)
ON_SQLITE = {
    **GUARDED,
    "contents": Guarded(CONTENT_SAYS, keys=("item_id, hash",), back=CONTENT_REWRITTEN),
}
# A trigger of PostgreSQL asks no other table before it calls its function.
ON_POSTGRESQL = {**GUARDED, "contents": Guarded(CONTENT_SAYS, kept="item_id")}

# The subtrees of the sealed log come one after the other on each level; a checkpoint is larger than
# all before it. 40001: another process was first; the committer runs the loser's set again.
NODE_ORDER = (
    "NEW.place <> coalesce("
    "(SELECT max(place) + 1 FROM history_log_nodes WHERE level = NEW.level), 0)"
)
NODE_ORDER_BEFORE = (
    "EXISTS (SELECT 1 FROM history_log_nodes WHERE level = NEW.level AND place = NEW.place)"
)
POSTGRESQL_ORDER = {
    "history_log_nodes": ("thidua_nodes_in_order", NODE_ORDER),
    "checkpoints": (
        "thidua_checkpoints_in_order",
        "EXISTS (SELECT 1 FROM checkpoints WHERE size >= NEW.size)",
    ),
}


def upgrade() -> None:
    """Make the indexes and the guards."""
    # Whose delegations and absences: what an entry about a person commits to.
    op.create_index("ix_delegations_from_person", "delegations", ["from_person"])
    op.create_index("ix_absences_person", "absences", ["person"])
    if op.get_bind().dialect.name == "sqlite":
        for table, guarded in ON_SQLITE.items():
            for name, when in sqlite_guards(table, guarded):
                op.execute(sqlite_trigger(table, name, when, guarded.says))
        replace_node_order(NODE_ORDER)
        return
    op.execute(
        "CREATE FUNCTION thidua_guard() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0]; END $$"
    )
    for table, guarded in ON_POSTGRESQL.items():
        for name, act in postgresql_guards(table, guarded):
            says = guarded.says.replace("'", "''")
            add_trigger(table, name, f"{act} EXECUTE FUNCTION thidua_guard('{says}')")
    op.execute(
        "CREATE FUNCTION thidua_content_left() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {CONTENT_REWRITTEN.replace('~', 'IS DISTINCT FROM')} THEN "
        f"RAISE EXCEPTION 'contents: {CONTENT_SAYS}'; END IF; RETURN NEW; END $$"
    )
    act = "BEFORE UPDATE ON contents FOR EACH ROW EXECUTE FUNCTION thidua_content_left()"
    add_trigger("contents", "contents_only_erased", act)
    add_trigger(
        "history_texts",
        "history_texts_no_truncate",
        "BEFORE TRUNCATE ON history_texts FOR EACH STATEMENT EXECUTE FUNCTION thidua_refuse()",
    )
    for table, (function, is_out_of_order) in POSTGRESQL_ORDER.items():
        op.execute(
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {is_out_of_order} THEN RAISE EXCEPTION '{table} is append-only' "
            "USING ERRCODE = '40001'; END IF; RETURN NEW; END $$"
        )
        act = f"BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
        add_trigger(table, f"{table}_in_order", act)


def downgrade() -> None:
    """Drop them."""
    if op.get_bind().dialect.name == "sqlite":
        for table, guarded in ON_SQLITE.items():
            for name, _ in sqlite_guards(table, guarded):
                op.execute(f"DROP TRIGGER {name}")
        replace_node_order(NODE_ORDER_BEFORE)
    else:
        for table, guarded in ON_POSTGRESQL.items():
            for name, _ in postgresql_guards(table, guarded):
                op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute("DROP TRIGGER contents_only_erased ON contents")
        op.execute("DROP FUNCTION thidua_content_left()")
        op.execute("DROP TRIGGER history_texts_no_truncate ON history_texts")
        for table, (function, _) in POSTGRESQL_ORDER.items():
            op.execute(f"DROP TRIGGER {table}_in_order ON {table}")
            op.execute(f"DROP FUNCTION {function}()")
        op.execute("DROP FUNCTION thidua_guard()")
    op.drop_index("ix_absences_person", "absences")
    op.drop_index("ix_delegations_from_person", "delegations")


def changes(guarded: Guarded, differs: str) -> str:
    """Return when an update is refused; ``differs``: an operator that knows NULL."""
    kept = [f"OLD.{each} {differs} NEW.{each}" for each in columns(guarded.kept)]
    once = [
        f"(OLD.{each} IS NOT NULL AND OLD.{each} {differs} NEW.{each})"
        for each in columns(guarded.once)
    ]
    erased = [
        f"(OLD.{each} {differs} NEW.{each} AND NEW.{each} <> '')"
        for each in columns(guarded.erased)
    ]
    back = [f"({guarded.back.replace('~', differs)})"] if guarded.back else []
    return " OR ".join([*kept, *once, *erased, *back])


def columns(text: str) -> list[str]:
    """Return the names in a list with commas."""
    return text.split(", ") if text else []


def sqlite_guards(table: str, guarded: Guarded) -> Iterator[tuple[str, str]]:
    """Yield each trigger's name, and its moment with its condition."""
    yield f"{table}_no_update", f"BEFORE UPDATE ON {table} WHEN {changes(guarded, 'IS NOT')}"
    if guarded.stays:
        yield f"{table}_no_delete", f"BEFORE DELETE ON {table} WHEN {guarded.stays}"
    same = [" AND ".join(f"{each} = NEW.{each}" for each in columns(key)) for key in guarded.keys]
    # Settings are written by upserts, whose insert comes first; a letter may go, and so may be
    # replaced; links have random ids.
    found = {
        "settings": "name = NEW.name AND name = 'deployment' AND value <> NEW.value",
        "links": "id = NEW.id AND used_entry IS NOT NULL",
    }.get(table, " OR ".join(f"({each})" for each in same))
    if table == "reminders":
        found = f"state = 'sent' AND {found}"
    if found:
        there_is = f"EXISTS (SELECT 1 FROM {table} WHERE {found})"  # noqa: S608 - names of ours
        yield f"{table}_no_replace", f"BEFORE INSERT ON {table} WHEN {there_is}"


def sqlite_trigger(table: str, name: str, when: str, says: str) -> str:
    """Return the statement that makes a trigger."""
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{table}: {says}'); END"


def replace_node_order(is_out_of_order: str) -> None:
    """Let SQLite refuse subtrees under another condition than before."""
    op.execute("DROP TRIGGER history_log_nodes_in_order")
    when = f"BEFORE INSERT ON history_log_nodes WHEN {is_out_of_order}"
    says = "history_log_nodes is append-only"
    op.execute(sqlite_trigger("history_log_nodes", "history_log_nodes_in_order", when, says))


def postgresql_guards(table: str, guarded: Guarded) -> Iterator[tuple[str, str]]:
    """Yield each trigger's name, and its moment with its condition, which costs no call."""
    row = f"ON {table} FOR EACH ROW WHEN"
    refused = changes(guarded, "IS DISTINCT FROM")
    yield f"{table}_no_update", f"BEFORE UPDATE {row} ({refused})"
    if guarded.stays:
        yield f"{table}_no_delete", f"BEFORE DELETE {row} ({guarded.stays})"
    yield f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"


def add_trigger(table: str, name: str, act: str) -> None:
    """Make a trigger that fires under ``session_replication_role = replica`` as well."""
    op.execute(f"CREATE TRIGGER {name} {act}")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
