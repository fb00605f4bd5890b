"""The certificate of a door. Each connection takes the one that is in force when it comes, so a reload cuts nobody."""

import ssl
from pathlib import Path


def load_certificate(cert_file: Path, key_file: Path | None) -> ssl.SSLContext:
    """Return a server's context for a chain and its key, TLS 1.2 or newer (RFC 8996).

    Raises OSError (ssl.SSLError is one) when they cannot be read or do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert_file, key_file)
    return context
