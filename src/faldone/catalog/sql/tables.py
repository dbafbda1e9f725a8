"""The tables of the catalog. Times are ISO 8601 text in UTC, digests are ``sha256:…`` text, on every database alike."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

REVISION = "0009"
"""The newest migration: tables that say so need none."""

metadata = MetaData()

batches = Table(
    "batches",
    metadata,
    Column("id", String, primary_key=True),
    Column("code", String, nullable=False, unique=True),
    Column("opened_at", String, nullable=False),
    Column("inbox", String, nullable=False, server_default=""),  # empty: whichever it comes through
    Column("name", String, nullable=False, server_default=""),  # the folder or day; a code is a name made unique
    Column("by_hand", Boolean, nullable=False, server_default=false()),
    Column("closed_at", String),
    Column("facts", Text, nullable=False, server_default="{}"),
    Index("batches_by_name", "inbox", "name"),
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
    Column("signature", Text),
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
    Column("stamp", String, nullable=False, server_default=""),
    Column("container", String),  # the digest of the file that it came in
    Index("intakes_by_raw_path", "raw_path"),
    Index("intakes_by_batch", "batch"),
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
    Column("blank", Boolean),
    Column("verdict", String),
    Column("separator", String),
    Column("token", String),
    UniqueConstraint("source", "index"),
    Index("pages_by_state", "state", "number"),
)

# What the first look at a page told.
looks = Table(
    "looks",
    metadata,
    Column("page", ForeignKey("pages.id"), primary_key=True),
    Column("body", Text, nullable=False),
)

# The keys under which a page is found by another scan of the same sheet.
keys = Table(
    "keys",
    metadata,
    Column("key", String, primary_key=True),
    Column("page", ForeignKey("pages.id"), primary_key=True),
    Index("keys_by_page", "page"),
)

links = Table(
    "links",
    metadata,
    Column("page", ForeignKey("pages.id"), primary_key=True),
    Column("earlier", ForeignKey("pages.id"), primary_key=True),
    Column("kind", String, nullable=False),
    Column("score", Float, nullable=False),
    Index("links_by_earlier", "earlier"),
)

# The sheets that were printed, and where each turned up.
sheets = Table(
    "sheets",
    metadata,
    Column("token", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("of", Integer, nullable=False),
    Column("run", String, nullable=False),
    Column("person", String),
    Column("service", String),
    Column("batch", ForeignKey("batches.id")),
    Column("printed_at", String, nullable=False),
    Column("page", ForeignKey("pages.id")),
    Index("sheets_by_run", "run", "number"),
)

# What came beside the scans: of one file, or of the whole batch when the target is empty.
sidecars = Table(
    "sidecars",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("source", ForeignKey("sources.digest"), nullable=False),
    Column("batch", ForeignKey("batches.id"), nullable=False),
    Column("target", String, nullable=False),
    Column("body", Text, nullable=False),
    Index("sidecars_by_batch", "batch", "target"),
)

# Where people said that a document starts, or does not. The last word on a page counts; an undone one does not.
boundaries = Table(
    "boundaries",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("source", ForeignKey("sources.digest"), nullable=False),
    Column("page", Integer, nullable=False),
    Column("starts", Boolean, nullable=False),
    Column("at", String, nullable=False),
    Column("undone", Boolean, nullable=False, default=False),
    Index("boundaries_by_source", "source"),
)

# How people said that a page stands upright: turned clockwise so far from how it lies in its file.
page_turns = Table(
    "page_turns",
    metadata,
    Column("page", ForeignKey("pages.id"), primary_key=True),
    Column("turn", Integer, nullable=False),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
)

# In which order people said that pages are read: the place in its file, from 0, that each takes.
page_places = Table(
    "page_places",
    metadata,
    Column("page", ForeignKey("pages.id"), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
)

# Campaigns of re-reading, and what came of each of their pages.
campaigns = Table(
    "campaigns",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("where", Text, nullable=False),
    Column("opened_at", String, nullable=False),
)

rereadings = Table(
    "rereadings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("campaign", ForeignKey("campaigns.id"), nullable=False),
    Column("page", ForeignKey("pages.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claimed_until", String),
    Column("old", ForeignKey("texts.key")),
    Column("new", ForeignKey("texts.key")),
    Column("before", Text),
    Column("after", Text),
    Index("rereadings_by_state", "state", "number"),
    Index("rereadings_by_campaign", "campaign", "state"),
    Index("rereadings_by_page", "page"),
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
    Column("copied_version", Integer, nullable=False, default=0, server_default="0"),
    Column("copy_attempts", Integer, nullable=False, default=0, server_default="0"),
    Column("index_error", Text),
    Column("retired", Boolean, nullable=False, default=False),
    Column("band", String, nullable=False),
    Column("question", String),  # what a person is asked; documents that ask the same are settled together
    Index("documents_by_source", "source"),
    Index("documents_by_question", "question"),
)

# Who is named on documents that wait for a person: when one of them becomes known, these are looked at again.
named = Table(
    "named",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("key", String, primary_key=True),
    Index("named_by_key", "key"),
)

# What people said of documents. The last word counts; an undone one does not.
decisions = Table(
    "decisions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("document", ForeignKey("documents.id"), nullable=False),
    Column("at", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("undone", Boolean, nullable=False, default=False),
    Index("decisions_by_document", "document"),
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
    Column("origin", String, nullable=False, server_default="register"),
    Column("merged_into", String),
    Column("changed", Integer, nullable=False, server_default="0"),  # the register's version that last touched it
    Column("salt", String),  # of somebody found: without it nobody can try out who a digest in the ledger may be
    Index("persons_by_cf", "cf"),
    Index("persons_by_changed", "changed"),
    Index("persons_by_birth_date", "birth_date"),
    Index("persons_by_merged_into", "merged_into"),
)

# Why people said that two persons are one. Which are merged stands in `persons.merged_into`.
merges = Table(
    "merges",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("gone", ForeignKey("persons.id"), nullable=False),
    Column("keep", ForeignKey("persons.id"), nullable=False),
    Column("because", Text, nullable=False),
    Column("at", String, nullable=False),
    Column("undone", Boolean, nullable=False, default=False),
)

# The searches that people keep: their names and words may be those of persons, and never enter the ledger.
searches = Table(
    "searches",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("by", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", String, nullable=False),
    UniqueConstraint("by", "name"),
)

# Who may enter, and how they prove themselves. An account is never deleted: the ledger speaks of it.
accounts = Table(
    "accounts",
    metadata,
    Column("name", String, primary_key=True),
    Column("full_name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("rights", Text, nullable=False),
    Column("also", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("password", String),
    Column("totp", String),
    Column("subject", String, unique=True),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", String),
    Column("totp_step", Integer, nullable=False, default=0),
)

# The keys here are digests of secrets that are kept nowhere.
sessions = Table(
    "sessions",
    metadata,
    Column("key", String, primary_key=True),
    Column("account", ForeignKey("accounts.name"), nullable=False),
    Column("opened_at", String, nullable=False),
    Column("seen_at", String, nullable=False),
    Column("until", String, nullable=False),
    Column("pinned", String),
    Index("sessions_by_account", "account"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("key", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("account", String, nullable=False, unique=True),  # empty: the first administrator
    Column("until", String, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("key", String, primary_key=True),
    Column("account", ForeignKey("accounts.name"), nullable=False),
    Column("label", String, nullable=False),
    Column("made_at", String, nullable=False),
    Column("until", String, nullable=False),
    Index("tokens_by_account", "account"),
)

# Why somebody opened what is kept closely: what they typed stays here, the ledger has its digest.
access_reasons = Table(
    "access_reasons",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("account", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", String, nullable=False),
    Column("until", String, nullable=False),
    Column("glass", Boolean, nullable=False),
    Index("access_reasons_by_account", "account", "until"),
    Index("access_reasons_by_subject", "subject", "at"),
    Index("access_reasons_by_at", "at"),
)

# What was searched, for who asked it and for some hours: an address names the row, never a word of it.
asked_searches = Table(
    "asked_searches",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("account", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", String, nullable=False),
    Index("asked_searches_by_account", "account", "at"),
    Index("asked_searches_by_at", "at"),
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
    Index("ledger_by_agent", "agent", "sequence"),
    Index("ledger_by_type", "type", "at"),
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
