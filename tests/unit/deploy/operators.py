"""Strict schemas of what operators define, as far as our manifests use it.

Kubernetes' own schemas do not know these kinds. Each is written from its
operator's documentation and holds the fields that we use and no others: a
misspelt field, a wrong type or a value outside of its list is an error.

- ScaledObject: https://keda.sh/docs/latest/reference/scaledobject-spec/
  and https://keda.sh/docs/latest/scalers/apache-kafka/
- Kafka, KafkaNodePool: https://strimzi.io/docs/operators/latest/configuring
- ServiceMonitor: https://prometheus-operator.dev/docs/api-reference/api/
- MongoDBCommunity: https://github.com/mongodb/mongodb-kubernetes-operator/tree/master/docs
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string", "minLength": 1}
FLAG: Final[Schema] = {"type": "boolean"}
PORT: Final[Schema] = {"type": "integer", "minimum": 9092, "maximum": 65535}
"""Strimzi keeps the ports below 9092, and 9404 and 9999, for itself."""
SIZE: Final[Schema] = {"type": "string", "pattern": r"^\d+(Mi|Gi|Ti)$"}
DURATION: Final[Schema] = {"type": "string", "pattern": r"^(\d+(ms|s|m|h))+$"}
DIGITS: Final[Schema] = {"type": "string", "pattern": r"^\d+$"}
LABELS: Final[Schema] = {"type": "object", "additionalProperties": {"type": "string"}}


def whole(least: int, most: int | None = None) -> Schema:
    return {"type": "integer", "minimum": least} | ({} if most is None else {"maximum": most})


def one_of(*values: str) -> Schema:
    return {"enum": list(values)}


def many(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


def fields(needed: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Return the schema of an object that has these fields and no others."""
    return {
        "type": "object",
        "properties": needed | (optional or {}),
        "required": list(needed),
        "additionalProperties": False,
    }


def kind(version: str, name: str, spec: Schema) -> Schema:
    metadata = fields({"name": TEXT, "namespace": TEXT}, {"labels": LABELS, "annotations": LABELS})
    head = {"apiVersion": one_of(version), "kind": one_of(name), "metadata": metadata}
    return fields(head | {"spec": spec})


_WINDOW: Final = fields({"stabilizationWindowSeconds": whole(0, 3600)})
_KAFKA_TRIGGER: Final = fields(
    {"bootstrapServers": TEXT, "consumerGroup": TEXT, "topic": TEXT, "lagThreshold": DIGITS},
    {"offsetResetPolicy": one_of("earliest", "latest"), "activationLagThreshold": DIGITS},
)
_SCALED_OBJECT: Final = fields(
    {
        "scaleTargetRef": fields(
            {"name": TEXT}, {"apiVersion": one_of("apps/v1"), "kind": one_of("StatefulSet")}
        ),
        "triggers": many(fields({"type": one_of("kafka"), "metadata": _KAFKA_TRIGGER})),
    },
    {
        "minReplicaCount": whole(0),
        "maxReplicaCount": whole(1),
        "pollingInterval": whole(1),
        "cooldownPeriod": whole(0),
        "advanced": fields(
            {
                "horizontalPodAutoscalerConfig": fields(
                    {"behavior": fields({}, {"scaleUp": _WINDOW, "scaleDown": _WINDOW})}
                )
            }
        ),
    },
)
_NODE_POOL: Final = fields(
    {
        "replicas": whole(1),
        "roles": many(one_of("controller", "broker")),
        "storage": fields(
            {
                "type": one_of("jbod"),
                "volumes": many(
                    fields(
                        {"id": whole(0), "type": one_of("persistent-claim"), "size": SIZE},
                        {"deleteClaim": FLAG, "class": TEXT},
                    )
                ),
            }
        ),
    }
)
_LISTENER: Final = fields(
    {
        "name": {"type": "string", "pattern": "^[a-z0-9]{1,11}$"},
        "port": PORT,
        "type": one_of("internal", "route", "loadbalancer", "nodeport", "ingress", "cluster-ip"),
        "tls": FLAG,
    },
    {"authentication": fields({"type": one_of("tls", "scram-sha-512", "oauth", "custom")})},
)
_KAFKA: Final = fields(
    {
        "kafka": fields(
            {"listeners": many(_LISTENER)},
            {
                "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
                "config": {
                    "type": "object",
                    "propertyNames": {"pattern": r"^[a-z]+(\.[a-z]+)+$"},
                    "additionalProperties": {"type": ["integer", "boolean", "string"]},
                },
            },
        )
    },
    {"entityOperator": fields({}, {"userOperator": fields({}), "topicOperator": fields({})})},
)
_SERVICE_MONITOR: Final = fields(
    {
        "selector": fields({"matchLabels": LABELS}),
        "endpoints": many(fields({"port": TEXT}, {"path": TEXT, "interval": DURATION})),
    },
    {"jobLabel": TEXT},
)
_MONGODB: Final = fields(
    {
        "type": one_of("ReplicaSet"),
        "members": whole(1),
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "security": fields(
            {"authentication": fields({"modes": many(one_of("SCRAM", "SCRAM-SHA-256", "X509"))})}
        ),
        "users": many(
            fields(
                {
                    "name": TEXT,
                    "roles": many(fields({"name": TEXT, "db": TEXT})),
                    "passwordSecretRef": fields({"name": TEXT}, {"key": TEXT}),
                    "scramCredentialsSecretName": {
                        "type": "string",
                        "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                    },
                },
                {"db": TEXT},
            )
        ),
    }
)

SCHEMAS: Final[dict[tuple[str, str], Schema]] = {
    (version, name): kind(version, name, spec)
    for version, name, spec in (
        ("keda.sh/v1alpha1", "ScaledObject", _SCALED_OBJECT),
        ("kafka.strimzi.io/v1beta2", "Kafka", _KAFKA),
        ("kafka.strimzi.io/v1beta2", "KafkaNodePool", _NODE_POOL),
        ("monitoring.coreos.com/v1", "ServiceMonitor", _SERVICE_MONITOR),
        ("mongodbcommunity.mongodb.com/v1", "MongoDBCommunity", _MONGODB),
    )
}
"""By apiVersion and kind."""
