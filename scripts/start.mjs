// `npm start` after the install: build the packages' JavaScript, then run the first example on it.
import { become, collect } from './command.mjs';

console.log('› building packages');
const build = await collect('pnpm run build', { env: { PIPEWRIGHT_DTS: 'off' } });
if (!build.ok) {
  console.error(build.output);
  process.exit(build.code ?? 1);
}
console.log('');
become('pnpm', ['--silent', '--filter', 'examples', 'start', ...process.argv.slice(2)]);
