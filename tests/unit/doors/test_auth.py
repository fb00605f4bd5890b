"""Passwords and the users file."""

import pytest

from maild.doors import auth

HASH = auth.make_hash("secret", salt=b"0123456789abcdef", cost_log2=4)


def test_a_password_is_verified_and_not_written():
    assert "secret" not in HASH
    assert auth.verify("secret", HASH)
    assert not auth.verify("Secret", HASH)
    assert auth.make_hash("secret", cost_log2=4) != HASH, "each has its own salt"
    assert auth.make_hash("a").startswith("$scrypt$ln=15,r=8,p=1$")


@pytest.mark.parametrize(
    "hashed",
    ["", "secret", HASH + "$", HASH.replace("ln=4", "ln=30"), HASH.replace("ln=4", "ln=0"), HASH.replace("r=8", "r=0")],
)
def test_what_is_no_hash_lets_nobody_in(hashed):
    assert not auth.verify("secret", hashed)


def test_an_unknown_user_is_not_told_from_a_wrong_password():
    users = {"ana@example.com": HASH}
    assert auth.is_user(users, auth.Credentials("ANA@example.com", "secret"))
    assert not auth.is_user(users, auth.Credentials("ana@example.com", "wrong"))
    assert not auth.is_user(users, auth.Credentials("ben@example.com", "secret"))


def test_the_users_file_is_read_with_comments_and_blank_lines():
    assert auth.read_users(f"# who may submit\n\n Ana@Example.com:{HASH}\n") == {"ana@example.com": HASH}


@pytest.mark.parametrize("line", ["ana@example.com", "ana:x", "ana@example.com:plain-password", f"ana:{HASH}"])
def test_a_fault_in_the_users_file_names_the_line_and_never_its_content(line):
    with pytest.raises(ValueError, match="line 2 is not address:hash") as refused:
        auth.read_users(f"# users\n{line}\n")
    assert "plain-password" not in str(refused.value)
