"""From a question to documents: step 6, the index, and all that is asked of it."""
