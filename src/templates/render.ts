import Handlebars from 'handlebars/runtime.js';
import { packageFile } from '../host/package-files.js';
import { codeOf } from './code.js';

const environment = Handlebars.create();
const loaded = new Set<string>();
const templates = new Map<string, HandlebarsTemplateDelegate>();

/** What a template may be given. */
export type TemplateValues = Readonly<Record<string, unknown>>;

/**
 * Renders `templates/NAME.hbs`; `{{> other/part}}` takes in another template. A value that the template names and
 * that was not given is an error, not an empty string.
 */
export function render(name: string, values: TemplateValues): string {
  const template = templates.get(name) ?? load(name);
  templates.set(name, template);
  return template(values);
}

/** Loads a template, and makes known the parts that it takes in. */
function load(name: string): HandlebarsTemplateDelegate {
  const text = packageFile(`templates/${name}.hbs`);
  for (const [, part = ''] of text.matchAll(/\{\{>\s*([\w./-]+)/g)) {
    if (loaded.has(part)) continue;
    loaded.add(part);
    environment.registerPartial(part, load(part));
  }
  return environment.template(codeOf(name, text));
}
