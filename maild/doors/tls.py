"""The certificate of a door: loaded once, loaded again on a reload without dropping a connection."""

import ssl
from pathlib import Path


class Certificate:
    """A server's certificate chain and key. Open connections keep theirs; `reload` counts for the next handshake."""

    def __init__(self, cert_file: Path, key_file: Path | None) -> None:
        """Load both; raises OSError (ssl.SSLError is one) when they cannot be read or do not belong together."""
        self._cert_file = cert_file
        self._key_file = key_file
        self.context = self._load()

    def reload(self) -> None:
        """Read the files again; on OSError the old certificate stays."""
        self.context = self._load()

    def _load(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
        context.load_cert_chain(self._cert_file, self._key_file)
        return context
