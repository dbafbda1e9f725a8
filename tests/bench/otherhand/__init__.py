"""An evaluation set from another hand: papers written without sight of the demo's templates or of the lexicon.

Whoever edits these templates must not read ``faldone.demo.papers`` nor ``classify/lexicon/*.yaml``; whoever tunes the
lexicon may read what the bench prints, and never copies a template's wording whole. So the figures stay those of a
stranger's archive.
"""
