"""From a page to words with boxes."""
