"""Answers to forms, each version of them, and what was accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("source", "form", "taken_at", "edited", "digest", "content")
        ),
    )
    op.create_table(
        "acceptances",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("became", "at", "changes")),
    )


def downgrade() -> None:
    for table in ("acceptances", "submissions"):
        op.drop_table(table)
