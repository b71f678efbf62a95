export { ROLES, type Role } from '../../topologies/routes.js';
