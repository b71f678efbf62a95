import { UsageError } from '../errors/errors.js';
import { startStandby } from '../lifecycle/birth/standby/start.js';
import type { StandbyView } from '../lifecycle/standbys.js';
import { CreateCommand } from './create-command.js';
import type { CreateWords, MysqldWords, OwnWords } from './create-flags.js';
import { imageByEnvironment } from './environment.js';
import { standbyText, wordsOf } from './standby.js';
import { parseDuration } from '../cluster/duration.js';
import { withImages } from './with-images.js';

export const standbyDescription = `Makes as many clusters as are to be ready and returns when they are. Each is formed under the name that the next create without a name would get. A create of the same words then takes one, with the lease and the creation time of that moment, and another one is made in the background.
The same words are those that make the same cluster: nodes, images, options, settings. A create that has a subnet, addresses, a password, --init or --sample of its own makes its cluster the ordinary way, as does one that finds none ready.
Each keeps the memory of its servers: 'dbns standby list' tells it. They are gone with 'dbns standby stop', and with 'dbns destroy --all'.`;

/** What stands in the way of a wish: a word and the reason. */
const NOT_HERE: Readonly<Record<string, string>> = {
  lease: '--lease begins when somebody takes it: give it to create.',
  'dry-run': '--dry-run is for create: a standby is made by the same plan.',
  'keep-on-failure': '--keep-on-failure is for create: of what could not stand by the logs are kept.',
};

interface StandbyWords extends CreateWords {
  readonly ready: number;
}

/** What oclif made of the call: the words with their values, and as they were typed. */
interface Parsed<F> {
  readonly flags: F;
  readonly raw: readonly { readonly type: string; readonly flag?: string }[];
}

type Definitions = Readonly<Record<string, { readonly default?: unknown }>>;

/** `dbns standby start TOPOLOGY`. */
export abstract class StandbyCommand extends CreateCommand {
  /** For mysqlds. */
  protected standMysqlds(
    topology: string,
    parsed: Parsed<StandbyWords & MysqldWords>,
    definitions: Definitions,
    settings: OwnWords['settings'] = {},
  ): Promise<StandbyView> {
    return this.stand(topology, parsed, definitions, this.mysqldWords(parsed.flags, settings));
  }

  protected async stand(
    topology: string,
    { flags, raw }: Parsed<StandbyWords>,
    definitions: Definitions,
    own: OwnWords,
  ): Promise<StandbyView> {
    for (const { flag = '' } of raw) if (NOT_HERE[flag] !== undefined) throw new UsageError(NOT_HERE[flag]);
    const image = imageByEnvironment();
    const typed = { ...flags, image: flags.image ?? (image === undefined ? undefined : [image]) };
    const request = {
      spec: { ...this.specOf(topology, undefined, flags), ...own },
      words: wordsOf(topology, typed, definitions),
      ready: flags.ready,
      timeout: parseDuration(flags.timeout),
    };
    const context = this.interruptible();
    const standby = await withImages(context, flags.yes, () => startStandby(request, context));
    this.log(standbyText([standby]));
    return standby;
  }
}
