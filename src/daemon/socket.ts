import { createServer, type Server, type Socket } from 'node:net';
import {
  PROTOCOL,
  type Failure,
  type LibrarySpec,
  type Method,
  type Notice,
  type Requests
} from '../protocol';
import type { Libraries } from './libraries';
import type { Library } from './library';
import { contentsOf } from './listing';
import { librariesAt } from './project';
import { errorCode, refusals, toFailure } from './refusal';

/** Bytes of one request; a barrier over thousands of libraries stays far below. */
const LONGEST = 1 << 20;

type Handlers = {
  [M in Method]: (
    params: Requests[M]['params'],
    connection: Connection
  ) => Requests[M]['result'] | Promise<Requests[M]['result']>;
};

/** Listens on a Unix socket and answers what clients ask about libraries. */
export class Listener {
  private readonly server: Server;
  private readonly connections = new Set<Connection>();
  private readonly handlers: Handlers;

  constructor(
    private readonly libraries: Libraries,
    version: string,
    private readonly onProblem: (error: unknown) => void
  ) {
    this.server = createServer(socket => this.accept(socket));
    this.handlers = {
      hello: ({ protocol }, connection) => {
        if (protocol !== PROTOCOL) {
          throw refusals.protocolMismatch(protocol, PROTOCOL);
        }
        connection.greeted = true;
        return { protocol: PROTOCOL, pid: process.pid, version, node: process.version };
      },
      open: async (params, connection) => ({
        library: await libraries.open(checkSpec(params), connection)
      }),
      close: ({ library }, connection) => {
        libraries.close(library, connection);
        return {};
      },
      barrier: async params => ({ libraries: await libraries.answer(checkQuestions(params)) }),
      contents: ({ library }) => contentsOf(libraries.spec(library)),
      find: ({ path }) => {
        if (typeof path !== 'string') {
          throw refusals.badParameter('find', 'the text "path"');
        }
        return { libraries: librariesAt(path) };
      },
      status: () => ({ libraries: libraries.statuses() }),
      version: ({ library, version }) =>
        libraries.locate(String(library), version === null ? null : checkVersion(String(version))),
      subscribe: (_params, connection) => {
        // After the answer: what is so now first, so that a save between the last look and this call is not missed.
        setImmediate(() => {
          connection.subscribed = true;
          libraries.all().forEach(library => connection.send(noticeOf(library)));
        });
        return {};
      }
    };
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, resolve);
    });
  }

  /** Tells subscribers of a library's new status. */
  announce(library: Library): void {
    const notice = noticeOf(library);
    for (const connection of this.connections) {
      if (connection.subscribed) {
        connection.send(notice);
      }
    }
  }

  close(): void {
    this.server.close();
    for (const connection of this.connections) {
      connection.destroy();
    }
  }

  private accept(socket: Socket): void {
    const connection: Connection = new Connection(socket, line => this.handle(line, connection));
    this.connections.add(connection);
    socket.once('close', () => {
      this.connections.delete(connection);
      this.libraries.forget(connection);
    });
  }

  private async handle(line: string | null, connection: Connection): Promise<void> {
    let id = 0;
    try {
      if (line === null) {
        throw refusals.tooLong(LONGEST);
      }
      const request = parse(line);
      id = request.id;
      const handler = Object.hasOwn(this.handlers, request.method)
        ? this.handlers[request.method as Method]
        : null;
      if (!handler) {
        throw refusals.unknownMethod(request.method);
      }
      if (!connection.greeted && request.method !== 'hello') {
        throw refusals.helloFirst();
      }
      const result = await (handler as (params: object, from: Connection) => unknown)(
        request.params,
        connection
      );
      connection.send({ id, result });
    } catch (error) {
      const failure: Failure = toFailure(error);
      if (failure.code === 'internal') {
        this.onProblem(error);
      }
      connection.send({ id, failure });
    }
  }
}

function noticeOf(library: Library): Notice {
  return { notice: 'library', status: library.status, delivery: library.delivery };
}

/** One client: lines in, lines out, requests answered one after the other. */
class Connection {
  greeted = false;
  subscribed = false;
  private buffer = '';
  private skipping = false;
  private work: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly socket: Socket,
    private readonly handle: (line: string | null) => Promise<void>
  ) {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.receive(text));
    socket.on('error', error => {
      // A client that goes away in the middle is nothing special.
      if (!['EPIPE', 'ECONNRESET'].includes(errorCode(error))) {
        socket.destroy();
      }
    });
  }

  send(message: object): void {
    if (this.socket.writable) {
      this.socket.write(`${JSON.stringify(message)}\n`);
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  private receive(text: string): void {
    const lines = text.split('\n');
    lines[0] = this.buffer + lines[0]!;
    this.buffer = lines.pop()!;
    for (const line of lines) {
      if (this.skipping) {
        this.skipping = false;
      } else {
        this.take(line.length > LONGEST ? null : line);
      }
    }
    if (this.buffer.length > LONGEST) {
      if (!this.skipping) {
        this.take(null);
      }
      this.skipping = true;
      this.buffer = '';
    }
  }

  private take(line: string | null): void {
    this.waiting++;
    const run = () => this.handle(line).finally(() => this.waiting--);
    // Nothing before it: at once, which saves the fast answers a turn of the event loop.
    this.work = this.waiting === 1 ? run() : this.work.then(run);
  }
}

function parse(line: string): { id: number; method: string; params: object } {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    throw refusals.notJson();
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw refusals.notJson();
  }
  const { id, method, params } = data as Record<string, unknown>;
  return {
    id: typeof id === 'number' ? id : 0,
    method: String(method),
    params: typeof params === 'object' && params !== null ? params : {}
  };
}

function checkSpec(params: LibrarySpec): LibrarySpec {
  const { name, kind, path } = params;
  if (typeof name !== 'string' || typeof kind !== 'string' || typeof path !== 'string') {
    throw refusals.badParameter('open', 'the texts "name", "kind" and "path"');
  }
  return { name, kind, path };
}

/** It becomes part of a file's name. */
function checkVersion(version: string): string {
  if (!/^[0-9a-f]{64}$/.test(version)) {
    throw refusals.badParameter('version', 'a "version" of 64 hexadecimal digits');
  }
  return version;
}

function checkQuestions({ libraries }: Requests['barrier']['params']) {
  const valid =
    Array.isArray(libraries) &&
    libraries.every(
      item =>
        typeof item === 'object' &&
        typeof item?.library === 'string' &&
        (item.known === null || typeof item.known === 'string')
    );
  if (!valid) {
    throw refusals.badParameter('barrier', 'a list "libraries" of {library, known}');
  }
  return libraries;
}
