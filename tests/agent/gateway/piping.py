"""Two ends of a pipe between network namespaces, for they share the file system.

python piping.py tcp PATH PORT     listens on 127.0.0.1:PORT, passes on to the socket PATH
python piping.py unix PATH PORT    listens on the socket PATH, passes on to 127.0.0.1:PORT
"""

import asyncio
import sys
from contextlib import suppress


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()


async def main(kind: str, path: str, port: int) -> None:
    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if kind == "tcp":
            far_reader, far_writer = await asyncio.open_unix_connection(path)
        else:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    if kind == "tcp":
        server = await asyncio.start_server(passed, "127.0.0.1", port)
    else:
        server = await asyncio.start_unix_server(passed, path)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
