"""From attributed documents to answers."""
