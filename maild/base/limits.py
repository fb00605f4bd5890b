"""Every limit in one place: a number, its unit last in the name, and the reason beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one mail, one connection and one person may cost us; 0 never means "none" here, settings translate that."""

    # What is looked at in one mail. Longer things are cut for reading only: the raw octets are kept whole.
    message_bytes: int = 25_000_000  # What the large providers accept.
    header_bytes: int = 100_000  # Postfix header_size_limit: real headers stay under 30 kB.
    field_bytes: int = 16_000  # A thread of 200 Message-IDs still fits.
    structured_field_bytes: int = 2_000  # Parameters are read with care, and careful reading costs.
    fields: int = 500  # Postfix stops a mail at about as many lines of header.
    addresses: int = 100  # As many as RFC 5321 section 4.5.3.1.8 makes a server take.
    parameters: int = 50  # RFC 2231 cuts a long file name into some ten pieces.
    encoded_words: int = 400  # A full field of 16 kB holds some 210 words of 75 characters.
    mime_depth: int = 30  # Postfix counts to 100; people do not pass five.
    mime_parts: int = 500  # A digest of a busy list has some hundred.
    attachments: int = 500  # No more than parts, also when a container holds many more files.
    container_bytes: int = 10_000_000  # What is opened of a TNEF container: it costs ten times its size in memory.
    text_chars: int = 500_000  # A long novel; nobody writes more, and every later step reads it again.
    html_chars: int = 1_000_000  # Sanitising costs some 50 ns a character.
    html_tags: int = 50_000  # Tables of a hundred newsletters; the converter keeps every tag in memory.
    html_depth: int = 200  # Newsletters nest some 40 deep; the converter walks them by recursion.
    subject_chars: int = 1_000  # RFC 5322 section 2.1.1 allows 998 in a line.
    name_chars: int = 300  # Of a person; no form is wider.
    address_chars: int = 320  # 64 before the @, 255 behind it: RFC 5321 section 4.5.3.1.
    filename_bytes: int = 255  # What file systems take as one name.
    references: int = 200  # Message-IDs read out of one field.
    message_id_chars: int = 998  # One line of RFC 5322 section 2.1.1.
    markers: int = 20  # Of our own, in quoted text: a long thread shows some ten.
    parse_cpu_seconds: int = 10  # The dearest honest mail takes below two.
    parse_memory_bytes: int = 1_073_741_824  # 1 GiB; a mail of 25 MB takes a fifth of it.

    # What one connection may ask of a door.
    recipients: int = 100  # RFC 5321 section 4.5.3.1.8: at least as many must be taken; further ones get 452.
    recipients_refused: int = 1_000  # Postfix smtpd_recipient_limit; then the connection is cut.
    received_hops: int = 50  # Postfix hopcount_limit; a mail that passed as many goes in a circle.
    auth_tries: int = 10  # Enough for a mistyped password, far from enough to guess one.
    errors: int = 20  # Postfix smtpd_hard_error_limit.
    idle_commands: int = 100  # Postfix smtpd_junk_command_limit: NOOP, RSET, VRFY without a mail.
    command_bytes: int = 2_048  # RFC 5321 section 4.5.3.1.4 asks for 512, extensions add to it.
    connections: int = 500  # In all; below the descriptors that systemd gives a service.
    connections_per_client: int = 50  # Postfix smtpd_client_connection_count_limit.
    idle_seconds: int = 300  # RFC 5321 section 4.5.3.2.7: five minutes.
    idle_under_stress_seconds: int = 10  # Postfix's under stress: the slow make room for the many.
    data_seconds: int = 900  # A whole DATA: 25 MB on a slow line, and no longer.

    # What the desk sends without being asked by a person.
    acknowledgements_per_ticket: int = 1  # RFC 3834 section 2: answer once.
    automatic_per_person_10min: int = 3  # Two machines that answer each other fall silent at once.
    automatic_per_person_day: int = 10  # A person's busy day with the desk.
    automatic_per_minute: int = 600  # Over all; beyond it the breaker opens and mail is held.
    automatic_per_ticket_10min: int = 20  # Ten people on copy, told twice; a loop by many addresses ends here.
    automatic_per_ticket_day: int = 60  # Three times that.
    automatic_per_domain_10min: int = 3_000  # Half of what the breaker lets through: one domain must not open it.
    automatic_per_queue_10min: int = 5_000  # Most of what the breaker lets through; other queues go on.
    same_answers_per_hour: int = 10  # What a person may have in a day, when nobody says less.
    notices_per_agent_10min: int = 60  # Beyond it one digest is easier to read.
    confirmations_per_agent_hour: int = 3  # Whoever forges an agent's name must not fill the agent's mailbox.
    references_sent: int = 10  # RFC 5322 section 3.6.4 lets one cut; the root and the newest matter.
    line_octets: int = 998  # RFC 5322 section 2.1.1, without CRLF.


DEFAULT_LIMITS = Limits()
