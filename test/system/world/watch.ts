import { existsSync } from 'node:fs';
import type { NodeView } from '../../../src/lifecycle/view.js';

/** Looks again and again who has no socket, as servers have that take connections, and tells the sets that there were. */
export class Watch {
  private readonly seen = new Set<string>();
  private halt = false;
  private readonly ended: Promise<void>;

  constructor(private readonly nodes: readonly Pick<NodeView, 'name' | 'socket'>[]) {
    this.ended = this.run();
  }

  async stop(): Promise<readonly string[]> {
    this.halt = true;
    await this.ended;
    return [...this.seen];
  }

  private async run(): Promise<void> {
    while (!this.halt) {
      const away = this.nodes.filter(({ socket }) => !existsSync(socket));
      this.seen.add(away.map(({ name }) => name).join());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
