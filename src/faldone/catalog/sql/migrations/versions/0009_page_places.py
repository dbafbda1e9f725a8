"""In which order the pages of a document are read, where a person said so."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Adds the places of pages; what is there stays as it is."""
    op.create_table(
        "page_places",
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["page"], ["pages.id"]),
        sa.PrimaryKeyConstraint("page"),
    )
