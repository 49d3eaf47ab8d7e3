// The cache's tests run against real Redis servers, which they start and stop themselves. Installs the server from
// Debian's packages where this process may; says so where it cannot. With CI=true, a missing server is a failure.
import { spawnSync } from 'node:child_process';

const versionOf = () => spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
const isRoot = process.getuid?.() === 0;
const hasApt = spawnSync('apt-get', ['--version']).status === 0;

if (versionOf().status !== 0 && isRoot && hasApt) {
  console.error('Installing redis-server ...');
  // The package would start a server of its own; the tests start theirs.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (apt('install', '-y', 'redis-server').status !== 0) {
    apt('update');
    apt('install', '-y', 'redis-server');
  }
}

const { status, stdout } = versionOf();
if (status === 0) {
  console.log(/v=\S+/.exec(stdout)?.[0].replace('v=', 'redis-server ') ?? 'redis-server');
} else {
  const reason = hasApt ? 'this user may not install packages' : 'there is no apt-get here';
  console.log(`redis-server is not installed, and ${reason}: tests against Redis are left out`);
  if (process.env.CI === 'true') process.exit(1);
}
