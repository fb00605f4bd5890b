"""The words by which mail clients of each language mark forwards, originals and quotes.

A language is added by one row in the table of its family.
"""

from maild.message.language import Language
from maild.message.languages_germanic import GERMANIC
from maild.message.languages_others import OTHERS
from maild.message.languages_romance import ROMANCE
from maild.message.languages_slavic import SLAVIC

LANGUAGES: tuple[Language, ...] = (*GERMANIC, *ROMANCE, *SLAVIC, *OTHERS)

__all__ = ["LANGUAGES", "Language"]
