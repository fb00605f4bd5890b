"""The tables about people outside the desk: persons with several addresses, organisations, and suppliers."""

from pydantic import Field, StrictBool

from maild.base.domains import in_own_letters
from maild.settings.fields import Address, AddressOrNone, Domain, LanguageOrNone, Name, Table

# Anybody has an address there, so it says nothing about whom he belongs to.
WEBMAIL = (
    *("gmail.com", "googlemail.com", "outlook.com", "outlook.es", "hotmail.com", "hotmail.es", "live.com", "msn.com"),
    *("yahoo.com", "yahoo.es", "yahoo.co.uk", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.com"),
    *("gmx.net", "gmx.de", "gmx.es", "web.de", "mail.com", "mail.ru", "yandex.com", "yandex.ru", "proton.me"),
    *("protonmail.com", "pm.me", "zoho.com", "telefonica.net", "terra.es", "free.fr", "orange.fr", "libero.it"),
)


class Person(Table):
    """Somebody who writes to the desk: all his addresses are one person's."""

    address: Address = Field(description="The address that he is known by.")
    addresses: tuple[Address, ...] = Field((), description="Other addresses that he writes from.")
    name: str = Field("", description="His name, where his mails have none.")
    language: LanguageOrNone = Field("", description='The language that he is written to in; "" is that of his mail.')
    vip: StrictBool = Field(False, description="Whether agents are shown that he is a VIP.")
    organisation: str = Field("", description='His [[organisation]]; "" is that of his domain.')
    blocked: StrictBool = Field(False, description="Whether his mail is quarantined, and none is written to him.")
    manager: AddressOrNone = Field("", description='Who approves for him as "manager"; "" is his organisation\'s.')

    @property
    def all_addresses(self) -> tuple[str, ...]:
        """The address that he is known by, and then the others, in lower case."""
        return tuple(dict.fromkeys((self.address, *self.addresses)))


class Organisation(Table):
    """A customer: everybody who writes from its domains."""

    name: Name = Field(description="The organisation's name in mails and lists.")
    domains: tuple[Domain, ...] = Field((), description="Its mail domains; never those of public webmail.")
    vip: StrictBool = Field(False, description="Whether agents are shown that its people are VIPs.")
    sla: str = Field("", description='The service level of its tickets; "" is the queue\'s.')
    language: LanguageOrNone = Field("", description='The language of its people; "" is that of their mail.')
    manager: AddressOrNone = Field("", description='Who approves for its people as "manager"; "" for nobody.')


class Supplier(Table):
    """A third party that works for us: what it answers stays inside the desk."""

    name: Name = Field(description="What `#supplier` and the timeline call it.")
    address: Address = Field(description="Where it is written to.")
    domains: tuple[Domain, ...] = Field((), description="Domains from which anybody may answer for it, with its token.")
    language: LanguageOrNone = Field("", description='The language of our mails to it; "" is the desk\'s.')


def domain_of(address: AddressOrNone) -> str:
    """Return the domain of an address in lower case and its own letters, "" when it has none."""
    return in_own_letters(address.strip()).lower().rpartition("@")[2] if "@" in address else ""


def is_within(domain: str, domains: tuple[str, ...]) -> bool:
    """Tell whether a domain is one of these, or lies below one."""
    ours = tuple(in_own_letters(written.lower()) for written in domains)
    return any(domain == each or domain.endswith(f".{each}") for each in ours)
