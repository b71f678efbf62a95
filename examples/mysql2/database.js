import mysql from 'mysql2/promise';

/** An application's access to a replicated database: writes to whoever takes them, reads from the others. */
export class Database {
  #nodes;
  #account;

  /** @param {readonly string[]} nodes HOST:PORT @param {{user: string, password: string}} account */
  constructor(nodes, account) {
    this.#nodes = nodes;
    this.#account = account;
  }

  /** Tries until a node takes it: while nobody does, as during a failover, it waits. */
  async write(sql, values, patience = 30_000) {
    const end = Date.now() + patience;
    for (;;) {
      try {
        return await this.#at((readOnly) => !readOnly, sql, values);
      } catch (error) {
        if (Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  read(sql, values) {
    return this.#at((readOnly) => readOnly, sql, values);
  }

  async #at(suits, sql, values) {
    let reason = new Error('no node suits');
    for (const node of this.#nodes) {
      const [host, port] = node.split(':');
      try {
        const connection = await mysql.createConnection({
          host,
          port: Number(port),
          ...this.#account,
          connectTimeout: 1000,
        });
        try {
          const [[{ readOnly }]] = await connection.query('SELECT @@GLOBAL.read_only AS readOnly');
          if (suits(readOnly === 1)) return (await connection.query(sql, values))[0];
        } finally {
          connection.destroy();
        }
      } catch (error) {
        reason = error;
      }
    }
    throw reason;
  }
}
