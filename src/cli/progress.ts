import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import type { ListrDefaultRendererLogLevels } from 'listr2';
import type { Observer } from '../lifecycle/apply.js';

/** Shows phases as they pass: live on a terminal, a line each elsewhere. */
export function progressOn(stream: WriteStream): Observer {
  return stream.isTTY ? liveProgress(stream) : plainProgress(stream);
}

function plainProgress(stream: NodeJS.WritableStream): Observer {
  const started = performance.now();
  const say = (words: string) => stream.write(`[${((performance.now() - started) / 1000).toFixed(1)} s] ${words}\n`);
  return { phaseStarted: say, detail: say, told: say, warned: (message) => say(`Warning: ${message}`) };
}

/** listr2 for the drawing alone: one task a phase. Rollback and signals are ours, so its listeners are off. */
function liveProgress(stream: WriteStream): Observer {
  let current: Drawing | null = null;
  return {
    phaseStarted(title) {
      current?.end('failed');
      current = draw(stream, title);
    },
    phaseDone() {
      current?.end('done');
      current = null;
    },
    phaseFailed() {
      current?.end('failed');
      current = null;
    },
    detail: (line) => current?.detail(line),
    told: (sentence) => stream.write(`${sentence}\n`),
    warned: (message) => stream.write(`Warning: ${message}\n`),
  };
}

/** A phase on the terminal. */
interface Drawing {
  readonly detail: (line: string) => void;
  readonly end: (how: 'done' | 'failed') => void;
}

function draw(stream: WriteStream, title: string): Drawing {
  const events = new EventEmitter<{ end: ['done' | 'failed']; detail: [string] }>();
  void show(stream, title, events);
  return {
    detail: (line) => events.emit('detail', line),
    end: (how) => events.emit('end', how),
  };
}

async function show(
  stream: WriteStream,
  title: string,
  events: EventEmitter<{ end: ['done' | 'failed']; detail: [string] }>,
): Promise<void> {
  const ended = new Promise<'done' | 'failed'>((resolve) => events.once('end', resolve));
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const logger = new ListrLogger<ListrDefaultRendererLogLevels>({ processOutput: new ProcessOutput(stream, stream) });
  const list = new Listr(
    [
      {
        title,
        async task(_, task) {
          events.on('detail', (line) => {
            task.output = line;
          });
          if ((await ended) === 'failed') throw new Error('failed');
        },
      },
    ],
    {
      registerSignalListeners: false,
      exitOnError: false,
      rendererOptions: { logger, showErrorMessage: false },
    },
  );
  await list.run();
}
