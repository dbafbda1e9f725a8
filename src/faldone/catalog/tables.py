"""The tables of the catalog. Times are ISO 8601 text in UTC, digests are ``sha256:…`` text, on every database alike."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0001"
"""The newest migration: tables that say so need none."""

metadata = MetaData()

batches = Table(
    "batches",
    metadata,
    Column("id", String, primary_key=True),
    Column("code", String, nullable=False, unique=True),
    Column("opened_at", String, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("number", Integer, primary_key=True),  # order of arrival
    Column("digest", String, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("media_type", String),
    Column("pages", Integer),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claimed_until", String),
    Column("sealed_at", String, nullable=False),
    Index("sources_by_state", "state"),
)

intakes = Table(
    "intakes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("batch", ForeignKey("batches.id"), nullable=False),
    Column("path", String, nullable=False),
    Column("raw_path", LargeBinary, nullable=False),
    Column("source", ForeignKey("sources.digest")),
    Column("size", Integer, nullable=False),
    Column("arrived_at", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("released", Boolean, nullable=False),
    Index("intakes_by_raw_path", "raw_path"),
    Index("intakes_by_source", "source"),
)

texts = Table(
    "texts",
    metadata,
    Column("key", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

pages = Table(
    "pages",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("source", ForeignKey("sources.digest"), nullable=False),
    Column("index", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claimed_until", String),
    Column("text", ForeignKey("texts.key")),
    UniqueConstraint("source", "index"),
    Index("pages_by_state", "state", "number"),
)

documents = Table(
    "documents",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("source", ForeignKey("sources.digest"), nullable=False),
    Column("first_page", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("indexed_version", Integer, nullable=False, default=0),
    Column("index_error", Text),
    Column("retired", Boolean, nullable=False, default=False),
    Column("band", String, nullable=False),
    Index("documents_by_source", "source"),
)

# Every version of every proposal: superseded, never overwritten.
proposals = Table(
    "proposals",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("body", Text, nullable=False),
)

persons = Table(
    "persons",
    metadata,
    Column("id", String, primary_key=True),
    Column("surname", String, nullable=False),
    Column("name", String, nullable=False),
    Column("cf", String),
    Column("birth_date", String),
    Column("birth_place", String),
    Column("residence", String),
    Column("aliases", Text, nullable=False),
    Column("extra", Text, nullable=False),
    Index("persons_by_cf", "cf"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("type", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("at", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("ledger_by_subject", "subject"),
)

# One row: the tail that the next entry is chained to, and the version of the register.
state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("ledger_length", Integer, nullable=False),
    Column("ledger_hash", String, nullable=False),
    Column("register_version", Integer, nullable=False),
)
