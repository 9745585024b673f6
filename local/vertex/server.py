"""Vertex AI on the loopback: models over HTTP, Vector Search over gRPC."""

from pathlib import Path

import grpc.aio

from local.control.faults import Control
from local.control.interceptor import ControlInterceptor
from local.standin import LOOPBACK, HttpServer, Options
from local.vertex.administration import EndpointAdministration, IndexAdministration
from local.vertex.batching import Embedder
from local.vertex.definition import definition_of
from local.vertex.embeddings import Embeddings
from local.vertex.generation import Generation
from local.vertex.http import VertexHttp
from local.vertex.indexes import Indexes
from local.vertex.operations import Operations
from local.vertex.resources import Resources
from local.vertex.rpc import Datapoints, handlers, services
from local.vertex.settings import Settings
from local.vertex.untruths import Told

MAX_MESSAGE = 32 * 1024 * 1024


class VertexServer:
    """The stand-in: HTTP on `port`, gRPC on the next one (both free ones when `port` is 0).

    README.md lists the settings. The delays in `settings` may be changed while it runs. Another `embedder`
    than the bundled model may be given.
    """

    def __init__(self, options: Options, embedder: Embedder | None = None) -> None:
        self.control = Control("vertex")
        self.settings = Settings.read(options.settings)
        self.http_port = self.grpc_port = 0
        self._options = options
        self._embedder = embedder or Embedder(self.settings.threads)
        self._indexes = Indexes(options.state, self.settings)
        keep, forget = self._indexes.keep, self._indexes.forget
        self._resources = Resources(keep, forget)
        self._operations = Operations(keep, forget, lambda: self.settings.operation_delay)
        self._generation = Generation(self._embedder, self.settings, self.control.billed)
        embeddings = Embeddings(self._embedder, self.control, self.settings)
        app = VertexHttp(embeddings, self._generation, self.control, self.settings).app()
        self._http = HttpServer(app, options.port)
        self._grpc: grpc.aio.Server | None = None

    async def start(self) -> int:
        """Listen on both ports, load the model in the background; returns the HTTP port.

        Raises OSError when a port is taken.
        """
        await self._take(await self._indexes.open())
        try:
            self.grpc_port = await self._start_grpc(self._options.port + 1 if self._options.port else 0)
            self.http_port = await self._http.start()
        except OSError:
            await self.stop()
            raise
        if self.settings.preload:
            self._embedder.load()
        return self.http_port

    async def stop(self) -> None:
        """Stop listening and close the store; acknowledged datapoints are on disk."""
        await self._http.stop()
        if self._grpc is not None:
            await self._grpc.stop(grace=1)
            self._grpc = None
        await self._operations.close()
        await self._generation.close()
        await self._embedder.close()
        await self._indexes.close()

    async def save(self, folder: Path) -> None:
        """Copy indexes, endpoints, operations and datapoints into a folder; the models remember nothing."""
        await self._indexes.save(folder)

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied; None: the declared indexes, empty."""
        await self._operations.close()
        self._resources.clear()
        self._operations.clear()
        await self._take(await self._indexes.restore(folder))

    def told(self) -> list[Told]:
        """What the lying model (setting `answers`) said, each sentence with what is true instead."""
        return self._generation.told

    def exports(self) -> dict[str, str]:
        """Where the real clients find this stand-in."""
        return {
            "GENAI_BASE_URL": f"http://{LOOPBACK}:{self.http_port}",
            "VECTOR_INDEX_HOST": self._address(),
            "VECTOR_MATCH_HOST": self._address(),
        }

    def _address(self) -> str:
        return f"{LOOPBACK}:{self.grpc_port}"

    async def _take(self, kept: list[tuple[str, bytes]]) -> None:
        """Serve the kept resources, and the declared indexes as they are declared."""
        for name, body in kept:
            (self._operations if "/operations/" in name else self._resources).load(name, body)
        for declared in self.settings.indexes:
            self._resources.declare(declared)
        for name, index in self._resources.indexes.items():
            await self._indexes.serve(name, definition_of(index))

    async def _start_grpc(self, port: int) -> int:
        options = [
            ("grpc.max_receive_message_length", MAX_MESSAGE),
            ("grpc.max_send_message_length", MAX_MESSAGE),
            ("grpc.so_reuseport", 0),
        ]
        server = grpc.aio.server(interceptors=[ControlInterceptor(self.control)], options=options)
        tables = services(
            Datapoints(self._indexes, self._resources),
            IndexAdministration(self._resources, self._indexes, self._operations),
            EndpointAdministration(self._resources, self._operations, self._address),
            self._operations,
        )
        server.add_generic_rpc_handlers(handlers(tables))
        try:
            bound = server.add_insecure_port(f"{LOOPBACK}:{port}")
        except RuntimeError as error:
            raise OSError(f"port {port} is taken: {error}") from error
        await server.start()
        self._grpc = server
        return bound
