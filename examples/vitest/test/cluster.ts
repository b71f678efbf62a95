import { clusterSetup } from 'dbns/vitest';

export default clusterSetup({ topology: 'replication', nodes: 2, image: 'mariadb:10.11', pull: true });
