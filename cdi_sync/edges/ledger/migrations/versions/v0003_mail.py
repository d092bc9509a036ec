"""Letters handed over by several copies, their journal, what comes back by mail, and what a run leaves for the next."""

import sqlalchemy as sa
from alembic import op

from cdi_sync.edges.ledger.journal import RECORDED, append, content_digest

revision = "0003"
down_revision = "0002"

_TEXTS = ("owner", "lease_until", "retry_at", "hold", "thread")


def upgrade() -> None:
    for name in _TEXTS:
        op.add_column("letters", sa.Column(name, sa.String, nullable=False, server_default=""))
    op.add_column("letters", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    op.add_column("letters", sa.Column("last_day", sa.Date, nullable=True))
    op.create_index("letters_state", "letters", ["state"])  # those that wait are few among those that left
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("at", "letter", "event", "detail", "digest")),
    )
    op.create_index("journal_letter", "journal", ["letter"])
    _note_former_letters(op.get_bind())
    op.create_table(
        "addresses",
        sa.Column("address", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("since", "status", "detail", "letter")),
    )
    op.create_table(
        "incoming",
        sa.Column("key", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("at", "kind", "sender", "letter", "detail")),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.String, primary_key=True),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("reminder", "case_id", "subject", "anchor", "tab", "column", "sender", "at", "verb", "value")
        ),
        sa.Column("message", sa.String, sa.ForeignKey("incoming.key"), nullable=False),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )


def _note_former_letters(connection: sa.Connection) -> None:
    """The journal begins with them: from here on, a change of theirs shows."""
    former = sa.text("SELECT key, made_at, settled_at, state, detail, content FROM letters ORDER BY made_at, key")
    for row in connection.execute(former).all():
        append(connection, row.key, RECORDED, at=row.made_at, detail=content_digest(row.content))
        if row.state != "queued":
            append(connection, row.key, row.state, at=row.settled_at, detail=row.detail)


def downgrade() -> None:
    for table in ("marks", "answers", "incoming", "addresses", "journal"):
        op.drop_table(table)
    op.drop_index("letters_state", "letters")
    for column in ("last_day", "attempts", *_TEXTS):
        op.drop_column("letters", column)
