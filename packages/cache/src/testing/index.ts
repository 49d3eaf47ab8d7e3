export { cacheContract, type CacheContractOptions } from './cache-contract.js';
export { storeContract } from './store-contract.js';
export type { Rule } from './expect.js';
