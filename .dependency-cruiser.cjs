/**
 * The floors of the house (docs/: how dbns is laid out): each may import those it lists, and itself.
 */
const leaves = ['cluster', 'errors'];
const ground = ['host', ...leaves];
const tools = ['images', 'network', 'process', 'templates'];

const floors = {
  keeper: {
    why: 'A program of its own that uses lifecycle as commands do, without a command line.',
    may: ['lifecycle', 'topologies', 'state', ...ground],
  },
  probe: { why: 'A program of its own that runs in namespaces, alone.', may: [] },
  program: {
    why: 'What is started: finds the command that the words name, and runs it.',
    may: ['commands', 'cli', ...ground],
  },
  commands: {
    why: 'A command only parses, calls one lifecycle function, and prints what it returned.',
    may: ['cli', 'lab', 'lifecycle', ...leaves],
  },
  cli: {
    why: 'Flags, progress, tables, and what commands have in common: it stands on lifecycle as they do.',
    may: ['lifecycle', ...leaves],
  },
  library: {
    why: 'Handles for programs: thin, and all that they do a command can do too.',
    may: ['lab', 'lifecycle', ...leaves],
  },
  vitest: {
    why: 'An entry point of the package: fixtures for a test runner, made of the library.',
    may: ['library', ...leaves],
  },
  jest: {
    why: 'An entry point of the package: fixtures for a test runner, made of the library.',
    may: ['library', ...leaves],
  },
  'node-test': {
    why: 'An entry point of the package: fixtures for a test runner, made of the library.',
    may: ['library', ...leaves],
  },
  lab: {
    why: 'What is made of the library and needs no more of it: it uses lifecycle as any program would.',
    may: ['lifecycle', ...leaves],
  },
  lifecycle: {
    why: 'The library is the product: it knows all below it and nothing of the CLI, its first user.',
    may: ['topologies', 'companions', 'servers', ...tools, 'state', ...ground],
  },
  topologies: {
    why: 'A topology is a pure plan and health; what is saved and in what order things happen is for lifecycle.',
    may: ['servers', ...tools, ...ground],
  },
  companions: {
    why: 'A companion is config, argv and its own socket; where it leads is told to it.',
    may: ['servers', ...tools, ...ground],
  },
  servers: { why: 'A server is config, argv and clients, whatever topology it runs in.', may: [...tools, ...ground] },
  images: { why: 'Tools do not know each other, so that each can be read and changed alone.', may: ground },
  network: { why: 'Tools do not know each other, so that each can be read and changed alone.', may: ground },
  process: { why: 'Tools do not know each other, so that each can be read and changed alone.', may: ground },
  templates: { why: 'Tools do not know each other, so that each can be read and changed alone.', may: ground },
  state: { why: 'State is written and read by lifecycle; it needs files and the nouns, no more.', may: ground },
  host: { why: 'The door to the machine knows nothing of what comes through it.', may: leaves },
  cluster: { why: 'Pure nouns, no I/O: anyone may import them, so they import nobody.', may: ['errors'] },
  errors: { why: 'Anyone may import errors, so they import nobody.', may: [] },
};

const fences = {
  execa: {
    only: ['host'],
    why: 'host is the only door to the machine: a plan can be printed, recorded or run elsewhere.',
  },
  listr2: { only: ['cli'], why: 'Progress is shown by the CLI; listr2 must not decide about rollback or signals.' },
  '@oclif/core': { only: ['program', 'commands', 'cli'], why: 'The library works without a command line.' },
  mysql2: { only: ['servers'], why: 'How to talk to a server is known by its server module alone.' },
  mongodb: { only: ['servers'], why: 'How to talk to a server is known by its server module alone.' },
  handlebars: { only: ['templates'], why: 'Configuration files are rendered in one place.' },
  'node:child_process': { only: ['host'], why: 'Every command is an argv array that goes through host.' },
  'node:fs': { only: ['host'], why: 'Every file is touched through host, so that it may be on another machine.' },
};

