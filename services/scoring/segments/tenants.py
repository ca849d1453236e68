"""What tenants have defined, kept in memory and read anew every second."""

from __future__ import annotations

import structlog

from services.scoring.laid_down import LaidDown
from services.scoring.segments.definitions import NOTHING, DefinitionError, Definitions, InForce
from services.scoring.segments.store import DefinitionStore
from shared.events import TenantId

log = structlog.get_logger(__name__)


class KnownTenants(LaidDown[Definitions]):
    """The reference of the stages that go by what tenants laid down."""

    def __init__(self, store: DefinitionStore) -> None:
        super().__init__(store.changed_since, self._take)
        self._zone = store.zone
        self._nothing = InForce(NOTHING.definitions, store.zone)
        self._known: dict[TenantId, InForce] = {}

    def of(self, tenant: TenantId) -> InForce:
        return self._known.get(tenant, self._nothing)

    def _take(self, definitions: Definitions) -> None:
        known = self._known.get(definitions.tenant)
        if known is not None and known.definitions.version == definitions.version:
            return
        try:
            self._known[definitions.tenant] = InForce(definitions, self._zone)
        except DefinitionError as error:  # checked by an earlier release that allowed more
            log.warning(
                "definitions_unusable",
                tenant=definitions.tenant,
                part=error.part,
                why=error.message,
            )
