"""Key-encryption keys that a program holds: a KMS's command line, a vault's, a hardware module's."""

from __future__ import annotations

import base64
import binascii
import json
import shlex
import subprocess
from typing import Any
from uuid import UUID

from freehold.datakeys.provider import CannotDestroy, KeyUnavailable

_SECONDS = 60


class CommandProvider:
    """Runs a program for each call, without a shell: one JSON object on its standard input, one on its output.

    Asked is ``{"verb", "tenant", "kek_id", "data", "context"}`` with the verb ``create``, ``wrap``, ``unwrap`` or
    ``destroy``, bytes in base64; answered is ``{"kek_id"}``, ``{"data"}`` or ``{"destroyed": number}``, and
    ``{"destroyed": null}`` where the tenant has no key of its own. Any exit status but 0 is a failure.
    No secret is an argument. What the program prints as errors goes where ours go.

    Args:
        command: The program and its arguments, quoted as for a shell.
    """

    kind = "command"

    def __init__(self, command: str) -> None:
        self._words = shlex.split(command)

    def create(self, tenant: UUID) -> str:
        """Has a key-encryption key made."""
        kek_id = self._ask("create", tenant).get("kek_id")
        if not isinstance(kek_id, str) or not kek_id:
            raise KeyUnavailable("the key command answered without a kek_id")
        return kek_id

    def wrap(self, tenant: UUID, kek_id: str, secret: bytes, context: bytes) -> bytes:
        """Has a secret encrypted."""
        return self._data("wrap", tenant, kek_id, secret, context)

    def unwrap(self, tenant: UUID, kek_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Has it decrypted."""
        return self._data("unwrap", tenant, kek_id, wrapped, context)

    def destroy(self, tenant: UUID, kek_id: str | None = None) -> int:
        """Has one key destroyed, or all of the tenant's."""
        count = self._ask("destroy", tenant, kek_id=kek_id).get("destroyed", False)
        if count is None:
            raise CannotDestroy("the key command cannot destroy one tenant's key-encryption key")
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise KeyUnavailable("the key command did not say how many keys it destroyed")
        return count

    def _data(self, verb: str, tenant: UUID, kek_id: str, data: bytes, context: bytes) -> bytes:
        answer = self._ask(verb, tenant, kek_id=kek_id, data=_text(data), context=_text(context)).get("data")
        try:
            return base64.b64decode(answer, validate=True)  # type: ignore[arg-type]
        except (TypeError, binascii.Error):
            raise KeyUnavailable(f"the key command answered {verb} without data in base64") from None

    def _ask(self, verb: str, tenant: UUID, **more: str | None) -> dict[str, Any]:
        question = json.dumps({"verb": verb, "tenant": str(tenant), **more}).encode()
        try:
            done = subprocess.run(self._words, input=question, stdout=subprocess.PIPE, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            # Neither says what was asked or answered.
            raise KeyUnavailable(f"the key command did not answer {verb}: {type(error).__name__}") from None
        if done.returncode != 0:
            raise KeyUnavailable(f"the key command failed at {verb}: exit status {done.returncode}")
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise KeyUnavailable(f"the key command answered {verb} with something else than a JSON object")
        return answer


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
