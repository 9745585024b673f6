"""Whom this Docent admits: by the organisation that Google vouches for, never by how an address ends."""

from collections.abc import Iterable

from shared.identity.interfaces import AccountNotAllowed
from shared.identity.records import Profile


class Admission:
    """The operator's rule: accounts whose `hd` claim is one of the domains, or else named administrators.

    Administrators alone are admitted while no domain is set. Consumer accounts carry no `hd`, even when
    their address ends in the organisation's domain.
    """

    def __init__(self, domains: Iterable[str], admins: Iterable[str]) -> None:
        self._domains = frozenset(domain.strip().lower() for domain in domains if domain.strip())
        self._admins = frozenset(address.strip().lower() for address in admins if address.strip())

    def names_admin(self, profile: Profile) -> bool:
        """Whether the operator named this address as an administrator's."""
        return profile.email.lower() in self._admins

    def admit(self, profile: Profile) -> None:
        """Raises AccountNotAllowed, with a sentence that tells the person what would help."""
        if self._domains:
            if profile.domain.lower() in self._domains:
                return
            raise AccountNotAllowed(
                "Docent is open to one organisation's own Google accounts, and this is not one of them. "
                "Choose the account you use at work."
            )
        if not self.names_admin(profile):
            raise AccountNotAllowed(
                "Docent is not open to any organisation yet, only to its administrators. "
                "Ask yours to set ALLOWED_DOMAINS, or choose another account."
            )
