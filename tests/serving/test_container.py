"""Container: what its files copy exists, the command in them is one, and the rules for small, safe images are kept."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from wordvec.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
INSTRUCTIONS = [
    tuple(line.split(" ", 1))
    for line in re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE)).splitlines()
    if line.strip()
]


def values_of(instruction: str) -> list[str]:
    return [value.strip() for name, value in INSTRUCTIONS if name == instruction]


def compose() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_what_the_image_copies_exists_and_is_sent_to_the_build() -> None:
    copied = [value.split()[:-1] for value in values_of("COPY") if not value.startswith("--from")]
    for source in [one for sources in copied for one in sources]:
        assert (ROOT / source).exists(), source
        assert any(
            fnmatch(source.removeprefix("./"), rule[1:]) for rule in IGNORED if rule.startswith("!")
        ), source
    needed = re.findall(
        r'readme = "(.+?)"|license-files = \["(.+?)"\]', (ROOT / "pyproject.toml").read_text()
    )
    assert {name for names in needed for name in names if name} <= {
        one for sources in copied for one in sources
    }


def test_the_extras_that_the_image_installs_exist() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = next(value.split("=")[1] for value in values_of("ARG") if value.startswith("EXTRAS="))
    for extra in extras.split(","):
        assert re.search(rf"^{extra} = \[", pyproject, flags=re.MULTILINE), extra


def test_the_command_of_the_image_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    entry, command = json.loads(values_of("ENTRYPOINT")[0]), json.loads(values_of("CMD")[0])
    assert entry[0] == "wordvec"
    monkeypatch.setenv("WORDVEC_TOKEN", "secret")
    _, bound, _ = app.parse_args([*entry[1:], *command], exit_on_error=False, print_error=False)
    assert (bound.kwargs["host"], bound.kwargs["port"]) == ("0.0.0.0", 8765)  # noqa: S104
    assert bound.args == ("/models/model.wv",)


def test_the_process_is_not_root_and_the_build_leaves_nothing_behind() -> None:
    user = values_of("USER")[-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert f"--uid {user.split(':')[0]}" in DOCKERFILE
    last_stage = [value for name, value in INSTRUCTIONS if name == "FROM"]
    assert len(last_stage) == 2
    assert last_stage[-1].endswith("-slim")
    after = DOCKERFILE[DOCKERFILE.rindex("FROM") :]
    assert "pip" not in after
    assert "apt-get" not in DOCKERFILE


def test_packages_are_the_tested_versions_and_images_have_a_version() -> None:
    (install,) = [value for value in values_of("RUN") if "pip install" in value]
    assert "--constraint constraints.txt" in install
    assert "--no-cache-dir" in install
    for image in values_of("FROM"):
        assert ":" in image
        assert "latest" not in image


def test_the_health_check_asks_a_path_that_needs_no_token_at_the_port_that_is_exposed() -> None:
    pytest.importorskip("fastapi")
    from wordvec.serving.guards import OPEN_PATHS

    (check,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", DOCKERFILE)
    assert check[0] == values_of("EXPOSE")[0]
    assert check[1] in OPEN_PATHS


def test_compose_publishes_the_port_to_this_machine_alone_and_asks_for_a_token() -> None:
    service = compose()["services"]["wordvec"]
    assert service["ports"] == [f"127.0.0.1:8765:{values_of('EXPOSE')[0]}"]
    assert service["environment"]["WORDVEC_TOKEN"].startswith("${WORDVEC_TOKEN:?")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_compose_keeps_the_cache_where_the_image_writes_it() -> None:
    document = compose()
    mounts = dict(volume.split(":")[:2] for volume in document["services"]["wordvec"]["volumes"])
    assert f"XDG_CACHE_HOME={mounts['cache']}" in DOCKERFILE
    assert "cache" in document["volumes"]
    assert mounts["./models"] == values_of("WORKDIR")[-1]
    assert document["services"]["wordvec"]["command"][0].startswith(f"{mounts['./models']}/")
