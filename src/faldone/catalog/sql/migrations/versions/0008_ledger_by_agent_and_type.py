"""Ways to ask the ledger who did something, and when something of a kind was done."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds two indexes; what is there stays as it is."""
    op.create_index("ledger_by_agent", "ledger", ["agent", "sequence"])
    op.create_index("ledger_by_type", "ledger", ["type", "at"])
