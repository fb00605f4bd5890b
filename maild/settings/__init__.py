"""The configuration: declared once, with default, check and words for the manual."""
