"""The manifests: valid by the strict schemas, hardened, and true to the code."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator

from services.console.settings import ConsoleSettings
from services.rules.stage import rules_stage
from services.scoring.stage import scoring_stage
from shared.settings import DEFAULT_PORTS, Settings
from tests.unit.deploy.operators import SCHEMAS
from tests.unit.deploy.programs import DEPLOY, run

OVERLAYS = ("dev", "production")
KUBERNETES: Final = "1.33"
Manifest = dict[str, Any]


@cache
def manifests(overlay: str) -> list[Manifest]:
    rendered = run("kubectl", "kustomize", DEPLOY / "k8s" / "overlays" / overlay)
    return list(yaml.safe_load_all(rendered))


def of_kind(overlay: str, *kinds: str) -> list[Manifest]:
    return [one for one in manifests(overlay) if one["kind"] in kinds]


def pods(overlay: str) -> dict[str, Manifest]:
    """Return the pod template of each workload."""
    workloads = of_kind(overlay, "StatefulSet", "Deployment", "Job")
    return {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in workloads}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_manifest_keeps_the_strict_schema(overlay: str) -> None:
    for one in manifests(overlay):
        schema = SCHEMAS.get((one["apiVersion"], one["kind"]))
        if schema is None:
            kubernetes_validate.validate(one, KUBERNETES, strict=True)
        else:
            Draft202012Validator(schema).validate(one)


def test_the_schemas_notice_a_misspelt_field() -> None:
    broken = of_kind("dev", "Service")[0] | {"specc": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, KUBERNETES, strict=True)


@pytest.mark.parametrize("name", [name for _, name in SCHEMAS])
def test_the_operators_schemas_notice_what_is_misspelt_missing_or_of_another_type(
    name: str,
) -> None:
    schema = Draft202012Validator(next(SCHEMAS[one] for one in SCHEMAS if one[1] == name))
    good = of_kind("production", name)[0]
    assert schema.is_valid(good)
    for field in good["spec"]:
        spec = dict(good["spec"])
        assert not schema.is_valid(good | {"spec": spec | {field: object()}})
        assert not schema.is_valid(good | {"spec": spec | {f"{field}x": spec[field]}})
    assert not schema.is_valid(good | {"spec": {}})


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_service_is_there_with_its_guard(overlay: str) -> None:
    for kinds in (("StatefulSet", "Deployment"), ("Service",), ("PodDisruptionBudget",)):
        there = {one["metadata"]["name"] for one in of_kind(overlay, *kinds)}
        assert there == set(DEFAULT_PORTS)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_restricted(overlay: str) -> None:
    for name, pod in pods(overlay).items():
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"], name
            assert not container["image"].endswith(":latest")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_probed_and_drained(overlay: str) -> None:
    grace = Settings().grace_seconds + Settings().flush_seconds
    for name, pod in pods(overlay).items():
        if name == "migrate":
            continue
        (container,) = pod["containers"]
        probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in PROBES}
        assert {kind: probe["path"] for kind, probe in probes.items()} == PROBES
        assert pod["terminationGracePeriodSeconds"] > grace
        assert container["args"] == ["serve", name]
        instance = next(one for one in container["env"] if one["name"] == "STEWARD_INSTANCE")
        assert instance["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"


PROBES: Final = {"startup": "/healthz", "readiness": "/readyz", "liveness": "/healthz"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_are_named_and_never_told(overlay: str) -> None:
    assert not of_kind(overlay, "Secret")
    (config,) = of_kind(overlay, "ConfigMap")
    told = {name.removeprefix("STEWARD_").lower() for name in config["data"]}
    assert told <= set(Settings.model_fields)
    assert not told & {"mongo", "kafka_username", "kafka_password"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_policies_and_budgets_choose_pods_that_exist(overlay: str) -> None:
    labels = [
        one["spec"]["template"]["metadata"]["labels"]
        for one in of_kind(overlay, "StatefulSet", "Deployment", "Job")
    ]
    policies = of_kind(overlay, "NetworkPolicy")
    for policy in policies:
        wanted = policy["spec"]["podSelector"]["matchLabels"].items()
        assert any(wanted <= own.items() for own in labels), policy["metadata"]["name"]
    everything = policies[[p["metadata"]["name"] for p in policies].index("deny-by-default")]
    assert "egress" not in everything["spec"]
    assert "ingress" not in everything["spec"]


def test_scaling_follows_the_lag_of_groups_and_topics_that_exist() -> None:
    scaled = {one["metadata"]["name"]: one["spec"] for one in of_kind("production", "ScaledObject")}
    read = {stage.name: stage.topics for stage in (rules_stage(), scoring_stage())}
    for name, spec in scaled.items():
        (trigger,) = spec["triggers"]
        assert trigger["metadata"]["consumerGroup"] == name == spec["scaleTargetRef"]["name"]
        assert trigger["metadata"]["topic"] in read.get(name, ("actions", "deliveries"))
        assert spec["maxReplicaCount"] <= int(config("production")["STEWARD_PARTITIONS"])


def config(overlay: str) -> dict[str, str]:
    (found,) = of_kind(overlay, "ConfigMap")
    data: dict[str, str] = found["data"]
    return data


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_console_is_told_where_the_services_are_and_gets_no_other_secret(overlay: str) -> None:
    (container,) = pods(overlay)["console"]["containers"]
    given = {one["name"]: one for one in container["env"]}
    services = {one["metadata"]["name"] for one in of_kind(overlay, "Service")} - {"console"}
    for name in services:
        assert given[f"STEWARD_CONSOLE_{name.upper()}_URL"]["value"] == f"http://{name}"
    from_secrets = [name for name, one in given.items() if "secretKeyRef" in str(one)]
    assert from_secrets == ["STEWARD_CONSOLE_SECRET"]
    known = {f"STEWARD_{name.upper()}" for name in ConsoleSettings.model_fields}
    assert set(given) <= known


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_names_that_manifests_refer_to_are_those_of_others(overlay: str) -> None:
    """What a linter calls dangling: a service, account or target that is not there."""
    names = {(one["kind"], one["metadata"]["name"]) for one in manifests(overlay)}
    for one in of_kind(overlay, "ScaledObject", "HorizontalPodAutoscaler"):
        target = one["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) in names
    for one in of_kind(overlay, "StatefulSet"):
        assert ("Service", one["spec"]["serviceName"]) in names
        pod = one["spec"]["template"]
        assert ("ServiceAccount", pod["spec"]["serviceAccountName"]) in names
        wanted = one["spec"]["selector"]["matchLabels"].items()
        assert wanted <= pod["metadata"]["labels"].items()
    for one in of_kind(overlay, "Ingress"):
        for rule in one["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert ("Service", path["backend"]["service"]["name"]) in names


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_workloads_ask_for_what_they_need_and_no_host_is_touched(overlay: str) -> None:
    for name, pod in pods(overlay).items():
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), name
        assert not any("hostPath" in volume for volume in pod.get("volumes", ())), name
        for container in pod["containers"]:
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
            assert "hostPort" not in str(container.get("ports", "")), name
