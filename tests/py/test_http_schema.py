"""The OpenAPI document against the service: schemathesis asks every route, well and badly.

A few examples a route here; ``make fuzz`` takes many, and what the document's limits make.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.database import Database
from support.service import key, running

EXAMPLES = int(os.environ.get("FREEHOLD_FUZZ", "0"))
# What a database says of values that fit their types is its own: a slug that no tenant has, a state that does not allow it.
EXCLUDED = "positive_data_acceptance"
CONFIG = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]
"""


def test_every_route_answers_as_the_document_says(database: Database, tmp_path: Path) -> None:
    control = database.control()
    control.template_create("default")
    control.template_freeze("default")
    control.tenant_provision("acme")
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    with running(database) as service:
        token = key(database, "admin", "auditor", "worker", "break_glass")
        done = subprocess.run(
            [
                Path(sys.executable).with_name("st"), "run", f"{service.url}/openapi.json",
                "--header", f"Authorization: Bearer {token}", "--exclude-checks", EXCLUDED,
                "--phases", "examples,coverage,fuzzing" if EXAMPLES else "examples,fuzzing",
                "--max-examples", str(EXAMPLES or 2), "--workers", "2", "--continue-on-failure", "--no-color",
                "--generation-deterministic", "--request-timeout", "60", "--suppress-health-check", "all",
                "--warnings", "off",
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert "Tested" in done.stdout
