"""Triggers that keep a table append-only on both engines; used by migrations, never changed afterwards."""

from alembic import op

_REFUSE = """
CREATE OR REPLACE FUNCTION evalsys_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

_REFUSE_UNLESS_REDACTED = """
CREATE OR REPLACE FUNCTION evalsys_only_redaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.text = '已隐去' AND NEW.redacted_at IS NOT NULL
       AND NEW.rating_id = OLD.rating_id AND NEW.seq = OLD.seq THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rating_texts changes only by redaction' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _sqlite(table: str, verb: str, when: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def keep_append_only(*tables: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on each table."""
    if not _is_sqlite():
        op.execute(_REFUSE)
    for table in tables:
        if _is_sqlite():
            _sqlite(table, "UPDATE")
            _sqlite(table, "DELETE")
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION evalsys_append_only()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION evalsys_append_only()"
            )


def allow_only_redaction() -> None:
    """Let rating_texts change only from words to 已隐去; refuse DELETE and TRUNCATE."""
    if _is_sqlite():
        _sqlite(
            "rating_texts",
            "UPDATE",
            "WHEN NEW.text <> '已隐去' OR NEW.redacted_at IS NULL "
            "OR NEW.rating_id <> OLD.rating_id OR NEW.seq <> OLD.seq",
        )
        _sqlite("rating_texts", "DELETE")
        return
    op.execute(_REFUSE_UNLESS_REDACTED)
    op.execute(
        "CREATE TRIGGER rating_texts_only_redaction BEFORE UPDATE ON rating_texts "
        "FOR EACH ROW EXECUTE FUNCTION evalsys_only_redaction()"
    )
    op.execute(
        "CREATE TRIGGER rating_texts_append_only BEFORE DELETE ON rating_texts "
        "FOR EACH ROW EXECUTE FUNCTION evalsys_append_only()"
    )
    op.execute(
        "CREATE TRIGGER rating_texts_no_truncate BEFORE TRUNCATE ON rating_texts "
        "FOR EACH STATEMENT EXECUTE FUNCTION evalsys_append_only()"
    )
