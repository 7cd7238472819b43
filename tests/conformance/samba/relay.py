"""A relay that deals a client's connections out to the nodes in turn.

Test suites make their second connection to the same address as the first; through the relay it
is one to another node.
"""

import asyncio
import threading

CHUNK_BYTES = 1 << 16


class Relay:
    def __init__(self, ports):
        self._ports = ports
        self._taken = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop).result()
        self.port = server.sockets[0].getsockname()[1]

    def restart(self):
        """The next connection is for node 0."""
        self._taken = 0

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, reader, writer):
        port = self._ports[self._taken % len(self._ports)]
        self._taken += 1
        try:
            node_reader, node_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        pumps = [asyncio.ensure_future(self._pump(reader, node_writer)),
                 asyncio.ensure_future(self._pump(node_reader, writer))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, node_writer):
            end.close()

    @staticmethod
    async def _pump(reader, writer):
        try:
            while data := await reader.read(CHUNK_BYTES):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
