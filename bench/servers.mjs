import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import mysql from 'mysql2/promise';
import { BenchError } from './errors.mjs';
import { interrupted } from './interrupt.mjs';

/** Milliseconds between two questions to a server. */
const PAUSE = 20;
/** Milliseconds after which a server is given up. */
const PATIENCE = 180_000;

/**
 * A server of the lab that was started.
 * @typedef {{node: import('./plan.mjs').LabNode, child: import('node:child_process').ChildProcess}} Started
 */

/**
 * @param {import('./plan.mjs').LabNode} node
 * @param {readonly string[]} words the server and its words
 * @returns {Started}
 */
export function startServer(node, words) {
  const [program, ...rest] = [...node.container, ...words];
  const log = fs.openSync(node.log, 'a');
  const child = spawn(program, rest, { detached: true, stdio: ['ignore', log, log], cwd: '/' });
  fs.closeSync(log);
  child.on('error', () => undefined);
  return { node, child };
}

/** @param {Started} started @param {'sql' | 'bson'} speaks */
export async function waitForAnswer(started, speaks) {
  if (speaks === 'bson') {
    await ask(started, openMongo, async (client) => (await client.db('admin').command({ ping: 1 })).ok === 1);
    return;
  }
  await ask(started, open, async (connection) => {
    await connection.query('SELECT 1');
    return true;
  });
}

/** @param {Started} started @param {number} size of the cluster that the node is to see */
export async function waitForSynced(started, size) {
  await ask(started, open, async (connection) => {
    const [rows] = await connection.query(SYNCED);
    const said = Object.fromEntries(rows.map((row) => Object.values(row)));
    return said.wsrep_local_state_comment === 'Synced' && said.wsrep_cluster_size === String(size);
  });
}

const SYNCED = "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size')";

/** Asks until the answer is yes: plain connects until the socket is there, then one connection of the driver. */
async function ask(started, connect, question) {
  const deadline = Date.now() + PATIENCE;
  let connection = null;
  for (;;) {
    assertRuns(started, deadline);
    try {
      if (connection === null && (await listens(started.node.socket))) connection = await connect(started.node.socket);
      if (connection !== null && (await question(connection))) break;
    } catch {
      connection?.destroy();
      connection = null;
    }
    await sleep(PAUSE);
  }
  connection.destroy();
}

async function openMongo(socketPath) {
  const client = new MongoClient(`mongodb://${encodeURIComponent(socketPath)}/?directConnection=true`, {
    serverSelectionTimeoutMS: 2000,
  });
  await client.connect();
  return { db: (name) => client.db(name), destroy: () => void client.close(true) };
}

async function open(socketPath) {
  const connection = await mysql.createConnection({ socketPath, user: 'root', connectTimeout: 2000 });
  connection.on('error', () => undefined);
  return connection;
}

function assertRuns({ node, child }, deadline) {
  interrupted.throwIfAborted();
  const late = Date.now() > deadline;
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null && !late) return;
  const last = fs.readFileSync(node.log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  throw new BenchError(`${node.name} ${late ? 'is not ready in time' : 'ended'}; the last of its log:\n${last}`);
}

async function listens(socketPath) {
  return new Promise((resolve) => {
    const socket = connectSocket(socketPath, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
