import dgram from 'node:dgram';
import net from 'node:net';

// Runs in a host's namespace: says to whom it gets through by TCP, and from whom a datagram arrives here. A connection alone
// does not tell one way from the other.

interface Task {
  readonly name: string;
  /** Where datagrams are heard; null: nowhere. */
  readonly port: number | null;
  readonly targets: readonly { readonly name: string; readonly address: string; readonly port: number }[];
  /** Milliseconds since the epoch. */
  readonly until: number;
}

type Outcome = 'open' | 'refused' | 'silent' | 'unreachable';

const OUTCOMES: Readonly<Partial<Record<string, Outcome>>> = {
  ...{ ECONNREFUSED: 'refused', ECONNRESET: 'refused' },
  ...{ EHOSTUNREACH: 'unreachable', ENETUNREACH: 'unreachable', ENETDOWN: 'unreachable' },
};

function connect({ address, port }: Task['targets'][number], until: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port });
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(end, until - Date.now(), 'silent' as const);
    socket.on('connect', () => {
      end('open');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(OUTCOMES[error.code ?? ''] ?? 'silent');
    });
  });
}

/** Again and again: who is to hear it may be late. */
async function call({ name, targets, until }: Task, socket: dgram.Socket): Promise<void> {
  while (Date.now() < until) {
    for (const { address, port } of targets) socket.send(name, port, address, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function probe(task: Task): Promise<void> {
  const heard = new Set<string>();
  const socket = dgram.createSocket('udp4');
  socket.on('message', (message) => heard.add(message.toString()));
  const isBound = await new Promise<boolean>((resolve) => {
    socket.once('error', () => {
      resolve(false);
    });
    socket.bind(task.port ?? 0, () => {
      resolve(true);
    });
  });
  const began = Date.now();
  const caller = isBound ? socket : dgram.createSocket('udp4');
  const [connects] = await Promise.all([
    Promise.all(task.targets.map(async (target) => [target.name, await connect(target, task.until)] as const)),
    call(task, caller),
  ]);
  const hears = isBound && task.port !== null ? [...heard] : null;
  process.stdout.write(JSON.stringify({ connects: Object.fromEntries(connects), heard: hears, began }));
  process.exit(0);
}

await probe(JSON.parse(process.argv[2] ?? '') as Task);
