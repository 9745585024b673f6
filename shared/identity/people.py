"""What administrators do with people: list them, change role and tier."""

from dataclasses import dataclass

from shared.errors import Conflict, NotFound
from shared.identity.audit import Trail
from shared.identity.interfaces import UserStore
from shared.identity.records import Role, User
from shared.identity.sessions import Sessions
from shared.models import Person, Tier


@dataclass(frozen=True)
class People:
    """The people who have signed in, and what each may do."""

    users: UserStore
    sessions: Sessions
    trail: Trail

    async def page(self, after: str, limit: int) -> list[User]:
        """At most `limit` people whose subject follows `after`."""
        return await self.users.page(after, limit)

    async def change(self, admin: Person, subject: str, role: Role | None, tier: Tier | None) -> User:
        """Set role or tier; the person's next request already counts with it.

        Raises NotFound, Conflict for one's own role (somebody must stay administrator), Unavailable.
        """
        before = await self.users.get(subject)
        if before is None:
            raise NotFound("There is no such person.")
        if subject == admin.subject and role not in (None, before.role):
            raise Conflict("You cannot change your own role. Ask another administrator.")
        if role not in (None, before.role):
            await self.trail.require(
                "role.changed", subject, admin.subject, before=before.role, after=str(role)
            )
        if tier not in (None, before.tier):
            await self.trail.require(
                "tier.changed", subject, admin.subject, before=before.tier, after=str(tier)
            )
        user = await self.users.change(subject, role, tier)
        await self.sessions.set_standing(user)
        return user
