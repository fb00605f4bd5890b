"""`maild passwd`: makes the line of a user for `users_file`."""

from __future__ import annotations

import sys

import click

from maild.cli import output

PASSWORD_CHARACTERS_MIN = 8


@click.command()
@click.argument("address")
def command(address: str) -> None:
    """Print the line for users_file that lets ADDRESS submit mail with a password.

    The password is asked for twice on a terminal, and is else the first line of standard input. Add the line to the
    file that `[smtp] users_file` names, and reload.
    """
    from maild.doors.auth import make_hash

    if address.count("@") != 1 or not address.isprintable() or any(sign in address for sign in ": <>"):
        raise output.CommandError(f"{address} is no address; write it as ana@example.com")
    hashed = make_hash(_password())
    output.show(f"{address.lower()}:{hashed}")


def _password() -> str:
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < PASSWORD_CHARACTERS_MIN or "\0" in password:
        raise output.CommandError(f"a password has at least {PASSWORD_CHARACTERS_MIN} characters")
    return password
