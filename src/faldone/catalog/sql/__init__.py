"""The catalog on SQL: SQLite beside the files, or a server. Nothing outside this folder knows SQLAlchemy."""
