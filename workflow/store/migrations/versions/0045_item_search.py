"""An index of parts of the words that items are found by, kept by triggers."""

from alembic import op

revision = "r0045"
down_revision = "r0043"
branch_labels = None
depends_on = None

ADDED, CHANGED = "items_search_added", "items_search_changed"
_CHANGE = "AFTER UPDATE OF search ON items"

# No search asks for more than 200 letters, which stand together in one of these pieces; a key of an
# index has an end.
_PIECES = (
    "CREATE FUNCTION thidua_words(said text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ "
    "SELECT ARRAY (SELECT DISTINCT substr(word, place, 400) "
    "FROM unnest(string_to_array(said, ' ')) AS word, "
    "generate_series(1, greatest(length(word) - 200, 1), 200) AS place WHERE word <> '') $$"
)
_GRAMS = (
    "CREATE FUNCTION thidua_grams(word text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ "
    "SELECT ARRAY (SELECT substr(word, place, 3) "
    "FROM generate_series(1, length(word) - 2) AS place) $$"
)
# As its owner: the server's role writes into the index by this alone. One process at a time, so
# that none counts on a word that another one takes away. A word that no item has is not kept: it
# may have been erased.
_KEEP = (
    "CREATE FUNCTION thidua_search() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
    "SET search_path FROM CURRENT AS $$ DECLARE now text[] := thidua_words(NEW.search); BEGIN "
    "PERFORM pg_advisory_xact_lock(hashtext('thidua_search')); "
    "INSERT INTO item_search VALUES (NEW.id, now) "
    "ON CONFLICT (item_id) DO UPDATE SET words = EXCLUDED.words; "
    "INSERT INTO search_words SELECT said, thidua_grams(said) FROM unnest(now) AS said "
    "ON CONFLICT DO NOTHING; "
    "IF TG_OP = 'UPDATE' THEN DELETE FROM search_words "
    "WHERE word = ANY (thidua_words(OLD.search)) AND word <> ALL (now) "
    "AND NOT EXISTS (SELECT 1 FROM item_search WHERE words @> ARRAY[word]); END IF; "
    "RETURN NULL; END $$"
)


def upgrade() -> None:
    """Make the index, fill it, and let triggers keep it."""
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    # Of its own content: an index over another table's breaks where somebody wrote past a trigger.
    op.execute(
        "CREATE VIRTUAL TABLE item_search USING fts5("
        "search, tokenize = 'trigram case_sensitive 1', columnsize = 0)"
    )
    version = op.get_bind().exec_driver_sql("SELECT sqlite_version()").scalar()
    if tuple(map(int, version.split("."))) >= (3, 42):  # what is erased leaves its index at once
        op.execute("INSERT INTO item_search (item_search, rank) VALUES ('secure-delete', 1)")
    op.execute("INSERT INTO item_search (rowid, search) SELECT id, search FROM items")
    op.execute(
        f"CREATE TRIGGER {ADDED} AFTER INSERT ON items BEGIN "  # noqa: S608 - names of ours
        "INSERT INTO item_search (rowid, search) VALUES (NEW.id, NEW.search); END"
    )
    op.execute(
        f"CREATE TRIGGER {CHANGED} {_CHANGE} "  # noqa: S608 - likewise
        "WHEN OLD.search <> NEW.search BEGIN UPDATE item_search SET search = NEW.search WHERE rowid = NEW.id; END"
    )


def _on_postgresql() -> None:
    op.execute(_PIECES)
    op.execute(_GRAMS)
    op.execute(
        "CREATE TABLE item_search (item_id bigint PRIMARY KEY REFERENCES items (id), "
        "words text[] NOT NULL)"
    )
    op.execute("CREATE TABLE search_words (word text PRIMARY KEY, grams text[] NOT NULL)")
    op.execute("SET LOCAL statement_timeout = 0")  # a hundred thousand items take half a minute
    op.execute("INSERT INTO item_search SELECT id, thidua_words(search) FROM items")
    op.execute(
        "INSERT INTO search_words SELECT word, thidua_grams(word) "
        "FROM (SELECT DISTINCT unnest(words) AS word FROM item_search) AS said"
    )
    op.execute("CREATE INDEX ix_item_search_words ON item_search USING gin (words)")
    op.execute("CREATE INDEX ix_search_words_grams ON search_words USING gin (grams)")
    op.execute(_KEEP)
    keeps = "FOR EACH ROW {} EXECUTE FUNCTION thidua_search()"
    op.execute(f"CREATE TRIGGER {ADDED} AFTER INSERT ON items {keeps.format('')}")
    differs = "WHEN (OLD.search IS DISTINCT FROM NEW.search)"
    op.execute(f"CREATE TRIGGER {CHANGED} {_CHANGE} {keeps.format(differs)}")
    for each in (ADDED, CHANGED):
        op.execute(f"ALTER TABLE items ENABLE ALWAYS TRIGGER {each}")


def downgrade() -> None:
    """Drop the index; every item still has its words."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for each in (ADDED, CHANGED):
        op.execute(f"DROP TRIGGER {each}" + ("" if is_sqlite else " ON items"))
    op.execute("DROP TABLE item_search")
    if not is_sqlite:
        op.execute("DROP TABLE search_words")
        for each in ("search()", "words(text)", "grams(text)"):
            op.execute(f"DROP FUNCTION thidua_{each}")
