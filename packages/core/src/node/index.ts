export { currentContext, enableAmbientContext, withoutContext } from './ambient-context.js';
export { getContextVariable, setContextVariable } from './context-variables.js';
