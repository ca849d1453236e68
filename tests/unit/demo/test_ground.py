from __future__ import annotations

from datetime import UTC, datetime

from shared.settings import Settings
from steward.demo.ground import fresh, variables

NOW = datetime(2026, 11, 21, 22, 40, 5, tzinfo=UTC)


def test_two_runs_share_neither_topics_nor_database() -> None:
    user = Settings(namespace="eu.", database="steward")
    one, other = fresh(user, NOW), fresh(user, NOW.replace(second=6))
    assert (one.namespace, one.database) == (
        "eu.demo-20261121-224005.",
        "steward_demo-20261121-224005",
    )
    assert one.namespace != other.namespace
    assert one.database != other.database


def test_services_are_put_on_the_same_ground_as_the_command() -> None:
    own = fresh(Settings(), NOW)
    assert variables(own) == {
        "STEWARD_NAMESPACE": own.namespace,
        "STEWARD_DATABASE": own.database,
    }
