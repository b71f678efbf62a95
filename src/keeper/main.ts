import { localMachine } from '../lifecycle/context.js';
import { refill } from '../lifecycle/birth/standby/refill.js';
import { REFILL } from '../lifecycle/keeping/keeper-program.js';
import { contextOf } from './context.js';
import { keep } from './keep.js';

const [cluster = '', id = '', draft] = process.argv.slice(2);
if (cluster === REFILL) await refill(id, contextOf(localMachine));
else await keep(localMachine, { cluster, id, draft });
