import * as Flags from '@oclif/core/flags';
import { poolFlag } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { table } from '../cli/table.js';
import { colour } from '../cli/colour.js';
import type { Check, CheckState, Diagnosis } from '../lifecycle/doctor/diagnosis.js';
import { diagnose, exitCodeOf } from '../lifecycle/doctor/doctor.js';

export default class Doctor extends BaseCommand {
  static override summary = 'look whether the machine has what clusters need, and for leftovers';
  static override description = `Each requirement, what was found, and what to type. Kernel features are tried in namespaces that are thrown away. Without root it looks at what it can.
Exits with 0 when clusters can be made, be it with warnings, and with 3 when something is missing.
--fix removes what runs that were cut short left behind, and pristine directories that are damaged, as far as it is surely dbns's own, and makes anew what somebody took away from the network of a cluster; the rest is told. It exits with 8 when something can't be removed.`;
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --fix',
    '<%= config.bin %> doctor --json | jq \'.checks[] | select(.state != "ok")\'',
  ];
  static override flags = {
    fix: Flags.boolean({ summary: 'remove leftovers of interrupted runs, mend networks (needs root)' }),
    pool: poolFlag,
  };

  async run(): Promise<Diagnosis> {
    const { flags } = await this.parse(Doctor);
    const diagnosis = await diagnose(this.machine, flags);
    this.log(textOf(diagnosis));
    process.exitCode = exitCodeOf(diagnosis);
    return diagnosis;
  }
}

const SIGNS: Readonly<Record<CheckState, string>> = {
  ok: colour.green('✔'),
  warning: colour.yellow('!'),
  problem: colour.red('✖'),
};

function textOf({ checks, fixed }: Diagnosis): string {
  const mended = fixed.map((thing) => `Fixed: ${thing}`);
  return [...mended, table(['', 'requirement', 'found'], checks.map(rowOf)), '', verdictOn(checks)].join('\n');
}

function rowOf({ name, state, found, advice }: Check): readonly string[] {
  return [SIGNS[state], name, [found, ...advice.map((line) => `→ ${line}`)].join('\n')];
}

function verdictOn(checks: readonly Check[]): string {
  const count = (wanted: CheckState) => checks.filter(({ state }) => state === wanted).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems + warnings === 0) return 'All is well.';
  return `${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}.`;
}
