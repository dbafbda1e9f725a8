"""From an inbox to pages on record: steps 1 to 3, batches, and what is seen of them at the scanner."""
