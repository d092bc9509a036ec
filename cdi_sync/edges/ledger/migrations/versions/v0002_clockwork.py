"""What became of each letter and when, which job did which slot, and each council's weekly figures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("letters", sa.Column("rank", sa.Integer, nullable=False, server_default="0"))
    op.add_column("letters", sa.Column("detail", sa.String, nullable=False, server_default=""))
    op.add_column("letters", sa.Column("made_at", sa.String, nullable=False, server_default=""))
    op.add_column("letters", sa.Column("settled_at", sa.String, nullable=False, server_default=""))
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String, primary_key=True),
        sa.Column("slot", sa.String, primary_key=True),
        sa.Column("finished_at", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
    )
    op.create_table(
        "figures",
        sa.Column("council", sa.String, primary_key=True),
        sa.Column("week", sa.String, primary_key=True),
        sa.Column("values", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("figures")
    op.drop_table("job_runs")
    for column in ("settled_at", "made_at", "detail", "rank"):
        op.drop_column("letters", column)
