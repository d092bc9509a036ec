"""The ledger: letters, the notices that they carried, and what was last written in the workbook."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("message_id", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("lang", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("eml", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("reminder", sa.String, primary_key=True),
        sa.Column("case_id", sa.String, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("anchor", sa.String, primary_key=True),
        sa.Column("step", sa.String, primary_key=True),
        sa.Column("recipient", sa.String, primary_key=True),
        sa.Column("letter", sa.String, sa.ForeignKey("letters.key"), nullable=False),
    )
    op.create_table(
        "published",
        sa.Column("tab", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("cells", sa.String, nullable=False),
    )


def downgrade() -> None:
    for table in ("published", "notices", "letters"):
        op.drop_table(table)
