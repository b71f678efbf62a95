import { stepsOf, type Act, type Plan } from '../cluster/plan.js';
import type { ClusterView } from './view.js';

/** What a verb would do. */
export interface DryRun {
  readonly cluster: ClusterView;
  readonly notes: readonly string[];
  readonly steps: readonly DryStep[];
}

export interface DryStep {
  readonly step: string;
  readonly acts: readonly DryAct[];
}

/** One act: in words, and as the data that would be carried out. */
export interface DryAct {
  readonly act: string;
  readonly argv?: readonly string[];
  readonly input?: string;
  readonly path?: string;
  readonly content?: string;
}

/** The steps of a plan, in words and as data. */
export function describeSteps(plan: Plan): readonly DryStep[] {
  return stepsOf(plan).map(({ step, acts }) => ({ step, acts: acts.map(describeAct) }));
}

function describeAct(act: Act): DryAct {
  switch (act.do) {
    case 'run':
      return {
        act: [act.argv.join(' '), ...indented(act.input)].join('\n'),
        argv: act.argv,
        ...(act.input !== undefined && { input: act.input }),
      };
    case 'spawn':
      return { act: `${act.argv.join(' ')} >> ${act.log} &`, argv: act.argv, path: act.log };
    case 'mkdir':
      return { act: `mkdir ${act.path} (${act.owner}, ${act.mode.toString(8)})`, path: act.path };
    case 'write':
      return {
        act: [`write ${act.path} (${act.owner}, ${act.mode.toString(8)})`, ...indented(act.content)].join('\n'),
        path: act.path,
        content: act.content,
      };
    case 'remove':
      return { act: `remove ${act.path}`, path: act.path };
    case 'set':
      return { act: `set ${act.path} to ${act.value}`, path: act.path, content: act.value };
    case 'certify':
      return certifyInWords(act);
    case 'ask':
      return { act: `ask ${act.what}` };
  }
}

function certifyInWords({ authority, to }: Extract<Act, { do: 'certify' }>): DryAct {
  if (to === null) return { act: `make a CA in ${authority}`, path: authority };
  const lines = to.map(({ directory, names, addresses }) => `${directory}, for ${[...names, ...addresses].join(', ')}`);
  return { act: [`make certificates by the CA in ${authority}`, ...indented(lines.join('\n'))].join('\n') };
}

function indented(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `    ${line}`);
}
