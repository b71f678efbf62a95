import type { WriteStream } from 'node:tty';
import type { Observer } from '../lifecycle/apply.js';

/** Shows phases as they pass: live on a terminal, a line each elsewhere. */
export function progressOn(stream: WriteStream): Observer {
  return stream.isTTY ? liveProgress(stream) : plainProgress(stream);
}

function plainProgress(stream: NodeJS.WritableStream): Observer {
  const started = performance.now();
  const say = (words: string) => stream.write(`[${((performance.now() - started) / 1000).toFixed(1)} s] ${words}\n`);
  return { phaseStarted: say, warned: (message) => say(`Warning: ${message}`) };
}

/** listr2 for the drawing alone: one task a phase. Rollback and signals are ours, so its listeners are off. */
function liveProgress(stream: WriteStream): Observer {
  let current: { readonly end: (error?: Error) => void } | null = null;
  return {
    phaseStarted(title) {
      current?.end(new Error('did not work'));
      current = draw(stream, title);
    },
    phaseDone() {
      current?.end();
      current = null;
    },
    warned: (message) => stream.write(`Warning: ${message}\n`),
  };
}

function draw(stream: WriteStream, title: string): { readonly end: (error?: Error) => void } {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const work = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  void show(stream, title, work);
  return {
    end: (error) => {
      if (error === undefined) resolve();
      else reject(error);
    },
  };
}

async function show(stream: WriteStream, title: string, work: Promise<void>): Promise<void> {
  const { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } = await import('listr2');
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream) });
  const task = { title, task: () => work };
  const list = new Listr([task], {
    registerSignalListeners: false,
    exitOnError: false,
    rendererOptions: { logger, timer: PRESET_TIMER, collapseErrors: true, showErrorMessage: false },
  });
  await list.run();
}
