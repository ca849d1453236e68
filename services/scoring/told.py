"""What was told of a member so far."""

from __future__ import annotations

from msgspec import Struct

from shared.frequency import Contact


class Told(Struct, frozen=True, omit_defaults=True, gc=False):
    """What was told of a member (`transitions`); days are the member's, moments in ms.

    `looked_on` is the day of the latest look at which something might have been told
    (0: none yet), `looked_at` the moment of the latest look of all, `layer` the layer
    told last, `carried` whether the member was ever seen above the lowest layer,
    `held_out` whether they were not asked then. `churn` and `layer_place` are what
    the latest look found: the risk of silence (0: not judged), and the place of the
    layer among all. `live`: something happened to the member that is no history.
    """

    looked_on: int = 0
    looked_at: int = 0
    layer: str = "ordinary"
    carried: bool = False
    risk_at: int = 0
    win_back_at: int = 0
    held_out: bool = False
    contacts: list[Contact] = []
    churn: float = 0.0
    layer_place: int = 0
    live: bool = False
