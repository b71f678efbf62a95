import type { WriteStream } from 'node:tty';
import { onExit } from 'signal-exit';

/** Another page of the terminal, without a cursor and without lines that go on in the next; and back. Source: xterm "ctlseqs". */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const HOME = '\u001B[H';
const TO_END_OF_LINE = '\u001B[K';
const TO_END_OF_SCREEN = '\u001B[J';

/** A terminal, whole, for a text that changes. */
export interface Screen {
  show(text: string): void;
  /** The terminal as it was. */
  leave(): void;
}

/** Takes the terminal; it is given back when we end, however that is, but for a kill -9, and while we are suspended. */
export function takeScreen(stream: WriteStream): Screen {
  let shown = '';
  const draw = () => {
    // A terminal that does not know its size says 0.
    const lines = fit(shown, stream.rows > 0 ? stream.rows : Infinity).split('\n');
    stream.write(`${HOME}${lines.map((line) => `${line}${TO_END_OF_LINE}`).join('\n')}${TO_END_OF_SCREEN}`);
  };
  const giveBack = () => {
    stream.write(LEAVE);
  };
  const suspend = () => {
    giveBack();
    process.kill(process.pid, 'SIGSTOP');
  };
  const resume = () => {
    stream.write(ENTER);
    draw();
  };
  const forget = onExit(giveBack);
  process.on('SIGTSTP', suspend).on('SIGCONT', resume);
  stream.write(ENTER);
  stream.on('resize', draw);
  return {
    show(text) {
      shown = text;
      draw();
    },
    leave() {
      stream.off('resize', draw);
      process.off('SIGTSTP', suspend).off('SIGCONT', resume);
      forget();
      giveBack();
    },
  };
}

/** As many lines as there are rows; where that is not all, the last says so. */
export function fit(text: string, rows: number): string {
  const lines = text.split('\n');
  if (lines.length <= rows) return text;
  const kept = lines.slice(0, Math.max(0, rows - 1));
  return [...kept, `… and ${lines.length - kept.length} more lines, for which this terminal is too low`].join('\n');
}
