"""What members can be ranked by."""

from __future__ import annotations

from enum import StrEnum

from services.scoring.member import Member


class Measure(StrEnum):
    """What a leaderboard ranks by: the score, or a count over all time."""

    SCORE = "score"
    MESSAGES = "messages"
    REPLIES = "replies"
    REPLIES_RECEIVED = "replies_received"
    REACTIONS_RECEIVED = "reactions_received"
    CHECKINS = "checkins"
    ACTIVITIES = "activities"
    INVITES = "invites"
    PURCHASES = "purchases"

    @property
    def path(self) -> str:
        """Where a member's document holds what is sorted by."""
        if self is Measure.SCORE:
            return "rank"
        return "messages" if self is Measure.MESSAGES else f"counts.{self.value}"

    def sort_value(self, member: Member) -> float:
        """What is stored to sort the member by: `decay.rank` for the score, else the count."""
        return member.score.rank if self is Measure.SCORE else member.counts.get(self, 0)

    def value_of(self, member: Member, day: int) -> float:
        """What the board shows: the score on `day`, or the count."""
        if self is Measure.SCORE:
            return round(member.score_on(day), 1)
        return self.sort_value(member)
