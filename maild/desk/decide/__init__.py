"""Decide what a stimulus means for the desk: a mail, a clock, an administrator, a delivery."""
