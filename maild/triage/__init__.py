"""Decide what kind of mail arrived, before anyone decides what to do about it."""

from maild.triage.kinds import classify
from maild.triage.languages import language
from maild.triage.model import LOOP_FIELD, Finding, OwnMarks
from maild.triage.roles import never_answered
from maild.triage.thanks import is_thanks_only

__all__ = ["LOOP_FIELD", "Finding", "OwnMarks", "classify", "is_thanks_only", "language", "never_answered"]
