import { packageBuild } from '../../tsup.base.js';

// p-limit is ESM-only; inlined, the CommonJS build loads on every supported Node.
export default packageBuild({ noExternal: ['p-limit', 'yocto-queue'] });
