"""Keys of the contract that this version accepts and does not serve yet; `maild check` names those in use.

One line to take out when a key comes to life.
"""

IDLE = frozenset(
    {
        "desk.roster_file",
        "desk.knowledge_base",
        "mailbox.auth",
        "mailbox.oauth2_token_url",
        "mailbox.oauth2_client_id",
        "mailbox.oauth2_client_secret",
        "mailbox.oauth2_client_secret_file",
        "mailbox.oauth2_refresh_token",
        "mailbox.oauth2_refresh_token_file",
        "mailbox.oauth2_scope",
        "queue.survey_after",
    }
)

# Values that an idle key may have without a word, because they are what this version does.
SERVED_ALL_THE_SAME = {"mailbox.auth": ("password",), "queue.survey_after": ("resolved", "never")}
