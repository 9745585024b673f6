"""The Secret Manager stand-in."""

import json
from pathlib import Path

from local.clock import Clock, SystemClock
from local.control.faults import Control
from local.rpc import GrpcServer, Method, unimplemented
from local.secrets import messages
from local.secrets.catalog import Catalog
from local.secrets.names import canonical_secret
from local.secrets.store import Store
from local.secrets.versions import Versions
from local.standin import LOOPBACK, Options

_FILE = "secrets.sqlite"
SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"


class SecretsServer:
    """Secret Manager over gRPC.

    Of `Options.settings` it reads `secrets`, a JSON object of full names to values: secrets that exist from
    the start, with the value as `latest`, as an operator would put them.
    """

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.control = Control("secrets")
        self._options, self._clock = options, clock or SystemClock()
        self._port = options.port
        self._started: tuple[Store, GrpcServer] | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError naming the port when it is taken."""
        path = self._options.state and self._options.state / _FILE
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        store = Store(path)
        catalog = Catalog(store, self._clock)
        self._versions = Versions(store, catalog, self._clock)
        methods = _methods(catalog, self._versions)
        self._started = store, GrpcServer(SERVICE, methods, self.control, self._port)
        try:
            await self._declare(catalog)
            self._port = await self._started[1].start()
        except BaseException:
            await self.stop()
            raise
        return self._port

    async def stop(self) -> None:
        """Stop listening and close the file."""
        if self._started is None:
            return
        store, server = self._started
        self._started = None
        await server.stop()
        store.close()

    async def save(self, folder: Path) -> None:
        """Copy all secrets into a folder; destroyed payloads are not in the copy."""
        self._store.save(folder / _FILE)

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied; None: only the declared secrets, new."""
        self._store.restore(folder and folder / _FILE)
        if folder is None:
            await self._declare(Catalog(self._store, self._clock))

    @property
    def _store(self) -> Store:
        if self._started is None:
            raise RuntimeError("start() Secret Manager first")
        return self._started[0]

    async def _declare(self, catalog: Catalog) -> None:
        """Make the secrets that always exist; a version is added only where `latest` has another value."""
        for name, value in json.loads(self._options.settings.get("secrets", "{}")).items():
            parent, _, secret_id = name.rpartition("/secrets/")
            if catalog.find(canonical_secret(name)) is None:
                automatic = messages.Secret(replication={"automatic": {}})
                create = messages.CreateSecretRequest(parent=parent, secret_id=secret_id, secret=automatic)
                await catalog.create(create)
            if not self._is_latest(name, value.encode()):
                payload = {"data": value.encode()}
                await self._versions.add(messages.AddSecretVersionRequest(parent=name, payload=payload))

    def _is_latest(self, name: str, value: bytes) -> bool:
        secret = canonical_secret(name)
        latest = self._store.latest(secret)
        return bool(latest) and self._store.payload(secret, latest) == value

    def exports(self) -> dict[str, str]:
        """SECRETS_HOST, the address of an insecure gRPC channel."""
        return {"SECRETS_HOST": f"{LOOPBACK}:{self._port}"}


def _methods(catalog: Catalog, versions: Versions) -> list[Method]:
    iam = "IAM is not emulated by the local Secret Manager."
    rotation = "Managed rotation is not emulated by the local Secret Manager."
    return [
        Method("ListSecrets", messages.ListSecretsRequest, catalog.list),
        Method("CreateSecret", messages.CreateSecretRequest, catalog.create),
        Method("GetSecret", messages.GetSecretRequest, catalog.get),
        Method("UpdateSecret", messages.UpdateSecretRequest, catalog.update),
        Method("DeleteSecret", messages.DeleteSecretRequest, catalog.delete),
        Method("AddSecretVersion", messages.AddSecretVersionRequest, versions.add),
        Method("ListSecretVersions", messages.ListSecretVersionsRequest, versions.list),
        Method("GetSecretVersion", messages.GetSecretVersionRequest, versions.get),
        Method("AccessSecretVersion", messages.AccessSecretVersionRequest, versions.access),
        Method("DisableSecretVersion", messages.DisableSecretVersionRequest, versions.disable),
        Method("EnableSecretVersion", messages.EnableSecretVersionRequest, versions.enable),
        Method("DestroySecretVersion", messages.DestroySecretVersionRequest, versions.destroy),
        unimplemented("GetIamPolicy", iam),
        unimplemented("SetIamPolicy", iam),
        unimplemented("TestIamPermissions", iam),
        unimplemented("EnableManagedRotation", rotation),
        unimplemented("RotateSecret", rotation),
    ]
