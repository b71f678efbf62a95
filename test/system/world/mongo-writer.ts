import { MongoClient, MongoServerSelectionError } from 'mongodb';
import { expect } from 'vitest';
import { uriOf } from './machine.js';
import { numbersOn } from './mongo.js';

/**
 * An application with one client: it inserts numbers with majority concern, and takes what fails for not written. A client
 * that finds no primary for twice as long as an election takes is given up for a new one: the driver (6.22) may never look
 * again at a server that was killed while it looked.
 */
export class MongoWriter {
  readonly acknowledged: number[] = [];
  /** Why writes failed. */
  readonly failed: string[] = [];
  private readonly halt = new AbortController();
  private client: MongoClient;
  private readonly ended: Promise<void>;

  constructor(
    private readonly uri: string,
    private next = 1,
  ) {
    this.client = this.connect();
    this.ended = this.run();
  }

  /** Waits until more writes have been acknowledged. */
  async goesOn(): Promise<void> {
    const now = this.acknowledged.length;
    await expect.poll(() => this.acknowledged.length).toBeGreaterThan(now + 20);
  }

  /** The number that comes next. */
  async stop(): Promise<number> {
    this.halt.abort();
    await this.ended;
    await this.client.close();
    return this.next;
  }

  private connect(): MongoClient {
    return new MongoClient(this.uri, { retryWrites: false, serverSelectionTimeoutMS: 20_000 });
  }

  private async run(): Promise<void> {
    while (!this.halt.signal.aborted) {
      const number = this.next++;
      await this.insert(number).then(
        () => this.acknowledged.push(number),
        (error: unknown) => this.endure(error),
      );
    }
  }

  private async insert(number: number): Promise<void> {
    const numbers = this.client.db('shop').collection<{ _id: number }>('t', { writeConcern: { w: 'majority' } });
    await numbers.insertOne({ _id: number });
  }

  private async endure(error: unknown): Promise<void> {
    this.failed.push(String(error));
    if (!(error instanceof MongoServerSelectionError)) return;
    await this.client.close();
    this.client = this.connect();
  }
}

/** Nodes of the cluster `mongo`, asked at their addresses, have all that was acknowledged. */
export async function expectRows({ acknowledged }: MongoWriter, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const uri = await uriOf('mongo', name);
    const missing = async () => {
      const there = new Set(await numbersOn(uri));
      return acknowledged.filter((number) => !there.has(number));
    };
    await expect.poll(missing).toEqual([]);
  }
}
