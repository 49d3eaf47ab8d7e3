export { currentContext, enableAmbientContext, withoutContext } from './ambient-context.js';
