import { localMachine } from '../lifecycle/context.js';
import { keep } from './keep.js';

const [cluster = '', id = ''] = process.argv.slice(2);
await keep(localMachine, cluster, id);
