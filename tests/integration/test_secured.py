"""Servers that want TLS, a user name and a password: all of it comes from the settings."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from pymongo import MongoClient

from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from steward.migrate import migrate
from steward.stack.kafka import Kafka
from steward.stack.mongo import Mongo
from steward.stack.ports import LOOPBACK, free_ports
from tests.integration.stream.counting import counting_stage
from tests.integration.stream.traffic import messages, publish, total_is, until

PASSWORD = "correct-horse-battery"


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 that signs itself; return it alone and with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "steward-test")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address(LOOPBACK))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    authority, keystore = folder / "authority.pem", folder / "keystore.pem"
    authority.write_bytes(public)
    keystore.write_bytes(private + public)
    return authority, keystore


class SecuredKafka(Kafka):
    """A broker with a second listener that takes only TLS and a password."""

    def __init__(self, root: Path, keystore: Path) -> None:
        port, controller, self.secured_port = free_ports(3)
        super().__init__(root, port, controller)
        self._keystore = keystore

    def _properties(self) -> str:
        protocols = "SECURED:SASL_SSL,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
        login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
        lines = []
        for line in super()._properties().splitlines():
            if line.startswith("listeners="):
                line += f",SECURED://{LOOPBACK}:{self.secured_port}"
            lines.append(line)
        lines += [
            f"listener.security.protocol.map={protocols}",
            "inter.broker.listener.name=PLAINTEXT",
            "sasl.enabled.mechanisms=PLAIN",
            f'listener.name.secured.plain.sasl.jaas.config={login} user_steward="{PASSWORD}";',
            "ssl.keystore.type=PEM",
            f"ssl.keystore.location={self._keystore}",
        ]
        return "\n".join(lines) + "\n"


@pytest.fixture
def secured_kafka(tmp_path: Path) -> Iterator[tuple[SecuredKafka, Path]]:
    authority, keystore = certificate(tmp_path)
    kafka = SecuredKafka(tmp_path, keystore)
    kafka.prepare()
    kafka.start()
    kafka.wait_ready()
    yield kafka, authority
    kafka.stop()


@pytest.fixture
def secured_mongo(tmp_path: Path) -> Iterator[str]:
    """A mongod that wants a password; its URI with one."""
    mongo = Mongo(tmp_path, free_ports(1)[0])
    mongo.prepare()
    mongo.start()
    mongo.wait_ready()
    with MongoClient[dict[str, object]](mongo.uri) as client:
        client.admin.command("createUser", "steward", pwd=PASSWORD, roles=["root"])
    mongo.stop()
    keyfile = tmp_path / "keyfile"
    keyfile.write_text("c3Rld2FyZA" * 8)
    keyfile.chmod(0o600)
    mongo.child.command += ["--auth", "--keyFile", str(keyfile)]
    mongo.start()
    uri = mongo.uri.replace("mongodb://", f"mongodb://steward:{PASSWORD}@")
    with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=30_000) as client:
        client.admin.command("ping")
    yield uri
    mongo.stop()


@pytest.mark.timeout(240)
async def test_a_stage_runs_on_servers_that_want_tls_and_passwords(
    secured_kafka: tuple[SecuredKafka, Path], secured_mongo: str
) -> None:
    kafka, authority = secured_kafka
    plain = Settings(kafka=kafka.address, partitions=2)
    settings = Settings(
        kafka=f"{LOOPBACK}:{kafka.secured_port}",
        kafka_security="SASL_SSL",
        kafka_sasl_mechanism="PLAIN",
        kafka_username="steward",
        kafka_password=SecretStr(PASSWORD),
        kafka_ca_file=str(authority),
        mongo=SecretStr(secured_mongo),
        partitions=2,
    )
    await migrate(settings)
    await publish(plain, messages(300))
    async with connect(settings) as client:
        runtime = Runtime(counting_stage(), settings, client)
        await runtime.start()
        await until(lambda: total_is(client[settings.database], 300))
        await runtime.stop()
    wrong = settings.model_copy(update={"kafka_password": SecretStr("wrong")})
    async with connect(settings) as client:
        refused = Runtime(counting_stage("refused"), wrong, client)
        await refused.start()
        await until(lambda: is_refused(refused))
        await refused.stop()


async def is_refused(runtime: Runtime) -> bool | list[str]:
    problems = runtime.problems()
    assert PASSWORD not in str(problems)
    return any("Kafka" in problem for problem in problems) or problems
