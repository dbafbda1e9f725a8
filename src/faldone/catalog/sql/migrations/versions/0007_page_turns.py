"""How pages stand upright, where a person said so."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the turns of pages; what is there stays as it is."""
    op.create_table(
        "page_turns",
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["page"], ["pages.id"]),
        sa.PrimaryKeyConstraint("page"),
    )
