// ask.mjs SQL  asks one statement at $ASK_URI and prints its rows as JSON; a URI in argv would be seen by everyone.
import mysql from 'mysql2/promise';

const connection = await mysql.createConnection({ uri: process.env.ASK_URI, connectTimeout: 5000 });
const [rows] = await connection.query(process.argv[2]);
console.log(JSON.stringify(Array.isArray(rows) ? rows : []));
await connection.end();
