"""The documents that the profiles' stage keeps."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from services.scoring.erasure.forgetting import Forgetting
from services.scoring.erasure.tombstones import Tombstones
from services.scoring.profiles.conduct import Conduct
from services.scoring.profiles.interests import Interests
from services.scoring.profiles.profile import Profile
from shared.events import GroupId, MemberId, Millis, TenantId
from shared.stream.contracts import Kind

SEPARATOR: Final = "\x1f"
_NO_INTERESTS: Final = Interests()


class MemberInterests(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a member talks about in a group; `top` is what they are found by."""

    tenant: TenantId
    group: GroupId
    member: MemberId
    interests: Interests = _NO_INTERESTS
    top: list[str] = []


class GroupInterests(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a group talks about; `live`: more is known of it than history.

    `erased` keeps out what erased members did before (`erasure.tombstones`).
    """

    tenant: TenantId
    group: GroupId
    interests: Interests = _NO_INTERESTS
    top: list[str] = []
    live: bool = False
    erased: Tombstones = {}


class Survey(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Members of a tenant in one partition are to be judged anew, those after an `_id`.

    Made when the tenant's definitions become version `version`; done, it is removed.
    """

    tenant: TenantId
    version: int
    due_at: Millis | None = None
    after: str = ""


class NextPage(Struct, frozen=True):
    """A survey's task: find the members that come next; `judged`: and their standings."""

    survey: str
    tenant: TenantId
    partition: int
    after: str
    judged: bool = False


PROFILES: Final = Kind(
    "profiles",
    Profile,
    timed=True,
    shown=("tenant", "group", "member", "segments", "first_seen", "invited_by", "due_at"),
)
MEMBER_INTERESTS: Final = Kind(
    "member_interests", MemberInterests, shown=("tenant", "group", "member", "top")
)
GROUP_INTERESTS: Final = Kind("group_interests", GroupInterests, shown=("tenant", "group", "top"))
CONDUCTS: Final = Kind("conducts", Conduct, shown=("tenant", "group"))
SURVEYS: Final = Kind("surveys", Survey, timed=True)
PROFILE_FORGETTINGS: Final = Kind("profile_forgettings", Forgetting, timed=True)


def group_id(tenant: str, group: str) -> str:
    """Return the `_id` of a group's documents."""
    return f"{tenant}{SEPARATOR}{group}"


def member_id(tenant: str, group: str, member: str) -> str:
    """Return the `_id` of a member's documents in a group."""
    return f"{tenant}{SEPARATOR}{group}{SEPARATOR}{member}"
