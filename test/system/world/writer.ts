import mysql from 'mysql2/promise';

/**
 * An application with one connection: it inserts numbers, one a transaction, and when that fails looks for the node that
 * takes writes, as a proxy does for it elsewhere. Numbers whose commit was not acknowledged are not used again.
 */
export class Writer {
  readonly acknowledged: number[] = [];
  /** Why writes failed. */
  readonly failed: string[] = [];
  /** How long the slowest write took that did not fail, ms. */
  slowest = 0;
  /** The longest time between two writes that were acknowledged, ms. */
  longest = 0;
  private last = Date.now();
  private readonly halt = new AbortController();
  private readonly ended: Promise<void>;

  /** Numbers from `next` on, `pause` ms apart: at full speed replicas of a busy machine would fall behind by minutes. */
  constructor(
    private readonly uris: readonly string[],
    private next = 1,
    private readonly pause = 5,
    /** A proxy that leads reads elsewhere is not asked: it would say what a replica does. */
    private readonly asksFirst = true,
  ) {
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.halt.abort();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.halt.signal.aborted) {
      const connection = await this.connect();
      // Fails when its node does not take writes any more, or is gone.
      if (connection === null) await new Promise((resolve) => setTimeout(resolve, 10));
      else await this.writeBy(connection).catch((error: unknown) => this.failed.push(String(error)));
      connection?.destroy();
    }
  }

  private async writeBy(connection: mysql.Connection): Promise<void> {
    while (!this.halt.signal.aborted) {
      const number = this.next++;
      const begun = Date.now();
      await connection.query(`INSERT INTO shop.t VALUES (${number})`);
      this.slowest = Math.max(this.slowest, Date.now() - begun);
      this.acknowledged.push(number);
      this.longest = Math.max(this.longest, Date.now() - this.last);
      this.last = Date.now();
      if (this.pause > 0) await new Promise((resolve) => setTimeout(resolve, this.pause));
    }
  }

  private async connect(): Promise<mysql.Connection | null> {
    for (const uri of this.uris) {
      const connection = await mysql.createConnection({ uri, connectTimeout: 1000 }).catch(() => null);
      if (connection === null) continue;
      connection.on('error', () => undefined);
      if (!this.asksFirst) return connection;
      // A Galera node outside of a primary component answers nothing.
      const [rows] = await connection
        .query<mysql.RowDataPacket[]>('SELECT @@GLOBAL.read_only AS readOnly')
        .catch(() => [[]] as const);
      if (rows[0]?.readOnly === 0) return connection;
      connection.destroy();
    }
    return null;
  }
}
