"""An endpoint's condition on actions, in CEL. Pure."""

from __future__ import annotations

from shared.actions import Action
from shared.condition_types import Signals, Value
from shared.conditions import Condition, Conditions

DEFAULTS: dict[str, Value] = {
    "action.kind": "",
    "action.group": "",
    "action.member": "",
    "action.message": "",
    "action.text": "",
    "action.reason": "",
    "action.labels": "",
    "action.seconds": 0,
}
"""What a condition can ask about, and what each is where an action has none.

`labels` are all labels with spaces between: `action.labels.contains("fraud")`.
"""


class ActionCondition:
    """A checked condition. Raises `ConditionError` for one that cannot be used."""

    def __init__(self, source: str) -> None:
        self._conditions = Conditions([Condition(source, DEFAULTS)], DEFAULTS)

    def holds(self, action: Action) -> bool:
        """Whether the action is as the condition asks."""
        return bool(self._conditions.holding(_signals(action)))


def _signals(action: Action) -> Signals:
    return {
        "action.kind": action.kind.value,
        "action.group": action.group,
        "action.member": action.member or "",
        "action.message": action.message or "",
        "action.text": action.text,
        "action.reason": action.reason,
        "action.labels": " ".join(action.labels),
        "action.seconds": action.seconds,
    }
