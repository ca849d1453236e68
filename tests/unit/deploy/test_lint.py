"""A linter of manifests finds nothing but what is wanted so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.unit.deploy.programs import DEPLOY, run

WANTED: Final = {
    "CKV_K8S_11": "no limit of CPU: the kernel would halt a service in the middle of a flush",
    "CKV_K8S_15": "images are pulled once: a tag is never given to another image",
    "CKV_K8S_35": "secrets come as environment variables, which is how every setting comes",
    "CKV_K8S_43": "the digest is the overlay's to set, with the tag of a release",
}
"""Checks that are left out, and why."""


def faults(manifests: Path) -> list[tuple[str, str]]:
    """Return the checks that fail, with what they fail for."""
    told = run(
        *("checkov", "--file", manifests, "--framework", "kubernetes", "--skip-download"),
        *("--skip-check", ",".join(WANTED), "--soft-fail", "--output", "json"),
    )
    report: dict[str, Any] = json.loads(told)
    assert report["summary"]["resource_count"] > 0
    return [(one["check_id"], one["resource"]) for one in report["results"]["failed_checks"]]


@pytest.mark.parametrize("overlay", ["dev", "production"])
def test_the_linter_finds_nothing(overlay: str, tmp_path: Path) -> None:
    rendered = tmp_path / "rendered.yaml"
    rendered.write_text(run("kubectl", "kustomize", DEPLOY / "k8s" / "overlays" / overlay))
    assert faults(rendered) == []


def test_the_linter_notices_a_pod_that_may_do_everything(tmp_path: Path) -> None:
    container = {"name": "x", "image": "x:1", "securityContext": {"privileged": True}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "x"},
        "spec": {"containers": [container]},
    }
    manifest = tmp_path / "pod.yaml"
    manifest.write_text(yaml.safe_dump(pod))
    assert ("CKV_K8S_16", "Pod.default.x") in faults(manifest)
