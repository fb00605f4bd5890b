"""What a client has sent and nobody has read yet, given out line by line or as it is; pure."""


class Lines:
    """Octets in their order. Of a line longer than `line_max` octets only the beginning is kept, so memory is bounded.

    Between `feed` and the end of what it brought nothing is copied but the lines themselves.
    """

    def __init__(self, line_max: int) -> None:
        self._line_max = line_max
        self._octets = b""
        self._at = 0  # what stands before it has been read
        self._beginning = b""  # of a line that is too long and has not ended

    def __len__(self) -> int:
        """Return how many octets wait."""
        return len(self._octets) - self._at

    def feed(self, octets: bytes) -> None:
        """Put octets behind those that wait."""
        self._octets = self._octets[self._at :] + octets if len(self) else octets
        self._at = 0

    def line(self) -> bytes | None:
        """Return the next line with its LF, or None when it has not come whole.

        Of one that is too long only the first `line_max` + 1 octets come back, behind its end.
        """
        if self._at == len(self._octets):
            return None
        end = self._octets.find(b"\n", self._at) + 1
        if not end:
            self._shorten()
            return None
        line = self._beginning or self._octets[self._at : end]
        self._at, self._beginning = end, b""
        return line[: self._line_max + 1]

    def _shorten(self) -> None:
        if self._beginning or len(self) > self._line_max:
            self._beginning = self._beginning or self._octets[self._at : self._at + self._line_max + 1]
            self.drop()

    def rest(self) -> bytes:
        """Return all that waits and give it out of hand."""
        octets = self._octets[self._at :] if self._at else self._octets
        self.drop()
        return octets

    def drop(self) -> None:
        """Forget what waits."""
        self._octets, self._at = b"", 0
