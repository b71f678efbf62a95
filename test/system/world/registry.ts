import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { run, start } from './command.js';

/** Debian's docker-registry: the machine's, or the one that test/run unpacked. Null when there is none. */
export const REGISTRY_PROGRAM =
  ['/usr/bin', path.resolve(import.meta.dirname, '../../../node_modules/.cache/docker-registry/usr/bin')]
    .map((directory) => `${directory}/docker-registry`)
    .find((file) => existsSync(file)) ?? null;

/** A real registry on loopback, over plain HTTP. */
export interface Registry {
  /** HOST:PORT. */
  readonly place: string;
  /** Where it keeps what was pushed. */
  readonly directory: string;
  push(from: string, to: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startRegistry(directory: string): Promise<Registry> {
  const place = `127.0.0.1:${await freePort()}`;
  mkdirSync(directory, { recursive: true });
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: directory } },
    http: { addr: place },
    log: { level: 'error' },
  };
  writeFileSync(`${directory}.yml`, JSON.stringify(config));
  const { child, result } = start([REGISTRY_PROGRAM ?? '', 'serve', `${directory}.yml`], {
    expectExit: 'any',
    timeout: 600_000,
  });
  await untilAnswering(place);
  return {
    place,
    directory,
    push: async (from, to) => {
      await run(['skopeo', 'copy', '--quiet', '--dest-tls-verify=false', from, `docker://${place}/${to}`]);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await result;
    },
  };
}

/** The file in which a registry keeps what has this digest. */
export function blobFile({ directory }: Registry, digest: string): string {
  const hex = digest.replace('sha256:', '');
  return `${directory}/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
}

/** Stands before a registry. */
export interface Guard {
  readonly place: string;
  stop(): void;
}

/** A guard that asks for a login. */
export function startGuard(registry: Registry, login: string): Promise<Guard> {
  const wanted = `Basic ${Buffer.from(login).toString('base64')}`;
  return standBefore(registry, (request, response) => {
    if (request.headers.authorization === wanted) return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
    return true;
  });
}

/** A guard that lets the beginning of each big layer through, and then says nothing more. */
export function startStaller(registry: Registry): Promise<Guard> {
  return standBefore(registry, (request, response) => {
    if (!isBigLayer(registry, request)) return false;
    response.writeHead(200, { 'content-length': 500_000_000 }).write(Buffer.alloc(2_000_000));
    return true;
  });
}

/** A guard that lets the beginning of each big layer through, and hangs up; also when it is asked for the rest. */
export function startCutter(registry: Registry): Promise<Guard> {
  return standBefore(registry, (request, response) => {
    if (!isBigLayer(registry, request)) return false;
    response.writeHead(200, { 'content-length': 500_000_000 }).write(Buffer.alloc(2_000_000), () => response.destroy());
    return true;
  });
}

/** A guard that always answers so. */
export function startAnswering(registry: Registry, answer: http.RequestListener): Promise<Guard> {
  return standBefore(registry, (request, response) => {
    answer(request, response);
    return true;
  });
}

function isBigLayer(registry: Registry, request: http.IncomingMessage): boolean {
  const digest = /\/blobs\/(sha256:\w+)$/.exec(request.url ?? '')?.[1];
  return digest !== undefined && statSync(blobFile(registry, digest)).size > 2_000_000;
}

/** What `answers` does not answer, the registry does. */
async function standBefore(
  registry: Registry,
  answers: (request: http.IncomingMessage, response: http.ServerResponse) => boolean,
): Promise<Guard> {
  const server = http.createServer((request, response) => {
    if (answers(request, response)) return;
    const headers = { ...request.headers, authorization: '' };
    const onward = http.request(`http://${registry.place}${request.url ?? ''}`, { method: request.method, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  return {
    place: await listen(server),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** HOST:PORT of a server that now listens on loopback. */
export async function listen(server: net.Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = Number((await listen(server)).split(':')[1]);
  server.close();
  await once(server, 'close');
  return port;
}

async function untilAnswering(place: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await fetch(`http://${place}/v2/`).catch(() => null);
    if (answer?.ok === true) return;
    if (Date.now() > deadline) throw new Error(`the registry at ${place} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
