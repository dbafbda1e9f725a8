"""What people decide, persons found on papers and merged, and what keeps the digests of records from being guessed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds decisions and the questions they answer, found and merged persons; what is there stays as it is."""
    op.add_column("documents", sa.Column("question", sa.String(), nullable=True))
    op.create_index("documents_by_question", "documents", ["question"], unique=False)
    op.create_table(
        "named",
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"],
            ["documents.id"],
        ),
        sa.PrimaryKeyConstraint("document", "key"),
    )
    op.create_index("named_by_key", "named", ["key"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"],
            ["documents.id"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("decisions_by_document", "decisions", ["document"], unique=False)
    op.add_column("persons", sa.Column("origin", sa.String(), server_default="register", nullable=False))
    op.add_column("persons", sa.Column("merged_into", sa.String(), nullable=True))
    op.add_column("persons", sa.Column("changed", sa.Integer(), server_default="0", nullable=False))
    op.create_index("persons_by_changed", "persons", ["changed"], unique=False)
    op.create_table(
        "merges",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("gone", sa.String(), nullable=False),
        sa.Column("keep", sa.String(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gone"],
            ["persons.id"],
        ),
        sa.ForeignKeyConstraint(
            ["keep"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.add_column("persons", sa.Column("salt", sa.String(), nullable=True))
    op.create_index("persons_by_birth_date", "persons", ["birth_date"], unique=False)
    op.create_index("persons_by_merged_into", "persons", ["merged_into"], unique=False)
