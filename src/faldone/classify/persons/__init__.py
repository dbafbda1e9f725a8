"""Who is named on the pages, and what each person is to the paper.

    names (words that may be names) + codes ─► find (mentions with code and birth) ─► roles ─► candidates (persons)

The holder is a role, not the first codice fiscale met: every decree names parents, siblings, judges and lawyers,
every letter its author (domain notes §2.4). Persons are found by code, by the register's names, and by cue words;
two with one name are told apart by code or birth date only.
"""
