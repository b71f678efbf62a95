import * as Flags from '@oclif/core/flags';
import type { Settings } from '../cluster/cluster.js';
import { CLUSTER_VARIABLE } from '../cluster/names.js';
import { UsageError } from '../errors/errors.js';
import { makeCluster } from '../lifecycle/birth/create.js';
import { callerNamed } from '../lifecycle/caller.js';
import { destroyCluster } from '../lifecycle/life/destroy.js';
import type { LeaseRequest } from '../lifecycle/lease.js';
import { leaseCluster } from '../lifecycle/life/lease.js';
import { connectionTo } from '../lifecycle/reach/connect.js';
import { assertProgram, runAsCaller } from '../lifecycle/reach/exec.js';
import type { ClusterView } from '../lifecycle/view.js';
import { afterDashes } from './after-dashes.js';
import { CreateCommand, optionsOf } from './create-command.js';
import type { CreateWords, MysqldWords, OwnWords } from './create-flags.js';
import { caller, callersIds } from './environment.js';
import { parseLease } from './lease.js';
import { tell } from './told.js';
import { variablesOf } from './variables.js';
import { withImages } from './with-images.js';

/** What `run` has besides the flags of create. */
export const runFlags = {
  name: Flags.string({ summary: 'name of the cluster; of the topology when absent, then with 2, 3 …' }),
  user: Flags.string({ summary: 'as whom the command runs; who called sudo when absent', helpValue: 'NAME' }),
  report: Flags.string({
    summary: 'write what became of it to a file, as JSON: of dbns and of the command apart',
    helpValue: 'FILE',
  }),
  'no-lease': Flags.boolean({
    summary: "a cluster that 'dbns run' left, because it was killed, stays",
    exclusive: ['lease'],
  }),
  'keep-on-failure': Flags.boolean({
    summary: 'leave the cluster for inspection when it did not come up, or the command failed',
    env: 'DBNS_KEEP_ON_FAILURE',
  }),
};

export const runDescription = `Makes the cluster, runs what follows the -- as who called sudo, with the directory and environment of the call, destroys the cluster, and ends with the command's exit code. Signals are passed on. The cluster goes when this call is killed, too.
In the command's environment: DBNS_URI, DBNS_HOST, DBNS_PORT, DBNS_USER, DBNS_PASSWORD as in 'dbns uri --format env', and what clients of this server know; DATABASE_URL, the same as DBNS_URI; DBNS_URI_NODE1 … for each node alone; DBNS_CLUSTER, the cluster's name.
Standard output is the command's alone. What dbns has to say, its own failures among it, is on stderr, and with --report in a file: there both can be told apart.`;

interface RunWords extends CreateWords {
  readonly name: string | undefined;
  readonly user: string | undefined;
  readonly report: string | undefined;
  readonly 'no-lease': boolean;
}

/** What became of a run. */
interface Report {
  cluster: ClusterView | null;
  /** Null when it was not begun. */
  command: { argv: readonly string[]; exitCode: number } | null;
  /** Of dbns's own: the same document as --json has. */
  error: ReturnType<typeof tell>['document']['error'] | null;
}

/** `dbns run TOPOLOGY … -- CMD`: a cluster for as long as a command runs. */
export abstract class RunCommand extends CreateCommand {
  private readonly after = afterDashes(this.argv).after;
  private readonly report: Report = { cluster: null, command: null, error: null };
  private reportFile: string | undefined;

  /** The words before the `--`, for `parse`. */
  protected readonly before = [...afterDashes(this.argv).before];

  /** For mysqlds. */
  protected runMysqlds(topology: string, words: RunWords & MysqldWords, settings: Settings): Promise<void> {
    return this.runWith(topology, words, this.mysqldWords(words, settings));
  }

  protected async runWith(topology: string, words: RunWords, own: OwnWords): Promise<void> {
    this.reportFile = words.report;
    const spec = { ...this.specOf(topology, words.name, words), ...own };
    const options = optionsOf(words, leaseOf(words));
    if (words['dry-run']) {
      await this.dryRun(spec);
      return;
    }
    if (this.after.length === 0) throw new UsageError(`What should run? dbns run ${topology} -- COMMAND …`);
    assertProgram(this.machine, this.after);
    const user = words.user === undefined ? caller() : callerNamed(this.machine, words.user);
    const context = this.interruptible();
    const cluster = await withImages(context, words.yes, () => makeCluster(spec, context, options));
    this.report.cluster = cluster;
    try {
      const variables = await this.variables(cluster);
      context.signal.throwIfAborted();
      process.exitCode = await runAsCaller(this.machine, this.after, user, variables);
      this.report.command = { argv: this.after, exitCode: process.exitCode };
    } finally {
      if (words['keep-on-failure'] && this.report.command?.exitCode !== 0) await this.keep(cluster.name);
      else await destroyCluster(cluster.name, { ...context, signal: new AbortController().signal });
    }
    await this.writeReport();
  }

  private async keep(name: string): Promise<void> {
    await leaseCluster(name, null, { machine: this.machine });
    this.logToStderr(`The cluster '${name}' is kept: dbns status ${name}, dbns logs ${name}; dbns destroy ${name}`);
  }

  /** How the command connects: to the cluster, and to each node alone. */
  private async variables({ name, nodes }: ClusterView): Promise<Readonly<Record<string, string>>> {
    const heard = { machine: this.machine, observer: this.observer };
    const connection = await connectionTo(heard, { cluster: name });
    const each = nodes.map(async ({ name: node }) => {
      const { uri } = await connectionTo(heard, { cluster: name, node });
      return [`DBNS_URI_${node.toUpperCase()}`, uri] as const;
    });
    return {
      ...variablesOf(connection),
      ...{ DATABASE_URL: connection.uri, [CLUSTER_VARIABLE]: name },
      ...Object.fromEntries(await Promise.all(each)),
    };
  }

  protected override async catch(error: Error): Promise<void> {
    await super.catch(error);
    this.report.error = tell(error).document.error;
    await this.writeReport();
  }

  private async writeReport(): Promise<void> {
    if (this.reportFile === undefined) return;
    const text = `${JSON.stringify(this.report, null, 2)}\n`;
    await this.machine.files.writeOwn({ path: this.reportFile, owner: callersIds() }, (to) => {
      to.write(text);
      return Promise.resolve();
    });
  }
}

/** As long as this call, and no longer than was said. */
function leaseOf({ lease, 'no-lease': none }: RunWords): LeaseRequest | undefined {
  if (none) return undefined;
  const { processes = [], ...time } = lease === undefined ? {} : parseLease(lease);
  return { ...time, processes: [process.pid, ...processes] };
}
