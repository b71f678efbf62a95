import { MongoClient } from 'mongodb';

/** An application with one client: it inserts numbers with majority concern, and takes what fails for not written. */
export class MongoWriter {
  readonly acknowledged: number[] = [];
  /** Why writes failed. */
  readonly failed: string[] = [];
  private next = 1;
  private readonly halt = new AbortController();
  private readonly client: MongoClient;
  private readonly ended: Promise<void>;

  constructor(uri: string, first = 1) {
    this.next = first;
    this.client = new MongoClient(uri, { retryWrites: false, serverSelectionTimeoutMS: 30_000 });
    this.ended = this.run();
  }

  async stop(): Promise<number> {
    this.halt.abort();
    await this.ended;
    await this.client.close();
    return this.next;
  }

  private async run(): Promise<void> {
    const numbers = this.client.db('shop').collection<{ _id: number }>('t', { writeConcern: { w: 'majority' } });
    while (!this.halt.signal.aborted) {
      const number = this.next++;
      await numbers.insertOne({ _id: number }).then(
        () => this.acknowledged.push(number),
        (error: unknown) => this.failed.push(String(error)),
      );
    }
  }
}
