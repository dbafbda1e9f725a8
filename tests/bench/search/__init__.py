"""Search at the size of an archive: made-up documents without recognition, and the times that faldone promises."""
