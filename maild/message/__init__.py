"""RFC 5322 and MIME in both directions: octets become a Message, words become octets."""
