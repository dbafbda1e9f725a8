"""Batches with their facts, the first look at pages, likeness, printed sheets, sidecars, parts of containers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds what intake knows; what is there keeps its meaning."""
    op.create_table(
        "boundaries",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Boolean(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"],
            ["sources.digest"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("boundaries_by_source", "boundaries", ["source"], unique=False)
    op.create_table(
        "sidecars",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["batches.id"],
        ),
        sa.ForeignKeyConstraint(
            ["source"],
            ["sources.digest"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("sidecars_by_batch", "sidecars", ["batch", "target"], unique=False)
    op.create_table(
        "keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page"],
            ["pages.id"],
        ),
        sa.PrimaryKeyConstraint("key", "page"),
    )
    op.create_index("keys_by_page", "keys", ["page"], unique=False)
    op.create_table(
        "links",
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("earlier", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["earlier"],
            ["pages.id"],
        ),
        sa.ForeignKeyConstraint(
            ["page"],
            ["pages.id"],
        ),
        sa.PrimaryKeyConstraint("page", "earlier"),
    )
    op.create_index("links_by_earlier", "links", ["earlier"], unique=False)
    op.create_table(
        "looks",
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page"],
            ["pages.id"],
        ),
        sa.PrimaryKeyConstraint("page"),
    )
    op.create_table(
        "sheets",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("printed_at", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["batches.id"],
        ),
        sa.ForeignKeyConstraint(
            ["page"],
            ["pages.id"],
        ),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("sheets_by_run", "sheets", ["run", "number"], unique=False)
    op.add_column("batches", sa.Column("inbox", sa.String(), server_default="", nullable=False))
    op.add_column("batches", sa.Column("name", sa.String(), server_default="", nullable=False))
    op.add_column("batches", sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("batches", sa.Column("closed_at", sa.String(), nullable=True))
    op.add_column("batches", sa.Column("facts", sa.Text(), server_default="{}", nullable=False))
    op.create_index("batches_by_name", "batches", ["inbox", "name"], unique=False)
    op.add_column("intakes", sa.Column("stamp", sa.String(), server_default="", nullable=False))
    op.add_column("intakes", sa.Column("container", sa.String(), nullable=True))
    op.create_index("intakes_by_batch", "intakes", ["batch"], unique=False)
    op.add_column("pages", sa.Column("blank", sa.Boolean(), nullable=True))
    op.add_column("pages", sa.Column("verdict", sa.String(), nullable=True))
    op.add_column("pages", sa.Column("separator", sa.String(), nullable=True))
    op.add_column("pages", sa.Column("token", sa.String(), nullable=True))
    op.add_column("sources", sa.Column("signature", sa.Text(), nullable=True))
