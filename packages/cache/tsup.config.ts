import { packageBuild } from '../../tsup.base.js';

// `import.meta.url`, from which libraries are found, has to work in the CommonJS build too.
export default packageBuild({ shims: true });
