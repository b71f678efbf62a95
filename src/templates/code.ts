import { createRequire } from 'node:module';
import vm from 'node:vm';
import type Handlebars from 'handlebars';
import { packagePath } from '../host/package-files.js';

/** What the build made of a template, and of which text. */
interface Built {
  readonly text: string;
  readonly code: TemplateSpecification;
}

const fromHere = createRequire(import.meta.url);
let built: Readonly<Record<string, Built>> | null = null;

/** The code of a template, by its name: what the build made of it, or made now where its text is another, for a DBA may edit it. */
export function codeOf(name: string, text: string): TemplateSpecification {
  built ??= whatWasBuilt();
  const found = built[name];
  return found?.text === text ? found.code : compile(text);
}

/** Nothing where nothing was built: in a checkout, or in half a build. */
function whatWasBuilt(): Readonly<Record<string, Built>> {
  try {
    return fromHere(packagePath('dist/program/templates.cjs')) as Readonly<Record<string, Built>>;
  } catch {
    return {};
  }
}

/** The compiler is the larger part of Handlebars: it is loaded when there is something to compile. */
function compile(text: string): TemplateSpecification {
  const { precompile } = fromHere('handlebars') as typeof Handlebars;
  const code = precompile(text, { strict: true, noEscape: true }) as string;
  return vm.runInThisContext(`(${code})`) as TemplateSpecification;
}
