"""The Secret Manager stand-in."""

from local.clock import Clock, SystemClock
from local.control.faults import Control
from local.rpc import GrpcServer, Method, unimplemented
from local.secrets import messages
from local.secrets.catalog import Catalog
from local.secrets.store import Store
from local.secrets.versions import Versions
from local.standin import LOOPBACK, Options

SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"


class SecretsServer:
    """Secret Manager over gRPC."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.control = Control("secrets")
        self._options, self._clock = options, clock or SystemClock()
        self._port = options.port
        self._started: tuple[Store, GrpcServer] | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError naming the port when it is taken."""
        path = self._options.state and self._options.state / "secrets.sqlite"
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        store = Store(path)
        catalog = Catalog(store, self._clock)
        methods = _methods(catalog, Versions(store, catalog, self._clock))
        self._started = store, GrpcServer(SERVICE, methods, self.control, self._port)
        try:
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
