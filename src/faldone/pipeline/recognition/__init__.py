"""From pages to words: step 4, and what is read again or turned upright by a person."""
