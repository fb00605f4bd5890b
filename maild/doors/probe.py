"""Tries whether a mailbox would let us in, without touching what lies in it."""

import ssl

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from maild.settings.doors import Mailbox


def try_mailbox(mailbox: Mailbox, password: str, *, timeout: float) -> str:
    """Connect, log in and look at the folder read-only; return what went wrong, "" when nothing did."""
    trusted = ssl.create_default_context(cafile=mailbox.tls_ca_file)
    try:
        client = IMAPClient(
            mailbox.host,
            mailbox.port,
            ssl=mailbox.tls == "implicit",
            ssl_context=trusted if mailbox.tls == "implicit" else None,
            timeout=SocketTimeout(connect=timeout, read=timeout),
        )
        with client:
            if mailbox.tls == "starttls":
                client.starttls(trusted)
            client.login(mailbox.username, password)
            client.select_folder(mailbox.folder, readonly=True)
    except (OSError, IMAPClientError) as error:
        return str(error) or type(error).__name__
    return ""
