import { localMachine } from '../lifecycle/context.js';
import { keep } from './keep.js';

const [cluster = '', id = '', draft] = process.argv.slice(2);
await keep(localMachine, { cluster, id, draft });
