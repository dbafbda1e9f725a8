"""Documents and dossiers laid open: pages, pictures, and copies to take along."""
