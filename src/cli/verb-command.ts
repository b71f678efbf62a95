import { choose, type Choice, type Chosen } from '../lifecycle/choose.js';
import type { VerbView } from '../lifecycle/life/verb.js';
import { BaseCommand } from './base-command.js';
import { outcomesText } from './outcomes.js';

/** The words and flags of `nodesArgs` and `nodesFlags`, as oclif hands them on. */
interface Typed {
  readonly args: { readonly names?: readonly string[] | undefined };
  readonly flags: Omit<Choice, 'words'>;
}

/** What the commands have in common that do something to nodes of clusters. */
export abstract class VerbCommand extends BaseCommand {
  /** The clusters and nodes that are meant; `when` as `choose` has it. */
  protected chosen({ args, flags }: Typed, when: Parameters<typeof choose>[2]): Promise<readonly Chosen[]> {
    return choose(this.machine, { ...flags, words: args.names ?? [] }, when);
  }

  /** Does it to one cluster after another, and tells what became of each node; with `table` how the cluster is now. */
  protected async onEach(
    chosen: readonly Chosen[],
    act: (one: Chosen) => Promise<VerbView>,
    table = false,
  ): Promise<{ clusters: readonly VerbView[] }> {
    const clusters: VerbView[] = [];
    for (const one of chosen) clusters.push(await act(one));
    this.log(outcomesText(clusters, table));
    return { clusters };
  }
}
