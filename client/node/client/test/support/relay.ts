// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Passes bytes on to a port of this machine. */
export class Relay {
  connections = 0;
  readonly #server = createServer();
  readonly #sockets: Socket[] = [];

  static async start(port: number): Promise<Relay> {
    const relay = new Relay();
    relay.#server.on('connection', (socket) => {
      ++relay.connections;
      const onward = connect(port, '127.0.0.1');
      relay.#sockets.push(socket, onward);
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) end.on('error', () => end.destroy());
    });
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As if a cable had been pulled: nothing arrives any more, and nothing is closed. */
  silenceOpenConnections(): void {
    for (const socket of this.#sockets) socket.unpipe().resume();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