const anyOf = (names) => `(${names.join('|')})`;
const inFloors = (names) => `^src/${anyOf(names)}/`;
const escaped = (name) => name.replace(/[.]/g, '\\.');
const moduleNamed = (name) =>
  name.startsWith('node:')
    ? `^(node:)?${name.slice(5)}(/|$)`
    : `(^|/)node_modules/${escaped(name)}/|^${escaped(name)}(/|$)`;
const valuesOnly = { dependencyTypesNot: ['type-only'] };
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const floorRules = Object.entries(floors).map(([floor, { why, may }]) =>
  forbid(`floor-${floor}`, why, { path: `^src/${floor}/` }, { path: '^src/', pathNot: inFloors([floor, ...may]) }),
);

const fenceRules = Object.entries(fences).map(([name, { only, why }]) =>
  forbid(`fence-${name}`, why, { path: '^src/', pathNot: inFloors(only) }, { path: moduleNamed(name) }),
);

/** Folders of lifecycle that are no room: what several rooms do, each by one way. */
const landings = ['data', 'ground', 'growth', 'keeping', 'removal', 'running'];

const houseRules = [
  forbid('no-circle', 'A circle is one module in two files, read in no order.', {}, { circular: true }),
  forbid('no-unresolved', 'An import that is not found escapes every other rule.', {}, { couldNotResolve: true }),
  forbid(
    'floors-are-known',
    'A folder under src/ has a row in the table above.',
    { path: '^src/', pathNot: [inFloors(Object.keys(floors)), '^src/index\\.ts$'] },
    {},
  ),
  forbid(
    'library-is-lifecycle',
    'The library is its handles, the functions of lifecycle and lab, the nouns and the errors; from other floors it may name types.',
    { path: '^src/index\\.ts$' },
    { path: '^src/', pathNot: inFloors(['library', 'lifecycle', 'lab', ...leaves]), ...valuesOnly },
  ),
  forbid(
    'rooms-apart',
    'A room of lifecycle is what one kind of user does; what two of them need is a floor below: beside them, or a landing.',
    { path: '^src/lifecycle/([^/]+)/' },
    { path: '^src/lifecycle/[^/]+/', pathNot: `^src/lifecycle/($1|${landings.join('|')})/` },
  ),
  forbid(
    'rooms-above-their-floor',
    'What all rooms of lifecycle stand on knows none of them; landings are such floors themselves.',
    { path: '^src/lifecycle/[^/]+\\.ts$' },
    { path: '^src/lifecycle/[^/]+/', pathNot: `^src/lifecycle/(${landings.join('|')})/` },
  ),
  forbid(
    'topologies-apart',
    'A topology never imports its neighbour, so that a new one touches none of them.',
    { path: '^src/topologies/([^/]+)/' },
    { path: '^src/topologies/[^/]+/', pathNot: '^src/topologies/$1/' },
  ),
  forbid(
    'companions-apart',
    'A kind of companion never imports its neighbour, so that a new one touches none of them.',
    { path: '^src/companions/([^/]+)/' },
    { path: '^src/companions/[^/]+/', pathNot: '^src/companions/$1/' },
  ),
  forbid(
    'companions-by-registry',
    'Only the registry knows which kinds of companions exist; all others ask it.',
    { path: '^src/', pathNot: '^src/companions/(registry\\.ts$|[^/]+/)' },
    { path: '^src/companions/[^/]+/' },
  ),
  forbid(
    'topologies-by-registry',
    'Only the registry knows which topologies exist; all others ask it.',
    { path: '^src/', pathNot: '^src/topologies/(registry\\.ts$|[^/]+/)' },
    { path: '^src/topologies/[^/]+/' },
  ),
];

module.exports = {
  forbidden: [...houseRules, ...floorRules, ...fenceRules],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
