"""A mail server in a process of its own, for measures: under TLS, it takes everything and keeps nothing.

`python -m tests.relay_process FOLDER` writes its authority in FOLDER/autorite.pem, prints its port, and serves until its
standard input ends.
"""

import asyncio
import ssl
import sys
from pathlib import Path

import trustme

_YES = b"250 ok\r\n"
_ANSWERS = {
    b"EHLO": b"250-relay.example\r\n250-8BITMIME\r\n250 SIZE 33554432\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n",
}  # fmt: skip


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One conversation: as little work as a server can do, so that the client's is what is measured."""
    writer.write(b"220 relay.example\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        writer.write(_ANSWERS.get(verb, _YES))
        if verb == b"DATA":
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(_YES)
        if verb == b"QUIT":
            break
    writer.close()


async def main(folder: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(str(folder / "autorite.pem"))
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, limit=2**24)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
