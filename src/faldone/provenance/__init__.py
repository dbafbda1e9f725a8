"""The ledger that an auditor replays: pure rules over bytes."""
