"""What a campaign would say, and to how many, without saying it."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from services.notify.campaigns.answers import DryRun, Wording
from services.notify.campaigns.audience import MemberOutreach
from services.notify.campaigns.progress import Run, TrackedCampaign
from services.notify.campaigns.running import ask_of
from services.notify.campaigns.schedule import Post, first_post, next_post
from services.notify.campaigns.sends import is_held_out
from services.notify.campaigns.store import AudienceStore
from services.notify.campaigns.template import InvalidTemplateError, Templates
from services.notify.campaigns.wording import wording
from services.notify.schemas import moment
from shared.campaigns import Audience, Persona, Recipient
from shared.events import GroupId, MemberId, Millis

SHOWN: Final = 5
"""Recipients whose words are shown, and times of a schedule."""


class Previews:
    """Renders messages of campaigns for REST."""

    def __init__(self, audiences: AudienceStore) -> None:
        self._audiences = audiences
        self._templates = Templates()

    async def items(
        self,
        known: TrackedCampaign,
        now: Millis,
        *,
        group: str | None = None,
        member: str | None = None,
        segment: str | None = None,
    ) -> list[Wording]:
        """Return what a group or a member of it would read, or the first of a segment.

        Without any of them: the first of the audience.
        """
        if group is not None and (member is not None or segment is None):
            recipients = [Recipient(GroupId(group), None if member is None else MemberId(member))]
        else:
            audience = known.definition.audience
            if segment is not None:
                groups = audience.groups if group is None else [GroupId(group)]
                audience = Audience(segments=[segment], groups=groups)
            recipients = (await self._audiences.page(known.tenant, audience, "", SHOWN)).recipients
        post = _first_itself(_posts(known, now))
        return [await self._wording(known, each, post, now) for each in recipients]

    async def dry_run(self, id: str, known: TrackedCampaign, now: Millis) -> DryRun:
        """Return what would happen if the campaign were approved now."""
        definition = known.definition
        count = await self._audiences.count(known.tenant, definition.audience)
        posts = _posts(known, now)
        held_out = round(count * definition.holdout)
        if definition.audience.recipients:
            asked = _running(known, posts[0], now)
            asks = (ask_of(id, asked, each, now) for each in definition.audience.recipients)
            held_out = sum(is_held_out(ask) for ask in asks)
        page = await self._audiences.page(known.tenant, definition.audience, "", SHOWN)
        return DryRun(
            recipients=count,
            held_out=held_out,
            minutes=round(count / definition.per_minute, 2),
            times=[moment(post.at) for post in posts],
            first=[await self._wording(known, each, posts[0], now) for each in page.recipients],
        )

    async def _wording(
        self, known: TrackedCampaign, recipient: Recipient, post: Post, now: Millis
    ) -> Wording:
        ask = ask_of("", _running(known, post, now), recipient, now)
        group, member = recipient.group, recipient.member
        about: MemberOutreach | None = None
        if member is not None:
            about = await self._audiences.member(known.tenant, group, member) or MemberOutreach(
                tenant=known.tenant, group=group, member=member
            )
        try:
            text = wording(self._templates, ask.content, ask.variables, group, about)
        except InvalidTemplateError as error:
            return Wording(group=group, member=member, text="", problem=str(error))
        return Wording(group=group, member=member, text=text, problem="")


def _posts(known: TrackedCampaign, now: Millis) -> list[Post]:
    """Return the next times of the schedule; where it is over, as if it were now."""
    schedule = known.definition.schedule
    post = first_post(schedule, now) or Post(at=now, starts_at=now)
    posts = [post]
    while len(posts) < SHOWN and (later := next_post(schedule, posts[-1], posts[-1].at)):
        posts.append(later)
    return posts


def _first_itself(posts: list[Post]) -> Post:
    """Return the first post that is no reminder, or else the first."""
    return next((post for post in posts if not post.minutes_before), posts[0])


def _running(known: TrackedCampaign, post: Post, now: Millis) -> TrackedCampaign:
    return structs.replace(known, run=Run(number=known.runs + 1, post=post, started_at=now))


def in_the_name_of(known: TrackedCampaign, persona: Persona) -> TrackedCampaign:
    """Return the campaign as if this persona spoke."""
    content = structs.replace(known.definition.content, persona=persona)
    return structs.replace(known, definition=structs.replace(known.definition, content=content))
