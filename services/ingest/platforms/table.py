"""Every platform that has a door."""

from __future__ import annotations

from typing import Final

from services.ingest.platforms.contract import Platform, Secrets, SecretsError
from services.ingest.platforms.dingtalk import DINGTALK
from services.ingest.platforms.discord import DISCORD
from services.ingest.platforms.discourse import DISCOURSE
from services.ingest.platforms.feishu import FEISHU
from services.ingest.platforms.generic import GENERIC
from services.ingest.platforms.matrix import MATRIX
from services.ingest.platforms.mattermost import MATTERMOST
from services.ingest.platforms.slack import SLACK
from services.ingest.platforms.telegram import TELEGRAM
from services.ingest.platforms.wecom import WECOM
from services.ingest.platforms.zulip import ZULIP

PLATFORMS: Final[dict[str, Platform]] = {
    platform.name: platform
    for platform in (
        TELEGRAM,
        SLACK,
        DISCORD,
        FEISHU,
        DINGTALK,
        WECOM,
        DISCOURSE,
        MATTERMOST,
        ZULIP,
        MATRIX,
        GENERIC,
    )
}
"""The platforms by the name that stands in the door's address."""

LONGEST_SECRET: Final = 500


def check_secrets(platform: Platform, secrets: Secrets) -> None:
    """Raise `SecretsError` unless the secrets are those that the platform needs."""
    for name in platform.needs:
        if name not in secrets:
            raise SecretsError(f"`{name}` is needed")
    for name, secret in secrets.items():
        if name not in platform.needs + platform.may:
            raise SecretsError(f"{platform.name} has no `{name}`")
        if not 0 < len(secret) <= LONGEST_SECRET:
            raise SecretsError(f"`{name}` must have 1 to {LONGEST_SECRET} characters")
        if not secret.isprintable():
            raise SecretsError(f"`{name}` has characters that are not printable")
    platform.check(secrets)
