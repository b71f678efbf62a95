import Handlebars from 'handlebars';
import { packageFile } from '../host/package-files.js';

const environment = Handlebars.create();
const loaded = new Set<string>();
const compiled = new Map<string, HandlebarsTemplateDelegate>();

/** What a template may be given. */
export type TemplateValues = Readonly<Record<string, unknown>>;

/**
 * Renders `templates/NAME.hbs`; `{{> other/part}}` takes in another template. A value that the template names and
 * that was not given is an error, not an empty string.
 */
export function render(name: string, values: TemplateValues): string {
  const template = compiled.get(name) ?? environment.compile(source(name), { strict: true, noEscape: true });
  compiled.set(name, template);
  return template(values);
}

/** Reads a template, and makes known the parts that it takes in. */
function source(name: string): string {
  const text = packageFile(`templates/${name}.hbs`);
  for (const [, part = ''] of text.matchAll(/\{\{>\s*([\w./-]+)/g)) {
    if (loaded.has(part)) continue;
    loaded.add(part);
    environment.registerPartial(part, source(part));
  }
  return text;
}
