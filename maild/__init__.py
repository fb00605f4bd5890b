"""maild, the help desk whose user interface is e-mail."""

__version__ = "0.1.0"
