import { goOnWithout, type Background } from '../lifecycle/background.js';
import { choose, type Choice, type Chosen } from '../lifecycle/choose.js';
import type { VerbView } from '../lifecycle/running/verb.js';
import { BaseCommand } from './base-command.js';
import { outcomesText } from './outcomes.js';

/** The words and flags of `nodesArgs` and `nodesFlags`, as oclif hands them on. */
interface Typed {
  readonly args: { readonly names?: readonly string[] | undefined };
  readonly flags: Omit<Choice, 'words'>;
}

/** What a verb did, or that it goes on without us. */
export interface VerbResult {
  readonly clusters: readonly VerbView[];
  readonly background?: Background;
}

/** What the commands have in common that do something to nodes of clusters. */
export abstract class VerbCommand extends BaseCommand {
  /** The clusters and nodes that are meant; `when` as `choose` has it. */
  protected chosen({ args, flags }: Typed, when: Parameters<typeof choose>[2]): Promise<readonly Chosen[]> {
    return choose(this.machine, { ...flags, words: args.names ?? [] }, when);
  }

  /** Lets the same words but `--no-wait` go on without us, first of all on this cluster. */
  protected async inBackground(name: string): Promise<VerbResult> {
    const words = process.argv.slice(1).filter((text) => text !== '--no-wait');
    const background = await goOnWithout(this.machine, name, [process.execPath, ...words]);
    if ('pid' in background) {
      this.log(`Goes on in the background (pid ${background.pid}); what it says is in ${background.log}.`);
      return { clusters: [], background };
    }
    const { ended, printed } = background;
    const stream = this.jsonEnabled() ? process.stdout : process.stderr;
    await new Promise((resolve) => stream.write(printed, resolve));
    // All is said: as it ended, so do we.
    process.exit(Number(/\d+$/.exec(ended)?.[0] ?? 1));
  }

  /**
   * Does it to one cluster after another, and tells what became of each node; with `table` how the cluster is now. With
   * `noWait` all of that goes on in the background.
   */
  protected async onEach(
    chosen: readonly Chosen[],
    act: (one: Chosen) => Promise<VerbView>,
    { table = false, noWait = false }: { readonly table?: boolean; readonly noWait?: boolean } = {},
  ): Promise<VerbResult> {
    const [first] = chosen;
    if (noWait && first !== undefined) return this.inBackground(first.cluster.name);
    const clusters: VerbView[] = [];
    for (const one of chosen) clusters.push(await act(one));
    this.log(outcomesText(clusters, table));
    return { clusters };
  }
}
