"""Vertex AI on the loopback: models over HTTP, Vector Search over gRPC."""

import grpc.aio

from local.control.faults import Control
from local.control.interceptor import ControlInterceptor
from local.standin import LOOPBACK, HttpServer, Options
from local.vertex.batching import Embedder
from local.vertex.embeddings import Embeddings
from local.vertex.generation import Generation
from local.vertex.http import VertexHttp
from local.vertex.indexes import Indexes
from local.vertex.rpc import VectorSearch
from local.vertex.settings import Settings

MAX_MESSAGE = 32 * 1024 * 1024


class VertexServer:
    """The stand-in: HTTP on `port`, gRPC on the next one (both free ones when `port` is 0).

    README.md lists the settings. The delays in `settings` may be changed while it runs.
    """

    def __init__(self, options: Options) -> None:
        self.control = Control("vertex")
        self.settings = Settings.read(options.settings)
        self.http_port = self.grpc_port = 0
        self._options = options
        self._embedder = Embedder(self.settings.threads)
        self._indexes = Indexes(options.state, self.settings)
        self._generation = Generation(self._embedder, self.settings)
        embeddings = Embeddings(self._embedder, self.control, self.settings)
        app = VertexHttp(embeddings, self._generation, self.control, self.settings).app()
        self._http = HttpServer(app, options.port)
        self._grpc: grpc.aio.Server | None = None

    async def start(self) -> int:
        """Listen on both ports, load the model in the background; returns the HTTP port.

        Raises OSError when a port is taken.
        """
        await self._indexes.open()
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
        await self._generation.close()
        await self._embedder.close()
        await self._indexes.close()

    def exports(self) -> dict[str, str]:
        """Where the real clients find this stand-in."""
        return {
            "GENAI_BASE_URL": f"http://{LOOPBACK}:{self.http_port}",
            "VECTOR_INDEX_HOST": self._address(),
            "VECTOR_MATCH_HOST": self._address(),
        }

    def _address(self) -> str:
        return f"{LOOPBACK}:{self.grpc_port}"

    async def _start_grpc(self, port: int) -> int:
        options = [
            ("grpc.max_receive_message_length", MAX_MESSAGE),
            ("grpc.max_send_message_length", MAX_MESSAGE),
            ("grpc.so_reuseport", 0),
        ]
        server = grpc.aio.server(interceptors=[ControlInterceptor(self.control)], options=options)
        server.add_generic_rpc_handlers(VectorSearch(self._indexes, self._address).handlers())
        try:
            bound = server.add_insecure_port(f"{LOOPBACK}:{port}")
        except RuntimeError as error:
            raise OSError(f"port {port} is taken: {error}") from error
        await server.start()
        self._grpc = server
        return bound
