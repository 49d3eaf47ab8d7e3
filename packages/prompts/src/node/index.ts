export { fromFile } from './from-file.js';
export { loadPrompt, type PromptFileOptions } from './load-prompt.js';
