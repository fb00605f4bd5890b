"""Decide what kind of mail arrived, before anyone decides what to do about it."""
