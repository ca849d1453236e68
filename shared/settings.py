"""Settings that every service shares, read from `STEWARD_*` environment variables."""

from __future__ import annotations

from itertools import starmap
from typing import Final, Literal, Self, get_args

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.invalid_settings import InvalidSetting, InvalidSettingsError

PREFIX: Final = "STEWARD_"
_LONGEST_SHOWN: Final = 80


class Settings(BaseSettings):
    """Where Kafka and MongoDB are, how to reach them, and how a service behaves.

    Raises `InvalidSettingsError`, naming the variables, for values that do not fit.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

    kafka: str = Field("127.0.0.1:9092", description="Bootstrap servers, host:port[,host:port].")
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to connect to Kafka"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="How to authenticate, where SASL is used"
    )
    kafka_username: str | None = Field(None, description="User name for SASL.")
    kafka_password: SecretStr | None = Field(None, description="Password for SASL.")
    kafka_ca_file: str | None = Field(None, description="PEM file of the authorities to trust.")
    kafka_cert_file: str | None = Field(None, description="PEM file of the client's certificate.")
    kafka_key_file: str | None = Field(None, description="PEM file of the client's private key.")
    kafka_replication: int = Field(1, ge=1, description="Replicas of each topic that is created.")
    partitions: int = Field(12, ge=1, description="Partitions of each topic that is created.")

    mongo: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:27017/?directConnection=true"),
        description="MongoDB URI, credentials and TLS options included.",
    )
    database: str = Field("steward", description="MongoDB database.")
    namespace: str = Field("", description="Put before every topic and group name, as in `eu.`.")

    instance: str | None = Field(
        None,
        description="Stable name of this replica, unique in its service: with it a restart within "
        "ten seconds does not rebalance (static membership), without it a stop leaves the group.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(0, ge=0, le=65535, description="0: the service's own default.")
    trusted_proxies: str = Field(
        "",
        description="Addresses and networks, with commas between, of the proxies in front: from "
        "them the header X-Forwarded-For is believed. Empty: from nobody.",
    )
    grace_seconds: float = Field(20, gt=0, description="Time to drain after SIGTERM.")
    flush_seconds: float = Field(0.5, gt=0, description="Longest wait before state is written.")
    flush_records: int = Field(5000, ge=1, description="Most records before state is written.")
    flush_documents: int = Field(
        1000, ge=1, description="Changed documents from which on state is written."
    )
    sweep_seconds: float = Field(1.0, gt=0, description="Time between looks for due timers.")
    idle_seconds: float = Field(
        10.0, gt=0, description="Silence after which event-time timers follow the wall clock."
    )
    cache_documents: int = Field(
        50_000, ge=100, description="Documents kept in memory, for each owned partition."
    )
    seen_records: int = Field(
        100_000,
        ge=1000,
        description="Records of a partition and topic within which a repeated id is dropped, "
        "about 100 bytes each in memory; the same for all replicas.",
    )
    time_zone: str = Field(
        "Asia/Shanghai",
        description="Time zone (IANA) by which days turn for tenants that set none.",
    )
    log_format: Literal["json", "console"] = Field("json", description="How log lines look")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least important lines that are written"
    )

    @field_validator("kafka")
    @classmethod
    def _are_servers(cls, value: str) -> str:
        for server in value.split(","):
            host, colon, port = server.strip().rpartition(":")
            if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
                raise ValueError("a server is host:port, and between servers stands a comma")
        return value

    @field_validator("mongo")
    @classmethod
    def _is_uri(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("a URI begins with mongodb:// or mongodb+srv://")
        return value

    @model_validator(mode="wrap")
    @classmethod
    def _name_variables(cls, values: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(values)
        except ValidationError as error:
            found: dict[str, list[ErrorDetails]] = {}
            for one in error.errors():
                found.setdefault(str(one["loc"][0]), []).append(one)
            raise InvalidSettingsError(list(starmap(cls._invalid, found.items()))) from None

    @classmethod
    def _invalid(cls, name: str, errors: list[ErrorDetails]) -> InvalidSetting:
        field = cls.model_fields[name]
        secret = SecretStr in (field.annotation, *get_args(field.annotation))
        said = [one["msg"].removeprefix("Value error, ").removeprefix("Input ") for one in errors]
        return InvalidSetting(
            variable=f"{PREFIX}{name.upper()}",
            value=None if secret else str(errors[0]["input"])[:_LONGEST_SHOWN],
            expectation="; or ".join(dict.fromkeys(said)),
            meaning=field.description or "",
        )

    def topic(self, name: str) -> str:
        """Return a topic's full name in this installation."""
        return f"{self.namespace}{name}"


DEFAULT_PORTS = {"ingest": 8080, "rules": 8081, "scoring": 8082, "notify": 8083, "console": 8084}
"""Ports that the services listen on when `STEWARD_PORT` is not set."""
