"""The connection to Kafka: the same options for every producer, consumer and admin client."""

from __future__ import annotations

import ssl
from typing import Any

from shared.settings import Settings


def client_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments with which any aiokafka client connects.

    Raises `OSError` or `ssl.SSLError` when a certificate file cannot be read,
    and `ValueError` when SASL is asked for without a user name and password.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka,
        "security_protocol": settings.kafka_security,
    }
    if settings.kafka_security in ("SSL", "SASL_SSL"):
        options["ssl_context"] = _tls(settings)
    if settings.kafka_security in ("SASL_PLAINTEXT", "SASL_SSL"):
        options |= _credentials(settings)
    return options


def _tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if settings.kafka_cert_file is not None:
        context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file)
    return context


def _credentials(settings: Settings) -> dict[str, str]:
    if settings.kafka_username is None or settings.kafka_password is None:
        raise ValueError("STEWARD_KAFKA_USERNAME and STEWARD_KAFKA_PASSWORD are needed for SASL")
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.kafka_password.get_secret_value(),
    }
